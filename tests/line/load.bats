#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Many messages at once, and kills among them: each becomes one ticket, byte for byte.

load line.bash

setup() {
	line_need_root
	line_start "always_bcc = archive@example.com" <<'TXT'
inbox "support@example.com" { }
TXT
}

teardown() { line_stop; }

@test "200 messages of 10 senders at once: 200 tickets, 200 archive copies" {
	python3 "$top_srcdir/tests/line/make.py" "$LINE/in" 200
	run line_send --clients 10 "$LINE"/in/*.eml
	[ "$status" -eq 0 ]
	wait_for 120 line_settled
	run python3 "$top_srcdir/tests/line/verify.py" "$LINE/in/expected.json" \
		"$top_builddir/deskgate" -c "$LINE/deskgate.conf"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"sent=200 tickets=200 held=0 lost=0 doubled=0 wrong=0"* ]]
	archived() { [ "$(line_box archive | wc -l)" -eq 200 ]; }
	wait_for 60 archived
	[ -z "$(line_box leaked)" ]
}
