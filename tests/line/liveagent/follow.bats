#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Adding to tickets, changing them, what agents did, erasing: the adapter against
# faultdesk.py, and a mail server that keeps what it is given.

load desk.bash

setup_file() {
	build_drive
	python3 "$faultdesk" --port-file "$BATS_FILE_TMPDIR/port" \
		>"$BATS_FILE_TMPDIR/faultdesk.log" 2>&1 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/pid"
	wait_for 20 test -s "$BATS_FILE_TMPDIR/port"
	printf 'v1-test-key\n' >"$BATS_FILE_TMPDIR/v1-key"
	chmod 600 "$BATS_FILE_TMPDIR/v1-key"
}

teardown_file() { kill "$(cat "$BATS_FILE_TMPDIR/pid")"; }

setup() {
	url=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")
	conf=$BATS_FILE_TMPDIR/desk.conf
	control reset '{}' >/dev/null
	v1
	run "$drive" "$conf" create
	id=$(look 'd[0]["id"]')
	printf 'Subject: Re: Hello\r\nMessage-ID: <2@example.net>\r\n\r\nStill nothing.\r\n' \
		>"$BATS_TEST_TMPDIR/raw"
	printf 'x' >"$BATS_TEST_TMPDIR/a.bin"
}

teardown() {
	[ ! -f "$BATS_TEST_TMPDIR/sink.pid" ] || kill "$(cat "$BATS_TEST_TMPDIR/sink.pid")"
}

v1() { write_settings "$url/api/v3" dep1 "v1-key-file = \"$BATS_FILE_TMPDIR/v1-key\"" "$@"; }

mail() { # [FAULT]...: desk-address, and a server for it
	local options=() fault
	for fault; do options+=(--fail "$fault"); done
	python3 "$top_srcdir/tests/line/smtp_sink.py" "${options[@]}" \
		--port-file "$BATS_TEST_TMPDIR/sink.port" "$BATS_TEST_TMPDIR/sink" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/sink.pid"
	wait_for 20 test -s "$BATS_TEST_TMPDIR/sink.port"
	GLOBAL="mail-relay = \"smtp://127.0.0.1:$(cat "$BATS_TEST_TMPDIR/sink.port")\""
	write_settings "$url/api/v3" dep1 'desk-address = "desk@agent.example.com"'
}

control() { # PATH [JSON]
	curl -sf --noproxy '*' ${2:+-d "$2"} "$url/control/$1"
}

look() { # EXPRESSION over d, the dump
	control dump | python3 -c "import json, sys; d = json.load(sys.stdin); print(($1))"
}

follow() { # OPTION...: the customer's next message, added to the first ticket
	run "$drive" -I "$id" -k 00000000000000000000000000000002 -m 2@example.net \
		-t 'Still nothing.' -r "$BATS_TEST_TMPDIR/raw" "$@" "$conf" append
	echo "$output"
}

texts() { look '[g["messages"][0]["message"].split("\n")[0] for g in d[0]["groups"]]'; }

@test "version 1 adds the customer's message to the ticket" {
	follow
	[ "$status" -eq 0 ]
	[ "$(texts)" = "['Where is my order?', 'Still nothing.']" ]
	[ "$(look 'd[0]["groups"][1]["user"]')" = carol@example.net ]
}

@test "an answer of version 1 that is lost: the message is there once" {
	control fault '{"on": "POST /api/conversations", "kind": "lose"}' >/dev/null
	follow
	[[ $output == "append io "* ]]
	follow
	[ "$status" -eq 0 ]
	[ "$(texts)" = "['Where is my order?', 'Still nothing.']" ]
}

@test "a follow-up of somebody else on the ticket is there once too" {
	control fault '{"on": "POST /api/conversations", "kind": "late-500"}' >/dev/null
	follow -a dave@example.org
	[[ $output == "append io "* ]]
	follow -a dave@example.org
	[ "$status" -eq 0 ]
	[ "$(look 'len(d), len(d[0]["groups"])')" = "(1, 2)" ]
}

@test "a message that was added is found by its mark" {
	follow
	run "$drive" -k 00000000000000000000000000000002 -m "" "$conf" find
	echo "$output"
	[ "$output" = "find ok $id FLT-00001-001" ]
}

@test "a wrong version 1 key parks, and says nothing of the key" {
	printf 'wr0ng\n' >"$BATS_FILE_TMPDIR/v1-key"
	follow
	printf 'v1-test-key\n' >"$BATS_FILE_TMPDIR/v1-key"
	[[ $output == "append denied 0 HTTP 403: ApiKey not found"* ]]
	[[ $output != *wr0ng* ]]
}

