#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The look at logs that the tests of the whole line end with (tests/line/names.py).

load common

setup() {
	fresh </dev/null
	message "$T/m" first "Where is my parcel?" <<<"Hello"
	sed -i 's/^From: .*/From: =?utf-8?q?J=C3=BCrgen_Beispiel?= <juergen@example.org>/' "$T/m"
	python3 "$top_srcdir/tests/line/names.py" collect envelope@example.net -- "$T/m" >"$T/names"
	printf 'inbox "support@example.com" { }\n' >"$T/conf"
}
teardown() { done_with; }

named() { # LOG-LINE
	printf '%s\n' "2026-11-29T10:00:00Z deskgate: info: $1" >"$T/log"
	run python3 "$top_srcdir/tests/line/names.py" find "$T/names" "$T/log" "$T/conf"
	[ "$status" -eq 1 ] && [ -n "$output" ]
}

@test "addresses, names and subjects are found in a log, in any case" {
	named 'to=Juergen@example.org'
	named 'from=<envelope@example.net>'
	named 'name="Jürgen Beispiel"'
	named 'text="where is my PARCEL?"'
}

@test "inboxes and digests are not" {
	! named 'inbox=support@example.com from=1f2e3d4c verdict=ham'
}
