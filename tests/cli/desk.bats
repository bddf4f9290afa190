#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The second door, queue, quarantine and the embedded desk, from the command line.

load common

setup() {
	fresh_held
}
teardown() { done_with; }

accept() { # INBOX FILE
	dg accept -i "$1" -f someone@example.org <"$2"
}
settled() { [ "$(dg queue list --plain | wc -l)" -eq 0 ]; }

@test "accept, deliver, list, show, search, note, close, reopen, spam" {
	keeper
	message "$T/m" first "Where is my parcel?" <<<"It was sent a week ago, with the porcelain elephant."
	accept support@example.com "$T/m"
	wait_for 20 settled
	run dg tickets list
	[ "$status" -eq 0 ]
	[[ "$output" == *"Where is my parcel?"* ]]
	[[ "$output" == *" new "* ]]
	run dg tickets show 1
	[[ "$output" == *"porcelain elephant"* ]]
	[[ "$output" == *"someone-first@example.org"* ]]
	run dg tickets search porcel eleph
	[[ "$output" == *"Where is my parcel?"* ]]
	run dg tickets search giraffe
	[ "$output" = "no tickets" ]
	run dg tickets reply-note 1 Called the depot.
	[ "$status" -eq 0 ]
	run dg tickets show 1
	[[ "$output" == *"Called the depot."* ]]
	[[ "$output" == *"cli:"* ]]
	dg tickets close 1
	[ "$(dg tickets list --plain --status closed | wc -l)" -eq 1 ]
	dg tickets reopen 1
	[ "$(dg tickets list --plain --status open | wc -l)" -eq 1 ]
	run dg tickets spam 1
	[ "$status" -eq 0 ]
	[[ "$output" == *"lessons: learnt"* ]]
	[ "$(dg tickets list --plain | wc -l)" -eq 0 ]
	run dg tickets not-spam 1
	[[ "$output" == *"lessons: taken back"* ]]
	run dg tickets show 99
	[ "$status" -eq 66 ]
	run dg tickets show elephant
	[ "$status" -eq 65 ]
}

@test "an answer that cannot be written is no success, however long it is" {
	keeper
	message "$T/m" long "A long letter" < <(seq 3000)
	accept support@example.com "$T/m"
	wait_for 20 settled
	for answer in "stats" "tickets list --json" "tickets show 1 --json" "tickets show 1"; do
		run sh -c "deskgate -c '$T/dg.conf' $answer >/dev/full"
		[ "$status" -eq 74 ]
	done
}

@test "attachments come out as they went in" {
	keeper
	head -c 50000 /dev/urandom >"$T/photo"
	{
		sed '/^Content-Type/d; /^$/,$d' <<TXT
From: Someone <someone@example.org>
To: support@example.com
Subject: With a photo
Message-ID: <photo@client.example.org>
Date: Mon, 2 Nov 2026 10:00:00 +0000
MIME-Version: 1.0
TXT
		printf 'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee here.\n'
		printf -- '--b\nContent-Type: image/png; name="my photo.png"\nContent-Transfer-Encoding: base64\n\n'
		base64 "$T/photo"
		printf -- '--b\nContent-Type: text/plain; name=one.txt\nContent-Disposition: attachment\n\n1\n--b--\n'
	} >"$T/m"
	accept support@example.com "$T/m"
	wait_for 20 settled
	run dg tickets show 1
	[[ "$output" == *": my photo.png (image/png, 50000 bytes)"* ]]
	[[ "$output" == *": one.txt (text/plain, 1 byte)"* ]]
	id=$(sed -n 's/^attachment \([0-9]*\): my photo.png.*/\1/p' <<<"$output")
	dg tickets file "$id" | cmp - "$T/photo"
	run dg tickets file 999
	[ "$status" -eq 66 ]
}

