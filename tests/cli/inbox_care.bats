#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The life of an inbox: what must not end it, and what goes on where it stopped.

load common

setup() {
	fresh <<TXT
retry-min = 1s
inbox "support@example.com" { end-text = "Closed since May." }
inbox "sales@example.com" { }
TXT
	dg stats >/dev/null
}
teardown() {
	[ -z "${SINK:-}" ] || kill "$SINK" || true
	done_with
}

get() { # EXPRESSION over d, the status of an inbox (support)
	dg inbox status --json "${2:-support@example.com}" | python3 -c "import json, sys
d = json.load(sys.stdin)['inboxes'][0]
print($1)"
}
state_is() { [ "$(get 'd["state"]' 2>/dev/null)" = "$1" ]; }
logged() { grep -q "$1" "$T/keeper.log"; }
of_support() { # SETTINGS
	sed -i "s/^inbox \"support@example.com\" { /&$1 /" "$T/dg.conf"
}

# The keeper's clock is ahead by $1 seconds from now on.
clock() { printf '%020d' "$1" | dd of="$T/ahead" conv=notrunc status=none; }
# A keeper whose clock can be set.
clocked_keeper() {
	cc -D_GNU_SOURCE -shared -fPIC -o "$T/clock.so" "$top_srcdir/tests/clock_ahead.c" -ldl
	clock 0
	AHEAD_FILE=$T/ahead LD_PRELOAD=$T/clock.so \
		ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 keeper
}

@test "a clock that is wrong for a moment ends and erases nothing" {
	of_support 'end-after = 10d erase-after = 30d announce-before = 30d'
	clocked_keeper
	dg inbox end support@example.com
	dg inbox suspend sales@example.com
	wait_for 20 logged 'inbox-announced.*support@example.com.*step=erasing'
	clock $((31 * 86400))
	wait_for 20 logged clock-jumped
	sleep 3
	clock 0
	sleep 2
	state_is ended
	[ "$(get 'd["state"]' sales@example.com)" = suspended ]
	! logged 'inbox-step.*state=eras'
	# The calendar goes on.
	sed -i 's/erase-after = 30d/erase-after = 2s/' "$T/dg.conf"
	kill "$KEEPER"; wait "$KEEPER" || true
	sed -i '/^user = /d' "$T/dg.conf"
	keeper
	wait_for 30 state_is erased
}