@test "a signature keeps no message off its ticket" {
	printf 'x' >"$BATS_TEST_TMPDIR/signature.asc"
	follow -f "$BATS_TEST_TMPDIR/signature.asc"
	[ "$status" -eq 0 ]
	[ "$(texts)" = "['Where is my order?', 'Still nothing.']" ]
	[[ "$(look 'd[0]["groups"][1]["messages"][0]["message"]')" == *"[Left out: signature.asc"* ]]
	follow -k 00000000000000000000000000000003 -f "$BATS_TEST_TMPDIR/signature.asc" \
		-f "$BATS_TEST_TMPDIR/a.bin"
	[[ $output == "append notfound "* ]]
}

@test "a ticket that is gone, and files with version 1 alone: a new ticket is due" {
	follow -f "$BATS_TEST_TMPDIR/a.bin"
	[[ $output == "append notfound "* ]]
	run "$drive" -I nowhere "$conf" append
	[[ $output == "append notfound "* ]]
	[ "$(look 'len(d[0]["groups"])')" = 1 ]
}

@test "without version 1 the raw message is handed on, as it came" {
	mail
	follow -f "$BATS_TEST_TMPDIR/a.bin"
	[ "$status" -eq 0 ]
	cmp "$BATS_TEST_TMPDIR/raw" "$BATS_TEST_TMPDIR/sink/1"
	[ "$(cat "$BATS_TEST_TMPDIR/sink/1.envelope")" = $'from <support@example.com>\nto <desk@agent.example.com>' ]
}

@test "a mail server that says later, then no" {
	mail 451 554
	follow
	[[ $output == "append again "*"451 told to"* ]]
	follow
	[[ $output == "append bad "*"554 told to"* ]]
	follow
	[ "$status" -eq 0 ]
	[ "$(ls "$BATS_TEST_TMPDIR/sink" | grep -c envelope)" = 1 ]
}

@test "a mail that LiveAgent has taken meanwhile is not handed on again" {
	mail drop
	follow
	[[ $output == "append io "* ]]
	control answer "{\"id\": \"$id\", \"mail_msg_id\": \"<2@example.net>\"}" >/dev/null
	follow
	[ "$status" -eq 0 ]
	[ "$(ls "$BATS_TEST_TMPDIR/sink" | grep -c envelope)" = 1 ]
}

@test "with neither there is no append" {
	write_settings "$url" dep1
	follow
	[[ $output == "append denied "* ]]
	run "$drive" "$conf" note
	[[ $output == "note denied "* ]]
}

@test "settings that cannot be are refused" {
	write_settings "$url" dep1 "v1-key-file = \"$BATS_FILE_TMPDIR/v1-key\""
	run "$drive" "$conf" health
	[[ $output == "open bad 0 v1-key-file needs a url that ends in /api/v3"* ]]
	write_settings "$url" dep1 'desk-address = "nobody"'
	run "$drive" "$conf" health
	[[ $output == "open bad 0 desk-address is not an address"* ]]
}

@test "what rules say of a ticket reaches the desk, and the note is for agents" {
	run "$drive" -k 00000000000000000000000000000004 -R 'unsure: 3 reasons' "$conf" create
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(look 'd[1]["status"], d[1]["departmentid"], d[1]["tags"]')" = "('R', 'dep1', ['t1'])" ]
	[ "$(look '[(g["type"], g["messages"][0]["message"]) for g in d[1]["groups"][1:]]')" = "[('N', 'unsure: 3 reasons')]" ]
}

@test "a note or a tag the desk does not take costs no ticket" {
	control fault '{"on": "POST /tags", "kind": "403"}' >/dev/null
	control fault '{"on": "POST /api/conversations", "kind": "500"}' >/dev/null
	run "$drive" -k 00000000000000000000000000000004 -R 'a note' "$conf" create
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(look 'd[1]["tags"], len(d[1]["groups"])')" = "([], 1)" ]
}

@test "a note is for agents alone" {
	run "$drive" -I "$id" "$conf" note
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(look 'd[0]["groups"][1]["type"], d[0]["groups"][1]["messages"][0]["message"]')" = "('N', 'A note of ours')" ]
}

@test "not-spam leaves alone what is not spam" {
	run "$drive" -I "$id" "$conf" close ham
	[ "$status" -eq 0 ]
	[ "$(look 'd[0]["status"]')" = R ]
	run "$drive" -I "$id" "$conf" spam ham
	[ "$(look 'd[0]["status"]')" = N ]
	run "$drive" -I "$id" "$conf" open
	[ "$(look 'd[0]["status"]')" = C ]
}

@test "tags are added to those that are there, and made once" {
	run "$drive" -I "$id" "$conf" tag tag
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(look 'd[0]["tags"]')" = "['t1', 't2']" ]
	[ "$(control calls | grep -o '"POST", "path": "/tags"' | wc -l)" = 2 ]
}