@test "quarantine: list, show, release with its lesson, delete" {
	keeper
	for i in 1 2 3; do
		message "$T/m$i" "q$i" "Held $i" <<<"Held for looking at, number $i."
		accept held@example.com "$T/m$i"
	done
	wait_for 20 settled
	[ "$(dg quarantine list --plain | wc -l)" -eq 3 ]
	mapfile -t ids < <(dg quarantine list --plain | cut -f 1)
	run dg quarantine show "${ids[0]}"
	[ "$status" -eq 0 ]
	[[ "$output" == *"held@example.com"* ]]
	dg quarantine show --raw "${ids[0]}" | tr -d '\r' | cmp - "$T/m1"
	run dg quarantine release "${ids[0]}"
	[ "$status" -eq 0 ]
	[[ "$output" == *"learnt"* ]]
	wait_for 20 settled
	run dg tickets list
	[[ "$output" == *"Held 1"* ]]
	run dg quarantine delete --spam "${ids[1]}"
	[ "$status" -eq 0 ]
	run dg quarantine delete "${ids[2]}"
	[ "$status" -eq 0 ]
	[ "$(dg quarantine list --plain | wc -l)" -eq 0 ]
	run dg stats
	[[ "$output" == *"ham 1/10, spam 1/10, all 2/64"* ]]
	run dg quarantine release "${ids[2]}"
	[ "$status" -eq 66 ]
	run dg quarantine release nonsense
	[ "$status" -eq 65 ]
}

# The verdict to the last bit, and how many features there are: those that the
# model does not know yet would not show in the verdict.
bits() { # FILE
	{ dg score --json "$1"; dg explain --json "$1"; } | python3 -c 'import json, sys
score, why = map(json.loads, sys.stdin)
print(json.dumps(score["verdict"], sort_keys=True), why["explanation"]["features"])'
}

@test "through every door one message is one lesson, with the same score" {
	printf 'local-hosts = { "relay.example.net" }\n' >>"$T/dg.conf"
	corpus 40
	keeper
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	message "$T/m" doors "A cheap question" <<'TXT'
Hello, is there a bonus when I order the casino lamp?

From here it looks like a good offer: http://deals3.example.net/win
TXT
	want=$(bits "$T/m")
	[[ "$want" =~ '"score": '.*" "[1-9][0-9]{2,}$ ]]
	# the entry, and what it was judged to be at the door
	accept held@example.com "$T/m"
	sed 's/$/\r/' "$T/m" >"$T/crlf"
	wait_for 20 settled
	id=$(dg quarantine list --plain | cut -f 1)
	dg quarantine show --raw "$id" >"$T/entry"
	dg quarantine list --json | python3 -c 'import json, sys
door = json.load(sys.stdin)["entries"][0]["verdict"]
want = json.loads(sys.argv[1].rpartition(" ")[0])
for what in "class", "score", "margin":
    assert door[what] == want[what], (what, door, want)' "$want"
	# a mailbox over IMAP: delivered by two of our hosts, filtered, read
	{
		printf 'Return-Path: <someone@example.org>\nDelivered-To: held@example.com\n'
		printf 'Received: from relay.example.net by store.example.com with LMTP; Mon, 2 Nov 2026 10:00:09 +0000\n'
		printf 'Received: from client.example.org by relay.example.net\n\t(Postfix) with ESMTP id 1; Mon, 2 Nov 2026 10:00:05 +0000\n'
		printf 'X-Deskgate-Verdict: spam\nX-Deskgate-Score: +9.1\nX-Deskgate-Id: abc\n'
		printf 'X-Spam-Status: Yes, score=9\nX-Spam-Flag: YES\nAuthentication-Results: store.example.com; spf=pass\n'
		sed '/^$/{s/^$/Status: RO\nX-UID: 7\n/;:a;n;ba}' "$T/m"
	} >"$T/imap"
	grep -q '^X-UID: 7$' "$T/imap"
	sed 's/$/\r/' "$T/imap" >"$T/imap-crlf"
	mkdir -p "$T/maildir/cur" "$T/maildir/new" "$T/maildir/tmp"
	cp "$T/m" "$T/maildir/cur/1:2,RS"
	{
		printf 'From someone@example.org Mon Nov  2 10:00:00 2026\n'
		sed 's/^From here/>&/' "$T/m"
		printf '\n'
	} >"$T/mbox"
	for door in entry crlf imap imap-crlf maildir mbox; do
		[ "$(bits "$T/$door")" = "$want" ] || { echo "$door: $(bits "$T/$door")"; false; }
	done
	# taught at one door, known at all others
	run dg train --force ham "$T/m"
	[ "$status" -eq 0 ]
	run dg train ham "$T/entry" "$T/crlf" "$T/imap" "$T/imap-crlf" "$T/maildir" "$T/mbox"
	[ "$status" -eq 0 ]
	[[ "$output" == *"6 messages: 6 already known"* ]]
	run dg quarantine release "$id"
	[ "$status" -eq 0 ]
	[[ "$output" == *"already known"* ]]
	# and it is no longer the entry's alone: taken back by any copy
	run dg untrain "$T/imap"
	[ "$status" -eq 0 ]
	run dg untrain "$T/m"
	[ "$status" -eq 65 ]
}

