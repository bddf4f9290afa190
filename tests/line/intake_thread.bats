#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Which ticket a message belongs to: rows 1-3, 5, 7, 8, 10, 17 and 22 of
# contrib/doc/intake.md; the others of 4-22 are in intake_origin.bats.

load intake.bash

setup_file() {
	export SINK SINK_PID
	SINK=$(mktemp -d "${TMPDIR:-/tmp}/sink.XXXXXX")
	chmod 0755 "$SINK"
	python3 "$top_srcdir/tests/line/smtp_sink.py" --port-file "$SINK/port" "$SINK" \
		>/dev/null 2>&1 3>&- &
	SINK_PID=$!
	wait_for 10 test -s "$SINK/port"
	intake_start <<TXT
mail-relay = "smtp://127.0.0.1:$(cat "$SINK/port")"
mail-relay-tls = none
$(inboxes)
TXT
}

inboxes() { cat <<'TXT'
local-hosts = { "mail.example.net" }
own-networks = { "192.0.2.128/25" }
inbox "support@example.com" { subject-tag = '\[#(\d+)\]' }
inbox "sales@example.com" { }
inbox "hello@example.com" { acknowledge = yes ack-reply-token = yes }
inbox "strict@example.com" {
	action-unsure = quarantine
	block = { "blocked@example.org" }
}
TXT
}

teardown_file() {
	intake_stop
	kill "$SINK_PID"
	rm -rf "$SINK"
}

@test "intake 01: a code in the subject joins the ticket, with Re: and around" {
	intake_mail "$M.1" tag-a "My parcel" <<<"Where is it?"
	intake_send "$M.1"
	code=$(intake_ticket tag-a | intake_get 'd["code"]')
	intake_mail "$M.2" tag-b "Re: [#$code] My parcel" \
		"From: Someone <someone-tag-a@example.org>" <<<"It has come."
	intake_send "$M.2"
	intake_joined tag-a tag-b
	intake_mail "$M.3" tag-c "[#99999] My parcel" \
		"From: Someone <someone-tag-a@example.org>" <<<"A code that is none."
	intake_send "$M.3"
	! intake_joined tag-a tag-c
}

@test "intake 02: In-Reply-To and References join, the newest first" {
	intake_mail "$M.1" ref-a "First question" <<<"Where is it?"
	intake_mail "$M.2" ref-b "Second question" \
		"From: Someone <someone-ref-a@example.org>" <<<"And the other?"
	intake_send "$M.1" "$M.2"
	! intake_joined ref-a ref-b
	intake_mail "$M.3" ref-c "Re: First question" \
		"From: Someone <someone-ref-a@example.org>" \
		"References: <ref-b@client.example.org> <ref-a@client.example.org>" <<<"Found."
	intake_mail "$M.4" ref-d "Re: Second question" \
		"From: Someone <someone-ref-a@example.org>" \
		"In-Reply-To: <ref-b@client.example.org>" \
		"References: <ref-a@client.example.org>" <<<"Found as well."
	intake_send "$M.3" "$M.4"
	intake_joined ref-a ref-c
	intake_joined ref-b ref-d
}

@test "intake 02: an agent's answer that leaves through our MTA is known, and makes no ticket" {
	intake_mail "$M.1" out-a "A question" <<<"Where is it?"
	intake_send "$M.1"
	intake_mail "$M.2" out-b "Re: A question" "From: Support <support@example.com>" \
		"To: Someone <someone-out-a@example.org>" \
		"Cc: Colleague of his <cc-out@example.org>" \
		"In-Reply-To: <out-a@client.example.org>" <<<"It is on its way."
	intake_send --from support@example.com --xclient 192.0.2.130 --to nobody@example.com "$M.2"
	intake_log -q 'outgoing .*ticket='
	[ "$(intake_count out-b)" = 0 ]
	intake_mail "$M.3" out-c "Re: Re: A question" "From: Someone <someone-out-a@example.org>" \
		"In-Reply-To: <out-b@client.example.org>" <<<"Thank you."
	intake_mail "$M.4" out-d "Re: Re: A question" "From: Colleague <cc-out@example.org>" \
		"In-Reply-To: <out-b@client.example.org>" <<<"I thank you as well."
	intake_send "$M.3" "$M.4"
	intake_joined out-a out-c out-d
	# The same from outside teaches nothing.
	intake_mail "$M.5" out-e "Re: A question" "From: Support <support@example.com>" \
		"In-Reply-To: <out-a@client.example.org>" <<<"A forged answer."
	intake_send --from support@example.com --to nobody@example.com "$M.5"
	intake_mail "$M.6" out-f "Re: Re: A question" "From: Someone <someone-out-a@example.org>" \
		"In-Reply-To: <out-e@client.example.org>" <<<"What is this?"
	intake_send "$M.6"
	! intake_joined out-a out-f
}

