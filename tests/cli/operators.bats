#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Those who work with Deskgate: what they opened is written down, and their names go
# when they leave.

load common

setup() {
	fresh_held
}
teardown() { done_with; }

ANN=imap:ann-of-the-second-floor

mail() { # NAME INBOX
	message "$T/$1" "$1" "About $1" <<<"Please look after $1."
	dg accept -i "$2" -f someone@example.org <"$T/$1"
}
tickets() { [ "$(dg tickets list --plain | wc -l)" -eq "$1" ]; }
held() { [ "$(dg quarantine list --plain | wc -l)" -eq "$1" ]; }
looked() { dg audit --plain | awk -F '\t' '$4 == "look" { print $5 "|" $6 }'; }

@test "what is opened is written down before it is shown" {
	keeper
	mail ticket support@example.com
	wait_for 20 tickets 1
	mail held held@example.com
	wait_for 20 held 1
	id=$(dg quarantine list --plain | cut -f 1)
	done_id=$(dg queue list --all --plain | awk -F '\t' '$2 == "done" { print $1 }')
	[ "$(looked)" = "" ]
	dg quarantine show "$id"
	dg queue show --raw "$done_id" | cmp - "$T/ticket"
	dg tickets show --reason "asked by phone" 1
	[ "$(looked)" = "entry $id|
entry $done_id|
ticket 1|asked by phone" ]
	run dg tickets show --reason "for anna@example.org" 1
	[ "$status" -eq 65 ]
	[[ "$output" != *look\ after* ]]
	[ "$(looked | wc -l)" -eq 3 ]
}

@test "where a reason is asked for, nothing is shown without one" {
	echo 'ask-reason = yes' >>"$T/dg.conf"
	keeper
	mail ticket support@example.com
	wait_for 20 tickets 1
	run dg tickets show 1
	[ "$status" -eq 65 ]
	[[ "$output" == *"--reason"* && "$output" != *look\ after* ]]
	[[ "$(dg tickets show --reason "to answer" 1)" == *"look after"* ]]
	[ "$(looked)" = "ticket 1|to answer" ]
}

@test "who is looked for by his address is written down, and no name with it" {
	keeper
	mail ticket support@example.com
	wait_for 20 tickets 1
	searched() { dg audit --plain | awk -F '\t' '$4 == "search" { print $5 }'; }
	dg tickets search parcel
	dg quarantine list
	[ -z "$(searched)" ]
	dg privacy find someone-ticket@example.org
	[ "$(searched | wc -l)" -eq 1 ]
	dg tickets search "the one of Someone-Ticket@example.org"
	dg privacy consent show someone-ticket@example.org
	dg privacy find other@example.org
	dg privacy erase --dry-run other@example.org
	[ "$(searched | wc -l)" -eq 5 ]
	[ "$(searched | sort | uniq -c | awk '{ print $1 }' | sort | tr '\n' ' ')" = "2 3 " ]
	[ "$(searched | grep -c '^[0-9a-f]\{32\}$')" -eq 5 ]
	dg audit --verify
}

@test "with what settings it was started is written down" {
	keeper
	first=$(dg audit --plain | awk -F '\t' '$4 == "start" { print $5 }')
	[[ "$first" == "settings "* ]]
	kill "$KEEPER"
	wait "$KEEPER" || true
	echo '# changed' >>"$T/dg.conf"
	keeper
	last=$(dg audit --plain | awk -F '\t' '$4 == "start" { print $5 }' | tail -n 1)
	[[ "$last" == "settings "* && "$last" != "$first" ]]
}

@test "who left is forgotten by name, and the trail stays whole" {
	keeper
	mail ticket support@example.com
	wait_for 20 tickets 1
	dg train ham --as "$ANN" "$T/ticket"
	[[ "$(dg operator list --plain)" == *"$ANN	imap:~"* ]]
	[[ "$(dg operator list)" == *"cli:"* ]]
	! grep -r "ann-of-the-second-floor" "$T/keeper.log" || false
	head=$(dg audit --verify | sed -n 's/^head: //p')
	run dg operator delete "$ANN"
	[ "$status" -eq 0 ]
	[[ "$output" == *"is imap:~"* ]]
	[[ "$(dg operator list)" != *"$ANN"* ]]
	[[ "$(dg audit --verify --head "$head")" == *whole* ]]
	dg model verify
	kill "$KEEPER"
	wait "$KEEPER" || true
	KEEPER=
	! grep -r "ann-of-the-second-floor" "$T/state" "$T/state-keys" "$T/keeper.log" || false
	run dg operator delete "$ANN"
	[ "$status" -eq 66 ]
	run dg operator delete
	[ "$status" -eq 64 ]
	run dg operator delete $'\xff'
	[ "$status" -eq 64 ]
	[[ "$output" == *UTF-8* ]]
}
