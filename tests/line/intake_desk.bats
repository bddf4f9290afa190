#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What a desk's refusal and its silence come to; row 38 of contrib/doc/intake.md.

load intake.bash

setup_file() {
	export HOOK HOOK_PID HOOK_URL
	HOOK=$(mktemp -d "${TMPDIR:-/tmp}/hook.XXXXXX")
	chmod 0755 "$HOOK"
	printf 'a secret of two\n' >"$HOOK/secret"
	chmod 0400 "$HOOK/secret"
	chown "$LINE_USER" "$HOOK/secret"
	python3 "$top_srcdir/tests/line/desks/receiver.py" --secret "$HOOK/secret" \
		--port-file "$HOOK/port" >/dev/null 2>&1 3>&- &
	HOOK_PID=$!
	wait_for 20 test -s "$HOOK/port"
	HOOK_URL=http://127.0.0.1:$(cat "$HOOK/port")
	intake_start <<TXT
inbox "support@example.com" { desk = "hook" }
desk "hook" {
	type = webhook
	url = "$HOOK_URL"
	token-file = "$HOOK/secret"
	allow-private = yes
}
TXT
}

teardown_file() {
	intake_stop
	kill "$HOOK_PID"
	rm -rf "$HOOK"
}

setup() { M=$BATS_TEST_TMPDIR/mail; control reset '{}'; }

control() { curl -sf --noproxy '*' ${2:+-d "$2"} "$HOOK_URL/control/$1"; } # VERB [JSON]

parked() { dg queue list | grep -q "dead.*$1"; } # REASON

# How often the desk got a message with this subject.
got() {
	control dump | python3 -c 'import json, sys
print(sum(m["subject"] == sys.argv[1] for t in json.load(sys.stdin)["tickets"] for m in t["messages"]))' "$1"
}

@test "intake 38: what a desk refuses is laid aside with its words, and sent again when asked" {
	control fault '{"on": "create", "kind": "422"}'
	message "$M" refused "Not wanted" <<<"Hello."
	line_send --from someone-refused@example.org "$M"
	# It stays in the queue, so that a person sees it.
	wait_for 30 parked "told to say 422"
	[ "$(got "Not wanted")" = 0 ]
	control reset '{}'
	id=$(dg queue list --json | intake_get 'd["entries"][0]["id"]')
	run dg queue retry "$id"
	[ "$status" -eq 0 ]
	wait_for 30 line_settled
	[ "$(got "Not wanted")" = 1 ]
	[ "$(dg queue list --json | intake_get 'len(d["entries"])')" = 0 ]
}

@test "intake 38: after an answer that never came the desk is asked before a second try" {
	control fault '{"on": "create", "kind": "lose"}'
	message "$M" lost "Is it there" <<<"Hello."
	intake_send "$M"
	[ "$(got "Is it there")" = 1 ]
}

logged() { grep -q "$1" "$LINE/log/deskgate.log"; } # PATTERN

@test "a desk that does not take our credentials is told at the start" {
	wait_for 20 logged " desk-checked desk=hook worst=warn" # plain http
	line_end_deskgate
	control fault '{"on": "test", "kind": "401"}'
	line_deskgate
	wait_for 20 logged " desk-check desk=hook check=credentials level=fail .*mend="
	wait_for 20 logged " desk-checked desk=hook worst=fail"
	dg desk test hook
}