sunk() { # ADDRESS: the one message in the sink that was given to it
	local envelope
	envelope=$(grep -l "^to <$1>" "$SINK"/*.envelope) || return 1
	[ "$(wc -l <<<"$envelope")" = 1 ] && cat "${envelope%.envelope}"
}

@test "intake 03: who has the token may write into its ticket, by id, address or text; nobody guesses it" {
	intake_mail "$M.1" tok-a "A question" "From: Anna <tok-anna@example.org>" <<<"Where is it?"
	intake_send --to hello@example.com --xclient 192.0.2.130 "$M.1"
	wait_for 30 sunk tok-anna@example.org
	sunk tok-anna@example.org >"$M.ack"
	id=$(tr -d '\r' <"$M.ack" | sed -n 's/^Message-ID: <\(.*\)>$/\1/Ip')
	[[ "$id" == dg.* ]]
	token=$(cut -d . -f 1-3 <<<"$id" | tr . -)
	grep -q "^Reply-To: hello+$token@example.com" "$M.ack"
	intake_mail "$M.2" tok-b "By id" "From: Other <other-b@example.net>" "In-Reply-To: <$id>" <<<"One."
	intake_mail "$M.3" tok-c "By address" "From: Other <other-c@example.net>" <<<"Two."
	intake_mail "$M.4" tok-d "By text" "From: Other <other-d@example.net>" <<<"> Ref: ${token^^}"
	intake_mail "$M.5" tok-e "Guessed" "From: Other <other-e@example.net>" \
		"In-Reply-To: <${id/dg.?/dg.1}>" <<<"> Ref: ${token%?????}aaaaa"
	intake_send --to hello@example.com "$M.2" "$M.4" "$M.5"
	intake_send --to "hello+$token@example.com" "$M.3"
	intake_joined tok-a tok-b tok-c tok-d
	! intake_joined tok-a tok-e || [ "${id/dg.?/dg.1}" = "$id" ]
}

@test "intake 10: our own acknowledgement that comes back makes no ticket, and no answer" {
	intake_mail "$M.1" own-ack "A question" "From: Ben <own-ben@example.org>" <<<"Where is it?"
	intake_send --to hello@example.com --xclient 192.0.2.130 "$M.1"
	wait_for 30 sunk own-ben@example.org
	sunk own-ben@example.org >"$M.ack"
	before=$(line_count tickets)
	intake_send --from ben@example.org "$M.ack"
	intake_log -q ' loop \|event=loop\|loop id='
	[ "$(line_count tickets)" = "$before" ]
}

@test "intake 05: who is not on the ticket gets his own, which names the other" {
	intake_mail "$M.1" own-a "An invoice" "Cc: Partner <partner@example.net>" <<<"Is it right?"
	intake_send "$M.1"
	code=$(intake_ticket own-a | intake_get 'd["code"]')
	intake_mail "$M.2" own-b "Re: An invoice" "From: Stranger <stranger@example.net>" \
		"In-Reply-To: <own-a@client.example.org>" <<<"Send it to me."
	intake_mail "$M.3" own-c "Re: An invoice" "From: Partner <partner@example.net>" \
		"In-Reply-To: <own-a@client.example.org>" <<<"It is right."
	intake_send "$M.2" "$M.3"
	! intake_joined own-a own-b
	[[ "$(intake_note own-b)" == *"Refers to ticket $code"* ]]
	intake_joined own-a own-c
}

@test "intake 07: the same message twice is one ticket, another with its id its own, marked" {
	intake_mail "$M" same "Sent twice" <<<"Hello, my order has not arrived."
	intake_send "$M"
	intake_send "$M"
	intake_ticket same
	intake_mail "$M" same "Sent twice" <<<"Hello, my order was broken."
	intake_send "$M"
	[ "$(intake_count same)" = 2 ]
	intake_tickets same | grep -q 'repeated-id'
	intake_mail "$M.two" both "For two" <<<"Hello to both of you."
	intake_send --to support@example.com --to sales@example.com "$M.two"
	[ "$(intake_count both)" = 2 ]
}

no_marks() { [ -z "$(ls "$LINE/state/spool/milder")" ]; }

@test "intake 07: a milder copy releases the one that is held for its verdict, and no other" {
	intake_mail "$M.1" mild "Held at first" <<<"By one way it looks strange."
	intake_mail "$M.2" mild-blocked "Blocked" "From: Blocked <blocked@example.org>" <<<"A list holds this."
	intake_send --to strict@example.com "$M.1" "$M.2"
	intake_held mild
	[[ "$(intake_held mild-blocked)" == *"blocked: "* ]]
	# Another copy that is no better changes nothing.
	intake_send --to strict@example.com "$M.1"
	wait_for 10 no_marks
	intake_held mild
	# One of a host of ours is trusted.
	intake_send --to strict@example.com --xclient 192.0.2.130 "$M.1" "$M.2"
	wait_for 30 intake_ticket mild
	[[ "$(intake_note mild)" == *"a copy of it came that was judged milder"* ]]
	! intake_held mild
	intake_send --to strict@example.com "$M.1"
	[ "$(intake_count mild)" = 1 ]
	intake_held mild-blocked
	[ "$(intake_count mild-blocked)" = 0 ]
	wait_for 10 no_marks
	# The milder one first: the ticket stays.
	intake_mail "$M.3" mild-first "Trusted at first" <<<"By the other way it looks good."
	intake_send --to strict@example.com --xclient 192.0.2.130 "$M.3"
	intake_send --to strict@example.com "$M.3"
	intake_ticket mild-first
	! intake_held mild-first
	wait_for 10 no_marks
}

# As a list or a gateway writes it, "[list] ..." or "[SPAM?] ...": the same message.  What is
# let go is what was held, under the Subject that it was held with.
@test "intake 07: a milder copy with another Subject releases, whichever came first" {
	intake_mail "$M.1" mild-subject "[SPAM?] A parcel" <<<"By a gateway that marks."
	intake_mail "$M.2" mild-subject "A parcel" <<<"By a gateway that marks."
	intake_send --to strict@example.com "$M.1"
	intake_held mild-subject
	intake_send --to strict@example.com --xclient 192.0.2.130 "$M.2"
	wait_for 30 intake_ticket mild-subject
	[[ "$(intake_note mild-subject)" == *"a copy of it came that was judged milder"* ]]
	[ "$(intake_ticket mild-subject | intake_get 'd["subject"]')" = "[SPAM?] A parcel" ]
	[ "$(intake_count mild-subject)" = 1 ]
	# The milder one first: the other adds nothing.
	intake_mail "$M.3" mild-subject-2 "Another parcel" <<<"By the direct way."
	intake_mail "$M.4" mild-subject-2 "[SPAM?] Another parcel" <<<"By the direct way."
	intake_send --to strict@example.com --xclient 192.0.2.130 "$M.3"
	intake_send --to strict@example.com "$M.4"
	[ "$(intake_count mild-subject-2)" = 1 ]
	[ "$(intake_ticket mild-subject-2 | intake_get 'd["subject"]')" = "Another parcel" ]
	! intake_held mild-subject-2
	wait_for 10 no_marks
}

@test "intake 07: the same bytes that are read otherwise release nothing" {
	local text=TWVldCBtZSBiZWhpbmQgdGhlIG9sZCBtaWxsLg==
	intake_mail "$M.1" other-way "Read one way" "Content-Transfer-Encoding: base64" <<<"$text"
	intake_mail "$M.2" other-way "Read one way" <<<"$text"
	intake_send --to strict@example.com "$M.1"
	intake_held other-way
	intake_send --to strict@example.com --xclient 192.0.2.130 "$M.2"
	[ "$(intake_count other-way)" = 1 ]
	wait_for 10 no_marks
	intake_held other-way
}

@test "intake 08: without a Message-ID, equal mail of the same hour is one message" {
	intake_mail "$M" none "Nightly report of example 8" "Message-ID:" <<<"All is well."
	intake_send "$M"
	intake_send "$M"
	[ "$(dg tickets list --json --limit 1000 | intake_get \
		'sum(t["subject"] == "Nightly report of example 8" for t in d["tickets"])')" = 1 ]
}

# Postfix gives mail of its own network a Date, another one at each try.
@test "intake 07, 08: without a Date it is one message too, with a Message-ID and without" {
	intake_mail "$M" none "Nightly report of example 9" "Message-ID:" "Date:" <<<"All is well."
	intake_mail "$M.id" dateless "Nightly report of example 9" "Date:" <<<"All is well, too."
	intake_send "$M" "$M.id"
	sleep 3
	intake_send "$M" "$M.id"
	[ "$(line_json 'sum(t["subject"] == "Nightly report of example 9" for t in d["tickets"])' \
		dg tickets list)" = 2 ]
}

@test "intake 17: Cc and To follow, without our inboxes and whom Delivered-To names" {
	intake_mail "$M" cc "For many" "Cc: Sales <sales@example.com>, One <one@example.net>, support+x@example.com" \
		"To: Support <support@example.com>, Two <two@example.net>, one@example.net" \
		"Delivered-To: three@example.net" "X-Original-To: four@example.net" <<<"Hello all."
	intake_send "$M"
	[ "$(intake_ticket cc | intake_get 'sorted(f["address"] for f in d["followers"])')" = \
		"['one@example.net', 'two@example.net']" ]
}

@test "intake 22: the envelope decides, plus addresses too; one ticket for each inbox" {
	intake_mail "$M" route "For whom" "To: Sales <sales@example.com>" <<<"Hello."
	intake_send --to support+urgent@example.com "$M"
	[ "$(intake_ticket route | intake_get 'd["inbox"]')" = support@example.com ]
	intake_mail "$M.2" route-two "For two" <<<"Hello again."
	intake_send --to support@example.com --to sales@example.com "$M.2"
	[ "$(intake_tickets route-two | intake_get 'sorted(t["inbox"] for t in d)')" = \
		"['sales@example.com', 'support@example.com']" ]
	intake_mail "$M.3" route-door "By the other door" <<<"Hello from an alias."
	dg accept -i sales@example.com -f someone@example.org <"$M.3"
	wait_for 30 line_settled
	[ "$(intake_ticket route-door | intake_get 'd["inbox"]')" = sales@example.com ]
}
