#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A real Dovecot with the settings and scripts of contrib/dovecot: what users move into
# Junk and out of it changes the model, what they throw away does not, and no move fails.

load setup.bash
. "$top_srcdir/tests/documents.bash"

MAILBOX_USER=mail # whom the mailboxes belong to

setup_file() {
	line_need_root
	command -v dovecot >/dev/null || skip "Dovecot is not installed (dovecot-imapd)"
	[ -e /usr/lib/dovecot/modules/sieve/lib90_sieve_imapsieve_plugin.so ] ||
		skip "Dovecot's Sieve is not installed (dovecot-sieve)"
	export LINE LINE_PORT
	setup_deskgate <<TXT
train-rate = 4
inbox "support@example.com" { }
TXT
	dovecot_start
}

teardown_file() {
	[ ! -s "$LINE/dovecot/run/master.pid" ] ||
		doveadm -c "$LINE/dovecot/dovecot.conf" stop || true
	line_stop
}

dovecot_start() {
	local here=$LINE/dovecot
	install -d -m 0755 "$here" "$here/etc" "$here/bin"
	install -d -o $MAILBOX_USER -m 0700 "$here/home"
	# The command as it is installed: by its name, in the PATH.
	ln -s "$top_builddir/deskgate" "$here/bin/deskgate"
	install -m 0755 "$top_srcdir/contrib/dovecot/deskgate-report" "$here/etc"
	install -m 0644 "$top_srcdir"/contrib/dovecot/*.sieve "$here/etc"
	sed -e "s#/etc/dovecot/deskgate#$here/etc#" \
		-e "s#script $here/etc/deskgate-report#script /usr/bin/env PATH=$here/bin:/usr/bin:/bin $here/etc/deskgate-report -c $LINE/deskgate.conf#" \
		-e "s/user = deskgate\$/user = $LINE_USER/" -e "s/user = vmail\$/user = $MAILBOX_USER/" \
		"$top_srcdir/contrib/dovecot/90-deskgate.conf" >"$here/90-deskgate.conf"
	[ "$(grep -c "$here/etc" "$here/90-deskgate.conf")" -eq 3 ]
	cat >"$here/dovecot.conf" <<TXT
base_dir = $here/run
state_dir = $here/state
log_path = $LINE/log/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
auth_username_chars =
mail_home = $here/home/%u
mail_location = maildir:~/Maildir
mailbox_list_index = no
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=$MAILBOX_USER gid=$MAILBOX_USER
}
namespace inbox {
  inbox = yes
  mailbox Junk {
    special_use = \\Junk
    auto = create
  }
  mailbox Papierkorb {
    special_use = \\Trash
    auto = create
  }
  mailbox Trash {
    auto = create
  }
  mailbox Archive {
    auto = create
  }
}
service imap-login {
  inet_listener imap {
    port = $LINE_PORT
  }
}
!include 90-deskgate.conf
TXT
	sievec -c "$here/dovecot.conf" "$here/etc/report-spam.sieve"
	sievec -c "$here/dovecot.conf" "$here/etc/report-ham.sieve"
	dovecot -c "$here/dovecot.conf" 3>&-
	wait_for 20 line_listens "$LINE_PORT" ||
		{ cat "$LINE/log/dovecot.log"; return 1; }
}

imap() { "$top_srcdir/tests/line/imap.py" "$LINE_PORT" "$@"; } # USER COMMAND WORD...
lessons() { # "HAM SPAM"
	dg stats --json | python3 -c 'import json, sys
model = json.load(sys.stdin)["model"]; print(model["ham"], model["spam"])'
}
inbox_of() { # USER ID...: so many messages in his INBOX
	local user=$1 id
	shift
	for id; do
		message "$BATS_TEST_TMPDIR/$id" "$id" "The offer of $id" \
			<<<"Exclusive offer number $id: click http://deals.example.net/$id today."
		imap "$user" append INBOX "$BATS_TEST_TMPDIR/$id"
	done
}
told() { sed -n 's/.*deskgate-report: //p' "$LINE/log/dovecot.log"; }

@test "MOVE to Junk teaches spam, and back to where it was teaches ham" {
	inbox_of ann one
	[ "$(lessons)" = "0 0" ]
	imap ann move INBOX Junk
	[ "$(lessons)" = "0 1" ]
	imap ann move Junk INBOX
	[ "$(lessons)" = "1 0" ]
	# it is the very message, by the command as by the mailbox
	run dg train --json ham "$BATS_TEST_TMPDIR/one"
	[[ "$output" == *'"outcome":"already known"'* ]]
	dg untrain "$BATS_TEST_TMPDIR/one"
	[ "$(lessons)" = "0 0" ]
}

@test "COPY, STORE and EXPUNGE teach the same, once" {
	inbox_of bea two
	imap bea shift INBOX Junk
	[ "$(lessons)" = "0 1" ]
	[ "$(imap bea count INBOX)" = 0 ]
	imap bea shift Junk Archive
	[ "$(lessons)" = "1 0" ]
	dg untrain "$BATS_TEST_TMPDIR/two"
}

@test "what is thrown away, kept elsewhere or marked teaches nothing" {
	inbox_of cy three
	before=$(lessons)
	imap cy move INBOX Archive
	imap cy flag Archive '(\Seen \Flagged $Junk)'
	imap cy move Archive Trash
	imap cy move Trash INBOX
	imap cy move INBOX Papierkorb
	imap cy move Papierkorb INBOX
	[ "$(lessons)" = "$before" ]
	imap cy move INBOX Junk
	[ "$(lessons)" = "0 1" ]
	# no ham, by name or by what the folder is for
	imap cy copy Junk Trash
	imap cy move Junk Papierkorb
	[ "$(lessons)" = "0 1" ]
	[ "$(imap cy count Papierkorb)" = 1 ]
	dg untrain "$BATS_TEST_TMPDIR/three"
}

@test "several at once, and no more of one user than train-rate" {
	inbox_of dan d1 d2 d3 d4 d5 d6
	imap dan move INBOX Junk
	[ "$(imap dan count Junk)" = 6 ]
	[ "$(lessons)" = "0 4" ]
	[ "$(told | grep -c '^not learnt as spam: refused$')" -eq 2 ]
	# of another user it is heard
	inbox_of eve e1
	imap eve move INBOX Junk
	[ "$(lessons)" = "0 5" ]
	# later, of the folder; what is known costs nothing
	run dg train -q spam "$LINE/dovecot/home/dan/Maildir/.Junk"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == "spam: 6 messages: 2 "*"4 already known" ]] ||
		[[ "$output" == "spam: 6 messages: "*"4 already known"* ]]
	[ "$(lessons)" = "0 7" ]
}

@test "a name of any length and sort is somebody" {
	before=$(lessons)
	long=$(printf 'a%.0s' {1..60})@example.com
	inbox_of "$long" f1
	imap "$long" move INBOX Junk
	inbox_of "fay with blanks" f2
	imap "fay with blanks" move INBOX Junk
	[ "$(lessons)" = "0 $((${before#* } + 2))" ]
	dg operator list --plain >"$BATS_TEST_TMPDIR/operators"
	cat "$BATS_TEST_TMPDIR/operators"
	grep -q 'imap:ann' "$BATS_TEST_TMPDIR/operators"
	! grep -q 'blanks' "$BATS_TEST_TMPDIR/operators" || false
}

@test "the mailboxes' user cannot ask the keeper, and others not the program" {
	run setpriv --reuid $MAILBOX_USER --regid $MAILBOX_USER --clear-groups \
		"$top_builddir/deskgate" -c "$LINE/deskgate.conf" stats
	echo "$output"
	[ "$status" -ne 0 ]
	[ "$(stat -c '%U %a' "$LINE/dovecot/run/deskgate-report")" = "$MAILBOX_USER 600" ]
}

@test "where Deskgate is away or its settings are broken the move is done, and the log says so" {
	before=$(lessons)
	line_end_deskgate
	inbox_of gus g1
	# nobody runs: the command opens the state itself, as the keeper's user
	imap gus move INBOX Junk
	[ "$(imap gus count Junk)" = 1 ]
	[ "$(lessons)" = "0 $((${before#* } + 1))" ]
	[ "$(find "$LINE/state" -user root -type f)" = "" ]
	cp "$LINE/deskgate.conf" "$LINE/good.conf"
	echo 'no-such-setting = 1' >>"$LINE/deskgate.conf"
	inbox_of gus g2
	imap gus move INBOX Junk
	[ "$(imap gus count Junk)" = 2 ]
	told | grep '^not learnt as spam: the command ended with 78: '
	cp "$LINE/good.conf" "$LINE/deskgate.conf"
	line_deskgate
	[ "$(lessons)" = "0 $((${before#* } + 1))" ]
	run dg train -q spam "$LINE/dovecot/home/gus/Maildir/.Junk"
	[ "$(lessons)" = "0 $((${before#* } + 2))" ]
}

@test "our lines in Dovecot's log name nobody" {
	told >"$BATS_TEST_TMPDIR/told"
	[ -s "$BATS_TEST_TMPDIR/told" ]
	! grep -E 'dan|eve|fay|gus|ann|offer|example\.(net|org)' "$BATS_TEST_TMPDIR/told" || false
	# nor did anything else go wrong there
	grep -E 'Error|Fatal|Panic' "$LINE/log/dovecot.log" | grep -v 'deskgate-report: ' >"$BATS_TEST_TMPDIR/wrong" || true
	cat "$BATS_TEST_TMPDIR/wrong"
	[ ! -s "$BATS_TEST_TMPDIR/wrong" ]
}

@test "what dovecot.md says is done as it says" {
	local T=$BATS_TEST_TMPDIR conf=$LINE/dovecot/dovecot.conf before
	paths() {
		sed -e "s#/etc/dovecot/deskgate#$LINE/dovecot/etc#g" -e "s#/etc/dovecot/conf\.d#$T/settings#" \
			-e "s#contrib/dovecot#$top_srcdir/contrib/dovecot#g" -e "s#/var/vmail#$T/vmail#"
	}
	sievec() { command sievec -c "$conf" "$@"; }
	systemctl() { [ "$*" = "restart dovecot" ] && command doveadm -c "$conf" reload; }
	# By the running Dovecot's socket, as doveadm finds that of the host: behind -c the imap that
	# it starts would not have the settings of "protocol imap".
	doveadm() {
		printf '%s\r\n' "a select INBOX" "b move 1 Junk" "c logout" |
			CONFIG_FILE=$LINE/dovecot/run/config command doveadm "$@"
	}
	cp "$LINE/deskgate.conf" "$T/dg.conf"
	deskgate_in_path
	mkdir -p "$T/settings" "$T/vmail/bob/Maildir/.Junk/cur"
	rm "$LINE"/dovecot/etc/*.svbin
	inbox_of alice documented
	for n in seen:2,S new:2, gone:2,ST; do
		message "$T/vmail/bob/Maildir/.Junk/cur/$n" "junk-${n%:*}" "Junk that is ${n%:*}" <<<"Cheap ${n%:*} pills."
		touch -d "10 days ago" "$T/vmail/bob/Maildir/.Junk/cur/$n"
	done
	before=$(lessons)
	walk dovecot.md
	[ "$(lessons)" = "${before% *} $((${before#* } + 2))" ]
	ls "$LINE"/dovecot/etc/report-spam.svbin "$LINE"/dovecot/etc/report-ham.svbin
	cmp "$T/settings/90-deskgate.conf" "$top_srcdir/contrib/dovecot/90-deskgate.conf"
}
