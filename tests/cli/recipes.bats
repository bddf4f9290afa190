#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The examples of contrib/delivery do what they say: procmail and maildrop file by the
# verdict, and a nightly run teaches what users have put aside.

load common

setup() {
	fresh </dev/null
	corpus 40
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	mkdir -p "$T/bin" "$T/home/Maildir"
	printf '#!/bin/sh\nexec %s -c %s "$@"\n' "$top_builddir/deskgate" "$T/dg.conf" >"$T/bin/deskgate"
	chmod 755 "$T/bin/deskgate"
	for box in "$T/home/Maildir" "$T/home/Maildir/.Junk"; do
		mkdir -p "$box/cur" "$box/new" "$box/tmp"
	done
	message "$T/good" good "Question about my order" <<<"Hello, my order number 12 has not arrived yet. Could you please look into it and tell me when the parcel leaves your warehouse?"
	message "$T/bad" bad "Cheap casino pills" <<<"Exclusive casino bonus! Cheap pills without prescription, limited offer, click http://deals.example.net/win"
}
teardown() { done_with; }

by_procmail() { # FILE
	HOME=$T/home procmail -m PATH="$T/bin:/usr/bin:/bin" HOME="$T/home" \
		"$top_srcdir/contrib/delivery/procmailrc" <"$1"
}
by_maildrop() { # FILE
	{
		echo "HOME=\"$T/home\""
		echo "PATH=\"$T/bin:/usr/bin:/bin\""
		cat "$top_srcdir/contrib/delivery/maildroprc"
	} >"$T/maildroprc"
	chmod 600 "$T/maildroprc"
	HOME=$T/home maildrop "$T/maildroprc" <"$1"
}
boxes() { # how many in the INBOX and in Junk
	echo "$(find "$T/home/Maildir/new" -type f | wc -l) $(find "$T/home/Maildir/.Junk/new" -type f | wc -l)"
}
marked() { sed "1i X-Deskgate-Verdict: $1" "$2"; } # VERDICT FILE

files_by_verdict() { # HOW
	"$1" "$T/good"
	[ "$(boxes)" = "1 0" ]
	"$1" "$T/bad"
	[ "$(boxes)" = "1 1" ]
	# what the milter has said counts, and nobody is asked again
	marked ham "$T/bad" >"$T/marked"
	"$1" "$T/marked"
	[ "$(boxes)" = "2 1" ]
	marked spam "$T/good" >"$T/marked"
	"$1" "$T/marked"
	[ "$(boxes)" = "2 2" ]
	# a fault is no verdict: mail arrives
	echo 'no-such-setting = 1' >>"$T/dg.conf"
	"$1" "$T/bad"
	[ "$(boxes)" = "3 2" ]
	sed -i '$d' "$T/dg.conf"
}

@test "procmail files spam into Junk, and all else where it was to go" {
	command -v procmail >/dev/null || skip "procmail is not installed"
	files_by_verdict by_procmail
}

@test "maildrop files spam into Junk, and all else where it was to go" {
	command -v maildrop >/dev/null || skip "maildrop is not installed"
	files_by_verdict by_maildrop
}

@test "a nightly run teaches what users have put aside, each in his name, once" {
	learnt() { dg stats --json | sed 's/.*"all":\([0-9]*\).*/\1/'; }
	for user in ann bob@example.com; do
		for class in ham spam; do
			mkdir -p "$T/boxes/$user/Maildir/.Teach-$class/cur" "$T/boxes/$user/Maildir/.Teach-$class/new"
		done
	done
	message "$T/new1" new1 "Where is it?" <<<"The parcel of the third of May, please."
	message "$T/new2" new2 "An offer" <<<"A roof of tin for every house, today alone."
	cp "$T/new1" "$T/boxes/ann/Maildir/.Teach-ham/cur/1.a.mx:2,S"
	cp "$T/new2" "$T/boxes/bob@example.com/Maildir/.Teach-spam/cur/2.a.mx:2,S"
	before=$(learnt)
	for _ in 1 2; do
		run env PATH="$T/bin:$PATH" "$top_srcdir/contrib/delivery/cron" "$T/boxes"
		echo "$output"
		[ "$status" -eq 0 ]
		[ "$output" = "" ]
		[ "$(learnt)" -eq $((before + 2)) ]
	done
	[[ "$(dg operator list --plain)" == *"imap:ann	"* ]]
	[[ "$(dg operator list --plain)" == *"imap:bob@example.com	"* ]]
	echo 'no-such-setting = 1' >>"$T/dg.conf"
	run env PATH="$T/bin:$PATH" "$top_srcdir/contrib/delivery/cron" "$T/boxes"
	[ "$status" -eq 75 ]
	[[ "$output" == *"Teach-ham of ann: "* ]]
	sed -i '$d' "$T/dg.conf"
}