@test "what agents did is told in order, with the ids of their answers" {
	run "$drive" "$conf" changes
	cursor=$(sed -n 's/^cursor //p' <<<"$output")
	[ -n "$cursor" ]
	run "$drive" -k 00000000000000000000000000000003 -m 3@example.net "$conf" create
	second=$(look 'd[1]["id"]')
	control set "{\"id\": \"$second\", \"status\": \"B\"}" >/dev/null
	control answer "{\"id\": \"$id\", \"mail_msg_id\": \"<answer@agent.example.com>\"}" >/dev/null
	run "$drive" -C "$cursor" "$conf" changes
	echo "$output"
	[ "$status" -eq 0 ]
	grep -q "^event $second FLT-00002-001 spam\$" <<<"$output"
	grep -q "^event $id FLT-00001-001 open answer@agent.example.com\$" <<<"$output"
	# The last second is told once more, then no more.
	cursor=$(sed -n 's/^cursor //p' <<<"$output")
	run "$drive" -C "$cursor" "$conf" changes changes
	[[ $(tail -n 2 <<<"$output") == "cursor "*$'\n'"changes ok"* ]]
	cursor=$(sed -n 's/^cursor //p' <<<"$output" | tail -n 1)
	run "$drive" -C "$cursor" "$conf" changes
	[[ $output != *event* ]]
}

@test "many changes in one second are all told" {
	run "$drive" "$conf" changes
	cursor=$(sed -n 's/^cursor //p' <<<"$output")
	for i in $(seq 45); do
		curl -sf --noproxy '*' -H 'apikey: test-key' -d "{\"useridentifier\":
			\"p$i@example.net\", \"subject\": \"s\", \"departmentid\": \"dep1\",
			\"recipient\": \"r\", \"message\": \"m\",
			\"do_not_send_mail\": \"Y\"}" "$url/api/v3/tickets" >/dev/null
	done
	run "$drive" -C "$cursor" "$conf" changes changes changes changes changes changes
	[ "$status" -eq 0 ]
	[ "$(sed -n 's/^event \([^ ]*\) .*/\1/p' <<<"$output" | sort -u | grep -cv "^$id\$")" = 45 ]
}

@test "a poll that fails moves nothing" {
	run "$drive" "$conf" changes
	cursor=$(sed -n 's/^cursor //p' <<<"$output")
	control answer "{\"id\": \"$id\", \"mail_msg_id\": \"<a@agent.example.com>\"}" >/dev/null
	control fault "{\"on\": \"GET /tickets/$id/messages\", \"kind\": \"429\"}" >/dev/null
	run "$drive" -C "$cursor" "$conf" changes changes
	echo "$output"
	[[ ${lines[0]} == "changes again "* ]]
	grep -q "^event $id .* a@agent.example.com" <<<"$output"
}

@test "a person is erased: contact and tickets, and asked again he is gone" {
	run "$drive" -a other@example.net "$conf" create
	run "$drive" -a Carol@Example.net "$conf" erase erase
	echo "$output"
	[[ ${lines[0]} == "erased open 1 LiveAgent keeps deleted"* ]]
	[[ ${lines[2]} == "erased done 0 -" ]]
	[ "$(look 'sorted((t["owner_email"], t["status"]) for t in d)')" = \
		"[('carol@example.net', 'X'), ('other@example.net', 'N')]" ]
}

@test "a desk that refuses to erase is an outcome" {
	control fault '{"on": "DELETE /contacts", "kind": "403"}' >/dev/null
	run "$drive" "$conf" erase
	[[ ${lines[0]} == "erased refused "*"HTTP 403: told to say 403" ]]
}

@test "test says what is there and which way follow-ups go" {
	run "$drive" "$conf" test
	echo "$output"
	[ "$status" -eq 0 ]
	grep -q '^check ok reach: ' <<<"$output"
	grep -q '^check warn tls: not encrypted' <<<"$output"
	grep -q '^check ok clock: ' <<<"$output"
	grep -q '^check ok department: "dep1" is there' <<<"$output"
	grep -q '^check ok rights: ticket.read: granted' <<<"$output"
	grep -q '^check ok follow-ups: by API version 1; with files as new' <<<"$output"
	control fault '{"on": "GET /contacts", "kind": "403"}' >/dev/null
	control fault '{"on": "GET /tickets", "kind": "403"}' >/dev/null
	write_settings "$url" dep9
	run "$drive" "$conf" test
	grep -q '^check fail department: ' <<<"$output"
	grep -q '^check fail rights: ticket.read: HTTP 403' <<<"$output"
	grep -q '^check warn rights: contact.read: HTTP 403' <<<"$output"
	grep -q '^check warn follow-ups: as new tickets' <<<"$output"
	printf 'wrong\n' >"$BATS_FILE_TMPDIR/token"
	run "$drive" "$conf" test
	[[ ${lines[0]} == "check fail reach: HTTP 403: ApiKey not found" ]]
	[ "${#lines[@]}" = 2 ]
}
