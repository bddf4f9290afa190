#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Exactly one ticket, whatever the desk does: the adapter against a desk that
# loses answers, hangs, cuts, refuses and errs (faultdesk.py).

load desk.bash

setup_file() {
	build_drive
	python3 "$faultdesk" --port-file "$BATS_FILE_TMPDIR/port" \
		>"$BATS_FILE_TMPDIR/faultdesk.log" 2>&1 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/pid"
	wait_for 20 test -s "$BATS_FILE_TMPDIR/port"
	write_settings "http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")" dep1
}

teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/pid")"
}

control() { # PATH [JSON]
	curl -sf --noproxy '*' ${2:+-d "$2"} \
		"http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")/control/$1"
}

setup() {
	control reset '{}' >/dev/null
	conf=$BATS_FILE_TMPDIR/desk.conf
	head -c 100000 /dev/urandom >"$BATS_TEST_TMPDIR/a b.bin"
}

look() { # EXPRESSION over d, the dump
	control dump | python3 -c "import json, sys; d = json.load(sys.stdin); print(($1))"
}

one_ticket_after() { # KIND WORD [MORE-JSON]: a fault of POST /tickets
	control fault "{\"on\": \"POST /tickets\", \"kind\": \"$1\"${3:+, $3}}" >/dev/null
	run "$drive" -f "$BATS_TEST_TMPDIR/a b.bin" "$conf" deliver
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "try $2 "* ]]
	[ "$(look 'len(d)')" = 1 ]
}

@test "without faults: the ticket as it was sent, the file byte for byte" {
	run "$drive" -f "$BATS_TEST_TMPDIR/a b.bin" "$conf" health deliver find
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(look 'len(d), d[0]["subject"], d[0]["owner_email"], d[0]["status"]')" = \
		"(1, 'Hello', 'carol@example.net', 'N')" ]
	[ "$(look 'd[0]["body"]["do_not_send_mail"], d[0]["body"]["use_template"]')" = "('Y', 'N')" ]
	[ "$(look 'd[0]["files"][0]["sha256"]')" = "$(sha256sum <"$BATS_TEST_TMPDIR/a b.bin" | cut -d' ' -f1)" ]
	[ "$(look 'd[0]["files"][0]["name"]')" = "a b.bin" ]
}

@test "an answer lost after the commit" { one_ticket_after lose io; }
@test "a stall past the time-out" { one_ticket_after stall io '"seconds": 4'; }
@test "an answer cut in the middle" { one_ticket_after cut io; }
@test "half of the JSON" { one_ticket_after half-json io; }
@test "500 after the commit" { one_ticket_after late-500 io; }
@test "500 in JSON, nothing made" { one_ticket_after 500 io; }
@test "500 in HTML, nothing made" {
	one_ticket_after html io
	[[ ${lines[0]} == *"Slim Application Error"* ]]
	[[ ${lines[0]} != *"<"* ]]
}
@test "a connection closed unread" { one_ticket_after refuse io; }
@test "429 with Retry-After: the seconds travel" {
	one_ticket_after 429 again '"retry_after": 1'
	[[ ${lines[0]} == "try again 1 "* ]]
}
@test "429 without Retry-After" {
	one_ticket_after 429 again
	[[ ${lines[0]} == "try again 0 "* ]]
}

@test "the answer lost twice, then the look-up fails too" {
	control fault '{"on": "POST /tickets", "kind": "lose"}' >/dev/null
	control fault '{"on": "GET /tickets", "kind": "html", "times": 2}' >/dev/null
	run "$drive" "$conf" deliver
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(look 'len(d)')" = 1 ]
}

@test "a message without Message-ID is found by its mark" {
	control fault '{"on": "POST /tickets", "kind": "lose"}' >/dev/null
	run "$drive" -m "" "$conf" deliver
	[ "$status" -eq 0 ]
	[ "$(look 'len(d)')" = 1 ]
}

