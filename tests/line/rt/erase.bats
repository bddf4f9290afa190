#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/rt-erase on the host of a real Request Tracker 5.

load rt
load ../drive.bash

setup_file() {
	rt_need
	build_drive
	rt_start
	export RT RT_URL RT_PORT
	rt_conf "$RT/desk.conf" Support
	cp "$top_srcdir/contrib/rt-erase" "$RT/rt-erase"
	chmod 0755 "$RT/rt-erase"
}
teardown_file() { rt_stop; }

@test "what erasing over the API leaves is shredded, and nothing of others" {
	run "$drive" -a gone@example.net "$RT/desk.conf" create
	[ "$status" -eq 0 ]
	run "$drive" -a stays@example.net "$RT/desk.conf" create
	[ "$status" -eq 0 ]
	"$drive" -a gone@example.net "$RT/desk.conf" erase
	run rt_as "$RT/rt-erase" --dry-run gone@example.net
	echo "$output"
	[ "$status" -eq 1 ]
	[[ "$output" == *'"outcome":"open","tickets":1,"user":true'* ]]
	run rt_as "$RT/rt-erase" gone@example.net
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *'"outcome":"done","tickets":1,"user":true'* ]]
	run rt_as "$RT/rt-erase" <<<"gone@example.net"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *'"tickets":0,"user":false'* ]]
	run "$drive" -a gone@example.net "$RT/desk.conf" erase
	[[ "$output" == *"done"* ]]
	# What nobody asked to be erased stays, unless all is to go.
	run rt_as "$RT/rt-erase" stays@example.net
	[ "$status" -eq 0 ]
	[[ "$output" == *'"left":1,"outcome":"done","tickets":0,"user":false'* ]]
	run rt_as "$RT/rt-erase" --dry-run --all stays@example.net
	[[ "$output" == *'"tickets":1,"user":true'* ]]
	# No dump, wherever it ran.
	[ -z "$(find "$RT" -name '*.sql')" ]
}

@test "an agent and what is no address are refused" {
	run rt_as "$RT/rt-erase" root@localhost "x' OR id > '0"
	echo "$output"
	[ "$status" -eq 1 ]
	[ "$(grep -c '"refused"' <<<"$output")" -eq 2 ]
}