@test "a desk's mark in the subject makes no second lesson" {
	message "$T/m" tagged "Broken lamp" <<<"It is broken."
	dg train -q ham "$T/m"
	for subject in "[#123] Broken lamp" "Re: [Ticket 123] Broken lamp"; do
		message "$T/copy" tagged "$subject" <<<"It is broken."
		run dg train ham "$T/copy"
		[[ "$output" == *"already known"* ]]
	done
}

@test "the filter never learns from its own verdicts" {
	sed -i '/action-/d' "$T/dg.conf"
	corpus 40
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	dg model dump >"$T/before"
	[ "$(wc -l <"$T/before")" -gt 100 ]
	labels=$(dg stats --json | sed 's/.*"model":{\([^[]*\).*/\1/; s/"bytes":[0-9]*//')
	keeper
	message "$T/s" judged-spam "WIN 77 cheap casino pills" <<'TXT'
Exclusive casino bonus 77! Cheap pills without prescription, click
http://deals77.example.net/win now, limited offer, unsubscribe never
TXT
	message "$T/h" judged-ham "Question 77 about my order" <<<"Hello, my order number 77 has not arrived yet. When does the parcel leave your warehouse?"
	accept support@example.com "$T/s"
	accept support@example.com "$T/h"
	accept support@example.com "$T/s"
	wait_for 20 settled
	one_ticket() { dg tickets list --json | grep -q "Question 77"; }
	wait_for 20 one_ticket
	[ "$(dg quarantine list --plain | wc -l)" -eq 1 ]
	[[ "$(dg quarantine list)" == *" spam "* ]]
	# its time in quarantine runs out
	kill "$KEEPER"
	wait "$KEEPER" || true
	KEEPER=
	touch -d '40 days ago' "$T"/state/spool/msg/*
	rm -f "$T/state/run/keeper/control.sock"
	sed -i '/^user = /d' "$T/dg.conf"
	keeper
	dg privacy schedule --run
	[ "$(dg quarantine list --plain | wc -l)" -eq 0 ]
	dg model dump >"$T/after"
	cmp "$T/before" "$T/after"
	[ "$(dg stats --json | sed 's/.*"model":{\([^[]*\).*/\1/; s/"bytes":[0-9]*//')" = "$labels" ]
}

