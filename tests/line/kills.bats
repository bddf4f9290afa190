#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A few rounds of tests/line/kills; the long run is a command of its own.

load line.bash

@test "kills of milter, reader and keeper: nothing lost, nothing doubled" {
	line_need_root
	run bash "$top_srcdir/tests/line/kills" "${DESKGATE_KILL_ROUNDS:-3}"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the same with Sendmail" {
	line_need_root
	run bash "$top_srcdir/tests/line/kills" --sendmail "${DESKGATE_KILL_ROUNDS:-1}"
	echo "$output"
	[ "$status" -ne 77 ] || skip "${output#skipped: }"
	[ "$status" -eq 0 ]
}
