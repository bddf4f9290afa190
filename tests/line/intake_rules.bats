#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What administrators decide: rules, marks, lists, rates, faults, import, acknowledgement;
# rows 14, 20, 21, 23 and 36-42 of contrib/doc/intake.md.

load intake.bash

setup_file() {
	export SINK SINK_PID
	SINK=$(mktemp -d "${TMPDIR:-/tmp}/sink.XXXXXX")
	printf 'Privacy: https://example.com/privacy\n' >"$SINK/notice"
	cp "$SINK/notice" "$SINK/notice.2"
	chmod 0755 "$SINK"
	python3 "$top_srcdir/tests/line/smtp_sink.py" --port-file "$SINK/port" "$SINK" \
		>/dev/null 2>&1 3>&- &
	SINK_PID=$!
	wait_for 10 test -s "$SINK/port"
	intake_start <<TXT
mail-relay = "smtp://127.0.0.1:$(cat "$SINK/port")"
mail-relay-tls = none
inbox "hello@example.com" {
	acknowledge = yes
	ack-name = "Example support"
	ack-notice-file = "$SINK/notice"
}
inbox "again@example.com" { acknowledge = yes ack-every = 1s ack-notice-file = "$SINK/notice.2" }
reject-contact = "call +49 30 0000"
inbox "strict@example.com" { action-spam = reject }
inbox "old@example.com" { acknowledge = yes }
inbox "team@example.com" {
	action-unsure = quarantine
}
$(rules)
TXT
}

rules() { cat <<'TXT'
own-networks = { "192.0.2.0/24" }
authserv-id = "mx.example.com"
block = { ".bad.example.net", "noisy@example.org" }
allow = { "friend.example.org" }
rate-per-sender = 4
open-per-sender = 5
inbox "support@example.com" { department = "first line" }
inbox "sales@example.com" { allow = { "noisy@example.org" } }
inbox "held@example.com" { action-unsure = quarantine action-spam = quarantine action-ham = quarantine }
rule "invoices" {
	inbox = { "support@example.com" }
	subject = '\binvoice\b'
	body = '^Amount: \d+'
	department = "billing"
	tags = { "money", "invoice" }
	priority = high
}
rule "french" { language = { "fr" } tags = { "fr" } }
rule "lists" { header = { 'List-Id: <noise\.example\.net>' } status = closed match = first }
rule "programs" { attachment = '\.(exe|scr)$' action = quarantine }
rule "evil" { body = '^(\w+\s?)+$' match-limit = 1000 tags = { "never" } }
TXT
}

teardown_file() {
	intake_stop
	kill "$SINK_PID"
	rm -rf "$SINK"
}

