#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Zammad's adapter against a stub from its manual (zammad.py), not against a Zammad.

load ../drive.bash

setup_file() {
	build_drive
	python3 "$top_srcdir/tests/line/desks/zammad.py" \
		--port-file "$BATS_FILE_TMPDIR/port" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/pid"
	wait_for 20 test -s "$BATS_FILE_TMPDIR/port"
	printf 'test-token\n' >"$BATS_FILE_TMPDIR/token"
	chmod 600 "$BATS_FILE_TMPDIR/token"
}

teardown_file() { kill "$(cat "$BATS_FILE_TMPDIR/pid")"; }

setup() {
	conf=$BATS_FILE_TMPDIR/desk.conf
	url=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")
	use
	control reset '{}'
	printf 'GIF89a\0' >"$BATS_TEST_TMPDIR/pictüre 1.gif"
}

use() { # LINE...: settings
	{
		printf 'desk "z" {\n\ttype = "zammad"\n\turl = "%s/api/v1"\n' "$url"
		printf '\ttoken-file = "%s"\n' "$BATS_FILE_TMPDIR/token"
		[ $# -eq 0 ] || printf '\t%s\n' "$@"
		printf '}\n'
	} >"$conf"
}

control() { curl -sf --noproxy '*' ${2:+-d "$2"} "$url/control/$1" >"$BATS_TEST_TMPDIR/answer"; }

look() { # EXPRESSION over d, the dump
	control dump
	python3 -c "import json, sys; d = json.load(sys.stdin); t = d['tickets']; print(($1))" <"$BATS_TEST_TMPDIR/answer"
}

@test "a ticket of the customer's, with its files" {
	run "$drive" -f "$BATS_TEST_TMPDIR/pictüre 1.gif" "$conf" create find
	echo "$output"
	[ "${lines[0]}" = "create ok 1 22001" ]
	[ "${lines[1]}" = "find ok 1 22001" ]
	[ "$(look 't[0]["customer"], t[0]["state"], t[0]["tags"]')" = "('carol@example.net', 'new', [])" ]
	[ "$(look '[t[0]["articles"][0][n] for n in ("sender", "type", "from", "message_id", "internal")]')" = \
		"['Customer', 'email', 'Carol <carol@example.net>', '<1@example.net>', False]" ]
	[ "$(look 't[0]["articles"][0]["attachments"]')" = \
		"[{'filename': 'pictüre 1.gif', 'data': 'R0lGODlhAA==', 'mime-type': 'application/octet-stream'}]" ]
}

@test "what rules say of a ticket reaches Zammad, and the note is internal" {
	run "$drive" -R 'unsure: 3 reasons' "$conf" create
	[ "$status" -eq 0 ]
	[ "$(look '[t[0][n] for n in ("group", "priority", "state", "tags")]')" = "['dep1', '3 high', 'closed', ['vip']]" ]
	[ "$(look '[(a["internal"], a["body"]) for a in t[0]["articles"][1:]]')" = "[(True, 'unsure: 3 reasons')]" ]
}

one_ticket_after() { # KIND [OPTION...]
	control fault "{\"on\": \"POST /tickets\", \"kind\": \"$1\"}"
	run "$drive" "${@:2}" "$conf" deliver
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "try io "* ]]
	[ "$(look 'len(t)')" = 1 ]
}

@test "an answer lost: one ticket" { one_ticket_after lose; }
@test "500 after the work: one ticket" { one_ticket_after late-500; }
@test "500 before it: one ticket" { one_ticket_after 500; }
@test "an answer lost, no Message-ID: found by the customer" { one_ticket_after lose -m ""; }

@test "one message to two inboxes: the second is not taken for the first" {
	run "$drive" -k 00000000000000000000000000000001 "$conf" create
	run "$drive" -k 00000000000000000000000000000002 "$conf" find
	[[ $output == "find notfound "* ]]
}

