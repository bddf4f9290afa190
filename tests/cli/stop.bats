#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Ending while a desk hangs.

load common

setup() {
	fresh <<'TXT'
retry-min = 1s
inbox "support@example.com" { desk = "far" }
desk "far" {
	type = liveagent
	url = "http://127.0.0.1:PORT/api/v3"
	token-file = "TOKEN"
	department = "dep1"
	timeout = 10m
}
TXT
	python3 "$top_srcdir/tests/line/liveagent/faultdesk.py" --port-file "$T/port" \
		>"$T/desk.log" 2>&1 3>&- &
	DESK=$!
	wait_for 20 test -s "$T/port"
	printf 'test-key\n' >"$T/token"
	chmod 0600 "$T/token"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/token"
	sed -i "s|TOKEN|$T/token|; s|PORT|$(cat "$T/port")|" "$T/dg.conf"
}
teardown() {
	kill -9 "$DESK"
	[ -z "${KEEPER:-}" ] || kill -9 "$KEEPER" || true
	KEEPER=
	done_with
}

control() { # PATH [JSON]
	curl -sf --noproxy '*' ${2:+-d "$2"} "http://127.0.0.1:$(cat "$T/port")/control/$1"
}
accept() { dg accept -i "$1" -f someone@example.org <"$2"; }
settled() { [ "$(dg queue list --plain | wc -l)" -eq 0 ]; }
tickets() { control dump | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))'; }
made() { [ "$(tickets)" -eq 1 ]; }
hangs() { control calls | grep -q "$1"; }
gone() { ! kill -0 "$KEEPER"; }

@test "SIGTERM ends a call that a desk never answers; its ticket is found, not made again" {
	control fault '{"on": "POST /tickets", "kind": "stall", "seconds": 600}'
	keeper
	message "$T/m" one "Where is my parcel?" <<<"It was sent a week ago."
	accept support@example.com "$T/m"
	wait_for 20 made
	kill "$KEEPER"
	wait_for 20 gone
	wait "$KEEPER"
	grep -q 'is ending' "$T/keeper.log"
	run dg queue list --plain
	[[ "$output" == *"	wait	"* ]]
	keeper
	wait_for 30 settled
	made
}

@test "SIGTERM ends the first look at a desk that says nothing at all" {
	control fault '{"on": "GET /", "kind": "stall", "seconds": 600, "times": -1}'
	keeper
	wait_for 20 hangs GET
	kill "$KEEPER"
	wait_for 20 gone
	wait "$KEEPER"
	! grep -q desk-check "$T/keeper.log"
}
