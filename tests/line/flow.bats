#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A small run of tests/line/flow; 500 messages are a command of its own, and so are real
# ones (-d FOLDER -r REAL).

load line.bash

@test "messages through Postfix into the embedded desk: each once, replies joined" {
	line_need_root
	run bash "$top_srcdir/tests/line/flow" "${DESKGATE_FLOW_MESSAGES:-100}"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *" lost=0 twice=0 apart=0 joined=16" ]]
}
