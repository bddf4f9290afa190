#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Signs of a thread, who wrote a message and whether it was a person: rows 4-6, 9-13, 16,
# 18, 19 and 22 of contrib/doc/intake.md.

load intake.bash

setup_file() {
	# All clients here are strangers, whose fields Postfix leaves as they are.
	intake_start "virtual_mailbox_domains = example.com, all.example.com
local_header_rewrite_clients =" <<'TXT'
local-hosts = { "mail.example.net" }
own-networks = { "192.0.2.128/25" }
authserv-id = "mx.example.com"
inbox "support@example.com" { subject-tag = '\[#(\d+)\]' }
inbox "form@example.com" { requester = reply-to }
inbox "team@example.com" { agents = { "agent@example.net", "@staff.example.net" } }
inbox "strict@example.com" { dmarc-fail = quarantine }
inbox "anew@example.com" { closed = new }
inbox "@all.example.com" { }
TXT
}

teardown_file() { intake_stop; }

@test "intake 04: a code in the quoted text, or Outlook's Thread-Index, joins whoever takes part" {
	intake_mail "$M.1" mark-a "My order" "Thread-Index: AdoAAAABAAECAwQFBgcICQoLDA0ODw==" <<<"Where is it?"
	intake_send "$M.1"
	code=$(intake_ticket mark-a | intake_get 'd["code"]')
	intake_mail "$M.2" mark-b "Another subject" "From: Someone <someone-mark-a@example.org>" <<TXT
It has come.

> Your ticket is [#$code]. Where is it?
TXT
	intake_mail "$M.3" mark-c "Re: nothing" "From: Someone <someone-mark-a@example.org>" \
		"Thread-Index: AdoAAAABAAECAwQFBgcICQoLDA0ODxAAAAAA" <<<"And this one."
	intake_mail "$M.4" mark-d "Other" \
		"Thread-Index: AdoAAAABAAECAwQFBgcICQoLDA0ODxAAAAAA" <<<"I quote [#$code] as well."
	intake_send "$M.2" "$M.3" "$M.4"
	intake_joined mark-a mark-b mark-c
	! intake_joined mark-a mark-d
}

@test "intake 05: mail that DMARC disowns never joins" {
	intake_mail "$M.1" forged-a "A bill" <<<"Is it right?"
	intake_send "$M.1"
	intake_mail "$M.2" forged-b "Re: A bill" "From: Someone <someone-forged-a@example.org>" \
		"In-Reply-To: <forged-a@client.example.org>" <<<"Pay it to me."
	sed -i '1i Authentication-Results: mx.example.com; dmarc=fail header.from=example.org' "$M.2"
	intake_send "$M.2"
	! intake_joined forged-a forged-b
	[[ "$(intake_note forged-b)" == *"Refers to ticket"* ]]
}

@test "intake 06: a closed ticket reopens, or a new one names it; a program opens none" {
	intake_mail "$M.1" shut-a "First" <<<"Hello."
	intake_send "$M.1"
	code=$(intake_ticket shut-a | intake_get 'd["code"]')
	dg tickets close "$code"
	intake_mail "$M.2" shut-b "Automatic reply: First" "From: Someone <someone-shut-a@example.org>" \
		"Auto-Submitted: auto-replied" "In-Reply-To: <shut-a@client.example.org>" <<<"I am away."
	intake_send "$M.2"
	intake_joined shut-a shut-b
	[ "$(intake_ticket shut-a | intake_get 'd["status"]')" = closed ]
	intake_mail "$M.3" shut-c "Re: First" "From: Someone <someone-shut-a@example.org>" \
		"In-Reply-To: <shut-a@client.example.org>" <<<"Here I am."
	intake_send "$M.3"
	intake_joined shut-a shut-c
	[ "$(intake_ticket shut-a | intake_get 'd["status"]')" = open ]
	intake_mail "$M.4" shut-d "Second" <<<"Hello."
	intake_send --to anew@example.com "$M.4"
	code=$(intake_ticket shut-d | intake_get 'd["code"]')
	dg tickets close "$code"
	intake_mail "$M.5" shut-e "Re: Second" "From: Someone <someone-shut-d@example.org>" \
		"In-Reply-To: <shut-d@client.example.org>" <<<"Once more."
	intake_send --to anew@example.com "$M.5"
	! intake_joined shut-d shut-e
	[[ "$(intake_message shut-e | intake_get 'd["text"]')" == "[Follow-up to ticket $code]"* ]]
}

@test "intake 06: a reply to a merged ticket goes to its parent" {
	intake_mail "$M.1" merge-a "One" <<<"Hello."
	intake_mail "$M.2" merge-b "Two" <<<"Hello."
	intake_send "$M.1" "$M.2"
	dg tickets merge "$(intake_ticket merge-a | intake_get 'd["code"]')" \
		"$(intake_ticket merge-b | intake_get 'd["code"]')"
	intake_mail "$M.3" merge-c "Re: One" "From: Someone <someone-merge-a@example.org>" \
		"In-Reply-To: <merge-a@client.example.org>" <<<"More of it."
	intake_send "$M.3"
	intake_joined merge-a merge-b merge-c
}

@test "intake 09: a thousand ids and recipients cost nothing, and the newest id counts" {
	intake_mail "$M.1" caps-a "Many" <<<"Hello."
	intake_send "$M.1"
	intake_mail "$M.2" caps-b "Re: Many" "From: Someone <someone-caps-a@example.org>" \
		"References: $(printf '<x%d@example.org>\n ' $(seq 1000))<caps-a@client.example.org>" \
		"Cc: $(printf 'c%d@example.net,\n ' $(seq 1000))last@example.net" <<<"Again."
	intake_mail "$M.3" caps-c "New" \
		"Cc: $(printf 'c%d@example.net,\n ' $(seq 1000))last@example.net" <<<"Hello."
	intake_send "$M.2" "$M.3"
	intake_joined caps-a caps-b
	[ "$(intake_ticket caps-c | intake_get 'len(d["followers"])')" = 40 ]
}

@test "intake 10: what looks like our own mail come back is held, with the reason" {
	intake_mail "$M.1" loop-a "It looks like ours" "X-Deskgate-Loop: example" <<<"Hello."
	intake_mail "$M.2" loop-b "From our own inbox" "From: Support <support@example.com>" <<<"Hello."
	intake_send "$M.1" "$M.2"
	[ "$(intake_count loop-a)" = 0 ]
	[ "$(intake_count loop-b)" = 0 ]
	[[ "$(intake_held loop-a)" == *"loop: it bears X-Deskgate-Loop"* ]]
	[[ "$(intake_held loop-b)" == *"loop: it comes from outside in the name of our own inbox"* ]]
}

@test "intake 11: a program's mail is a ticket, marked automatic" {
	n=0
	for field in "Auto-Submitted: auto-generated" "Precedence: bulk" "X-Precedence: list" \
		"X-Auto-Response-Suppress: All" "X-FC-MachineGenerated: true" \
		"List-Unsubscribe: <mailto:u@example.org>" "From: No <no-reply@example.org>"; do
		n=$((n + 1))
		intake_mail "$M.$n" "auto-$n" "A report" "$field" <<<"Number $n."
	done
	intake_send "$M".?
	for n in $(seq $n); do
		[ "$(intake_ticket "auto-$n" | intake_get '"automatic" in d["tags"]')" = True ]
	done
	intake_mail "$M" auto-null "A report" <<<"The null sender."
	intake_send --from "" "$M"
	[ "$(intake_ticket auto-null | intake_get '"automatic" in d["tags"]')" = True ]
	intake_mail "$M" auto-no "A letter" "Auto-Submitted: no" <<<"A person."
	intake_send "$M"
	[ "$(intake_ticket auto-no | intake_get '"automatic" in d["tags"]')" = False ]
}

@test "intake 12: an absence note goes to its ticket" {
	intake_mail "$M.1" away-a "Lieferung" <<<"Wann kommt sie?"
	intake_send "$M.1"
	intake_mail "$M.2" away-b "Abwesenheitsnotiz: Lieferung" \
		"From: Someone <someone-away-a@example.org>" \
		"In-Reply-To: <away-a@client.example.org>" <<<"Ich bin nicht da."
	intake_mail "$M.3" away-c "Re: Lieferung" "X-MS-Exchange-Inbox-Rules-Loop: someone@example.org" \
		"From: Someone <someone-away-a@example.org>" \
		"In-Reply-To: <away-a@client.example.org>" <<<"Ich bin nicht da."
	intake_send "$M.2" "$M.3"
	intake_joined away-a away-b away-c
	[ "$(intake_log -c ' kind=absence')" -ge 2 ]
}

bounce() { # FILE ID ORIGINAL-ID ADDRESS
	intake_mail "$1" "$2" "Undelivered Mail Returned to Sender" \
		"From: Mail System <mailer-daemon@mx.example.org>" \
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b" <<TXT
--b

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; $4
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: <$3@client.example.org>
Subject: An answer

Hello
--b--
TXT
}

@test "intake 13: a delivery report goes to its ticket and marks the address; a stray one is held" {
	intake_mail "$M.1" dsn-a "A question" <<<"Hello?"
	intake_send "$M.1"
	bounce "$M.2" dsn-b dsn-a someone-dsn-a@example.org
	bounce "$M.3" dsn-c no-such-id someone-dsn-a@example.org
	bounce "$M.4" dsn-d dsn-a stranger@example.net
	intake_send --from "" "$M.2" "$M.3" "$M.4"
	intake_joined dsn-a dsn-b
	[[ "$(intake_note dsn-b)" == *"Not delivered: someone-dsn-a@example.org (5.1.1)"* ]]
	intake_log 'undeliverable.*status=5.1.1'
	[ "$(intake_count dsn-c)" = 0 ]
	[[ "$(intake_held dsn-c)" == *"delivery report for a message of no ticket"* ]]
	[[ "$(intake_held dsn-d)" == *"delivery report for an address that is not on the ticket"* ]]
}

requester() { intake_ticket "$1" | intake_get 'd["requester"]["address"]'; } # ID

@test "intake 16: From is the requester, or Reply-To where the inbox says so; fall-backs, repairs" {
	intake_mail "$M.1" who-a "From a form" "From: Form <www@example.net>" \
		"Reply-To: Ann <ann@example.org>" <<<"Hello."
	intake_send --to form@example.com "$M.1"
	intake_mail "$M.2" who-b "From a form" "From: Form <www@example.net>" \
		"Reply-To: Ann <ann@example.org>" <<<"Hello there."
	intake_send --xclient 198.51.100.7 "$M.2"
	intake_mail "$M.4" who-d "Nobody" "From:" <<<"Hello all."
	intake_send --xclient 198.51.100.7 --from path@example.org "$M.4"
	[ "$(requester who-a)" = ann@example.org ]
	[ "$(requester who-b)" = www@example.net ]
	[ "$(requester who-d)" = path@example.org ]
}

@test "intake 16: without a From it is the Sender, then Reply-To, then the envelope's sender" {
	intake_mail "$M.1" fall-a "By an office" "From:" "Sender: Office <office@example.net>" \
		"Reply-To: Ann <ann@example.org>" <<<"Hello."
	intake_mail "$M.2" fall-b "Answer me there" "From:" "Reply-To: Ann <ann@example.org>" <<<"Hello."
	intake_mail "$M.3" fall-c "A name alone" "From: Anna Miller" <<<"Hello."
	intake_mail "$M.4" fall-d "A name alone, and an office" "From: Anna Miller" \
		"Sender: Office <office@example.net>" <<<"Hello."
	# From stands before what is named beside it.
	intake_mail "$M.5" fall-e "With all of them" "From: Ben <ben@example.org>" \
		"Sender: Office <office@example.net>" "Reply-To: Ann <ann@example.org>" <<<"Hello."
	intake_send --from path@example.org "$M".[1-5]
	[ "$(requester fall-a)" = office@example.net ]
	[ "$(requester fall-b)" = ann@example.org ]
	[ "$(requester fall-c)" = path@example.org ]
	[ "$(intake_ticket fall-c | intake_get 'd["requester"]["name"]')" = "Anna Miller" ]
	[ "$(requester fall-d)" = office@example.net ]
	[ "$(requester fall-e)" = ben@example.org ]
	# Not even an envelope: a ticket of nobody's, which nothing answers.
	intake_mail "$M.6" fall-f "Of nobody" "From:" <<<"Hello."
	intake_send --from "" "$M.6"
	[ "$(requester fall-f)" = unknown@invalid ]
	intake_ticket fall-f | intake_get 'd["tags"]' | grep -q automatic
}

@test "intake 16: Reply-To first, where the inbox says so and it is not our own" {
	intake_mail "$M.1" form-a "From the form" "From: Form <www@example.net>" \
		"Reply-To: support@example.com" <<<"Hello."
	intake_mail "$M.2" form-b "From the form" "From: Form <www@example.net>" <<<"Hello."
	intake_mail "$M.3" form-c "From the form" "From: Form <www@example.net>" \
		"Reply-To: Carl <carl@example.org>, Dora <dora@example.org>" <<<"Hello."
	intake_send --to form@example.com "$M".[1-3]
	[ "$(requester form-a)" = www@example.net ]
	[ "$(requester form-b)" = www@example.net ]
	[ "$(requester form-c)" = carl@example.org ]
	# His reply joins as the customer's does.
	intake_mail "$M.4" form-d "Re: From the form" "From: Carl <carl@example.org>" \
		"In-Reply-To: <form-c@client.example.org>" <<<"Hello again."
	intake_send --to form@example.com "$M.4"
	intake_joined form-c form-d
}

@test "intake 16: a From that is broken is repaired where the meaning is plain" {
	local i=0 from files=()
	local broken=('Anna <fix-0@example.org' 'Anna <fix-1 @ example.org>' \
		'Miller, Anna <fix-2@example.org>' "'fix-3@example.org'" \
		'Anna <mailto:fix-4@example.org>' 'Anna [Sales] <fix-5@example.org>' \
		'"Anna <fix-6@example.org>' 'fix-7@example.org (Anna)' \
		'=?utf-8?Q?Anna_=3Cfix-8=40example=2Eorg=3E?=' \
		'"=?utf-8?Q?Anna=2C_M=C3=BCller?=" <fix-9@example.org>' \
		'Anna fix-10@example.org')
	for from in "${broken[@]}"; do
		intake_mail "$M.$i" "fix-$i" "Broken $i" "From: $from" <<<"Hello."
		files+=("$M.$i")
		i=$((i + 1))
	done
	intake_send --from path@example.org "${files[@]}"
	for ((i = 0; i < ${#broken[@]}; i++)); do
		[ "$(requester "fix-$i")" = "fix-$i@example.org" ] ||
			{ echo "${broken[i]}: $(requester "fix-$i")"; false; }
	done
	[ "$(intake_ticket fix-9 | intake_get 'd["requester"]["name"]')" = "Anna, Müller" ]
}

forwarded() { # FILE ID FROM
	intake_mail "$1" "$2" "Fwd: A customer's question" "From: Agent <$3>" <<'TXT'
Please look into it.

---------- Forwarded message ---------
From: Carla <carla@example.org>
Date: Mon, 2 Nov 2026 at 09:00
Subject: A customer's question
To: <agent@example.net>

Where is my parcel?
TXT
}

@test "intake 18: what an agent forwards is the customer's, if it is proven that he is one" {
	forwarded "$M.1" fwd-a agent@example.net
	forwarded "$M.3" fwd-c other@example.net
	intake_send --xclient 192.0.2.130 --to team@example.com "$M.1" "$M.3"
	forwarded "$M.2" fwd-b agent@example.net
	intake_mail "$M.4" fwd-d "Fwd: attached" "From: Agent <x@staff.example.net>" \
		"Content-Type: multipart/mixed; boundary=b" <<'TXT'
--b

See there.
--b
Content-Type: message/rfc822

From: Dora <dora@example.org>
Subject: Help

Please.
--b--
TXT
	sed -i '1i Authentication-Results: mx.example.com; dmarc=pass header.from=staff.example.net' "$M.4"
	intake_send --to team@example.com "$M.2" "$M.4"
	[ "$(requester fwd-a)" = carla@example.org ]
	[[ "$(intake_note fwd-a)" == *"Forwarded to us by agent@example.net"* ]]
	[ "$(requester fwd-b)" = agent@example.net ]
	[ "$(requester fwd-c)" = other@example.net ]
	[ "$(requester fwd-d)" = dora@example.org ]
}

@test "intake 19: our own MTA's results stand on the ticket, nobody else's; a DMARC fail can be held" {
	intake_mail "$M.1" ar-a "With results" <<<"Hello."
	sed -i '1i Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=example.org;\n dkim=pass header.d=example.org; dmarc=pass' "$M.1"
	intake_mail "$M.2" ar-b "With forged results" "Authentication-Results: mx.example.com; dmarc=pass" <<<"Hello you."
	intake_mail "$M.3" ar-c "With another's results" <<<"Hello all."
	sed -i '1i Authentication-Results: mx.example.org; spf=pass' "$M.3"
	intake_mail "$M.4" ar-d "Without Received" "Received:" <<<"Hello dear."
	sed -i '1i Authentication-Results: mx.example.com; spf=pass; dmarc=pass' "$M.4"
	intake_mail "$M.6" ar-f "Disowned" <<<"Hello here."
	sed -i '1i Authentication-Results: mx.example.com; dmarc=fail' "$M.6"
	intake_send "$M.1" "$M.2" "$M.3" "$M.4" "$M.6"
	[[ "$(intake_note ar-a)" == *"Sender: SPF pass, DKIM pass (example.org), DMARC pass"* ]]
	for id in ar-b ar-c ar-d; do
		[[ "$(intake_note $id)" != *"Sender:"* ]]
	done
	[[ "$(intake_note ar-f)" == *"Sender: DMARC fail"* ]]
	intake_mail "$M.5" ar-e "Disowned" <<<"Hello there."
	sed -i '1i Authentication-Results: mx.example.com; dmarc=fail' "$M.5"
	intake_send --to strict@example.com "$M.5"
	[[ "$(intake_held ar-e)" == *"the sender's domain disowns it (DMARC fail)"* ]]
}

@test "intake 22: an inbox for all of a domain takes each of its addresses" {
	intake_mail "$M" route-all "For anybody" <<<"Hello whoever."
	intake_send --to whoever@all.example.com "$M"
	[ "$(intake_ticket route-all | intake_get 'd["inbox"]')" = @all.example.com ]
}