@test "tickets erase: a person's tickets, sources and key go, others' stay" {
	keeper
	message "$T/m1" gone "Erase me" <<<"The quokka has a name."
	message "$T/m2" stays "Leave me" <<<"The zebra has none."
	message "$T/m3" held "Held of him" <<<"A third one."
	sed -i 's/someone-held@/someone-gone@/' "$T/m3"
	accept support@example.com "$T/m1"
	accept support@example.com "$T/m2"
	accept held@example.com "$T/m3"
	wait_for 20 settled
	[ "$(dg quarantine list --plain | wc -l)" -eq 1 ]
	run dg tickets search quokka
	[[ "$output" == *"Erase me"* ]]
	run dg tickets erase Someone-Gone@example.org
	[ "$status" -eq 0 ]
	[ "$output" = "erased: 1 ticket, 2 messages of the spool" ]
	run dg tickets list
	[[ "$output" == *"Leave me"* && "$output" != *"Erase me"* && "$output" != *erased* ]]
	[ "$(dg tickets search quokka)" = "no tickets" ]
	[ "$(dg quarantine list --plain | wc -l)" -eq 0 ]
	[ "$(find "$T/state/spool/msg" -type f | wc -l)" -eq 1 ]
	[[ "$(dg stats --json)" =~ '"persons":'\ ?1[,}] ]]
	! grep -aq quokka "$T"/state/desk*.sqlite*
	[[ "$(dg audit)" == *erase* && "$(dg audit)" != *someone-gone* ]]
	# He is gone, and who writes again is a new one.
	run dg tickets erase --json someone-gone@example.org
	[[ "$output" == *'"outcome":'*done* ]]
	# The same message once more makes no ticket, an answer to it does.
	accept support@example.com "$T/m1"
	message "$T/m4" anew "Here again" <<<"Do you still know me?"
	sed -i -e 's/someone-anew@/someone-gone@/' \
		-e 's/^Subject:/In-Reply-To: <gone@client.example.org>\n&/' "$T/m4"
	accept support@example.com "$T/m4"
	wait_for 20 settled
	[ "$(dg tickets list --plain | wc -l)" -eq 2 ]
	run dg tickets list
	[[ "$output" == *"Here again"* && "$output" != *"Erase me"* ]]
	run dg tickets erase nobody
	[ "$status" -eq 65 ]
	[[ "$output" == *"is no address"* ]]
	run dg tickets erase
	[ "$status" -eq 64 ]
}

@test "accept refuses what is wrong, and is silent when it is right" {
	message "$T/m" door "By the door" <<<"Hello"
	run dg accept -i nobody@example.com <"$T/m"
	[ "$status" -ne 0 ]
	[[ "$output" == *"nobody@example.com"* ]]
	run dg accept <"$T/m"
	[ "$status" -eq 64 ]
	dg stats >/dev/null
	run dg accept -i support@example.com </dev/null
	[ "$status" -ne 0 ]
	run dg accept -i support@example.com <"$T/m"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run dg accept -i support@example.com <"$T/m"
	[ "$status" -eq 0 ]
	run dg queue list --plain
	[ "$(wc -l <<<"$output")" -eq 1 ]
	[[ "$output" == *$'\tnew\t'* ]]
}

@test "accept answers 75 where the spool cannot be written" {
	message "$T/m" door "By the door" <<<"Hello"
	dg stats >/dev/null
	rm -rf "$T/state/spool/tmp"
	: >"$T/state/spool/tmp"
	run dg accept -i support@example.com <"$T/m"
	[ "$status" -eq 75 ]
}

@test "an entry is dropped from the queue" {
	message "$T/m" door "By the door" <<<"Hello"
	dg stats >/dev/null
	dg accept -i support@example.com <"$T/m"
	id=$(dg queue list --plain | cut -f 1)
	run dg queue show "$id"
	[ "$status" -eq 0 ]
	[[ "$output" == *"support@example.com"* ]]
	run dg queue drop "$id"
	[ "$status" -eq 0 ]
	settled
	run dg queue retry "$id"
	[ "$status" -eq 66 ]
}

