#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What agents decide teaches the model, and who did what can be shown.

load common

setup() {
	fresh <<'TXT'
retry-min = 1s
inbox "support@example.com" { }
inbox "held@example.com" {
	action-spam = quarantine
	action-unsure = quarantine
}
inbox "spam@example.com" { action-spam = ticket-as-spam }
TXT
}
teardown() { done_with; }

settled() { [ "$(dg queue list --plain | wc -l)" -eq 0 ]; }
accept() { # INBOX FILE [SENDER]
	dg accept -i "$1" -f "${3:-someone@example.org}" <"$2"
}
taught() { # trains enough for verdicts
	corpus 40
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
}
verdict() { # FILE
	dg score --json "$1" | python3 -c 'import json, sys
print(json.dumps(json.load(sys.stdin)["verdict"], sort_keys=True))'
}
score() { verdict "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["score"])'; }
tally() { # ACTOR WORD
	dg stats --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["feedback"].get(sys.argv[1], {}).get(sys.argv[2], 0))' "$1" "$2"
}
me() { printf 'cli:%s' "$(id -un)"; }

lamp() { # FILE ID
	message "$1" "$2" "A lamp of my aunt" <<<"The quaint lamp of my aunt flickers whenever a tram goes by, unit $2."
}

@test "a mark changes the next verdict, and taking it back leaves no trace" {
	taught
	keeper
	lamp "$T/m1" one
	lamp "$T/m2" two
	accept support@example.com "$T/m1"
	wait_for 20 settled
	before=$(verdict "$T/m2")
	dg model dump >"$T/before"
	low=$(score "$T/m2")
	dg tickets spam 1
	high=$(score "$T/m2")
	python3 -c 'import sys; assert float(sys.argv[2]) > float(sys.argv[1]) + 0.5, sys.argv' "$low" "$high"
	run dg tickets not-spam 1
	[[ "$output" == *"taken back"* ]]
	[ "$(verdict "$T/m2")" = "$before" ]
	dg model dump >"$T/after"
	cmp "$T/before" "$T/after"
	dg model verify
	[ "$(tally "$(me)" learnt)" -eq 1 ]
	[ "$(tally "$(me)" taken-back)" -eq 1 ]
	run dg stats
	[[ "$output" == *"taught   $(me): "*"1 learnt"* ]]
}

# What the mark of a ticket teaches, and what a copy of its message does.
same_lesson() { # FILE COPY [SENDER]
	accept support@example.com "$1" "${3:-}"
	wait_for 20 settled
	dg tickets spam 1
	dg model dump >"$T/marked"
	dg tickets not-spam 1
	! dg model dump | cmp -s - "$T/marked"
	dg train -q spam "$2"
	dg model dump | cmp - "$T/marked"
}

# What others have written into the copy would be learnt, if it were read.
@test "a copy from a mailbox teaches what was scored when it came" {
	taught
	keeper
	lamp "$T/m1" one
	{
		printf 'Return-Path: <far@example.net>\nDelivered-To: support@example.com\nX-Mailer: Another\n'
		cat "$T/m1"
	} >"$T/copy"
	same_lesson "$T/m1" "$T/copy" far@example.net
}

@test "so does a copy to which the mail server gave its Date" {
	taught
	keeper
	lamp "$T/all" one
	{
		sed '/^Date:/d; /^$/,$d' "$T/all"
		printf 'Date: %s (UTC)\n' "$(date -u '+%a, %e %b %Y %H:%M:%S +0000' | tr -s ' ')"
		sed -n '/^$/,$p' "$T/all"
	} >"$T/m1"
	{
		printf 'Return-Path: <far@example.net>\nDelivered-To: support@example.com\nX-Mailer: Another\n'
		sed 's/^Date: .*/&\nX-Spam-Status: No/' "$T/m1"
	} >"$T/copy"
	same_lesson "$T/m1" "$T/copy" far@example.net
}

@test "so does a copy to which the mail server gave its Message-ID" {
	taught
	keeper
	lamp "$T/all" one
	now=$(date -u +%s)
	{
		sed '/^Date:/d; /^Message-ID:/d; /^$/,$d' "$T/all"
		printf 'Date: %s (UTC)\n' "$(date -u -d "@$now" '+%a, %e %b %Y %H:%M:%S +0000' | tr -s ' ')"
		sed -n '/^$/,$p' "$T/all"
	} >"$T/m1"
	sed "s/^Date: .*/Message-ID: <$(date -u -d "@$now" +%Y%m%d%H%M%S).4XyZ1a@mx.example.com>\\n&/" \
		"$T/m1" >"$T/copy"
	same_lesson "$T/m1" "$T/copy" someone-one@example.org
}

