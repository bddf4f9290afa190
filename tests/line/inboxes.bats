#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The life of an inbox, as those hear of it who send mail to a real Postfix.

load line.bash

setup_file() {
	line_need_root
	export LINE LINE_PORT
	line_start <<'TXT'
reject-contact = "call +49 30 000"
inbox "support@example.com" { end-text = "This desk was closed in May." }
inbox "sales@example.com" { }
TXT
}

teardown_file() { line_stop; }

setup() { M=$BATS_TEST_TMPDIR/mail; }

tickets() { [ "$(line_count tickets)" -eq "$1" ]; }

# As a client does that goes on with whom the server takes.
send_both() { # FILE
	line_note_names "$1"
	python3 - "$LINE_PORT" "$1" <<'PY'
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), "client.example.org") as smtp:
    refused = smtp.sendmail("customer@example.org",
                            ["support@example.com", "sales@example.com"],
                            open(sys.argv[2], "rb").read())
print({to: code for to, (code, text) in refused.items()})
PY
}

@test "suspended is 4xx for that inbox alone, and resume delivers" {
	message "$M" one "Where is my parcel?" <<<"It was sent a week ago."
	dg inbox suspend support@example.com
	run line_send "$M"
	echo "$output"
	[[ "$output" == *" 450 "*"4.2.1"*"takes no mail at the moment"* ]]
	# Of two inboxes the other one gets it.
	run send_both "$M"
	echo "$output"
	[ "$output" = "{'support@example.com': 450}" ]
	wait_for 30 line_settled
	tickets 1
	dg inbox resume support@example.com
	run line_send "$M"
	[[ "$output" == *" 250 "* ]]
	wait_for 30 line_settled
	tickets 2
}

@test "suspended with reject is 5xx" {
	message "$M" two "Another question" <<<"Text."
	dg inbox suspend support@example.com --answer reject
	run line_send "$M"
	echo "$output"
	[[ "$output" == *" 550 "*"5.2.1"*"call +49 30 000"* ]]
}

@test "ended is 5xx with the text of the settings" {
	message "$M" three "A third question" <<<"Text."
	dg inbox end support@example.com
	run line_send "$M"
	echo "$output"
	[[ "$output" == *" 550 "*"5.2.1"*"This desk was closed in May. (call +49 30 000)"* ]]
	tickets 2
	dg inbox resume support@example.com
	run line_send "$M"
	[[ "$output" == *" 250 "* ]]
	wait_for 30 line_settled
	tickets 3
}
