#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The adapter against a real Redmine.

load redmine
load ../drive.bash

setup_file() {
	rm_need
	build_drive
	rm_start
	export RM RM_URL RM_PORT
	rm_conf "$RM/desk.conf" support
}

teardown_file() { rm_stop; }

go() { "$drive" "${@:1:$#-1}" "$RM/desk.conf" ${!#}; } # OPTION... "VERB..."

json() { python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"; }
issue() { rm_api GET "/issues/$1.json?include=journals,attachments" | json "$2"; } # ID EXPRESSION
is_status() { [ "$(issue "$1" 'd["issue"]["status"]["name"]')" = "$2" ]; } # ID NAME
total() { rm_admin GET '/issues.json?status_id=*' | json 'd["total_count"]'; }

@test "a new issue has its sender, followers, text, files and the key" {
	local k; k=$(key)
	printf 'a file' >"$BATS_TEST_TMPDIR/häuser 1.txt"
	: >"$BATS_TEST_TMPDIR/empty.bin"
	run go -k "$k" -s 'Störung "1"' -a carol@example.net -c dave@example.net \
		-m "o'1\"|x@example.net" -t 'Wo ist, was ich bestellt habe?' \
		-f "$BATS_TEST_TMPDIR/häuser 1.txt" \
		-f "$BATS_TEST_TMPDIR/empty.bin" create
	[ "$status" -eq 0 ]
	local id; id=$(word create 3)
	rm_api GET "/issues/$id.json?include=attachments" >"$BATS_TEST_TMPDIR/issue"
	get() { json "$1" <"$BATS_TEST_TMPDIR/issue"; }
	[ "$(get 'd["issue"]["subject"]')" = 'Störung "1"' ]
	[ "$(get 'd["issue"]["description"].splitlines()')" = \
		"['From: Carol <carol@example.net>', 'Cc: dave@example.net', '', 'Wo ist, was ich bestellt habe?']" ]
	[ "$(get 'd["issue"]["custom_fields"][0]["value"]')" = \
		"deskgate:$k <o'1\"|x@example.net> carol@example.net" ]
	[ "$(get 'sorted((a["filename"], a["filesize"]) for a in d["issue"]["attachments"])')" = \
		"[('empty.bin', 0), ('häuser 1.txt', 6)]" ]
}

@test "what was made is found by its key, and only by its own" {
	found_by_its_key "$RM/desk.conf"
}

@test "a follow-up is added once, with its sender, and is found" {
	local k id; k=$(key)
	run go -a erin@example.net create
	id=$(word create 3)
	run go -I "$id" -k "$k" -a frank@example.net -m "f-$k@example.net" \
		-t 'And another thing.' "append append find"
	[ "$status" -eq 0 ]
	[ "$(word find 3)" = "$id" ]
	[ "$(issue "$id" '[j["notes"].splitlines() for j in d["issue"]["journals"]]')" = \
		"[['From: Carol <frank@example.net>', '', 'And another thing.']]" ]
}

@test "no follow-up goes to an issue that is gone" {
	local id
	run go create
	id=$(word create 3)
	rm_api DELETE "/issues/$id.json"
	run go -I "$id" append
	[ "$(word append 2)" = notfound ]
	run go -I 99999 append
	[ "$(word append 2)" = notfound ]
	run go -I none append
	[ "$(word append 2)" = notfound ]
}

@test "spam is marked, and back" {
	local id
	run go -J -a spammer@example.net create
	[ "$status" -eq 0 ]
	id=$(word create 3)
	is_status "$id" Rejected
	run go -I "$id" ham
	[ "$status" -eq 0 ]
	is_status "$id" 'In Progress'
	run go -I "$id" "close ham"
	is_status "$id" Closed
	run go -I "$id" "spam spam"
	[ "$status" -eq 0 ]
	is_status "$id" Rejected
}

@test "a follow-up that is found again leaves the issue's status alone" {
	local id k; k=$(key)
	run go create
	id=$(word create 3)
	run go -J -I "$id" -k "$k" "append find"
	[ "$status" -eq 0 ]
	[ "$(word find 3)" = "$id" ]
	is_status "$id" New
}

@test "a note is seen by agents only" {
	run go -n 'unsure: words' create
	local id; id=$(word create 3)
	[ "$(issue "$id" '[(j["notes"], j["private_notes"]) for j in d["issue"]["journals"]]')" = \
		"[('unsure: words', True)]" ]
}

@test "what agents decide is told once, what we do is not" {
	local cursor id other
	run go changes
	[ "$status" -eq 0 ]
	cursor=$(word cursor 2)
	run go "create spam"
	id=$(word create 3)
	run go create
	other=$(word create 3)
	rm_agent PUT "/issues/$id.json" '{"issue":{"status_id":2,"notes":"An answer."}}'
	rm_agent PUT "/issues/$other.json" '{"issue":{"status_id":6}}'
	told() {
		run go -C "$cursor" changes
		echo "$output" | grep -q "^event $id $id open" &&
			echo "$output" | grep -q "^event $other $other spam"
	}
	wait_for 30 told
	[ "$(echo "$output" | grep -c "^event")" = 2 ]
	cursor=$(word cursor 2)
	run go -C "$cursor" changes
	[ "$(word event 2)" = '' ]
	run go -C 'x y' changes
	[ "$(word changes 2)" = bad ]
}

@test "a decision is told though the issue was touched again just before the call" {
	local cursor id i told=0
	run go changes
	cursor=$(word cursor 2)
	run go create
	id=$(word create 3)
	rm_agent PUT "/issues/$id.json" '{"issue":{"status_id":6}}'
	# The issue is never settled: each call finds it touched a moment ago.
	for i in 1 2 3 4 5 6 7; do
		rm_agent PUT "/issues/$id.json" '{"issue":{"notes":"Again."}}'
		run go -C "$cursor" changes
		[ "$status" -eq 0 ]
		[[ $output != *"event $id $id spam"* ]] || told=$((told + 1))
		cursor=$(echo "$output" | sed -n 's/^cursor //p')
		sleep 1
	done
	[ "$told" -eq 1 ]
}

@test "decisions in a department's project are told though nothing went there since the start" {
	local cursor id
	run go changes
	cursor=$(word cursor 2)
	rm_conf "$BATS_TEST_TMPDIR/sales" sales
	run "$drive" "$BATS_TEST_TMPDIR/sales" create
	[ "$status" -eq 0 ]
	id=$(word create 3)
	[ "$(issue "$id" 'd["issue"]["project"]["name"]')" = Sales ]
	rm_agent PUT "/issues/$id.json" '{"issue":{"status_id":6}}'
	told() {
		run go -C "$cursor" changes
		[[ $output == *"event $id $id spam"* ]]
	}
	wait_for 30 told
}

# Through a proxy that answers STATUS for the project sales; its decision is told of by
# none of the calls, the other one's by one of them.
unread() { # STATUS CHANGES...
	local cursor id other sales
	sales=$(rm_admin GET /projects/sales.json | json 'd["project"]["id"]')
	python3 "$top_srcdir/tests/line/rt/cut.py" "$RM_PORT" 0 deny "/projects/$sales" "$1" \
		>"$BATS_TEST_TMPDIR/port" 3>&- &
	echo $! >"$BATS_TEST_TMPDIR/proxy"
	wait_for 10 test -s "$BATS_TEST_TMPDIR/port"
	RM_URL=http://127.0.0.1:$(cat "$BATS_TEST_TMPDIR/port") rm_conf "$BATS_TEST_TMPDIR/denied" support
	run go changes
	cursor=$(word cursor 2)
	rm_conf "$BATS_TEST_TMPDIR/sales" sales
	run "$drive" "$BATS_TEST_TMPDIR/sales" create
	other=$(word create 3)
	run go create
	id=$(word create 3)
	rm_agent PUT "/issues/$other.json" '{"issue":{"status_id":6}}'
	rm_agent PUT "/issues/$id.json" '{"issue":{"status_id":6}}'
	shift
	told() {
		run "$drive" -C "$cursor" "$BATS_TEST_TMPDIR/denied" "$@"
		[[ $output == *"event $id $id spam"* ]]
	}
	wait_for 30 told "$@" || { echo "$output"; return 1; }
	[[ $output != *"event $other"* ]]
}
teardown() {
	[ ! -f "$BATS_TEST_TMPDIR/proxy" ] || kill "$(cat "$BATS_TEST_TMPDIR/proxy")"
}

@test "a project that may not be read keeps no other's decisions back" { unread 403 changes; }

@test "nor does one that fails again and again" {
	unread 500 $(printf 'changes %.0s' {1..11})
	[[ $output == "changes again"* ]]
}

@test "more changes than one call tells, all within a second or two, are all told" {
	local cursor first ids i
	run go create
	first=$(word create 3)
	run go changes
	cursor=$(word cursor 2)
	# A hundred and five like the first that an agent rejected at one stroke; by the
	# fractions that Redmine sorts by and does not show, the last is the oldest.
	ids=$(rm_sql "BEGIN IMMEDIATE; CREATE TEMP TABLE n AS WITH RECURSIVE
		n(i) AS (SELECT 100001 UNION SELECT i + 1 FROM n WHERE i < 100105) SELECT i FROM n;
	INSERT INTO issues (id, tracker_id, project_id, subject, status_id, priority_id, author_id,
		root_id, lft, rgt, created_on, updated_on)
		SELECT i, tracker_id, project_id, i, 6, priority_id, author_id, i, 1, 2, created_on,
		strftime('%Y-%m-%d %H:%M:%S') || printf('.%06d', 100200 - i) FROM n, issues WHERE id = $first;
	INSERT INTO custom_values (customized_type, customized_id, custom_field_id, value)
		SELECT 'Issue', i, custom_field_id, value FROM n, custom_values
		WHERE customized_type = 'Issue' AND customized_id = $first;
	INSERT INTO journals (id, journalized_id, journalized_type, user_id, notes, created_on, private_notes)
		SELECT i, i, 'Issue', (SELECT id FROM users WHERE login = 'agent'), '',
		strftime('%Y-%m-%d %H:%M:%S'), 0 FROM n;
	INSERT INTO journal_details (journal_id, property, prop_key, old_value, value)
		SELECT i, 'attr', 'status_id', '1', '6' FROM n;
	SELECT i FROM n; COMMIT")
	sleep 4
	: >"$BATS_TEST_TMPDIR/told"
	for i in 1 2 3 4 5; do
		run go -C "$cursor" changes
		[ "$status" -eq 0 ]
		echo "$output" | awk '$1 == "event" && $4 == "spam" { print $2 }' >>"$BATS_TEST_TMPDIR/told"
		cursor=$(echo "$output" | sed -n 's/^cursor //p')
	done
	[[ $cursor != *' '* ]]
	[ "$(sort -n "$BATS_TEST_TMPDIR/told")" = "$ids" ]
	rm_sql "DELETE FROM issues WHERE id > 100000"
}

@test "a person is erased: his issues, and what others share with him is told" {
	local id other k; k=$(key)
	run go -a gone@example.net create
	id=$(word create 3)
	run go -a stays@example.net create
	other=$(word create 3)
	run go -I "$other" -k "$k" -a gone@example.net append
	run go -a gone@example.net erase
	[ "$(word erased 2)" = open ]
	[ "$(word erased 3)" = 1 ]
	[[ $output == *"by hand: #$other."* ]]
	[[ $output != *gone@* ]]
	[ "$(rm_api GET "/issues/$id.json")" = '' ]
	run go -a stays@example.net erase
	[ "$(word erased 2)" = done ]
	run go -a gone@example.net erase
	[ "$(word erased 2)" = done ]
	[ "$(word erased 3)" = 0 ]
}

@test "an administrator's key erases the account too, but no colleague's" {
	rm_conf "$BATS_TEST_TMPDIR/admin" support "$RM/key.admin"
	rm_admin POST /users.json '{"user":{"login":"hal","firstname":"Hal","lastname":"H","mail":"hal@example.net","generate_password":true}}'
	run "$drive" -a hal@example.net "$BATS_TEST_TMPDIR/admin" "create erase"
	run "$drive" -a hal@example.net "$BATS_TEST_TMPDIR/admin" erase
	[ "$(word erased 2)" = done ]
	[ "$(rm_admin GET '/users.json?name=hal@example.net' | json 'd["total_count"]')" = 0 ]
	run "$drive" -a agent@desk.example "$BATS_TEST_TMPDIR/admin" erase
	[ "$(word erased 2)" = open ]
	[ "$(rm_admin GET '/users.json?name=agent@desk.example' | json 'd["total_count"]')" = 1 ]
}

@test "with an administrator's key a customer speaks for himself, and answers to him are known" {
	local conf=$BATS_TEST_TMPDIR/voice id k cursor first; k=$(key)
	rm_conf "$conf" support "$RM/key.admin" '
	customers = create
	desk-address = "redmine@desk.example"'
	run "$drive" "$conf" changes
	cursor=$(word cursor 2)
	printf x >"$BATS_TEST_TMPDIR/x.txt"
	run "$drive" -a zoe+1@example.net "$conf" create
	id=$(word create 3)
	run "$drive" -I "$id" -k "$k" -a zoe+1@example.net -f "$BATS_TEST_TMPDIR/x.txt" \
		-t 'More.' "$conf" append append find
	[ "$status" -eq 0 ]
	[ "$(word find 3)" = "$id" ]
	[ "$(rm_admin GET '/users.json?name=zoe%2B1@example.net' | json 'd["total_count"]')" = 1 ]
	[ "$(issue "$id" 'd["issue"]["author"]["name"], d["issue"]["description"]')" = \
		'Carol - Where is my order?' ]
	[ "$(issue "$id" '[(j["user"]["name"], j["notes"].split()) for j in d["issue"]["journals"] if j["notes"]]')" = \
		"[('Carol -', ['More.', 'Deskgate-Id:', '$k'])]" ]
	rm_agent PUT "/issues/$id.json" '{"issue":{"notes":"An answer."}}'
	told() {
		run "$drive" -C "$cursor" "$conf" changes
		echo "$output" | grep -q "^event $id $id - redmine.issue-$id.*@desk.example redmine.journal-.*@desk.example"
	}
	wait_for 30 told
}

@test "a customer's issue that gets its key late is found, not made again" {
	local conf=$BATS_TEST_TMPDIR/late port pid before k; k=$(key)
	before=$(total)
	python3 "$top_srcdir/tests/line/rt/cut.py" "$RM_PORT" 1 busy \
		>"$BATS_TEST_TMPDIR/port" 3>&- &
	pid=$!
	wait_for 10 test -s "$BATS_TEST_TMPDIR/port"
	port=$(cat "$BATS_TEST_TMPDIR/port")
	RM_URL=http://127.0.0.1:$port rm_conf "$conf" support "$RM/key.admin" 'customers = create'
	rm_sql "UPDATE custom_fields SET visible = 0" # but for administrators
	run "$drive" -k "$k" -a late@example.net "$conf" deliver
	kill "$pid"
	rm_sql "UPDATE custom_fields SET visible = 1"
	[ "$status" -eq 0 ]
	[[ $output == *"try io"* ]]
	[ "$(total)" -eq $((before + 1)) ]
	[[ $(issue "$(word deliver 3)" 'd["issue"]["custom_fields"][0]["value"]') == "deskgate:$k "* ]]
}

@test "nobody speaks as an agent or administrator by writing his address" {
	local conf=$BATS_TEST_TMPDIR/voice id who
	rm_conf "$conf" support "$RM/key.admin" 'customers = known'
	for who in agent root stranger; do
		run "$drive" -k "$(key)" -a "$who@desk.example" "$conf" create
		[ "$status" -eq 0 ]
		id=$(word create 3)
		[ "$(issue "$id" 'd["issue"]["author"]["name"]')" = 'Root Desk' ]
		[[ $(issue "$id" 'd["issue"]["description"]') == "From: Carol <$who@desk.example>"* ]]
	done
}

@test "who may not delete is told so" {
	run go -a held@example.net create
	rm_conf "$BATS_TEST_TMPDIR/agent" support "$RM/key.agent"
	run "$drive" -a held@example.net "$BATS_TEST_TMPDIR/agent" erase
	[ "$(word erased 2)" = refused ]
}

@test "spam may be a category" {
	local id cursor
	rm_conf "$BATS_TEST_TMPDIR/by" support "" "spam-by = category"
	run "$drive" -J "$BATS_TEST_TMPDIR/by" create
	id=$(word create 3)
	[ "$(issue "$id" 'd["issue"]["category"]["name"]')" = Spam ]
	run "$drive" -I "$id" "$BATS_TEST_TMPDIR/by" ham
	[ "$status" -eq 0 ]
	[ "$(issue "$id" '"category" in d["issue"]')" = False ]
	run "$drive" -I "$id" "$BATS_TEST_TMPDIR/by" spam
	[ "$(issue "$id" 'd["issue"]["category"]["name"]')" = Spam ]
}

@test "spam may be a tracker" {
	local id
	rm_conf "$BATS_TEST_TMPDIR/by" support "" "
	spam-by = tracker
	status-spam = Feature"
	run "$drive" -J "$BATS_TEST_TMPDIR/by" create
	id=$(word create 3)
	[ "$(issue "$id" 'd["issue"]["tracker"]["name"]')" = Feature ]
	run "$drive" -I "$id" "$BATS_TEST_TMPDIR/by" ham
	[ "$status" -eq 0 ]
	[ "$(issue "$id" 'd["issue"]["tracker"]["name"]')" = Bug ]
}

@test "a file that Redmine refuses is named in the text" {
	head -c 6000000 /dev/zero >"$BATS_TEST_TMPDIR/big.bin"
	run go -f "$BATS_TEST_TMPDIR/big.bin" create
	[ "$status" -eq 0 ]
	[[ $(issue "$(word create 3)" 'd["issue"]["description"]') == *'Not attached: big.bin ('* ]]
}

@test "the test of a desk that is well, and what it says of one that is not" {
	run go test
	[ "$status" -eq 0 ]
	[ "$(echo "$output" | grep -c '^check fail ')" = 0 ]
	[[ $output == *"check ok credentials:"*"check ok department:"*"check ok fields:"*"check ok rights:"* ]]
	rm_conf "$BATS_TEST_TMPDIR/bare" bare
	run "$drive" "$BATS_TEST_TMPDIR/bare" test
	[[ $output == *'check fail fields: project "Bare" has no custom field MailMessageID'* ]]
	rm_conf "$BATS_TEST_TMPDIR/none" nowhere
	run "$drive" "$BATS_TEST_TMPDIR/none" test
	[[ $output == *'check fail department: project "nowhere"'* ]]
	rm_conf "$BATS_TEST_TMPDIR/weak" support "$RM/key.weak"
	run "$drive" "$BATS_TEST_TMPDIR/weak" test
	[[ $output == *'check fail rights: our user lacks add_issues'* ]]
	rm_conf "$BATS_TEST_TMPDIR/words" support "" '
	tracker = Nonesuch
	status-spam = Nonesuch'
	run "$drive" "$BATS_TEST_TMPDIR/words" test
	[[ $output == *'check fail fields: Redmine has no issue status "Nonesuch"'* ]]
	echo wrong >"$BATS_TEST_TMPDIR/key"; chmod 600 "$BATS_TEST_TMPDIR/key"
	rm_conf "$BATS_TEST_TMPDIR/bad" support "$BATS_TEST_TMPDIR/key"
	run "$drive" "$BATS_TEST_TMPDIR/bad" test
	[[ $output == *'check fail credentials: HTTP 401'* ]]
}

@test "a field that cannot be searched makes no second issue, but none" {
	local before
	run go create
	rm_sql "UPDATE custom_fields SET is_filter = 0"
	before=$(total)
	run go "create"
	rm_sql "UPDATE custom_fields SET is_filter = 1"
	[ "$(word create 2)" = denied ]
	[[ $output == *'used as a filter'* ]]
	[ "$(total)" = "$before" ]
}

@test "no issue is made where the field is missing, the project unknown, the key bad" {
	local before; before=$(total)
	rm_conf "$BATS_TEST_TMPDIR/bare" bare
	run "$drive" "$BATS_TEST_TMPDIR/bare" create
	[ "$(word create 2)" = denied ]
	[[ $output == *"custom field MailMessageID"* ]]
	rm_conf "$BATS_TEST_TMPDIR/none" nowhere
	run "$drive" "$BATS_TEST_TMPDIR/none" create
	[ "$(word create 2)" = denied ]
	rm_conf "$BATS_TEST_TMPDIR/weak" support "$RM/key.weak"
	run "$drive" "$BATS_TEST_TMPDIR/weak" create
	[ "$(word create 2)" = denied ]
	[[ $output == *add_issues* ]]
	echo wrong >"$BATS_TEST_TMPDIR/key"; chmod 600 "$BATS_TEST_TMPDIR/key"
	rm_conf "$BATS_TEST_TMPDIR/bad" support "$BATS_TEST_TMPDIR/key"
	run "$drive" "$BATS_TEST_TMPDIR/bad" create
	[ "$(word create 2)" = denied ]
	[ "$(total)" = "$before" ]
}

@test "a lost answer makes no second issue" {
	local k port pid before; k=$(key)
	# Lets the request through, cuts what comes back, once for each of two POSTs.
	python3 "$top_srcdir/tests/line/rt/cut.py" "$RM_PORT" 2 \
		>"$BATS_TEST_TMPDIR/port" 3>&- &
	pid=$!
	wait_for 10 test -s "$BATS_TEST_TMPDIR/port"
	port=$(cat "$BATS_TEST_TMPDIR/port")
	RM_URL=http://127.0.0.1:$port rm_conf "$BATS_TEST_TMPDIR/cut" support
	before=$(total)
	run "$drive" -k "$k" "$BATS_TEST_TMPDIR/cut" deliver
	kill "$pid"
	[ "$status" -eq 0 ]
	[[ $output == *"try io"* ]]
	[ "$(total)" -eq $((before + 1)) ]
}