# The one message in the sink that was given to this recipient.
sunk() { # ADDRESS
	local envelope
	envelope=$(grep -l "^to <$1>" "$SINK"/*.envelope) || return 1
	[ "$(wc -l <<<"$envelope")" = 1 ] && cat "${envelope%.envelope}"
}

@test "intake 20: control fields count from our own networks, and from nobody else" {
	fields=("X-Deskgate-Priority: urgent" "X-Deskgate-Tags: vip, contract"
		"X-Deskgate-Department: Sales")
	intake_mail "$M.own" own-marks "From within" "${fields[@]}" <<<"Hello."
	intake_send --xclient 192.0.2.7 "$M.own"
	[ "$(intake_ticket own-marks | intake_get \
		'd["priority"], d["department"], sorted(d["tags"])')" = \
		"urgent Sales ['contract', 'vip']" ]
	intake_mail "$M.other" other-marks "From outside" "${fields[@]}" <<<"Hello."
	intake_send --xclient 198.51.100.7 "$M.other"
	[ "$(intake_ticket other-marks | intake_get \
		'd["priority"], d["department"], d["tags"]')" = "None first line []" ]
}

@test "intake 20: X-Priority, Importance and X-MSMail-Priority give the priority" {
	intake_mail "$M.1" prio-1 "One" "X-Priority: 1 (Highest)" <<<"Hello."
	intake_mail "$M.2" prio-2 "Two" "Importance: low" <<<"Hello."
	intake_mail "$M.3" prio-3 "Three" "X-MSMail-Priority: High" <<<"Hello."
	intake_mail "$M.4" prio-4 "Four" "X-Priority: 3" <<<"Hello."
	intake_send "$M".[1-4]
	for want in "1 high" "2 low" "3 high" "4 None"; do
		[ "$(intake_ticket "prio-${want% *}" | intake_get 'd["priority"]')" = "${want#* }" ]
	done
}

@test "intake 23: a rule's department, tags and priority reach the ticket, with its name" {
	intake_mail "$M" rule-a "Your Invoice of May" <<<$'Hello,\nAmount: 12 EUR'
	intake_send "$M"
	[ "$(intake_ticket rule-a | intake_get \
		'd["department"], d["priority"], sorted(d["tags"])')" = \
		"billing high ['invoice', 'money']" ]
	[[ "$(intake_note rule-a)" == *"by rule: invoices"* ]]
	intake_log -q 'rules .*matched=invoices'
}

@test "intake 23: all conditions must hold, and the inbox" {
	intake_mail "$M.1" rule-b "Your Invoice of May" <<<"Without the amount."
	intake_mail "$M.2" rule-c "Your Invoice of May" <<<"Amount: 12"
	intake_send "$M.1"
	intake_send --to sales@example.com "$M.2"
	for id in rule-b rule-c; do
		[ "$(intake_ticket "$id" | intake_get '"money" in d["tags"]')" = False ]
	done
}

@test "intake 23: by language, by any header field, and the first match ends the looking" {
	intake_mail "$M.1" rule-fr "Commande" <<<"Bonjour, je ne trouve pas le colis que vous avez envoyé."
	intake_mail "$M.2" rule-list "News" "List-Id: Noise <noise.example.net>" <<<"Words with more words"
	intake_send "$M.1" "$M.2"
	[ "$(intake_ticket rule-fr | intake_get '"fr" in d["tags"]')" = True ]
	[ "$(intake_ticket rule-list | intake_get 'd["status"]')" = closed ]
	[[ "$(intake_note rule-list)" != *"rule evil"* ]]
}

@test "intake 23: an attachment's name sends it to quarantine, with the reason" {
	message "$M" rule-exe "A program" <<<"Try it."
	python3 - "$M" <<'PY'
import sys
from email import policy, message_from_binary_file
with open(sys.argv[1], 'rb') as f:
    m = message_from_binary_file(f, policy=policy.default)
m.add_attachment(b'MZ', maintype='application', subtype='octet-stream', filename='setup.exe')
with open(sys.argv[1], 'wb') as f:
    f.write(m.as_bytes())
PY
	intake_send "$M"
	[[ "$(intake_held rule-exe)" == *'by rule "programs"'* ]]
	[ "$(intake_count rule-exe)" = 0 ]
}

@test "intake 23: a pattern that would run for ever is stopped, and the ticket says so" {
	intake_mail "$M" rule-evil "Long" <<<"$(printf 'word%.0s ' {1..400}).!"
	intake_send "$M"
	[ "$(intake_ticket rule-evil | intake_get '"never" in d["tags"]')" = False ]
	[[ "$(intake_note rule-evil)" == *"a limit was met: evil"* ]]
	intake_log -q 'rules .*undecided=evil'
}

@test "intake 21: who is on the block list is held, one message at a time, with the reason" {
	intake_mail "$M.1" block-a "Offer" "From: Sales <sales@shop.bad.example.net>" <<<"Buy."
	intake_mail "$M.2" block-b "Offer" <<<"Buy."
	intake_mail "$M.3" block-c "Offer" "From: Noisy <noisy@example.org>" <<<"Hello."
	intake_send --from sales@shop.bad.example.net "$M.1"
	intake_send --from bounce@bad.example.net "$M.2"
	intake_send "$M.3"
	for id in block-a block-b block-c; do
		[ "$(intake_count $id)" = 0 ]
		[[ "$(intake_held $id)" == *"blocked: "* ]]
	done
	id=$(dg quarantine list --json | intake_get \
		'[e["id"] for e in d["entries"] if e["sender"] == "noisy@example.org"][0]')
	dg quarantine release --no-teach "$id"
	wait_for 30 line_settled
	[ "$(intake_count block-c)" = 1 ]
	intake_mail "$M.4" block-d "Offer again" "From: Noisy <noisy@example.org>" <<<"Hello."
	intake_send "$M.4"
	[[ "$(intake_held block-d)" == *"blocked: "* ]]
}

@test "intake 21: the allow list lets in whose From is proven, and no forged one" {
	intake_mail "$M.1" allow-a "From a friend" "From: A <a@friend.example.org>" <<<"Hello."
	intake_send --to held@example.com --xclient 192.0.2.8 "$M.1"
	[ "$(intake_count allow-a)" = 1 ]
	intake_mail "$M.2" allow-b "From a stranger" "From: A <a@friend.example.org>" <<<"Hello you."
	intake_send --to held@example.com --xclient 198.51.100.8 "$M.2"
	[ "$(intake_count allow-b)" = 0 ]
	intake_held allow-b
}

@test "intake 14: more than rate-per-sender tickets an hour wait in quarantine" {
	from="From: Flood <flood@example.org>"
	for i in 1 2 3 4 5; do
		intake_mail "$M.$i" "flood-$i" "Alarm $i" "$from" <<<"Number $i."
		intake_send "$M.$i"
	done
	[ "$(intake_count flood-4)" = 1 ]
	[ "$(intake_count flood-5)" = 0 ]
	[[ "$(intake_held flood-5)" == *"rate-per-sender: 4 tickets"* ]]
	# What belongs to a ticket of his opens none.
	intake_mail "$M.6" flood-6 "Re: Alarm 1" "$from" \
		"In-Reply-To: <flood-1@client.example.org>" <<<"Still."
	intake_send "$M.6"
	intake_joined flood-1 flood-6
	# A person lets it through; another sender is not touched.
	id=$(dg quarantine list --json | intake_get \
		'[e["id"] for e in d["entries"] if e["sender"] == "flood@example.org"][0]')
	dg quarantine release --no-teach "$id"
	intake_mail "$M.7" flood-7 "Alarm of another" <<<"Hello."
	intake_send "$M.7"
	[ "$(intake_count flood-5)" = 1 ]
	[ "$(intake_count flood-7)" = 1 ]
}

@test "intake 14: more open tickets than open-per-sender wait, until one is closed" {
	line_end_deskgate
	sed -i 's/^rate-per-sender = 4/rate-per-sender = 0/' "$LINE/deskgate.conf"
	line_deskgate
	from="From: Many <many@example.org>"
	for i in 1 2 3 4 5 6; do
		intake_mail "$M.$i" "many-$i" "Question $i" "$from" <<<"Number $i."
	done
	intake_send "$M".[1-5]
	intake_send "$M.6"
	[ "$(intake_count many-5)" = 1 ]
	[ "$(intake_count many-6)" = 0 ]
	[[ "$(intake_held many-6)" == *"open-per-sender: 5 open tickets"* ]]
	# What belongs to one of them joins it.
	intake_mail "$M.7" many-7 "Re: Question 1" "$from" \
		"In-Reply-To: <many-1@client.example.org>" <<<"Still."
	intake_send "$M.7"
	intake_joined many-1 many-7
	# One that is done with makes room for another.
	dg tickets close "$(intake_ticket many-2 | intake_get 'd["code"]')"
	intake_mail "$M.8" many-8 "Question 8" "$from" <<<"Number 8."
	intake_send "$M.8"
	[ "$(intake_count many-8)" = 1 ]
	intake_mail "$M.9" many-9 "Question 9" "$from" <<<"Number 9."
	intake_send "$M.9"
	[[ "$(intake_held many-9)" == *"open-per-sender: "* ]]
	line_end_deskgate
	sed -i 's/^rate-per-sender = 0/rate-per-sender = 4/' "$LINE/deskgate.conf"
	line_deskgate
}

@test "intake 42: who opens a ticket is told its number, once, by RFC 3834" {
	intake_mail "$M" ack-a "A question about ack" \
		"From: Anna <ack-anna@example.org>" <<<"Where is it?"
	intake_send --to hello@example.com --xclient 192.0.2.9 "$M"
	code=$(intake_ticket ack-a | intake_get 'd["code"]')
	wait_for 30 sunk ack-anna@example.org
	sunk ack-anna@example.org >"$M.ack"
	grep -q '^from <>' "$(grep -l '^to <ack-anna@' "$SINK"/*.envelope)"
	grep -qi '^Auto-Submitted: auto-replied' "$M.ack"
	grep -qi '^X-Deskgate-Loop: .' "$M.ack"
	grep -qi '^In-Reply-To: <ack-a@client.example.org>' "$M.ack"
	grep -qi '^Message-ID: <dg[.].*@example.com>' "$M.ack"
	grep -qi '^From: .*Example support.*<hello@example.com>' "$M.ack"
	grep -q "Subject: Auto: A question about ack \[#$code\]" "$M.ack"
	grep -q "Its number is $code" "$M.ack"
	grep -q 'https://example.com/privacy' "$M.ack"
	# A second ticket of the same day gets none; nor does what comes back.
	intake_mail "$M.2" ack-b "Another" "From: Anna <ack-anna@example.org>" <<<"And that?"
	intake_send --to hello@example.com --xclient 192.0.2.9 "$M.2"
	intake_send --from "" --to hello@example.com --xclient 192.0.2.9 "$M.ack"
	intake_ticket ack-b
	intake_mail "$M.3" ack-c "The last" "From: Last <ack-last@example.org>" <<<"Hello."
	intake_send --to hello@example.com --xclient 192.0.2.9 "$M.3"
	wait_for 30 sunk ack-last@example.org
	sunk ack-anna@example.org >/dev/null # and no second one
}

# How many acknowledgements somebody got, and how many of them with the notice.
noticed() { # ADDRESS
	local envelopes
	mapfile -t envelopes < <(grep -l "^to <$1>" "$SINK"/*.envelope)
	echo "${#envelopes[@]} $(cat "${envelopes[@]%.envelope}" | grep -c 'https://example.com/privacy')"
}
asks() { # NUMBER, noticed() after it
	intake_mail "$M.$1" "notice-$1" "Question $1" "From: Nora <nora@example.org>" <<<"Where is it?"
	intake_send --to again@example.com --xclient 192.0.2.9 "$M.$1"
	is() { [ "$(noticed nora@example.org)" = "$2" ]; }
	wait_for 30 is "" "$2"
	sleep 1.1
}

@test "the privacy notice goes out with the first acknowledgement, and anew when it changed" {
	asks 1 "1 1"
	asks 2 "2 1"
	run dg privacy consent show --json nora@example.org
	[[ "$output" == *'"notice":"'* && "$output" == *'"noticed":"'* ]]
	echo 'And the authority.' >>"$SINK/notice.2"
	asks 3 "3 2"
	asks 4 "4 2"
}

@test "intake 42: automatic mail, bounces, lists, spam and unsure are not answered" {
	intake_mail "$M.auto" noack-auto "Auto" "Auto-Submitted: auto-generated" <<<"Hello."
	intake_mail "$M.list" noack-list "List" "List-Id: <l.example.net>" <<<"Hello."
	intake_mail "$M.bulk" noack-bulk "Bulk" "Precedence: bulk" <<<"Hello."
	intake_mail "$M.null" noack-null "Null" <<<"Hello."
	intake_mail "$M.unsure" noack-unsure "Unsure" <<<"Hello."
	for one in auto list bulk; do
		intake_send --to hello@example.com --xclient 192.0.2.9 "$M.$one"
	done
	intake_send --from "" --to hello@example.com --xclient 192.0.2.9 "$M.null"
	intake_send --to hello@example.com "$M.unsure"
	# One that is answered shows that the others had their turn.
	intake_mail "$M.end" noack-end "The last" "From: End <noack-end@example.org>" <<<"Hello."
	intake_send --to hello@example.com --xclient 192.0.2.9 "$M.end"
	wait_for 30 sunk noack-end@example.org
	! grep -l '^to <someone-noack' "$SINK"/*.envelope
}

@test "the daily digest names what is held, why, and how to release it" {
	# Its time came at midnight, so the first one is due as soon as it is asked for.
	intake_mail "$M" digest-a "Strange offer" "From: Odd <odd@example.org>" <<<"Hello."
	intake_send --to team@example.com "$M"
	line_end_deskgate
	sed -i '/^inbox "team@/a digest-to = "team-lead@example.com"\ndigest-at = "00:00"' \
		"$LINE/deskgate.conf"
	line_deskgate
	wait_for 30 sunk team-lead@example.com
	sunk team-lead@example.com >"$M.digest"
	grep -qi '^Auto-Submitted: auto-generated' "$M.digest"
	grep -q 'odd@example.org' "$M.digest"
	grep -q 'Strange offer' "$M.digest"
	grep -q 'deskgate quarantine release' "$M.digest"
	id=$(dg quarantine list --json | intake_get \
		'[e["id"] for e in d["entries"] if e["sender"] == "odd@example.org"][0]')
	grep -q "$id" "$M.digest"
}

@test "intake 40: a refusal says why, and how to reach somebody; nothing is bounced" {
	line_teach
	message "$M" refused "WIN 5 cheap casino pills" <"$LINE/corpus/spam/5"
	run line_send --to strict@example.com "$M"
	[ "$status" -ne 0 ]
	[[ "$output" == *" 550 "*"refused as spam"*"(call +49 30 0000)"* ]]
	[ "$(intake_count refused)" = 0 ]
	! grep -l '^to <someone-refused@' "$SINK"/*.envelope
}

@test "intake 41: an mbox of old mail, with its dates and threads, once, without a word to anybody" {
	message "$M.a" import-a "An old question" <<<"Where is it?"
	message "$M.b" import-b "Re: An old question" <<<"I have found it."
	sed -i 's/^Date: .*/Date: Tue, 03 Mar 2020 10:00:00 +0100/' "$M.a"
	sed -i -e 's/^Date: .*/Date: Wed, 04 Mar 2020 10:00:00 +0100/' \
		-e 's/someone-import-b/someone-import-a/' \
		-e '/^Subject:/a In-Reply-To: <import-a@client.example.org>' "$M.b"
	for one in a b; do
		printf 'From someone@example.org Tue Mar  3 10:00:00 2020\n'
		sed 's/^From /&/; s/^>*From />&/' "$M.$one"
		echo
	done >"$M.mbox"
	run dg import -i old@example.com "$M.mbox"
	[ "$status" -eq 0 ]
	[[ "$output" == *"2 imported, 0 known already, 0 failed"* ]]
	wait_for 30 line_settled
	intake_joined import-a import-b
	[[ "$(intake_message import-a | intake_get 'd["sent"]')" == 2020-03-03T09:00:00* ]]
	[ "$(intake_ticket import-a | intake_get 'd["inbox"]')" = old@example.com ]
	run dg import --json -i old@example.com "$M.mbox"
	[ "$(intake_get 'd["imported"], d["known"]' <<<"$output")" = "0 2" ]
	[ "$(intake_count import-a)" = 1 ]
	! grep -l '^to <someone-import-a@' "$SINK"/*.envelope
	run dg import -i none@example.com "$M.mbox"
	[ "$status" -ne 0 ]
}

@test "intake 39: the raw source is read again, and the ticket gets what is read today" {
	intake_mail "$M" again "Read me twice" <<<"A word to be read."
	intake_send "$M"
	id=$(dg queue list --all --json | intake_get \
		'[e["id"] for e in d["entries"] if e["sender"] == "someone-again@example.org"][0]')
	run dg reprocess "$id"
	[ "$status" -eq 0 ]
	[[ "$(intake_ticket again | intake_get \
		'"\n".join(m["text"] or "" for m in d["messages"])')" == *"Read again by Deskgate."*"Subject: Read me twice"*"A word to be read."* ]]
	run dg reprocess 00000000000000000000000000000000
	[ "$status" -eq 66 ]
	[[ "$output" == *"no message of this id is kept"* ]]
}

again_with() { # SETTING: from now on, for a start
	line_end_deskgate
	sed -i "1i $1" "$LINE/deskgate.conf"
	line_deskgate
}

@test "intake 37: what cannot be stored now is a 4xx, and one ticket when it can" {
	again_with 'reserve-space = 9T'
	message "$M" later "No room" <<<"Hello."
	run line_send "$M"
	[ "$status" -ne 0 ]
	[[ "$output" == *" 451 "* ]]
	line_end_deskgate
	sed -i '/^reserve-space/d' "$LINE/deskgate.conf"
	line_deskgate
	intake_send "$M"
	intake_ticket later
}

@test "intake 36: what outgrows its reader is a ticket with the raw mail and the reason" {
	! line_sanitized || skip "sanitizers need their own memory; the pool watches it"
	again_with 'reader-memory = 16M'
	message "$M" heavy "Too heavy for a reader" < <(head -c 9000000 /dev/zero | tr '\0' 'a' | fold -w 900)
	intake_send "$M"
	code=$(dg tickets list --json | intake_get \
		'[t["code"] for t in d["tickets"] if "could not be read" in t["subject"]][0]')
	run dg tickets show "$code"
	[[ "$output" == *"could not be read ("* ]]
	[[ "$output" == *"message.eml (message/rfc822"* ]]
	intake_mail "$M.2" light "After it" <<<"Hello."
	intake_send "$M.2"
	intake_ticket light
}
