#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The webhook against receiver.py, which checks signatures and can go wrong.

load ../drive.bash

setup_file() {
	build_drive
	printf 'a secret of two\n' >"$BATS_FILE_TMPDIR/secret"
	chmod 600 "$BATS_FILE_TMPDIR/secret"
	start honest
	start forgets --forget
}

start() { # NAME OPTION...
	python3 "$top_srcdir/tests/line/desks/receiver.py" --secret "$BATS_FILE_TMPDIR/secret" \
		--port-file "$BATS_FILE_TMPDIR/$1.port" "${@:2}" 3>&- &
	echo $! >>"$BATS_FILE_TMPDIR/pids"
	wait_for 20 test -s "$BATS_FILE_TMPDIR/$1.port"
}

teardown_file() { xargs kill <"$BATS_FILE_TMPDIR/pids"; }

setup() {
	conf=$BATS_FILE_TMPDIR/desk.conf
	use forgets; control reset '{}'
	use honest; control reset '{}'
	printf 'GIF89a\0' >"$BATS_TEST_TMPDIR/pictüre 1.gif"
	: >"$BATS_TEST_TMPDIR/empty"
	key=07070707070707070707070707070707
}

use() { # RECEIVER LINE...: settings
	url=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/$1.port")
	{
		printf 'desk "hook" {\n\ttype = "webhook"\n\turl = "%s"\n' "$url"
		printf '\ttoken-file = "%s"\n' "$BATS_FILE_TMPDIR/secret"
		[ $# -lt 2 ] || printf '\t%s\n' "${@:2}"
		printf '}\n'
	} >"$conf"
}

control() { curl -sf --noproxy '*' ${2:+-d "$2"} "$url/control/$1" >"$BATS_TEST_TMPDIR/answer"; }

look() { # EXPRESSION over d, the dump
	control dump
	python3 -c "import json, sys; d = json.load(sys.stdin); print(($1))" <"$BATS_TEST_TMPDIR/answer"
}

all='events = { "create", "append", "find", "change", "note", "erase" }'

@test "a ticket with its files, signed" {
	run "$drive" -f "$BATS_TEST_TMPDIR/pictüre 1.gif" -f "$BATS_TEST_TMPDIR/empty" "$conf" create
	echo "$output"
	[ "$output" = "create ok 1 W-1" ]
	[ "$(look 'd["tickets"][0]["messages"][0]["key"]')" = "$key" ]
	[ "$(look '{n: d["tickets"][0]["messages"][0][n] for n in ("event", "subject", "text", "message_id", "requester")}')" = \
		"{'event': 'create', 'subject': 'Hello', 'text': 'Where is my order?', 'message_id': '1@example.net', 'requester': {'address': 'carol@example.net', 'name': 'Carol'}}" ]
	[ "$(look '[(a["name"], a["size"], a["content"]) for a in d["tickets"][0]["messages"][0]["attachments"]]')" = \
		"[('pictüre 1.gif', 7, 'R0lGODlhAA=='), ('empty', 0, '')]" ]
}

@test "old mail says so, and so does a follow-up" {
	run "$drive" "$conf" create
	run "$drive" -O -k 09090909090909090909090909090909 -I 1 "$conf" append
	echo "$output"
	[ "$(look '[m["imported"] for t in d["tickets"] for m in t["messages"]]')" = "[False, True]" ]
}

@test "a wrong secret is refused, and nothing of it is told" {
	printf 'an0ther\n' >"$BATS_FILE_TMPDIR/other"
	chmod 600 "$BATS_FILE_TMPDIR/other"
	sed -i "s|/secret\"|/other\"|" "$conf"
	run "$drive" "$conf" create test
	echo "$output"
	[[ ${lines[0]} == "create denied 0 HTTP 401: the signature is wrong" ]]
	[[ $output == *"check fail credentials: "* ]]
	[[ $output != *an0ther* ]]
}

@test "files by reference go first, each once" {
	use honest 'attachments = "reference"'
	control fault '{"on": "file", "kind": "lose"}'
	run "$drive" -f "$BATS_TEST_TMPDIR/pictüre 1.gif" "$conf" deliver
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "try again 0 "* ]]
	[ "$(look 'd["files"]["f1"]["name"], d["files"]["f1"]["key"], len(d["files"])')" = "('pictüre 1.gif', '$key-1', 1)" ]
	[ "$(look '[(a["reference"], "content" in a) for a in d["tickets"][0]["messages"][0]["attachments"]]')" = "[('f1', False)]" ]
}

one_ticket_after() { # KIND WORD
	control fault "{\"on\": \"create\", \"kind\": \"$1\"}"
	run "$drive" "$conf" deliver
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "try $2 "* ]]
	[ "$(look 'len(d["tickets"])')" = 1 ]
}

