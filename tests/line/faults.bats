#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A small run of tests/line/faults; 500 messages are a command of its own.

load line.bash

@test "a desk that fails at a fifth of all calls: each message is there once, replies joined" {
	line_need_root
	run bash "$top_srcdir/tests/line/faults" "${DESKGATE_FAULT_MESSAGES:-100}"
	echo "$output"
	[ "$status" -eq 0 ]
}
