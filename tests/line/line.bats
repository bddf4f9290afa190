#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The whole line: mail handed to a real Postfix stands as a ticket or in quarantine.

load line.bash

setup_file() {
	line_need_root
	export LINE LINE_PORT
	line_port >"$BATS_FILE_TMPDIR/desk.port"
	umask 077; LINE_TOKEN=$(mktemp /tmp/deskgate-token.XXXXXX); export LINE_TOKEN; printf "test-key\n" >"$LINE_TOKEN"
	umask 022
	chown $LINE_USER "$LINE_TOKEN"
	line_start "always_bcc = archive@example.com
smtpd_authorized_xclient_hosts = 127.0.0.1" <<TXT
own-networks = { "192.0.2.128/25", "2001:db8::/32" }
local-hosts = { "mail.example.net" }
max-message-size = 1M
inbox "support@example.com" { }
inbox "sales@example.com" { }
inbox "tag@example.com" { mode = tag }
inbox "both@example.com" { mode = ticket-and-deliver }
inbox "strict@example.com" { action-spam = reject }
inbox "remote@example.com" { desk = "far" }
desk "far" {
	type = liveagent
	url = "http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/desk.port")"
	token-file = "$LINE_TOKEN"
	allow-private = yes
	department = "dep1"
	timeout = 5s
}
TXT
}

teardown_file() { rm -f "$LINE_TOKEN"; line_stop; }

setup() { M=$BATS_TEST_TMPDIR/mail; }

settled() { wait_for 30 line_settled; }

# The ticket whose first message has this Message-ID, as JSON; fails when there is not just one.
ticket_of() { # ID
	line_tickets "$1@client.example.org" | python3 -c 'import json, sys
found = json.load(sys.stdin)
print(json.dumps(found))
sys.exit(len(found) != 1)'
}

@test "before anything is taught, mail is unsure and becomes a ticket" {
	message "$M" first "Where is my parcel?" <<<"It was sent a week ago. Grüße"
	run line_send "$M"
	[ "$status" -eq 0 ]
	[[ "$output" == *" 250 "* ]]
	settled
	run ticket_of first
	[ "$status" -eq 0 ]
	[[ "$output" == *'"subject": "Where is my parcel?"'* ]]
	[[ "$output" == *'someone-first@example.org'* ]]
	[[ "$output" == *'It was sent a week ago.'* ]]
	[[ "$output" == *'"inbox": "support@example.com"'* ]]
	grep -q 'verdict=unsure .*action=ticket .*inbox=support@example.com' "$LINE/log/deskgate.log"
	wait_for 10 grep -rq 'Message-ID: <first@' "$LINE/mail/archive/new"
	[ -z "$(line_box leaked)" ]
}

@test "spam stands in quarantine with its reasons, ham in the desk" {
	line_teach
	message "$M.spam" spam-a "WIN now cheap casino pills" <<<"Exclusive casino bonus! Cheap pills without prescription, click http://deals3.example.net/win now, limited offer, unsubscribe never"
	message "$M.ham" ham-a "Question 7 about my order" <<<"Hello, my order number 55433 has not arrived yet. Could you please look into it and tell me when the parcel leaves your warehouse? Regards, customer 7"
	run line_send "$M.spam" "$M.ham"
	[ "$status" -eq 0 ]
	settled
	cp "$M.spam" "$BATS_FILE_TMPDIR/spam-a"
	cp "$M.ham" "$BATS_FILE_TMPDIR/ham-a"
	ticket_of ham-a
	run ticket_of spam-a
	[ "$status" -ne 0 ]
	run dg quarantine list
	[[ "$output" == *" spam "*"someone"* || "$output" == *"customer@example.org"* ]]
	[[ "$output" == *"+"* ]]
	id=$(dg quarantine list --plain | cut -f 1)
	run dg quarantine show "$id"
	[[ "$output" == *"verdict    spam"* ]]
	dg quarantine show --raw "$id" | cmp - <(sed 's/$/\r/' "$M.spam") ||
		dg quarantine show --raw "$id" | tr -d '\r' | cmp - "$M.spam"
}

@test "a mailbox's copy scores as the message did at the door" {
	copy_of() { grep -rl "^Message-ID: <$1@" "$LINE/mail/archive/new"; }
	for id in spam-a ham-a; do
		wait_for 10 copy_of $id
		copy=$(copy_of $id)
		grep -q 'by mail.example.net (Postfix)' "$copy"
		[ "$(dg score --json "$copy" | sed 's/.*"verdict"//')" = \
			"$(dg score --json "$BATS_FILE_TMPDIR/$id" | sed 's/.*"verdict"//')" ]
		# nor is there more in it that a model might come to know
		[ "$(line_json 'd["explanation"]["features"]' dg explain "$copy")" = \
			"$(line_json 'd["explanation"]["features"]' dg explain "$BATS_FILE_TMPDIR/$id")" ]
	done
	score=$(line_json 'd["entries"][0]["verdict"]["score"]' dg quarantine list)
	[ "$(dg score --json "$(copy_of spam-a)" | python3 -c 'import json, sys; print(json.load(sys.stdin)["verdict"]["score"])')" = "$score" ]
}