@test "with unmark = ham the mail is ham then, and no more than that" {
	printf 'unmark = ham\n' >"$T/more"
	cat "$T/dg.conf" >>"$T/more"
	mv "$T/more" "$T/dg.conf"
	taught
	lamp "$T/m1" one
	dg model dump >"$T/before"
	dg train -q ham "$T/m1"
	dg model dump >"$T/want"
	dg untrain -q "$T/m1"
	keeper
	accept support@example.com "$T/m1"
	wait_for 20 settled
	dg tickets spam 1
	dg tickets not-spam 1
	dg model dump >"$T/after"
	cmp "$T/want" "$T/after"
	dg untrain -q "$T/m1"
	dg model dump >"$T/after"
	cmp "$T/before" "$T/after"
}

@test "opening a ticket that was spam takes the mark back too, closing it does not" {
	taught
	keeper
	lamp "$T/m1" one
	accept support@example.com "$T/m1"
	wait_for 20 settled
	dg model dump >"$T/before"
	dg tickets spam 1
	dg model dump >"$T/marked"
	dg tickets close 1
	dg model dump | cmp - "$T/marked"
	dg tickets reopen 1
	dg model dump | cmp - "$T/before"
}

@test "who un-marks what we marked teaches ham, and the sender is trusted by his way" {
	taught
	keeper
	for i in 1 2; do
		message "$T/s$i" "casino$i" "WIN 77 cheap casino pills" <<TXT
Exclusive casino bonus $i! Cheap pills without prescription, click
http://deals77.example.net/win now, limited offer, unsubscribe never
TXT
		sed -i 's/^From: .*/From: Carla <carla@example.org>/' "$T/s$i"
	done
	accept spam@example.com "$T/s1" carla@example.org
	wait_for 20 settled
	[ "$(dg tickets list --plain --status spam | wc -l)" -eq 1 ]
	accept held@example.com "$T/s2" carla@example.org
	wait_for 20 settled
	[ "$(dg quarantine list --plain | wc -l)" -eq 1 ]
	# our own mark is nobody's lesson
	[ "$(dg stats --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["feedback"])')" = "{}" ]
	run dg tickets not-spam 1
	[[ "$output" == *"moved"* || "$output" == *"learnt"* ]]
	# the other one is judged again
	rescored() { [ "$(tally "$(me)" rescored)" -eq 1 ]; }
	wait_for 20 rescored
}

@test "held mail that is ham after a lesson goes to its desk, and says why" {
	taught
	keeper
	# like nothing known: a few lessons make it ham
	for i in 1 2 3; do
		message "$T/q$i" "quiz$i" "The congress" <<TXT
Our pharmacists' congress in Ulm: here is programme number $i of the congress.
TXT
		sed -i 's/^From: .*/From: Dora <dora@example.org>/' "$T/q$i"
		accept held@example.com "$T/q$i" dora@example.org
	done
	wait_for 20 settled
	held=$(dg quarantine list --plain | wc -l)
	[ "$held" -ge 1 ]
	dg train -q --force ham "$T/q1" "$T/q2" "$T/q3"
	wait_for 20 test "$(verdict "$T/q3" | grep -c '"class": "ham"')" -eq 1
	# a lesson that is an agent's: the one ticket of hers
	message "$T/t" dora-t "the congress" <<<"When does the congress in Ulm begin?"
	sed -i 's/^From: .*/From: Dora <dora@example.org>/' "$T/t"
	accept support@example.com "$T/t" dora@example.org
	wait_for 20 settled
	dg tickets not-spam "$(dg tickets list --plain | cut -f 1 | head -n 1)"
	gone() { [ "$(dg quarantine list --plain | wc -l)" -eq 0 ]; }
	wait_for 20 gone
	wait_for 20 settled
	[ "$(tally "$(me)" released)" -eq "$held" ]
	run dg tickets search congress programme
	id=$(dg tickets search --plain congress programme | cut -f 1 | head -n 1)
	run dg tickets show "$id"
	[[ "$output" == *"Released from quarantine: judged again after a lesson, it is ham"* ]]
	run dg audit --plain
	[[ "$output" == *$'\tdeskgate\trelease\t'* ]]
}

@test "the audit trail tells who did what, and when somebody wrote in it" {
	keeper
	lamp "$T/m1" one
	accept support@example.com "$T/m1"
	wait_for 20 settled
	dg train -q ham "$T/m1"
	dg tickets spam 1
	run dg audit --plain
	[ "$status" -eq 0 ]
	[[ "$output" == *$'\t'"$(me)"$'\ttrain-ham\t'* ]]
	[[ "$output" == *$'\t'"$(me)"$'\tlesson\t'*"spam, moved"* ]]
	[[ "$output" != *"@"* ]]
	run dg audit --verify
	[ "$status" -eq 0 ]
	head=$(sed -n 's/^head: //p' <<<"$output")
	[ -n "$head" ]
	dg tickets not-spam 1
	dg audit --verify --head "$head"
	run dg audit --verify --head "1:00000000000000000000000000000000"
	[ "$status" -eq 65 ]
	dg audit --json --limit 1 | grep -q '"records"'
	sed -i 's/"train-ham"/"train-xam"/' "$T"/state/audit/*.log
	run dg audit --verify
	[ "$status" -eq 65 ]
	[[ "$output" == *"was changed"* ]]
	run dg audit --head "$head"
	[ "$status" -eq 64 ]
}
