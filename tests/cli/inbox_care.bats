#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The life of an inbox: what must not end it, and what goes on where it stopped.

load common

setup() {
	fresh <<TXT
retry-min = 1s
clock-gap = 3000d
inbox "support@example.com" { end-text = "Closed since May." }
inbox "sales@example.com" { }
TXT
	dg stats >/dev/null
}
teardown() {
	[ -z "${SINK:-}" ] || kill "$SINK" || true
	done_with
}

get() { # EXPRESSION over d, the status of an inbox (support)
	dg inbox status --json "${2:-support@example.com}" | python3 -c "import json, sys
d = json.load(sys.stdin)['inboxes'][0]
print($1)"
}
state_is() { [ "$(get 'd["state"]' 2>/dev/null)" = "$1" ]; }
logged() { grep -q "$1" "$T/keeper.log"; }
of_support() { # SETTINGS
	sed -i "s/^inbox \"support@example.com\" { /&$1 /" "$T/dg.conf"
}

# The keeper's clock is ahead by $1 seconds from now on.
clock() { printf '%020d' "$1" | dd of="$T/ahead" conv=notrunc status=none; }
# A keeper whose clock can be set.
clocked_keeper() {
	clock_build
	clock 0
	AHEAD_FILE=$T/ahead LD_PRELOAD=$T/clock.so \
		ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 keeper
}

@test "a clock that is wrong for a moment ends and erases nothing" {
	of_support 'end-after = 10d erase-after = 30d announce-before = 30d'
	clocked_keeper
	dg inbox end support@example.com
	dg inbox suspend sales@example.com
	wait_for 20 logged 'inbox-announced.*support@example.com.*step=erasing'
	clock $((31 * 86400))
	wait_for 20 logged clock-jumped
	sleep 3
	clock 0
	sleep 2
	state_is ended
	[ "$(get 'd["state"]' sales@example.com)" = suspended ]
	! logged 'inbox-step.*state=eras'
	# The calendar goes on.
	sed -i 's/erase-after = 30d/erase-after = 2s/' "$T/dg.conf"
	kill "$KEEPER"; wait "$KEEPER" || true
	sed -i '/^user = /d' "$T/dg.conf"
	keeper
	wait_for 30 state_is erased
}

