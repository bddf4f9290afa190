#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# deskgate accept: the second door, as an MTA's pipe uses it.

load common.bash

setup() {
	fresh <<TXT
max-message-size = 64K
inbox "support@example.com" { }
inbox "@example.net" { }
TXT
	dg stats >/dev/null
	message "$T/m" one "Where is my parcel?" <<<"It was sent a week ago."
}
teardown() { done_with; }

entries() { dg queue list --json | python3 -c 'import json, sys
print(len(json.load(sys.stdin)["entries"]))'; }
accept() { dg accept -i support@example.com "$@"; }

@test "it stores a message, says nothing, and knows it again" {
	run accept <"$T/m"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(entries)" -eq 1 ]
	id=$(dg queue list --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["entries"][0]["id"])')
	dg queue show --raw "$id" | cmp - "$T/m"
	# Again: with CRLF, and with what mbox and pipe(8) put on top.
	sed 's/$/\r/' "$T/m" | accept
	{
		printf 'From someone-one@example.org Mon Nov  2 10:00:00 2026\n'
		printf 'Return-Path: <someone-one@example.org>\n'
		printf 'X-Original-To: support@example.com\n'
		printf 'Delivered-To: support@example.com\n'
		cat "$T/m"
	} | accept
	[ "$(entries)" -eq 1 ]
	# Another body, another inbox: other messages.
	{ cat "$T/m"; echo more; } | accept
	dg accept -i @example.net <"$T/m"
	[ "$(entries)" -eq 3 ]
}

@test "sender and recipient come from options, else from what is there" {
	accept -f '<anna@example.org>' -r '<support+x@example.com>' <"$T/m"
	{ echo 'Return-Path: <bert@example.org>'; cat "$T/m"; echo 2; } | accept
	{ cat "$T/m"; echo 3; } | accept
	{ cat "$T/m"; echo 4; } | accept -f ''
	dg queue list --json | python3 -c 'import json, sys
got = sorted(e["sender"] for e in json.load(sys.stdin)["entries"])
assert got == ["", "", "anna@example.org", "bert@example.org"], got'
}

@test "what can never work is told as such, all else is for another try" {
	run dg accept <"$T/m"
	[ "$status" -eq 64 ]
	run accept unexpected <"$T/m"
	[ "$status" -eq 64 ]
	run accept --no-such-option <"$T/m"
	[ "$status" -eq 64 ]
	run dg accept -i other@example.com <"$T/m"
	[ "$status" -eq 64 ]
	[[ "$output" == *other@example.com* ]]
	head -c 70000 /dev/zero | tr '\0' x >"$T/large"
	run accept <"$T/large"
	[ "$status" -eq 65 ]
	[[ "$output" == *65536* ]]
	run accept </dev/null
	[ "$status" -eq 75 ]
	printf 'max-recipients = none\n' >>"$T/dg.conf"
	run accept <"$T/m"
	[ "$status" -eq 75 ]
	[[ "$output" == *max-recipients* ]]
	sed -i '$d' "$T/dg.conf"
	printf 'reserve-space = 16T\n' >>"$T/dg.conf"
	run accept <"$T/m"
	[ "$status" -eq 75 ]
	[[ "$output" == *reserve-space* ]]
	sed -i '$d' "$T/dg.conf"
	mv "$T/state-keys" "$T/away"
	run accept <"$T/m"
	[ "$status" -eq 75 ]
	mv "$T/away" "$T/state-keys"
	[ "$(entries)" -eq 0 ]
}

@test "it says to start the keeper first where there are no keys" {
	rm -r "$T/state" "$T/state-keys"
	mkdir -m 0750 "$T/state-keys"
	run accept <"$T/m"
	[ "$status" -eq 75 ]
	[[ "$output" == *"start deskgate-deliver"* ]]
}

@test "it judges: spam goes to quarantine, with a keeper at work" {
	corpus 40
	keeper
	dg train ham "$T/ham" >/dev/null
	dg train spam "$T/spam" >/dev/null
	message "$T/spam-mail" bad "WIN 77 cheap casino pills" <<TXT
Exclusive casino bonus 77! Cheap pills without prescription, click
http://deals77.example.net/win now, limited offer, unsubscribe never
TXT
	accept -f x@example.org <"$T/spam-mail"
	accept -f x@example.org <"$T/m"
	wait_for 20 ticket_made
	dg quarantine list --json | python3 -c 'import json, sys
rows = json.load(sys.stdin)["entries"]
assert len(rows) == 1 and rows[0]["verdict"]["class"] == "spam", rows'
}
ticket_made() {
	dg tickets list --json | python3 -c 'import json, sys
rows = json.load(sys.stdin)["tickets"]
assert [r["subject"] for r in rows] == ["Where is my parcel?"], rows'
}
