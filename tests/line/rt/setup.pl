#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
#
# usage: setup.pl TOKENFILE QUEUE...
#
# Makes of a fresh Request Tracker what the tests need: queues that everyone may
# write to by mail, the custom fields for the Message-ID and for tags on each but the last, and a
# user for the API whose token goes to TOKENFILE (to TOKENFILE.agent that of an
# agent, to TOKENFILE.weak that of one without rights).  Run with RT's settings in RT_SITE_CONFIG.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;

my ($file, @queues) = @ARGV;
my $system = RT->SystemUser;
my $everyone = RT::Group->new($system);
$everyone->LoadSystemInternalGroup('Everyone');

sub done {
	my ($what, $good, $words) = @_;
	die "$what: $words\n" unless $good;
	return $good;
}

sub user {
	my ($name) = @_;
	my $user = RT::User->new($system);
	done($name, $user->Create(Name => $name, Privileged => 1,
		EmailAddress => "$name\@desk.example"));
	return $user;
}

sub token {
	my ($user, $path) = @_;
	my $tokens = RT::AuthToken->new(RT::CurrentUser->new($user->id));
	my ($good, $words, $token) = $tokens->Create(
		Owner => $user->id, Description => 'tests');
	done('token', $good, $words);
	open my $out, '>', $path or die "$path: $!\n";
	chmod 0600, $path;
	print $out "$token\n";
	close $out or die "$path: $!\n";
	return;
}

my $field = RT::CustomField->new($system);
done('field', $field->Create(Name => 'MailMessageID', Type => 'FreeformMultiple',
	LookupType => 'RT::Queue-RT::Ticket'));
my $tags = RT::CustomField->new($system);
done('field', $tags->Create(Name => 'Tags', Type => 'FreeformMultiple',
	LookupType => 'RT::Queue-RT::Ticket'));
my ($api, $agent, $weak) = (user('deskgate'), user('agent'), user('weak'));
for my $user ($api, $agent, $weak) {
	done('right', $user->PrincipalObj->GrantRight(
		Right => 'ManageAuthTokens', Object => RT->System));
}
for my $i (0 .. $#queues) {
	my $queue = RT::Queue->new($system);
	done($queues[$i], $queue->Create(Name => $queues[$i],
		CorrespondAddress => lc($queues[$i]) . '@desk.example'));
	for my $user ($api, $agent) {
		done('rights', $user->PrincipalObj->GrantRight(Right => $_,
			Object => $queue)) for qw(SeeQueue CreateTicket
			ShowTicket ReplyToTicket CommentOnTicket ModifyTicket
			OwnTicket DeleteTicket ShowTicketComments
			ShowOutgoingEmail SeeCustomField ModifyCustomField);
	}
	done('mail', $everyone->PrincipalObj->GrantRight(
		Right => $_, Object => $queue)) for qw(CreateTicket ReplyToTicket);
	next if $i == $#queues;
	done('field', $field->AddToObject($queue));
	done('field', $tags->AddToObject($queue));
}
token($api, $file);
token($agent, "$file.agent");
token($weak, "$file.weak");
