#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A desk that hangs, or has no time: ending, and the notes of its tickets.

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

noted() { # how many notes the desk has
	control dump | python3 -c 'import json, sys
print(sum(g["type"] == "N" for t in json.load(sys.stdin) for g in t["groups"]))'
}
notes() { [ "$(noted)" -eq "$1" ]; }
with_notes() {
	printf 'v1-test-key\n' >"$T/v1-key"
	chmod 0600 "$T/v1-key"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/v1-key"
	sed -i "s|timeout = .*|&\n\tv1-key-file = \"$T/v1-key\"|" "$T/dg.conf"
	keeper
	# Its files are no programs: the note says what they are.
	{
		sed 's/^Content-Type: .*/Content-Type: multipart\/mixed; boundary=b/; /^$/,$d' <(
			message /dev/stdout one "Where is my parcel?" </dev/null)
		printf '\n--b\n\nIt was sent.\n--b\nContent-Type: application/pdf; name=a.pdf\n\nno such thing\n--b--\n'
	} >"$T/m"
	accept support@example.com "$T/m"
	wait_for 20 made
}

@test "a note that the desk has no time for is written later, and once" {
	control fault '{"on": "POST /api/conversations", "kind": "429", "times": 2}'
	with_notes
	wait_for 60 notes 1
	run dg queue list --all --plain
	[[ "$output" != *"note"* ]]
}

@test "a note whose answer is lost is told of its entry, and not written again" {
	control fault '{"on": "POST /api/conversations", "kind": "late-500"}'
	with_notes
	wait_for 20 notes 1
	missing() { dg queue list --all --plain | grep -q "its note may be missing"; }
	wait_for 20 missing
	kill "$KEEPER"
	wait "$KEEPER"
	keeper
	wait_for 20 settled
	notes 1
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
