#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Signed pushes (contrib/doc/feedback.md) over HTTP to a Deskgate that runs: a desk that
# cannot be asked says what it decided.  A good one teaches; one that is not signed by the
# token, is old, was sent before, comes from elsewhere or too often does not.

load intake.bash

setup_file() {
	line_need_root
	command -v curl >/dev/null || skip "curl is not installed"
	command -v openssl >/dev/null || skip "openssl is not installed"
	export PLACE PUSH
	PLACE=$(mktemp -d /tmp/deskgate-push.XXXXXX)
	chmod 0755 "$PLACE"
	printf 'the secret of the desk\n' >"$PLACE/secret"
	printf 'a token for pushes\n' >"$PLACE/token"
	chmod 0600 "$PLACE/secret" "$PLACE/token"
	python3 "$top_srcdir/tests/line/desks/receiver.py" --secret "$PLACE/secret" \
		--port-file "$PLACE/port" >"$PLACE/desk.log" 2>&1 3>&- &
	echo $! >"$PLACE/pid"
	wait_for 20 test -s "$PLACE/port"
	chown "$LINE_USER" "$PLACE/secret" "$PLACE/token"
	PUSH=$(line_port)
	intake_start <<TXT
push-listen = "127.0.0.1:$PUSH"
push-token-file = "$PLACE/token"
push-from = { "127.0.0.1", "127.0.0.3" }
desk "hook" {
	type = webhook
	url = "http://127.0.0.1:$(cat "$PLACE/port")"
	token-file = "$PLACE/secret"
}
inbox "support@example.com" { desk = "hook" }
TXT
	line_teach
}

teardown_file() {
	intake_stop
	kill "$(cat "$PLACE/pid")"
	rm -rf "$PLACE"
}

# The answer's code for a push of JSON, signed at TIME (now) with KEY (the token); more
# options of curl after them.  TOKEN and BODY are sent in place of the token and JSON.
push() { # JSON [TIME [KEY [OPTION...]]]
	local at=${2:-$(date +%s)} key=${3:-$(cat "$PLACE/token")} sum
	sum=$(printf '%s.push.%s' "$at" "$1" | openssl dgst -sha256 -hmac "$key" | sed 's/.* //')
	curl -s -m 10 --noproxy '*' -o "$BATS_TEST_TMPDIR/answer" -D "$BATS_TEST_TMPDIR/head" \
		-w '%{http_code}' -H "X-Deskgate-Token: ${TOKEN:-$(cat "$PLACE/token")}" \
		-H "X-Deskgate-Timestamp: $at" -H "X-Deskgate-Signature: sha256=$sum" \
		--data "${BODY:-$1}" "${@:4}" "http://127.0.0.1:$PUSH/push/hook"
}
word() { printf '{"ticket": "%s", "status": "%s", "who": "alice"}' "$1" "$2"; } # TICKET STATUS

lamp() { # ID: a ticket; its number at the desk is in $ticket
	intake_mail "$M" "$1" "A lamp $1" <<<"The quaint lamp of my aunt $1 flickers whenever a tram goes by."
	intake_send "$M"
	ticket=$(line_json 'd["entries"][-1]["ticket"]' dg queue list --all)
	ticket=$(curl -sf --noproxy '*' "http://127.0.0.1:$(cat "$PLACE/port")/control/dump" |
		intake_get "[t['id'] for t in d['tickets'] if '$1@' in str(t)][0]")
}
model() { dg model dump | sha256sum; }
changed() { [ "$(model)" != "$1" ]; } # SUM
back() { [ "$(model)" = "$1" ]; }     # SUM

@test "a signed push teaches, sent again it changes nothing, and it is taken back exactly" {
	lamp push-good
	before=$(model)
	at=$(date +%s)
	[ "$(push "$(word "$ticket" spam)" "$at")" = 200 ]
	wait_for 30 changed "$before"
	after=$(model)
	[ "$(push "$(word "$ticket" spam)" "$at")" = 200 ]
	sleep 2
	back "$after"
	[ "$(push "$(word "$ticket" not-spam)" "$((at + 2))")" = 200 ]
	wait_for 30 back "$before"
}

@test "a recorded push that is sent again after its decision was taken back changes nothing" {
	lamp push-replay
	before=$(model)
	at=$(date +%s)
	[ "$(push "$(word "$ticket" spam)" "$at")" = 200 ]
	wait_for 30 changed "$before"
	[ "$(push "$(word "$ticket" not-spam)" "$((at + 1))")" = 200 ]
	wait_for 30 back "$before"
	push "$(word "$ticket" spam)" "$at" >/dev/null
	sleep 3
	back "$before"
}

@test "what is not signed, or by another key, or for another body, is refused" {
	lamp push-bad
	before=$(model)
	[ "$(push "$(word "$ticket" spam)" "" "another key")" = 401 ]
	[ "$(BODY=$(word "$ticket" spam) push "$(word "$ticket" open)")" = 401 ]
	[ "$(TOKEN=guess push "$(word "$ticket" spam)")" = 401 ]
	run curl -s -m 10 --noproxy '*' -o /dev/null -w '%{http_code}' -d "$(word "$ticket" spam)" \
		-H "X-Deskgate-Token: $(cat "$PLACE/token")" "http://127.0.0.1:$PUSH/push/hook"
	[ "$output" = 401 ]
	sleep 1
	back "$before"
}

@test "what is older or newer than five minutes is refused" {
	lamp push-old
	before=$(model)
	[ "$(push "$(word "$ticket" spam)" "$(($(date +%s) - 310))")" = 401 ]
	[ "$(push "$(word "$ticket" spam)" "$(($(date +%s) + 310))")" = 401 ]
	[ "$(push "$(word "$ticket" spam)" "tomorrow")" = 401 ]
	sleep 1
	back "$before"
}

@test "no ticket of ours, no status, no desk: each is told" {
	[ "$(push "$(word no-such spam)")" = 404 ]
	[ "$(push '{"ticket": "7"}')" = 400 ]
	[ "$(push '{"desk": ')" = 400 ]
	grep -q . "$BATS_TEST_TMPDIR/answer"
}

@test "who is not in push-from is hung up on, whatever he has" {
	run push "$(word 1 spam)" "" "" --interface 127.0.0.2
	[ "$output" = 000 ]
	run push "$(word no-such spam)" "" "" --interface 127.0.0.3
	[ "$output" = 404 ]
}

@test "who pushes too often, or guesses, is told when to come again, and others are not" {
	for i in $(seq 15); do
		code=$(TOKEN=guess$i push "$(word no-such spam)" "" "" --interface 127.0.0.3)
		[ "$code" = 401 ] || break
	done
	[ "$code" = 429 ]
	grep -qi '^Retry-After: [1-9]' "$BATS_TEST_TMPDIR/head"
	# Those left him a few with the token.
	curl -s -m 20 --noproxy '*' --interface 127.0.0.3 -o /dev/null -w '%{http_code}\n' \
		-H "X-Deskgate-Token: $(cat "$PLACE/token")" -d "$(word no-such spam)" \
		"http://127.0.0.1:$PUSH/push/hook?[1-100]" | grep -q 429
	[ "$(push "$(word no-such spam)")" = 404 ]
}