@test "a look-up among many tickets goes on where it failed" {
	for i in $(seq 12); do
		run "$drive" -k "000000000000000000000000000000$((i + 10))" -m "$i@example.net" \
			"$conf" create
	done
	control fault '{"on": "POST /tickets", "kind": "500"}' >/dev/null
	for i in 1 2 3; do # each third look fails
		control fault "{\"on\": \"GET /tickets/\", \"kind\": \"500\", \"after\": $((i * 3))}" >/dev/null
	done
	run "$drive" -m new@example.net "$conf" deliver
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(look 'len(d)')" = 13 ]
	[ "$(control calls | grep -o '"GET", "path": "/tickets/[^"]*"' | sort | uniq -d | wc -l)" -le 3 ]
}

@test "one message to two inboxes: the second is not taken for the first" {
	run "$drive" -k 00000000000000000000000000000001 "$conf" deliver
	[ "$status" -eq 0 ]
	control fault '{"on": "POST /tickets", "kind": "lose"}' >/dev/null
	run "$drive" -k 00000000000000000000000000000002 -i sales@example.com "$conf" deliver
	[ "$status" -eq 0 ]
	[ "$(look 'sorted(t["body"]["recipient"] for t in d)')" = \
		"['sales@example.com', 'support@example.com']" ]
}

@test "an upload that fails makes no ticket, and is tried again" {
	control fault '{"on": "POST /files", "kind": "lose"}' >/dev/null
	run "$drive" -f "$BATS_TEST_TMPDIR/a b.bin" "$conf" deliver
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "try again "* ]]
	[ "$(look 'len(d), len(d[0]["files"])')" = "(1, 1)" ]
}

@test "a file the desk refuses is named in the ticket" {
	control fault '{"on": "POST /files", "kind": "400"}' >/dev/null
	run "$drive" -f "$BATS_TEST_TMPDIR/a b.bin" "$conf" deliver
	[ "$status" -eq 0 ]
	[ "$(look '"Attachment a b.bin is missing" in d[0]["body"]["message"]')" = True ]
}

@test "403 parks, and nothing is made" {
	control fault '{"on": "POST /tickets", "kind": "403"}' >/dev/null
	run "$drive" "$conf" deliver
	[ "$status" -eq 1 ]
	[[ $output == *"deliver denied 0 HTTP 403"* ]]
	[ "$(look 'len(d)')" = 0 ]
}

@test "400 is for good, with the desk's own words" {
	run "$drive" -a nobody "$conf" deliver
	[ "$status" -eq 1 ]
	[[ $output == *"deliver bad 0 HTTP 400: invalid useridentifier"* ]]
}

@test "spam goes to the desk as spam, and back" {
	run "$drive" "$conf" create spam
	[ "$(look 'd[0]["status"]')" = B ]
	run "$drive" "$conf" find ham
	[ "$status" -eq 0 ]
	[ "$(look 'd[0]["status"]')" = N ]
}

@test "a wrong department and a wrong key are told" {
	write_settings "http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")" dep9
	run "$drive" "$conf" health
	[[ $output == "health bad 0 department \"dep9\" is none"* ]]
	write_settings "http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")" dep1
	printf 'wrong\n' >"$BATS_FILE_TMPDIR/token"
	run "$drive" "$conf" health
	[[ $output == "health denied 0 HTTP 403: ApiKey not found"* ]]
	[[ $output != *wrong* ]]
	printf 'test-key\n' >"$BATS_FILE_TMPDIR/token"
}

@test "the rate is kept on our side" {
	write_settings "http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")" dep1 'rate = 3'
	run "$drive" "$conf" create create create create
	write_settings "http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")" dep1
	[[ ${lines[3]} =~ ^create\ again\ (19|20)\  ]]
	[ "$(look 'len(d)')" = 3 ]
}

@test "nobody listens: nothing was made" {
	write_settings "http://127.0.0.1:9" dep1
	run "$drive" "$conf" create
	write_settings "http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")" dep1
	[[ $output == "create again "* ]]
}
