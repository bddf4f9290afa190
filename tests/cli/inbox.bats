#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The life of an inbox: suspended, ended, resumed.

load common.bash

setup() {
	fresh <<TXT
retry-min = 1s
inbox "support@example.com" { end-text = "Closed since May." }
inbox "sales@example.com" { suspend-answer = reject }
TXT
	dg stats >/dev/null
	message "$T/m" one "Where is my parcel?" <<<"It was sent a week ago."
}
teardown() { done_with; }

get() { # EXPRESSION over d, the status of an inbox (support)
	dg inbox status --json "${2:-support@example.com}" | python3 -c "import json, sys
d = json.load(sys.stdin)['inboxes'][0]
print($1)"
}
accept() { dg accept -i support@example.com "$@"; }
tickets() { [ "$(dg tickets list --plain | wc -l)" -eq "$1" ]; }
waiting() { dg queue list --json | python3 -c 'import json, sys
rows = json.load(sys.stdin)["entries"]
print(len(rows), *sorted({r["state"] for r in rows}), *sorted({str(r.get("attempts", 0)) for r in rows}))'; }

@test "suspended: the second door says later or no, and resume opens it" {
	run dg inbox suspend support@example.com --reason "moving house"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *suspended*later*"moving house"* ]]
	run accept <"$T/m"
	[ "$status" -eq 75 ]
	[[ "$output" == "4.2.1 "* ]]
	dg inbox suspend support@example.com --answer reject
	run accept <"$T/m"
	[ "$status" -eq 77 ]
	[[ "$output" == "5.2.1 "* ]]
	# The settings' answer, and only of that inbox.
	dg inbox suspend sales@example.com
	[ "$(get 'd["answer"]' sales@example.com)" = reject ]
	dg inbox resume support@example.com
	accept <"$T/m"
	[ "$(get 'd["state"]')" = active ]
	[ "$(get 'd["state"]' sales@example.com)" = suspended ]
}

@test "ended: mail is refused with the text, and resume still works" {
	dg inbox end support@example.com
	run accept <"$T/m"
	[ "$status" -eq 77 ]
	[ "$output" = "5.2.1 Closed since May." ]
	[ "$(get 'd["next"]["to"]')" = erasing ]
	run dg inbox suspend support@example.com
	[ "$status" -eq 65 ]
	[[ "$output" == *"it is ended"* ]]
	dg inbox resume support@example.com
	accept <"$T/m"
}

@test "a day that comes is planned, and taken back" {
	day=$(date -d '+40 days' +%F)
	dg inbox suspend support@example.com --at "$day" --answer reject
	[ "$(get 'd["state"], d["next"]["to"], d["next"]["announced"]')" = "active suspended False" ]
	accept <"$T/m"
	dg inbox resume support@example.com
	[ "$(get '"next" in d')" = False ]
	dg inbox end support@example.com --at "$day"
	[ "$(get 'd["next"]["to"]')" = ended ]
	# A day of the settings.
	sed -i 's/suspend-answer = reject/& suspend = "'"$day"'"/' "$T/dg.conf"
	[ "$(get 'd["next"]["to"]' sales@example.com)" = suspended ]
	sed -i 's/suspend = "[^"]*"/suspend = "soon"/' "$T/dg.conf"
	run dg inbox status
	[ "$status" -eq 78 ]
	[[ "$output" == *"a day: 2027-01-31"* ]]
}

@test "desks are not called for it: mail waits without a try, and goes on" {
	# Accepted before, and not delivered yet.
	for i in 1 2 3; do
		message "$T/n" "more$i" "Number $i" <<<"Text $i"
		accept <"$T/n"
	done
	dg inbox suspend support@example.com
	keeper
	rested() { [ "$(waiting)" = "3 wait 0" ]; }
	wait_for 20 rested
	tickets 0
	# Another inbox of the same desk goes on.
	message "$T/n" other "For sales" <<<"Text"
	dg accept -i sales@example.com <"$T/n"
	wait_for 20 tickets 1
	rested
	dg inbox resume support@example.com
	wait_for 20 tickets 4
}

@test "the calendar takes steps by itself, and tells of them before" {
	sed -i 's/end-text/end-after = 2s erase-after = 900d announce-before = 1d end-text/' "$T/dg.conf"
	keeper
	dg inbox suspend support@example.com
	ended() { [ "$(get 'd["state"]')" = ended ]; }
	wait_for 20 ended
	grep -q 'inbox-announced.*inbox=support@example.com.*step=ended' "$T/keeper.log"
	grep -q 'inbox-step.*inbox=support@example.com.*state=ended' "$T/keeper.log"
	run dg stats
	[[ "$output" == *"inboxes  1 active, 1 ended"* ]]
	run dg stats --json
	[[ "$output" == *'"ended": 1'* || "$output" == *'"ended":1'* ]]
	run dg audit
	echo "$output"
	[[ "$output" == *inbox-suspend*"inbox support at example.com"* ]]
	[[ "$output" == *deskgate:calendar*inbox-step* ]]
	[[ "$output" != *support@* ]]
	dg audit --verify
}

@test "what is asked wrongly is answered" {
	run dg inbox suspend
	[ "$status" -eq 64 ]
	run dg inbox suspend other@example.com
	[ "$status" -eq 66 ]
	[[ "$output" == *"no inbox"*other@example.com* ]]
	run dg inbox suspend support@example.com --at tomorrow
	[ "$status" -eq 64 ]
	run dg inbox suspend support@example.com --answer bounce
	[ "$status" -eq 64 ]
	run dg inbox suspend support@example.com --reason "$(head -c 300 /dev/zero | tr '\0' x)"
	[ "$status" -eq 64 ]
	run dg inbox status other@example.com
	[ "$status" -eq 66 ]
	run dg inbox status --plain
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	for word in status suspend end resume; do
		run dg inbox "$word" --help
		[ "$status" -eq 0 ]
	done
}

@test "a file of states that nobody can read takes nothing in, and loses nothing" {
	dg inbox suspend support@example.com
	echo '{' >"$T/state-keys/inboxes.json"
	run accept <"$T/m"
	[ "$status" -eq 75 ]
	run dg inbox resume support@example.com
	[ "$status" -eq 65 ]
	[[ "$output" == *inboxes.json*"put key-dir back"* ]]
}