@test "a released message becomes a ticket, and a lesson" {
	id=$(dg quarantine list --plain | cut -f 1)
	before=$(line_json 'd["model"]["ham"]' dg stats)
	run dg quarantine release "$id"
	[ "$status" -eq 0 ]
	[[ "$output" == *"becomes a ticket; lesson: "* ]]
	settled
	ticket_of spam-a
	[ "$(line_json 'd["model"]["ham"]' dg stats)" -eq $((before + 1)) ]
	run dg quarantine list
	[ "$output" = "nothing is here" ]
	dg tickets list >/dev/null
	# and back: the ticket is marked as spam, which moves the lesson
	code=$(ticket_of spam-a | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["code"])')
	run dg tickets spam "$code"
	[ "$status" -eq 0 ]
	[[ "$output" == *"lessons: moved"* ]]
	[ "$(line_json 'd["model"]["ham"]' dg stats)" -eq "$before" ]
}

@test "one message for two inboxes makes a ticket in each" {
	message "$M" two "Question about two things" <<<"Hello, my order has not arrived yet and the invoice is wrong."
	run line_send --to support@example.com --to sales@example.com "$M"
	[ "$status" -eq 0 ]
	settled
	run ticket_of two
	[ "$(grep -o '"inbox": "[a-z]*@' <<<"$output" | sort -u | wc -l)" -eq 2 ]
	[ "$(grep -o '"code"' <<<"$output" | wc -l)" -eq 2 ]
}

@test "an inbox and a colleague: a ticket, and the mail with our headers" {
	message "$M" both "Question for both" <<<"Hello, could you please look into my order?"
	sed -i '1i X-Deskgate-Verdict: forged\nX-Spam-Flag: YES' "$M"
	run line_send --to support@example.com --to colleague@example.com "$M"
	[ "$status" -eq 0 ]
	settled
	ticket_of both
	wait_for 10 grep -rq 'Message-ID: <both@' "$LINE/mail/colleague/new"
	box=$(grep -rl 'Message-ID: <both@' "$LINE/mail/colleague/new")
	[ "$(grep -c '^X-Deskgate-Verdict:' "$box")" -eq 1 ]
	grep -q '^X-Deskgate-Verdict: \(ham\|unsure\|spam\)' "$box"
	grep -q '^X-Deskgate-Score: ' "$box"
	grep -q '^X-Deskgate-Id: [0-9a-f]\{32\}' "$box"
	grep -q '^X-Spam-Status: ' "$box"
	! grep -q 'forged' "$box"
	[ -z "$(line_box leaked)" ]
}

@test "mail without an inbox passes, without forged headers of ours" {
	message "$M" plain "For a colleague only" <<<"Lunch?"
	sed -i '1i X-Deskgate-Verdict: forged' "$M"
	run line_send --to colleague@example.com "$M"
	[ "$status" -eq 0 ]
	wait_for 10 grep -rq 'Message-ID: <plain@' "$LINE/mail/colleague/new"
	box=$(grep -rl 'Message-ID: <plain@' "$LINE/mail/colleague/new")
	! grep -q 'X-Deskgate' "$box"
	grep -q 'Lunch?' "$box"
}

@test "an inbox's address in any spelling is an inbox's address" {
	for to in '@relay.example.org,@b.example.org:support@example.com' 'support @example.com' \
		'support(a word)@example.com' 'example.com!support' '"support"@example.com'; do
		message "$M" "spelt${#to}" "Spelt in another way" <<<"Hello, to <$to>."
		run line_send --to "$to" "$M"
		[ "$status" -eq 0 ]
		settled
		ticket_of "spelt${#to}"
		wait_for 10 grep -rq "Message-ID: <spelt${#to}@" "$LINE/mail/archive/new"
	done
	[ -z "$(line_box leaked)" ]
}

@test "mode tag delivers with headers and makes no ticket" {
	message "$M" tagged "Question 9 about my order" <<<"Hello, my order number 12 has not arrived yet."
	run line_send --to tag@example.com "$M"
	[ "$status" -eq 0 ]
	wait_for 10 grep -rq 'Message-ID: <tagged@' "$LINE/mail/tagged/new"
	grep -rq '^X-Spam-Status: ' "$LINE/mail/tagged/new"
	settled
	run ticket_of tagged
	[ "$status" -ne 0 ]
}

@test "mode ticket-and-deliver does both" {
	message "$M" tad "Question 10 about my order" <<<"Hello, my order number 13 has not arrived yet."
	run line_send --to both@example.com "$M"
	[ "$status" -eq 0 ]
	settled
	ticket_of tad
	wait_for 10 grep -rq 'Message-ID: <tad@' "$LINE/mail/delivered/new"
}

@test "spam is rejected where every inbox says so, with words a person can read" {
	message "$M" rej "WIN 5 cheap casino pills" <"$LINE/corpus/spam/5"
	run line_send --to strict@example.com "$M"
	[ "$status" -ne 0 ]
	[[ "$output" == *" 550 "*"refused as spam"* ]]
	message "$M" rej2 "WIN 6 cheap casino pills" <"$LINE/corpus/spam/6"
	run line_send --to strict@example.com --to support@example.com "$M"
	[ "$status" -eq 0 ]
	settled
	[ "$(dg quarantine list --plain | wc -l)" -eq 2 ]
	for id in $(dg quarantine list --plain | cut -f 1); do
		dg quarantine delete --spam "$id"
	done
}

@test "own networks are not scored" {
	message "$M" own "WIN 8 cheap casino pills" <"$LINE/corpus/spam/8"
	run line_send --xclient 192.0.2.130 "$M"
	[ "$status" -eq 0 ]
	settled
	ticket_of own
	grep -q 'verdict=ham .*basis=not-scored' "$LINE/log/deskgate.log" ||
		grep 'event\|verdict' "$LINE/log/deskgate.log" | tail -n 3
}

@test "a message above max-message-size is refused for good" {
	message "$M" big "Too big" < <(head -c 1200000 /dev/zero | base64)
	run line_send "$M"
	[ "$status" -ne 0 ]
	[[ "$output" == *" 552 "* ]]
	run dg queue list --all --plain
	[[ "$output" != *"$(printf 'big@client')"* ]]
}

@test "broken MIME becomes a ticket" {
	message "$M" broken "Broken one" <<<"--nothing
Content-Type: text/plain
Content-Transfer-Encoding: base64

!!!!this is no base64
--nothing
Content-Type: multipart/mixed; boundary=\"\"

lost in here"
	sed -i 's#^Content-Type: text/plain; charset=utf-8#Content-Type: multipart/mixed; boundary="nothing"#' "$M"
	run line_send "$M"
	[ "$status" -eq 0 ]
	settled
	ticket_of broken
}

@test "the same message twice makes one ticket, and another with its id its own" {
	message "$M" twice "Sent twice" <<<"Hello, my order has not arrived."
	line_send "$M"
	line_send "$M"
	settled
	ticket_of twice
	sed -i 's/has not arrived/was broken/' "$M"
	line_send "$M"
	settled
	run ticket_of twice
	[ "$status" -ne 0 ]
	[ "$(grep -o '"code"' <<<"$output" | wc -l)" -eq 2 ]
}

@test "a reply joins its ticket, one of a stranger does not" {
	message "$M" thread-a "A question of mine" <<<"When will it come?"
	line_send --from someone-thread-a@example.org "$M"
	settled
	message "$M.reply" thread-b "Re: A question of mine" <<<"It has come, thank you."
	sed -i 's/^From: .*/From: Someone <someone-thread-a@example.org>/
		s/^MIME-Version/In-Reply-To: <thread-a@client.example.org>\n&/' "$M.reply"
	message "$M.stranger" thread-c "Re: A question of mine" <<<"Send it to me instead."
	sed -i 's/^MIME-Version/In-Reply-To: <thread-a@client.example.org>\n&/' "$M.stranger"
	line_send "$M.reply" "$M.stranger"
	settled
	a=$(ticket_of thread-a)
	[ "$a" = "$(ticket_of thread-b)" ]
	[ "$a" != "$(ticket_of thread-c)" ]
}

@test "the second door: deskgate accept stores the same message once" {
	message "$M" door "By the other door" <<<"Hello from an alias."
	line_send "$M"
	{
		printf 'From someone@example.org Mon Nov  2 10:00:00 2026\n'
		printf 'Return-Path: <customer@example.org>\nDelivered-To: support@example.com\n'
		cat "$M"
	} >"$M.pipe"
	run dg accept -i support@example.com -f customer@example.org <"$M.pipe"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	settled
	ticket_of door
	message "$M" door2 "By the other door alone" <<<"Hello again."
	dg accept -i support@example.com -f customer@example.org <"$M"
	settled
	ticket_of door2
	run dg accept -i nobody@example.com <"$M"
	[ "$status" -eq 64 ] || [ "$status" -eq 78 ] || [ "$status" -eq 67 ]
}

@test "a desk that is down and comes back gets each ticket once" {
	message "$M.1" far1 "For the far desk" <<<"Are you there?"
	message "$M.2" far2 "For the far desk again" <<<"And now?"
	run line_send --to remote@example.com "$M.1" "$M.2"
	[ "$status" -eq 0 ]
	wait_for 20 sh -c "$top_builddir/deskgate -c $LINE/deskgate.conf queue list --plain | grep -q '	wait	'"
	port=$(cat "$BATS_FILE_TMPDIR/desk.port")
	python3 "$top_srcdir/tests/line/liveagent/faultdesk.py" --port "$port" \
		>"$BATS_TEST_TMPDIR/desk.log" 2>&1 3>&- &
	desk=$!
	wait_for 20 line_listens "$port"
	curl -sf --noproxy '*' -d '{"on": "POST /tickets", "kind": "lose", "times": 1}' \
		"http://127.0.0.1:$port/control/fault"
	wait_for 60 line_settled
	subjects=$(curl -sf --noproxy '*' "http://127.0.0.1:$port/control/dump" |
		python3 -c 'import json, sys; print(sorted(t["subject"] for t in json.load(sys.stdin)))')
	kill $desk
	[ "$subjects" = "['For the far desk', 'For the far desk again']" ]
}

@test "the keeper is killed: mail is taken, and its ticket comes later" {
	kill -9 "$(line_pid deskgate-deliver)"
	message "$M" without "Nobody at the desk" <<<"Hello?"
	run line_send "$M"
	[ "$status" -eq 0 ]
	wait_for 30 dg stats
	settled
	ticket_of without
}

@test "the milter is killed in mid-message: 4xx, and one ticket after the retry" {
	message "$M" mid "Killed in the middle" < <(head -c 400000 /dev/urandom | base64)
	old=$(line_pid deskgate-milter)
	run line_send --pause-at 200000 --pause-run "kill -9 $old" "$M"
	[ "$status" -ne 0 ]
	[[ "$output" == *" 4"* ]]
	run line_send --retry 30 "$M"
	[ "$status" -eq 0 ]
	settled
	ticket_of mid
	[ "$(line_pid deskgate-milter)" != "$old" ]
}

@test "SIGHUP takes new settings; wrong ones are refused and said" {
	printf 'inbox "billing@example.com" { }\n' >>"$LINE/deskgate.conf"
	kill -HUP "$(cat "$LINE/run.pid")"
	message "$M" bill "An invoice" <<<"Hello, my invoice is wrong."
	sent() { line_send --to billing@example.com "$M" && grep -q 'inbox=billing@example.com' "$LINE/log/deskgate.log"; }
	wait_for 20 sent
	settled
	ticket_of bill
	cp "$LINE/deskgate.conf" "$BATS_TEST_TMPDIR/good.conf"
	printf 'nonsense = 1\n' >>"$LINE/deskgate.conf"
	kill -HUP "$(cat "$LINE/run.pid")"
	wait_for 10 grep -q 'reload-refused.*nonsense' "$LINE/log/deskgate.log"
	cp "$BATS_TEST_TMPDIR/good.conf" "$LINE/deskgate.conf"
	message "$M" after "After the refusal" <<<"Hello, is this still there?"
	line_send --to billing@example.com "$M"
	settled
	ticket_of after
}

@test "without room on disk the MTA is told to come again" {
	cp "$LINE/deskgate.conf" "$BATS_TEST_TMPDIR/good.conf"
	sed -i '1i reserve-space = 1000T' "$LINE/deskgate.conf"
	dg check || sed -i '1s/.*/reserve-space = 15T/' "$LINE/deskgate.conf"
	kill -HUP "$(cat "$LINE/run.pid")"
	refused() {
		message "$M" "full$RANDOM" "No room" <<<"Hello"
		line_send "$M" | grep -q ' 45[12] '
	}
	wait_for 20 refused
	cp "$BATS_TEST_TMPDIR/good.conf" "$LINE/deskgate.conf"
	kill -HUP "$(cat "$LINE/run.pid")"
	message "$M" room "Room again" <<<"Hello"
	wait_for 20 line_send "$M"
	settled
	ticket_of room
}

@test "the log tells each message in one line, and nobody's words or address" {
	! grep -E 'Where is my parcel|someone-first|customer@example.org' "$LINE/log/deskgate.log"
	line=$(grep 'verdict=' "$LINE/log/deskgate.log" | head -n 1)
	for key in id verdict score action inbox size ms queue_id; do
		[[ "$line" == *" $key="* ]] || { echo "no $key= in: $line"; false; }
	done
}

@test "SIGTERM ends everything, exit 0" {
	pid=$(cat "$LINE/run.pid")
	milter=$(line_pid deskgate-milter)
	kill -TERM "$pid"
	wait_for 40 line_gone "$pid"
	[ ! -e "/proc/$milter" ]
	rm -f "$LINE/run.pid"
}