@test "an answer lost: the same key, one ticket" { one_ticket_after lose io; }
@test "500 after the work: one ticket" { one_ticket_after late-500 io; }
@test "500 before it: one ticket" { one_ticket_after 500 io; }
@test "429: the seconds travel" { one_ticket_after 429 "again 1"; }
@test "an answer lost, a receiver that forgets keys: it is asked first" {
	use forgets "$all"
	one_ticket_after lose io
	use forgets
	control reset '{}'
	control fault '{"on": "create", "kind": "lose"}'
	run "$drive" "$conf" deliver
	[ "$(look 'len(d["tickets"])')" = 2 ] # so it must list find
}

@test "append joins, and an answer lost does not double it" {
	run "$drive" "$conf" create
	control fault '{"on": "append", "kind": "lose"}'
	run "$drive" -I 1 -k 00000000000000000000000000000002 "$conf" append append
	echo "$output"
	[[ ${lines[0]} == "append io "* ]]
	[[ ${lines[1]} == "append ok "* ]]
	[ "$(look '[m["event"] for m in d["tickets"][0]["messages"]]')" = "['create', 'append']" ]
	run "$drive" -I 9 -k 00000000000000000000000000000009 "$conf" append
	[[ $output == "append notfound "* ]]
}

@test "400 is for good, with the receiver's words" {
	control fault '{"on": "create", "kind": "422"}'
	run "$drive" "$conf" deliver
	[ "$status" -eq 1 ]
	[[ $output == *"deliver bad 0 HTTP 422: told to say 422" ]]
}

@test "change, note and erase where the receiver knows them" {
	use honest "$all"
	run "$drive" "$conf" create spam tag note erase
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(look '[(c["event"], c.get("status"), c.get("tags"), c.get("text")) for c in d["tickets"][0]["changes"]]')" = \
		"[('change', 'spam', [], None), ('change', None, ['deskgate', 'Urgent'], None), ('note', None, None, 'A note of ours')]" ]
	[[ $output == *"erased open 2 backups are kept for 30 days"* ]]
	[ "$(look 'd["erased"]')" = "['carol@example.net']" ]
	use honest 'events = { "create" }'
	run "$drive" -I 1 "$conf" spam append note
	[[ ${lines[0]} == "spam bad 0 this webhook takes no changes"* ]]
	[[ ${lines[1]} == "append denied "* ]]
	[[ ${lines[2]} == "note denied "* ]]
}

@test "fields by another name, or left out" {
	use honest 'fields = { "subject=title", "-html", "-verdict" }'
	run "$drive" "$conf" create
	[ "$status" -eq 0 ]
	[ "$(look 'sorted(d["tickets"][0]["messages"][0])')" = \
		"['attachments', 'automatic', 'date', 'department', 'event', 'followers', 'imported', 'inbox', 'key', 'message_id', 'note', 'priority', 'quoted', 'references', 'requester', 'spam', 'status', 'tags', 'text', 'title']" ]
}

@test "what rules say of a ticket goes along" {
	run "$drive" -R 'a note' "$conf" create
	[ "$(look '[d["tickets"][0]["messages"][0][n] for n in ("department", "priority", "status", "tags", "note")]')" = \
		"['dep1', 'high', 'closed', ['vip'], 'a note']" ]
}

@test "settings that cannot be are refused" {
	refused() { use honest "$1"; run "$drive" "$conf" health; echo "$output"; [[ $output == "open bad 0 $2"* ]]; }
	refused 'fields = { "colour=x" }' 'fields: "colour=x" is no field'
	refused 'fields = { "subject=text" }' 'fields: two would be called "text"'
	refused 'fields = { "subject=key" }' 'fields: two would be called "key"'
	refused 'fields = { "-text", "text=body" }' 'fields: "text" is there twice'
	refused 'fields = { "subject" }' 'fields: "subject" is neither'
	refused 'fields = { "" }' 'fields: "" is no field'
	refused 'events = { "append" }' 'events: a receiver must know create'
	refused 'events = { "create", "delete" }' 'events: "delete" is none of'
}

@test "test tells what was found" {
	run "$drive" "$conf" test
	echo "$output"
	grep -q '^check ok reach' <<<"$output"
	grep -q '^check warn tls' <<<"$output"
	grep -q '^check ok credentials: the receiver took our signature' <<<"$output"
	grep -q '^check ok lost answers: a second try bears the same Idempotency-Key' <<<"$output"
}

@test "a signature verifies by other means than ours" {
	python3 - "$top_srcdir" "$url" "$BATS_FILE_TMPDIR/secret" <<'PY'
import sys, time, urllib.request, urllib.error
sys.path.insert(0, sys.argv[1] + "/tests/line/desks")
import receiver
secret = open(sys.argv[3], "rb").read().strip()
def ask(event, sent_as, age):
    stamp = str(int(time.time()) - age)
    r = urllib.request.Request(sys.argv[2], b"{}", headers={
        "X-Deskgate-Event": sent_as, "X-Deskgate-Timestamp": stamp,
        "X-Deskgate-Signature": receiver.signed(secret, stamp, event, b"{}")})
    try:
        return urllib.request.urlopen(r).status
    except urllib.error.HTTPError as e:
        return e.code
assert ask("test", "test", 0) == 200
assert ask("test", "test", 3600) == 401  # replayed an hour later
assert ask("file", "test", 0) == 401     # another event's signature
PY
}