@test "a retry of what went on by itself says its state and is no failure" {
	keeper
	message "$T/m" late "Held first" <<<"Hello"
	dg accept -i held@example.com <"$T/m"
	wait_for 30 sh -c "'$top_builddir/deskgate' -c '$T/dg.conf' quarantine list --plain | grep -q ."
	id=$(dg quarantine list --plain | cut -f 1)
	run dg queue retry "$id"
	[ "$status" -eq 66 ]
	[[ "$output" == *"it is held"* ]]
	dg quarantine release "$id"
	wait_for 30 settled
	run dg queue retry "$id"
	[ "$status" -eq 0 ]
	[ "$output" = "$id: went on by itself; it is done" ]
	[ "$(dg queue retry --json "$id" | python3 -c 'import json, sys
print(json.load(sys.stdin)["state"])')" = done ]
	! dg audit | grep -q ' retry '
}

@test "what strangers write cannot act on the terminal" {
	keeper
	message "$T/m" evil "x" <<<$'body \033]0;owned\007 \u202egnp.exe'
	sed -i 's/^Subject: .*/Subject: =?utf-8?B?'"$(printf '\033[31mred\033[0m \u202eevil' | base64)"'?=/' "$T/m"
	accept support@example.com "$T/m"
	wait_for 20 settled
	for words in "tickets list" "tickets show 1" "queue list --all"; do
		# shellcheck disable=SC2086
		run dg $words
		[ "$status" -eq 0 ]
		[[ "$output" != *$'\033'* && "$output" != *$'\u202e'* ]]
	done
}

@test "the key that mail is sealed to changes each day, and mail goes on" {
	dg stats >/dev/null
	cp "$T/state-keys/intake.pub" "$T/old.pub"
	python3 - "$T"/state-keys/intake/*.key <<'TXT'
import struct, sys, time
with open(sys.argv[1], "r+b") as f:
    f.seek(4)
    f.write(struct.pack(">q", int(time.time()) - 3 * 86400))
TXT
	keeper
	changed() { ! cmp -s "$T/old.pub" "$T/state-keys/intake.pub"; }
	wait_for 20 changed
	message "$T/m" sealed "Sealed to the new key" <<<"Hello."
	accept support@example.com "$T/m"
	wait_for 20 settled
	run dg tickets list
	[[ "$output" == *"Sealed to the new key"* ]]
}

lesson_size() { # how many features the last lesson of the journal has
	dg model dump --lessons | sed -n 's/^lesson .* \([0-9]*\) [^ ]*$/\1/p' | tail -n 1
}

@test "a mark teaches what was scored, whatever a reading would find today" {
	dg train -q --ham "$top_srcdir/contrib/samples/ham" --spam "$top_srcdir/contrib/samples/spam"
	{
		printf 'Received: from a.example.net by relay.example.org; Mon, 2 Nov 2026 10:00:05 +0000\n'
		printf 'From: someone-scored@example.net\nTo: support@example.com\nSubject: a lamp\n'
		printf 'Date: Mon, 2 Nov 2026 10:00:00 +0000\nMessage-ID: <scored@example.net>\n\n'
		printf 'The quaint lamp of my aunt flickers whenever a tram goes by.\n'
	} >"$T/m"
	scored=$(dg explain --json "$T/m" | sed 's/.*"features": *\([0-9]*\).*/\1/')
	keeper
	accept support@example.com "$T/m"
	wait_for 20 settled
	kill "$KEEPER" && wait "$KEEPER" || true
	# From now on the host that took it first counts as one of ours.
	printf 'inbox "other@relay.example.org" { }\n' >>"$T/dg.conf"
	deskgate-deliver -c "$T/dg.conf" >"$T/keeper.log" 2>&1 3>&- &
	KEEPER=$!
	wait_for 20 test -S "$T/state/run/keeper/control.sock"
	today=$(dg explain --json "$T/m" | sed 's/.*"features": *\([0-9]*\).*/\1/')
	[ "$today" -lt "$scored" ]
	run dg tickets spam 1
	[ "$status" -eq 0 ]
	[[ "$output" == *"lessons: learnt"* ]]
	[ "$(lesson_size)" -eq "$scored" ]
	# A copy of it from a mailbox is the same lesson, of the same features.
	run dg train spam "$T/m"
	[[ "$output" == *"already known"* ]]
	dg untrain -q "$T/m"
	{ printf 'Delivered-To: support@example.com\r\n'; sed 's/$/\r/' "$T/m"; } >"$T/copy"
	dg train -q spam "$T/copy"
	[ "$(lesson_size)" -eq "$scored" ]
	dg untrain -q "$T/copy"
	dg train -q --inbox other@relay.example.org spam "$T/copy"
	[ "$(lesson_size)" -eq "$today" ]
	# Once the entry is gone it is read as it would be today.
	dg untrain -q "$T/copy"
	dg queue drop "$(ls "$T/state/spool/done")"
	dg train -q spam "$T/copy"
	[ "$(lesson_size)" -eq "$today" ]
}
