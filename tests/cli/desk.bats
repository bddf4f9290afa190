#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The second door, queue, quarantine and the embedded desk, from the command line.

load common

setup() {
	fresh <<'TXT'
retry-min = 1s
inbox "support@example.com" { }
inbox "held@example.com" {
	action-ham = quarantine
	action-unsure = quarantine
}
TXT
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
	[[ "$output" == *"lessons: moved"* ]]
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
		printf -- '--b--\n'
	} >"$T/m"
	accept support@example.com "$T/m"
	wait_for 20 settled
	run dg tickets show 1
	[[ "$output" == *"my photo.png"* ]]
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
