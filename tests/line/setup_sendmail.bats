#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# deskgate setup sendmail, on a real Sendmail of Debian: its packages, which conflict with
# Postfix, are unpacked into a folder of the test's own.

load setup.bash
load sendmail.bash
. "$top_srcdir/tests/documents.bash"

setup_file() {
	[ "$(id -u)" -eq 0 ] || skip "needs root: Sendmail's daemon does"
	command -v m4 >/dev/null || skip "m4 is not installed"
	# Sendmail trusts no path through a folder that all can write to.
	export LINE LINE_PORT LINE_PLACE=/run MAIL SENDMAIL
	setup_deskgate <<'TXT'
inbox "support@example.com" { }
TXT
	MAIL=$LINE/etc
	sendmail_unpack >"$LINE/log/unpack.log" 2>&1 ||
		{ tail -n 2 "$LINE/log/unpack.log" >&2; skip "Sendmail's packages cannot be had"; }
	sendmail_conf
	cp -a "$MAIL" "$LINE/etc-before"
	sendmail_start || { cat "$LINE/log/start.log"; return 1; }
}

teardown_file() {
	sendmail_stop
	line_stop
}

setup() { M=$BATS_TEST_TMPDIR/mail; }

setup_sendmail() { dg setup sendmail --folder "$MAIL" "$@"; }
as_before() {
	cmp "$LINE/etc-before/sendmail.mc" "$MAIL/sendmail.mc" &&
		cmp "$LINE/etc-before/sendmail.cf" "$MAIL/sendmail.cf"
}

@test "shown, it changes nothing" {
	run setup_sendmail
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"+INPUT_MAIL_FILTER(\`deskgate', \`S=unix:$LINE/run/milter/milter.sock, F=T, T="* ]]
	[[ "$output" == *"+O InputMailFilters=deskgate"* ]]
	[[ "$output" == *"nothing was changed; --apply does this" ]]
	as_before
}

@test "applied, it starts anew, and a message comes through milter and second door" {
	run setup_sendmail --apply
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"it has read its settings again"* ]]
	[[ "$output" == *"good: a message came through the milter"*"second door"* ]]
	setup_tickets 0
	run setup_sendmail --apply
	[ "$output" = "nothing to do" ]
}

@test "mail by SMTP is taken by the milter, and an alias comes by the second door" {
	message "$M" sm-one "Where is my parcel?" <<<"It was sent a week ago."
	run line_send "$M"
	echo "$output"
	[[ "$output" == *" 250 "* ]]
	wait_for 30 setup_tickets 1
	message "$M" sm-alias "The other address" <<<"Hello."
	run line_send --to info@example.com --from anna@example.org "$M"
	echo "$output"
	[[ "$output" == *" 250 "* ]]
	wait_for 60 setup_tickets 2
	dg queue list --all --json | grep -q 'anna@example.org'
	# Other than with Postfix, the queue id is there from MAIL on.
	grep -q 'queue_id=[0-9A-Za-z]' "$LINE/log/deskgate.log"
}

@test "without the milter mail waits, and none passes unfiltered" {
	line_end_deskgate
	message "$M" sm-down "Nobody there" <<<"Hello."
	run line_send "$M"
	echo "$output"
	[[ "$output" == *" 451 "* ]]
	line_deskgate
	run line_send "$M"
	[[ "$output" == *" 250 "* ]]
	wait_for 30 setup_tickets 3
}

@test "a lone line feed ends no message: it is refused" {
	run python3 - "$LINE_PORT" <<'PY'
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), "client.example.org") as smtp:
    smtp.ehlo(); smtp.mail("x@example.org"); smtp.rcpt("support@example.com")
    smtp.docmd("DATA")
    smtp.sock.sendall(b"Subject: one\r\n\r\ntext\n.\nMAIL FROM:<y@example.org>\r\n.\r\n")
    print(smtp.getreply()[0])
PY
	echo "$output"
	[ "$output" = 421 ]
}

@test "a filter behind Deskgate is refused, with the reason" {
	cp -a "$MAIL" "$LINE/etc-applied"
	echo "INPUT_MAIL_FILTER(\`other', \`S=inet:9@127.0.0.1')dnl" >>"$MAIL/sendmail.mc"
	m4 "$MAIL/sendmail.mc" >"$MAIL/sendmail.cf"
	run setup_sendmail --apply
	echo "$output"
	[ "$status" -eq 78 ]
	[[ "$output" == *"a filter behind Deskgate"* ]]
	run setup_sendmail --undo
	[ "$status" -eq 78 ]
	[[ "$output" == *"changed by hand since"* ]]
	cp -a "$LINE/etc-applied/." "$MAIL"
}

@test "a sendmail.cf changed by hand is not lost" {
	echo "Dxhand" >>"$MAIL/sendmail.cf"
	run setup_sendmail
	echo "$output"
	[ "$status" -eq 78 ]
	[[ "$output" == *"would be lost"* ]]
	cp -a "$LINE/etc-applied/." "$MAIL"
}

@test "undone, all is as it was, byte for byte" {
	run setup_sendmail --undo
	echo "$output"
	[ "$status" -eq 0 ]
	as_before
	run setup_sendmail --undo
	[ "$output" = "nothing to undo" ]
}

# The lines of contrib/mta/sendmail.mc with the paths of this test.
here() {
	sed -e '/^dnl /d' -e "s#/var/run/deskgate/#$LINE/run/#g" \
		-e "s#/usr/bin/deskgate#$top_builddir/deskgate#" \
		-e "s#/etc/deskgate/#$LINE/#" \
		-e "s#U=deskgate:deskgate#U=$LINE_USER:$(id -gn $LINE_USER)#" \
		"$top_srcdir/contrib/mta/sendmail.mc"
}
compare_snippet() {
	here >"$BATS_TEST_TMPDIR/here"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/here")" -ge 7 ]
	diff <(grep -vxF -f "$LINE/etc-before/sendmail.mc" "$MAIL/sendmail.mc" |
		grep -v '^dnl \|deskgate-probe') \
		"$BATS_TEST_TMPDIR/here"
}

@test "the commands of the manual work as they stand, and set what is shown for hands" {
	deskgate() {
		case $* in *--undo) compare_snippet ;; esac
		dg "$@" --folder "$MAIL"
	}
	walk sendmail.md
	as_before
}
