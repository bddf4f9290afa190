#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The adapter against LiveAgent's contract: Prism checks each request against
# contract.yaml and says so in its log and in a header, sl-violations.

load desk.bash

prism=${DESKGATE_PRISM:-$top_builddir/../npm/node_modules/.bin/prism}

listening() { grep -q 'Prism is listening' "$BATS_FILE_TMPDIR/prism.log"; }

free_port() { "$top_srcdir/tests/port.py"; }

setup_file() {
	[ -x "$prism" ] || return 0
	build_drive
	local port; port=$(free_port)
	"$prism" mock -h 127.0.0.1 -p "$port" --errors "$here/contract.yaml" \
		>"$BATS_FILE_TMPDIR/prism.log" 2>&1 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/pid"
	wait_for 60 listening
	echo "http://127.0.0.1:$port" >"$BATS_FILE_TMPDIR/url"
	write_settings "http://127.0.0.1:$port" string
}

teardown_file() {
	[ ! -f "$BATS_FILE_TMPDIR/pid" ] || kill "$(cat "$BATS_FILE_TMPDIR/pid")"
}

setup() {
	[ -x "$prism" ] || skip "Prism is not installed: $prism (tests/run does it)"
	: >"$BATS_TEST_TMPDIR/file.bin"
	printf 'GIF89a\0\r\n' >"$BATS_TEST_TMPDIR/two \"words\".gif"
}

violations() { grep -cE 'Violation|did not pass' "$BATS_FILE_TMPDIR/prism.log" || true; }

# Prism's answers are made from the schemas: every text is "string".
kept() { # VERB... : all ok and no violation
	local before; before=$(violations)
	run "$drive" -a string -m string "$@"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(violations)" = "$before" ]
	! grep -qv ' ok ' <<<"$output"
}

@test "health keeps the contract" { kept "$BATS_FILE_TMPDIR/desk.conf" health; }

@test "create with all fields keeps the contract" {
	kept -s $'Gr\xc3\xbc\xc3\x9fe \U1F600 "x"' -t $'one\ntwo' "$BATS_FILE_TMPDIR/desk.conf" create
}

@test "create without Message-ID, text and subject keeps the contract" {
	kept -m "" -s "" -t "" "$BATS_FILE_TMPDIR/desk.conf" create
}

@test "create with attachments keeps the contract" {
	kept -f "$BATS_TEST_TMPDIR/file.bin" \
		-f "$BATS_TEST_TMPDIR/two \"words\".gif" \
		"$BATS_FILE_TMPDIR/desk.conf" create
	[ "$(grep -c 'post /files' "$BATS_FILE_TMPDIR/prism.log")" -ge 2 ]
}

@test "find asks for tickets and their messages within the contract" {
	kept "$BATS_FILE_TMPDIR/desk.conf" find
	grep -q 'get /tickets/string/messages' "$BATS_FILE_TMPDIR/prism.log"
}

@test "spam and not spam keep the contract" {
	kept "$BATS_FILE_TMPDIR/desk.conf" create spam ham
	grep -q 'put /tickets/string' "$BATS_FILE_TMPDIR/prism.log"
}

@test "status and tags keep the contract" {
	kept "$BATS_FILE_TMPDIR/desk.conf" create open close spam ham tag
	[ "$(grep -c 'put /tickets/string' "$BATS_FILE_TMPDIR/prism.log")" -ge 3 ]
	grep -q 'post /tags' "$BATS_FILE_TMPDIR/prism.log"
}

@test "changes keep the contract, from the first and from a place" {
	local before; before=$(violations)
	run "$drive" "$BATS_FILE_TMPDIR/desk.conf" changes
	[ "$status" -eq 0 ]
	run "$drive" -C '2026-11-28 12:00:00 once string' "$BATS_FILE_TMPDIR/desk.conf" changes
	[ "$status" -eq 0 ]
	[ "$(violations)" = "$before" ]
}

@test "erasing keeps the contract" {
	local before; before=$(violations)
	run "$drive" -a string "$BATS_FILE_TMPDIR/desk.conf" erase
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(violations)" = "$before" ]
	grep -q 'delete /contacts/string' "$BATS_FILE_TMPDIR/prism.log"
}

@test "test keeps the contract" {
	local before; before=$(violations)
	run "$drive" "$BATS_FILE_TMPDIR/desk.conf" test
	echo "$output"
	! grep -q '^check fail' <<<"$output"
	[ "$(violations)" = "$before" ]
}

@test "without version 1 and desk-address append is not offered" {
	run "$drive" "$BATS_FILE_TMPDIR/desk.conf" append
	[ "$status" -eq 1 ]
	[[ $output == "append denied "* ]]
}

@test "append by mail looks first, within the contract" {
	local before; before=$(violations)
	printf 'Subject: x\r\n\r\ny\r\n' >"$BATS_TEST_TMPDIR/raw"
	GLOBAL='mail-relay = "smtp://127.0.0.1:9"' write_settings \
		"$(cat "$BATS_FILE_TMPDIR/url")" string 'desk-address = "a@b.example.com"'
	run "$drive" -I string -r "$BATS_TEST_TMPDIR/raw" "$BATS_FILE_TMPDIR/desk.conf" append
	write_settings "$(cat "$BATS_FILE_TMPDIR/url")" string
	echo "$output"
	[[ $output == "append again 0 mail relay: "* ]]
	[ "$(violations)" = "$before" ]
}

@test "the check itself works: Prism tells a wrong request" {
	local before; before=$(violations)
	run curl -s -i --noproxy '*' -H 'apikey: x' -H 'Content-Type: application/json' \
		-d '{"useridentifier":"a","carbon_copy":"b"}' \
		"$(cat "$BATS_FILE_TMPDIR/url")/tickets"
	[[ $output == *sl-violations:* ]]
	[ "$(violations)" -gt "$before" ]
}
