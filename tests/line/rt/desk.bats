#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The adapter against a real Request Tracker 5.

load rt
load ../drive.bash

setup_file() {
	rt_need
	build_drive
	rt_start
	export RT RT_URL RT_PORT
	rt_conf "$RT/desk.conf" Support
}

teardown_file() { rt_stop; }

go() { "$drive" "${@:1:$#-1}" "$RT/desk.conf" ${!#}; } # OPTION... "VERB..."

json() { # EXPRESSION of d, the JSON on standard input; field(NAME): a custom field's values
	python3 -c "import json, sys
d = json.load(sys.stdin)
field = lambda name: sum((f['values'] for f in d['CustomFields'] if f['name'] == name), [])
print($1)"
}

mail() { # FILE FROM ID TEXT
	printf 'From: %s\r\nTo: support@example.com\r\nSubject: Re: order\r\nMessage-ID: <%s>\r\n\r\n%s\r\n' \
		"$2" "$3" "$4" >"$1"
}

@test "a new ticket has its requester, followers, text, files and the key" {
	local k; k=$(key)
	printf 'a file' >"$BATS_TEST_TMPDIR/häuser 1.txt"
	: >"$BATS_TEST_TMPDIR/empty.bin"
	run go -k "$k" -s 'Störung "1"' -a carol@example.net -c dave@example.net \
		-m "o'1\"x@example.net" -t 'Wo ist, was ich bestellt habe?' \
		-f "$BATS_TEST_TMPDIR/häuser 1.txt" \
		-f "$BATS_TEST_TMPDIR/empty.bin" create
	[ "$status" -eq 0 ]
	local id; id=$(word create 3)
	rt_api GET "/ticket/$id" >"$BATS_TEST_TMPDIR/ticket"
	[ "$(json 'd["Subject"]' <"$BATS_TEST_TMPDIR/ticket")" = 'Störung "1"' ]
	[ "$(json 'd["Requestor"][0]["id"]' <"$BATS_TEST_TMPDIR/ticket")" = carol@example.net ]
	[ "$(json 'd["Cc"][0]["id"]' <"$BATS_TEST_TMPDIR/ticket")" = dave@example.net ]
	[ "$(json 'sorted(field("MailMessageID"))' <"$BATS_TEST_TMPDIR/ticket")" = \
		"['<o\\'1\"x@example.net>', 'deskgate:$k']" ]
	rt_api GET "/ticket/$id/attachments?fields=Filename,ContentLength" |
		json 'sorted((i["Filename"], i["ContentLength"]) for i in d["items"])' >"$BATS_TEST_TMPDIR/files"
	grep -q "('häuser 1.txt', '6')" "$BATS_TEST_TMPDIR/files"
	grep -q "('empty.bin', '0')" "$BATS_TEST_TMPDIR/files"
}

@test "what was made is found by its key, and only by its own" {
	found_by_its_key "$RT/desk.conf"
}

@test "a follow-up is recorded as its sender's, once, and is found" {
	local k id; k=$(key)
	run go -a erin@example.net create
	id=$(word create 3)
	mail "$BATS_TEST_TMPDIR/mail" 'Erin <erin@example.net>' "f-$k@example.net" 'And another thing.'
	run go -I "$id" -k "$k" -a erin@example.net -m "f-$k@example.net" \
		-r "$BATS_TEST_TMPDIR/mail" "append find"
	[ "$status" -eq 0 ]
	[ "$(word find 3)" = "$id" ]
	rt_api GET "/ticket/$id/history?fields=Type,Creator" |
		json '[i["Creator"]["id"] for i in d["items"] if i["Type"] == "Correspond"]' >"$BATS_TEST_TMPDIR/who"
	[ "$(cat "$BATS_TEST_TMPDIR/who")" = "['erin@example.net']" ]
	run go -k "$(key)" -m "f-$k@example.net" find
	[ "$(word find 2)" = notfound ]
}

@test "a follow-up without a Message-ID is found too" {
	local k id; k=$(key)
	run go -a frank@example.net create
	id=$(word create 3)
	printf 'From: frank@example.net\nSubject: x\n\nhello\n' >"$BATS_TEST_TMPDIR/mail"
	run go -I "$id" -k "$k" -m '' -r "$BATS_TEST_TMPDIR/mail" "append find"
	[ "$status" -eq 0 ]
	[ "$(word find 3)" = "$id" ]
}

@test "no follow-up goes to a ticket that is deleted, gone or refused" {
	local id
	run go create
	id=$(word create 3)
	rt_api DELETE "/ticket/$id"
	mail "$BATS_TEST_TMPDIR/mail" carol@example.net g@example.net hello
	run go -I "$id" -r "$BATS_TEST_TMPDIR/mail" append
	[ "$(word append 2)" = notfound ]
	run go -I 99999 -r "$BATS_TEST_TMPDIR/mail" append
	[ "$(word append 2)" = notfound ]
	run go create
	id=$(word create 3)
	sed -i '1i X-RT-Loop-Prevention: desk.example\r' "$BATS_TEST_TMPDIR/mail"
	run go -I "$id" -r "$BATS_TEST_TMPDIR/mail" append
	[ "$(word append 2)" = notfound ]
}

@test "spam is marked, nobody is mailed about it, and back" {
	local id
	run go -J -a spammer@example.net create
	[ "$status" -eq 0 ]
	id=$(word create 3)
	[ "$(rt_api GET "/ticket/$id" | json 'd["Status"]')" = rejected ]
	[ "$(rt_api GET "/ticket/$id/history?fields=Type" |
		json '[i for i in d["items"] if i["Type"] == "EmailRecord"]')" = '[]' ]
	run go -I "$id" ham
	[ "$status" -eq 0 ]
	[ "$(rt_api GET "/ticket/$id" | json 'd["Status"]')" = open ]
	run go -I "$id" "close ham"
	[ "$(rt_api GET "/ticket/$id" | json 'd["Status"]')" = resolved ]
	run go -I "$id" "spam spam"
	[ "$status" -eq 0 ]
	[ "$(rt_api GET "/ticket/$id" | json 'd["Status"]')" = rejected ]
}

mailed() { # ID: how often RT has sent mail of it
	rt_api GET "/ticket/$1/history?fields=Type" |
		json 'sum(i["Type"] == "EmailRecord" for i in d["items"])'
}

@test "nobody is mailed about old mail, nor about a follow-up of it" {
	local option id before
	for option in -O ""; do
		mail "$BATS_TEST_TMPDIR/mail" grace@example.net "old-$RANDOM@example.net" 'And this.'
		run go $option -k "$(key)" -a grace@example.net -c heidi@example.net create
		[ "$status" -eq 0 ]
		id=$(word create 3)
		before=$(mailed "$id")
		run go $option -I "$id" -k "$(key)" -a grace@example.net -r "$BATS_TEST_TMPDIR/mail" append
		[ "$status" -eq 0 ]
		echo "with \"$option\": $before, then $(mailed "$id")"
		if [ -n "$option" ]; then
			[ "$(mailed "$id")" = 0 ]
			[ "$(rt_api GET "/ticket/$id" | json '[u["id"] for u in d["Requestor"] + d["Cc"]]')" = \
				"['grace@example.net', 'heidi@example.net']" ]
		else
			[ "$before" != 0 ]
			[ "$(mailed "$id")" -gt "$before" ]
		fi
	done
}

tags_of() { rt_api GET "/ticket/$1" | json 'sorted(field("Tags"))'; } # ID

@test "what a rule says: queue, priority, tags and the status it begins with" {
	local id
	run go -R 'a rule' -a ruled@example.net create
	[ "$status" -eq 0 ]
	id=$(word create 3)
	[ "$(tags_of "$id")" = "['vip']" ]
	rt_api GET "/ticket/$id" >"$BATS_TEST_TMPDIR/ticket"
	[ "$(json 'd["Status"], int(d["Priority"])' <"$BATS_TEST_TMPDIR/ticket")" = "resolved 100" ]
	[ "$(rt_api GET "/queue/$(json 'd["Queue"]["id"]' <"$BATS_TEST_TMPDIR/ticket")" |
		json 'd["Name"]')" = dep1 ]
	[ "$(rt_api GET "/ticket/$id/history?fields=Type" |
		json '[i for i in d["items"] if i["Type"] == "Status"]')" = '[]' ]
	run go -I "$id" "tag tag"
	[ "$status" -eq 0 ]
	[ "$(tags_of "$id")" = "['Urgent', 'deskgate', 'vip']" ]
}

@test "a status that no ticket begins with is set afterwards" {
	local id
	RT_MORE='status-closed = "stalled"' rt_conf "$BATS_TEST_TMPDIR/stalled" Support
	run "$drive" -R 'a rule' -a stalled@example.net "$BATS_TEST_TMPDIR/stalled" create
	[ "$status" -eq 0 ]
	id=$(word create 3)
	[ "$(rt_api GET "/ticket/$id" | json 'd["Status"]')" = stalled ]
	[ "$(tags_of "$id")" = '[]' ]
	RT_MORE='status-closed = "nowhere"' rt_conf "$BATS_TEST_TMPDIR/nowhere" Support
	run "$drive" -R 'a rule' -a nowhere@example.net "$BATS_TEST_TMPDIR/nowhere" create
	[ "$status" -eq 0 ]
	[ "$(rt_api GET "/ticket/$(word create 3)" | json 'd["Status"]')" = new ]
}

@test "spam that a rule closes is spam" {
	run go -J -R 'a rule' create
	[ "$status" -eq 0 ]
	[ "$(rt_api GET "/ticket/$(word create 3)" | json 'd["Status"]')" = rejected ]
}

@test "a note is a comment" {
	run go -n 'unsure: words' create
	local id; id=$(word create 3)
	[ "$(rt_api GET "/ticket/$id/history?fields=Type" |
		json '[i["Type"] for i in d["items"] if i["Type"] == "Comment"]')" = "['Comment']" ]
}

@test "what agents decide is told once, what we do and what RT does is not" {
	local cursor id
	run go changes
	[ "$status" -eq 0 ]
	cursor=$(word cursor 2)
	run go "create spam"
	id=$(word create 3)
	rt_agent PUT "/ticket/$id" '{"Status":"open"}'
	rt_agent POST "/ticket/$id/correspond" '{"Content":"An answer.","ContentType":"text/plain"}'
	told() {
		run go -C "$cursor" changes
		echo "$output" | grep -q "^event $id $id open"
	}
	wait_for 30 told
	[ "$(echo "$output" | grep -c "^event $id $id [a-z]")" = 1 ]
	[ "$(echo "$output" | grep -c spam)" = 0 ]
	sent() { # RT's own word that the mail has come, and the agent's answer
		run go -C "$cursor" changes
		[ "$(echo "$output" | grep -c "^event $id $id - rt-.*@desk.example")" -ge 2 ]
	}
	wait_for 30 sent
	cursor=$(word cursor 2)
	run go -C "$cursor" changes
	[ "$(word event 2)" = '' ]
}

@test "a person is erased: tickets deleted, the rest told, and shredding ends it" {
	local id
	run go -a gone@example.net create
	id=$(word create 3)
	run go -a gone@example.net erase
	[ "$(word erased 2)" = open ]
	[ "$(word erased 3)" = 1 ]
	[[ $output == *"($id)"*rt-erase* ]]
	[[ $output != *gone@* ]]
	[ "$(rt_api GET "/ticket/$id" | json 'd["Status"]')" = deleted ]
	rt_as /usr/sbin/rt-shredder-5 --plugin "Tickets=query,id = $id" --force >/dev/null 2>&1
	rt_as /usr/sbin/rt-shredder-5 --plugin \
		'Users=email,gone@example.net;status,any;replace_relations,Nobody' --force >/dev/null 2>&1
	run go -a gone@example.net erase
	[ "$(word erased 2)" = done ]
	[ "$(word erased 3)" = 0 ]
}

@test "the test of a desk that is well, and what it says of one that is not" {
	run go "create test"
	[ "$status" -eq 0 ]
	[ "$(echo "$output" | grep -c '^check fail ')" = 0 ]
	[[ $output == *"check ok queue:"*"check ok fields:"*"check ok tags: tags go to"*"check ok rights:"* ]]
	RT_MORE='' rt_conf "$BATS_TEST_TMPDIR/untagged" Support
	run "$drive" "$BATS_TEST_TMPDIR/untagged" test
	[[ $output == *'check ok tags: RT has no tags'* ]]
	RT_MORE='tags-field = "Keywords"' rt_conf "$BATS_TEST_TMPDIR/unknown" Support
	run "$drive" "$BATS_TEST_TMPDIR/unknown" create test
	[ "$status" -eq 0 ]
	[[ $output == *'check warn tags: queue "Support" has no custom field Keywords'* ]]
	RT_MORE='tags-field = "MailMessageID"' rt_conf "$BATS_TEST_TMPDIR/same" Support
	run "$drive" "$BATS_TEST_TMPDIR/same" test
	[[ $output == *'tags-field is not the name of a custom field of its own'* ]]
	rt_conf "$BATS_TEST_TMPDIR/bare" Bare
	run "$drive" "$BATS_TEST_TMPDIR/bare" test
	[[ $output == *'check fail fields: queue "Bare" has no custom field MailMessageID'* ]]
	rt_conf "$BATS_TEST_TMPDIR/none" Nowhere
	run "$drive" "$BATS_TEST_TMPDIR/none" test
	[[ $output == *'check fail queue: queue "Nowhere"'* ]]
	rt_conf "$BATS_TEST_TMPDIR/weak" Support "$RT/token.weak"
	run "$drive" "$BATS_TEST_TMPDIR/weak" test
	[[ $output == *'check fail queue:'* ]]
	echo wrong >"$BATS_TEST_TMPDIR/token"; chmod 600 "$BATS_TEST_TMPDIR/token"
	rt_conf "$BATS_TEST_TMPDIR/bad" Support "$BATS_TEST_TMPDIR/token"
	run "$drive" "$BATS_TEST_TMPDIR/bad" test
	[[ $output == *'check fail credentials: HTTP 401'* ]]
}

@test "no ticket is made where the field is missing, the queue unknown, the token bad" {
	local before
	before=$(rt_api GET "/tickets?query=id%3E0" | json 'd["total"]')
	rt_conf "$BATS_TEST_TMPDIR/bare" Bare
	run "$drive" "$BATS_TEST_TMPDIR/bare" create
	[ "$(word create 2)" = denied ]
	[[ $output == *"custom field MailMessageID"* ]]
	rt_conf "$BATS_TEST_TMPDIR/none" Nowhere
	run "$drive" "$BATS_TEST_TMPDIR/none" create
	[ "$(word create 2)" = denied ]
	echo wrong >"$BATS_TEST_TMPDIR/token"; chmod 600 "$BATS_TEST_TMPDIR/token"
	rt_conf "$BATS_TEST_TMPDIR/bad" Support "$BATS_TEST_TMPDIR/token"
	run "$drive" "$BATS_TEST_TMPDIR/bad" create
	[ "$(word create 2)" = denied ]
	[ "$(rt_api GET "/tickets?query=id%3E0" | json 'd["total"]')" = "$before" ]
}

@test "a lost answer makes no second ticket" {
	local k port pid before after; k=$(key)
	# Lets the request through, cuts what comes back, once for each of two POSTs.
	python3 "$rt_here/cut.py" "$RT_PORT" 2 >"$BATS_TEST_TMPDIR/port" 3>&- &
	pid=$!
	wait_for 10 test -s "$BATS_TEST_TMPDIR/port"
	port=$(cat "$BATS_TEST_TMPDIR/port")
	RT_URL=http://127.0.0.1:$port/REST/2.0 rt_conf "$BATS_TEST_TMPDIR/cut" Support
	before=$(rt_api GET "/tickets?query=id%3E0" | json 'd["total"]')
	run "$drive" -k "$k" "$BATS_TEST_TMPDIR/cut" deliver
	kill "$pid"
	[ "$status" -eq 0 ]
	[[ $output == *"try io"* ]]
	after=$(rt_api GET "/tickets?query=id%3E0" | json 'd["total"]')
	[ "$after" -eq $((before + 1)) ]
}
