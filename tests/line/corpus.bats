#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Real mail of a public corpus down the whole line, to loopback alone.

load line.bash

setup() {
	line_need_root
	corpus=${DESKGATE_CORPUS_ARCHIVE:-$top_srcdir/../shared/corpora/spamassassin.tar.xz}
	[ -r "$corpus" ] || skip "no corpus at $corpus (set DESKGATE_CORPUS_ARCHIVE)"
	line_start "always_bcc = archive@example.com" <<'TXT'
# The text is compared as it came: what is cut of it has tests of its own.
inbox "support@example.com" { quote-trim = no }
TXT
}

teardown() { line_stop; }

@test "200 messages of the corpus by 10 clients: 200 tickets or held, 200 in the archive" {
	python3 "$top_srcdir/tests/line/corpus.py" pick "$corpus" "$LINE/in" 200
	line_teach
	run line_send --clients 10 "$LINE"/in/*.eml
	[ "$status" -eq 0 ]
	wait_for 180 line_settled
	run python3 "$top_srcdir/tests/line/corpus.py" verify "$LINE/in" \
		"$top_builddir/deskgate" -c "$LINE/deskgate.conf"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"sent=200 "*"lost=0 doubled=0 wrong=0"* ]]
	archived() { [ "$(line_box archive | wc -l)" -eq 200 ]; }
	wait_for 60 archived
	[ -z "$(line_box leaked)" ]
}