port() { # of nobody, till a sink takes it
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
writes_to_operator() { # RELAY
	sed -i "1i operator-address = \"ops@example.com\"\nmail-relay = \"smtp://127.0.0.1:$1\"\nmail-relay-tls = none" "$T/dg.conf"
}

@test "nothing is erased before the letter that announces it was taken" {
	mkdir "$T/sink"
	of_support 'erase-after = 1s announce-before = 1d'
	writes_to_operator "$(port)"
	dg inbox end support@example.com
	keeper
	wait_for 20 logged 'inbox-waits.*support@example.com.*step=erasing'
	[ "$(get 'd["state"], d["next"]["waits"]')" = "ended True" ]
	[[ "$(dg inbox status)" == *"erasing "*"once its letter is sent"* ]]
	kill "$KEEPER"; wait "$KEEPER" || true
	# A server that refuses it for good has not taken it either: the first is
	# of the end.
	python3 "$top_srcdir/tests/line/smtp_sink.py" --port-file "$T/port" \
		--fail 554 --fail 554 "$T/sink" >/dev/null 2>&1 3>&- &
	SINK=$!
	wait_for 10 test -s "$T/port"
	sed -i "s/^mail-relay = .*/mail-relay = \"smtp:\/\/127.0.0.1:$(cat "$T/port")\"/; /^user = /d" "$T/dg.conf"
	keeper
	refused() { [ "$(grep -c 'operator-not-told.*step=erasing' "$T/keeper.log")" -ge 1 ]; }
	wait_for 20 refused
	sleep 2
	state_is ended
	kill "$KEEPER"; wait "$KEEPER" || true
	sed -i '/^user = /d' "$T/dg.conf"
	keeper
	wait_for 30 state_is erased || { dg inbox status; tail "$T/keeper.log"; false; }
	grep -q 'will be erasing' "$T"/sink/*
}

@test "check warns where nobody would be told" {
	run dg check
	[[ "$output" != *operator-address* ]]
	keeper
	dg inbox suspend sales@example.com
	run dg check
	[[ "$output" == *"suspended or ended"*operator-address* ]]
	of_support 'suspend = "2027-01-31"'
	run dg check
	echo "$output"
	[[ "$output" == *"warning: inbox \"support@example.com\""*operator-address* ]]
	writes_to_operator 25
	run dg check
	[[ "$output" != *"set operator-address"* ]]
}

accept() { # NAME
	message "$T/m" "$1" "Where is my parcel $1?" <<<"It was sent a week ago."
	dg accept -i support@example.com -f someone@example.org <"$T/m"
}
tickets() { [ "$(dg tickets list --plain | wc -l)" -eq "$1" ]; }

@test "an erased address begins a new life, and an older backup brings none of the old one" {
	of_support 'erase-after = 1s announce-before = 1d'
	mkdir -m 0777 "$T/backups"
	keeper
	run dg inbox open support@example.com
	[ "$status" -eq 65 ]
	[[ "$output" == *"it is active"*"inbox resume"* ]]
	accept one
	wait_for 20 tickets 1
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	dg inbox end support@example.com
	wait_for 30 state_is erased
	run dg inbox resume support@example.com
	[ "$status" -eq 65 ]
	[[ "$output" == *"deskgate inbox open"* ]]
	run accept two
	[ "$status" -eq 77 ]
	dg inbox open support@example.com
	state_is active
	accept two
	wait_for 20 tickets 1
	[[ "$(dg audit)" == *inbox-open*"inbox support at example.com"* ]]
	dg backup "$T/backups/two" --vault "$T/backups/vault"
	kill "$KEEPER"; wait "$KEEPER"; KEEPER=
	dg restore "$T/backups/one" --vault "$T/backups/vault" --replace
	state_is active
	tickets 0
	rm -r "$T/state" "$T/state-keys"
	dg restore "$T/backups/two" --vault "$T/backups/vault"
	tickets 1
	# It ends as any other does, by an erasure of its own.
	sed -i '/^user = /d' "$T/dg.conf"
	keeper
	dg inbox end support@example.com
	wait_for 30 state_is erased
	tickets 0
	# Without its section nobody could write to it.
	sed -i 's/inbox "support@example.com"/inbox "other@example.com"/' "$T/dg.conf"
	kill "$KEEPER"; wait "$KEEPER"; KEEPER=
	run dg inbox open support@example.com
	[ "$status" -eq 66 ]
	[[ "$output" == *"put it there first"* ]]
}

@test "what was erased with its inbox stays so though somebody restricted the use of new mail" {
	of_support 'erase-after = 1s announce-before = 1d'
	mkdir -m 0777 "$T/backups"
	write() { # WHO NAME
		message "$T/m" "$1" "About $2" <<<"It was sent a week ago, the $2."
		dg accept -i support@example.com -f "someone-$1@example.org" <"$T/m"
	}
	keeper
	write anna one
	write bert two
	wait_for 20 tickets 2
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	dg inbox end support@example.com
	wait_for 30 state_is erased
	dg inbox open support@example.com
	write anna three
	wait_for 20 tickets 1
	dg privacy restrict someone-anna@example.org
	dg privacy consent grant someone-bert@example.org --inbox support@example.com --version 1
	consents() { dg privacy consent show someone-bert@example.org | grep support@example.com; }
	consents >"$T/consents"
	dg backup "$T/backups/two" --vault "$T/backups/vault"
	kill "$KEEPER"; wait "$KEEPER"; KEEPER=
	# With the state of before the erasure comes all of it.
	run dg restore "$T/backups/one" --vault "$T/backups/vault" --replace
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 inbox that was erased since was erased again"* ]]
	state_is active
	tickets 0
	[ -z "$(dg tickets list --restricted --plain)" ]
	[ -z "$(dg queue list --all --restricted --plain)" ]
	consents | diff "$T/consents" -
	dg privacy find someone-anna@example.org | grep standing
	# What she restricted since is in the newest state, and is hidden.
	rm -r "$T/state" "$T/state-keys"
	dg restore "$T/backups/two" --vault "$T/backups/vault"
	consents | diff "$T/consents" -
	[[ "$(dg tickets list --restricted --plain)" == *"About three"* ]]
	[[ "$(dg tickets list --plain)" != *"About three"* ]]
}

# The keeper is killed, $1 is done, and another one starts.
again() {
	kill -9 "$KEEPER"; wait "$KEEPER" || true
	"$1"
	rm -f "$T/state/run/keeper/control.sock"
	sed -i '/^user = /d' "$T/dg.conf"
	keeper
}

@test "a fault at the start does not keep what has come back" {
	of_support 'erase-after = 1s announce-before = 1d'
	keeper
	accept one
	wait_for 20 tickets 1
	copy() { cp -a "$T/state" "$T/copy"; }
	again copy
	dg inbox end support@example.com
	wait_for 30 state_is erased
	tickets 0
	put_back() {
		rm -rf "$T/state"; mv "$T/copy" "$T/state"
		cp "$T/state-keys/inboxes.json" "$T/good.json"
		echo '{' >"$T/state-keys/inboxes.json"
	}
	again put_back
	wait_for 20 logged inboxes-fault
	cat "$T/good.json" >"$T/state-keys/inboxes.json"
	wait_for 30 logged 'inbox-step.*support.*state=erased'
	tickets 0
}

@test "a day that was given for the end stands when it is suspended" {
	day=$(date -d '+200 days' +%F)
	dg inbox end support@example.com --at "$day"
	before=$(get 'd["next"]["at"]')
	dg inbox suspend support@example.com --at "$(date -d '+20 days' +%F)"
	[ "$(get 'd["next"]["to"], d["next"]["then"]["to"], d["next"]["then"]["at"]')" = "suspended ended $before" ]
	[[ "$(dg inbox status support@example.com)" == *"suspended "*", then ended ${before:0:10}"* ]]
	run dg inbox suspend support@example.com
	echo "$output"
	[[ "$output" == *suspended*"ended ${before:0:10}"* ]]
	[ "$(get 'd["state"], d["next"]["to"], d["next"]["at"]')" = "suspended ended $before" ]
	[[ "$(dg audit)" == *"suspended, ended from ${before:0:10}"* ]]
}

@test "a day that is over is refused, today is now" {
	for what in end suspend; do
		run dg inbox "$what" support@example.com --at 2020-01-01
		[ "$status" -eq 65 ]
		[[ "$output" == *"that day is over"* ]]
		state_is active
	done
	dg inbox suspend support@example.com --at "$(date +%F)"
	state_is suspended
	run dg inbox suspend support@example.com --answer reject --at 2020-01-01
	[ "$status" -eq 65 ]
	[ "$(get 'd["answer"]')" = tempfail ]
}

@test "an inbox is not past before its backups are, or check warns" {
	run dg check
	[[ "$output" != *backups-after* ]]
	of_support 'backups-after = 30d'
	run dg check
	echo "$output"
	[[ "$output" == *"warning: backups-after is shorter than backup-keep for 1 inboxes"*support@example.com* ]]
	sed -i '1i backup-keep = 30d' "$T/dg.conf"
	run dg check
	[[ "$output" != *backups-after* ]]
	sed -i '1s/30d/800d/' "$T/dg.conf"
	run dg check
	[[ "$output" == *"for 2 inboxes"* ]]
}