@test "append joins, once though an answer is lost" {
	run "$drive" "$conf" create
	control fault '{"on": "POST /ticket_articles", "kind": "lose"}'
	run "$drive" -I 1 -k 00000000000000000000000000000002 -m 2@example.net -t More \
		"$conf" append append
	echo "$output"
	[[ ${lines[0]} == "append io "* ]]
	[[ ${lines[1]} == "append ok "* ]]
	[ "$(look '[a["body"].split("\n")[0] for a in t[0]["articles"]]')" = "['Where is my order?', 'More']" ]
	run "$drive" -I 9 "$conf" append
	[[ $output == "append notfound "* ]]
	run "$drive" -I ../x "$conf" append
	[[ $output == "append notfound "* ]]
}

@test "status, spam as a tag, tags, notes" {
	run "$drive" "$conf" create close ham tag
	[ "$status" -eq 0 ]
	[ "$(look 't[0]["state"], t[0]["tags"]')" = "('closed', ['deskgate', 'Urgent'])" ]
	run "$drive" -I 1 "$conf" spam spam
	[ "$(look 't[0]["state"], t[0]["tags"]')" = "('closed', ['deskgate', 'Urgent', 'spam'])" ]
	run "$drive" -I 1 "$conf" ham note
	echo "$output"
	[ "$(look 't[0]["state"], t[0]["tags"]')" = "('open', ['deskgate', 'Urgent'])" ]
	[ "$(look '[t[0]["articles"][1][n] for n in ("type", "internal", "body")]')" = "['note', True, 'A note of ours']" ]
}

@test "a person is erased by a task of Zammad's, others are not" {
	run "$drive" -a xcarol@example.net "$conf" create
	run "$drive" "$conf" create erase erase
	echo "$output"
	[ "$(grep -c "^erased open 0 Zammad deletes the customer" <<<"$output")" = 2 ]
	control work '{}'
	run "$drive" "$conf" erase
	[[ $output == *"erased done 0 -"* ]]
	[ "$(look '[x["customer"] for x in t], d["tasks"]')" = \
		"(['xcarol@example.net'], [{'deletable_type': 'User', 'deletable_id': 4}])" ]
	control fault '{"on": "GET /users/search", "kind": "403"}'
	run "$drive" "$conf" erase
	[[ $output == *"erased refused 0 HTTP 403: told to say 403"* ]]
}

@test "what came after an erasure stays, and its customer" {
	run "$drive" "$conf" create
	run "$drive" -U "$(date +%s)" "$conf" erase
	echo "$output"
	[[ $output == *"erased open 0 Zammad deletes the customer"* ]]
	control reset '{}'
	run "$drive" "$conf" create
	run "$drive" -a xcarol@example.net "$conf" create
	until=$(date +%s)
	sleep 4 # the second of the erasure, and a slack
	run "$drive" -m 2@example.net "$conf" create
	run "$drive" -U "$until" "$conf" erase
	echo "$output"
	[[ $output == *"erased open 0 Zammad deletes the tickets"*"The customer stays"* ]]
	[ "$(look 'd["tasks"]')" = "[{'deletable_type': 'Ticket', 'deletable_id': 1}]" ]
	control work '{}'
	run "$drive" -U "$until" "$conf" erase
	echo "$output"
	[[ $output == *"erased done 0 The customer stays: tickets that came after the erasure need him."* ]]
	[ "$(look '[x["id"] for x in t]')" = "[2, 3]" ]
}

@test "test tells what was found" {
	run "$drive" "$conf" test
	echo "$output"
	grep -q '^check ok department: group "Users" is there' <<<"$output"
	grep -q '^check ok rights: admin.data_privacy: granted' <<<"$output"
	use 'department = "Nobodys"'
	run "$drive" "$conf" test create
	echo "$output"
	grep -q '^check fail department: "Nobodys" is none of the 1 groups' <<<"$output"
	grep -q '^create bad 0 HTTP 422: No lookup value found' <<<"$output"
	printf 'wrong\n' >"$BATS_FILE_TMPDIR/token"
	run "$drive" "$conf" health
	printf 'test-token\n' >"$BATS_FILE_TMPDIR/token"
	[[ $output == "health denied 0 HTTP 401: Invalid token!" ]]
}
