#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What contrib/quickstart must not touch.

load common

setup() {
	[ "$(id -u)" -eq 0 ] || skip "the demonstration needs root"
	fresh </dev/null
	mkdir "$T/home"
	chmod 0700 "$T/home"
	echo precious >"$T/home/letter"
}
teardown() { [ -z "${T:-}" ] || done_with; }

@test "a folder that somebody else filled is neither changed nor removed" {
	for word in clean start; do
		run env DESKGATE_DEMO="$T/home" "$top_srcdir/contrib/quickstart" $word
		[ "$status" -eq 73 ]
		[[ "$output" == *"$T/home"* ]]
		[ "$(ls "$T/home")" = letter ]
		[ "$(stat -c %a "$T/home")" = 700 ]
	done
}

@test "a demonstration that was begun can be removed" {
	mkdir "$T/demo"
	touch "$T/demo/this-is-a-demonstration" "$T/demo/more"
	run env DESKGATE_DEMO="$T/demo" "$top_srcdir/contrib/quickstart" clean
	[ "$status" -eq 0 ]
	[ ! -e "$T/demo" ]
}
