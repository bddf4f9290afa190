#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A small run of tests/line/rt/flow; 500 messages are a command of its own.

load ../line.bash
load rt.bash

@test "messages through Postfix into Request Tracker: each once, replies joined in their sender's voice" {
	line_need_root
	rt_need
	run bash "$top_srcdir/tests/line/rt/flow" "${DESKGATE_RT_MESSAGES:-60}"
	echo "$output"
	[ "$status" -eq 0 ]
}
