#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Desks that say at once that a ticket changed.

load common

setup() {
	command -v curl >/dev/null || skip "curl is not installed"
	PORT=$("$top_srcdir/tests/port.py")
	fresh <<TXT
push-listen = "127.0.0.1:$PORT"
push-rate = 40
inbox "support@example.com" { }
TXT
	printf 'push-token-file = "%s/token"\n' "$T" >>"$T/dg.conf"
	printf 'it-is-a-secret\n' >"$T/token"
	chmod 0600 "$T/token"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/token"
}
teardown() { done_with; }

push() { # curl's words...; prints the status
	curl -s -m 10 -o "$T/answer" -w '%{http_code}' -X POST "$@"
}
good() { push -H 'X-Deskgate-Token: it-is-a-secret' "$@"; }

@test "a push that carries the token is taken, whatever its form" {
	keeper
	[ "$(good "http://127.0.0.1:$PORT/push/local")" = 202 ]
	[ "$(good -d 'desk=local&ticket=7' "http://127.0.0.1:$PORT/push")" = 202 ]
	[ "$(good -d '{"desk": "local", "ticket": 7}' "http://127.0.0.1:$PORT/push")" = 202 ]
	[ "$(push -u desk:it-is-a-secret "http://127.0.0.1:$PORT/push/local")" = 202 ]
	[ "$(push -H 'Authorization: Bearer it-is-a-secret' "http://127.0.0.1:$PORT/push/local")" = 202 ]
	grep -q 'push desk=local.*ticket=7' "$T/keeper.log"
}

@test "a push that is none is refused, and says why" {
	keeper
	[ "$(push "http://127.0.0.1:$PORT/push/local")" = 401 ]
	[ "$(push -H 'X-Deskgate-Token: guess' "http://127.0.0.1:$PORT/push/local")" = 401 ]
	[ "$(good "http://127.0.0.1:$PORT/push/nobody")" = 400 ]
	[ "$(good "http://127.0.0.1:$PORT/push")" = 400 ]
	[ "$(good "http://127.0.0.1:$PORT/elsewhere")" = 404 ]
	[ "$(good -X GET "http://127.0.0.1:$PORT/push/local")" = 405 ]
	[ "$(good -d 'neither' "http://127.0.0.1:$PORT/push/local")" = 400 ]
	grep -q 'error' "$T/answer"
	head -c 70000 /dev/zero | tr '\0' x >"$T/long"
	[ "$(good -H 'Expect:' --data-binary @"$T/long" "http://127.0.0.1:$PORT/push/local")" = 413 ]
	# guessing is slow: ten pushes for each guess
	guesses() { [ "$(push -H 'X-Deskgate-Token: guess' "http://127.0.0.1:$PORT/push/local")" = 429 ]; }
	wait_for 10 guesses
	! grep -q 'it-is-a-secret' "$T/keeper.log"
}

@test "who pushes too often is told when to come again" {
	sed -i 's/push-rate = .*/push-rate = 3/' "$T/dg.conf"
	keeper
	for i in 1 2 3; do
		[ "$(good "http://127.0.0.1:$PORT/push/local")" = 202 ]
	done
	run curl -s -i -m 10 -X POST -H 'X-Deskgate-Token: it-is-a-secret' "http://127.0.0.1:$PORT/push/local"
	[[ "$output" == *" 429 "* ]]
	[[ "$output" == *"Retry-After: "* ]]
}

@test "addresses that are not in push-from are hung up on" {
	printf 'push-from = { "192.0.2.0/24" }\n' >>"$T/dg.conf"
	keeper
	run good "http://127.0.0.1:$PORT/push/local"
	[ "$status" -ne 0 ]
	[ "$output" = 000 ]
}

@test "check says what a listener lacks" {
	sed -i '/push-token-file/d; s/push-listen = .*/push-listen = "0.0.0.0:8025"/' "$T/dg.conf"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"push-token-file must be set"* ]]
	[[ "$output" == *"reached from outside"* ]]
	sed -i 's/push-listen = .*/push-listen = "localhost"/' "$T/dg.conf"
	run dg check
	[[ "$output" == *"no address and port"* ]]
}
