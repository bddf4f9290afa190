#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A clock that is wrong by years at the start lets nothing go, and mail flows.

load common

YEARS=$((1500 * 86400)) # more than any default

setup() {
	fresh_held
	mkdir "$T/tmp"
	clock_build
}
teardown() { done_with; }

again() { # the keeper, with the clock ahead by $1 seconds
	kill "$KEEPER"
	wait "$KEEPER" || true
	sed -i '/^user = /d' "$T/dg.conf" # keeper adds it
	ahead "$1" keeper
}

mail() { # NAME INBOX
	message "$T/tmp/$1" "$1" "Where is my parcel $1?" <<<"It was sent a week ago."
	dg accept -i "$2" -f someone@example.org <"$T/tmp/$1"
}
counts() { [ "$(ls "$T/state/spool/$1" | wc -l)" -eq "$2" ]; } # STATE N
there() { dg privacy schedule --plain | awk -F '\t' -v k="$1" '$1 == k { n += $3 } END { print n + 0 }'; }
tickets() { [ "$(dg tickets list --plain | wc -l)" -eq "$1" ]; }
doubt() { dg stats --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["clock"]["doubt"])'; }

everything() {
	keeper
	mail one support@example.com
	mail two held@example.com
	dg train ham "$T/tmp/one"
	dg privacy erase someone-else@example.org
	wait_for 20 counts done 1
	wait_for 20 counts held 1
	[ "$(doubt)" = "" ]
	[ "$(there erased)" -eq 1 ]
	audit=$(dg audit --plain | wc -l)
}
all_there() {
	[ "$(there raw)" -ge 1 ]
	[ "$(there quarantine)" -eq 1 ]
	[ "$(there tickets)" -ge 1 ]
	[ "$(there journal)" -eq 1 ]
	[ "$(there erased)" -eq 1 ]
	[ "$(dg audit --plain | wc -l)" -ge "$audit" ]
	[[ "$(dg audit --plain)" != *audit-cut* ]]
}

@test "a clock that is years ahead at the start lets nothing go, and mail flows" {
	everything
	again $YEARS
	wait_for 20 grep -q "clock-doubted.*clock=ahead" "$T/keeper.log"
	[ "$(doubt)" = ahead ]
	# Lessons are folded each second, and with each that is taught.
	mail three support@example.com
	wait_for 20 tickets 2
	dg privacy schedule --run 2>"$T/said"
	grep -q "clock says 20.*--clock-is-right" "$T/said"
	all_there
	run dg stats
	[[ "$output" == *"clock    in doubt: the clock says 20"*"1500 days after"* ]]
	run dg check
	[ "$status" -eq 0 ]
	[[ "$output" == *"the clock says 20"*"--clock-is-right"* ]]
	# The doubt does not end by starting again.
	again $YEARS
	wait_for 20 grep -q "clock-doubted" "$T/keeper.log"
	all_there
	# It is set right.
	again 0
	[ "$(doubt)" = "" ]
	! grep clock-doubted "$T/keeper.log" || false
	all_there
}

@test "who says that the clock is right lets go what is past its time" {
	everything
	again $YEARS
	[ "$(doubt)" = ahead ]
	run dg check --clock-is-right
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" != *"the clock says"* ]]
	[ "$(doubt)" = "" ]
	dg privacy schedule --run
	for kind in raw quarantine tickets journal; do
		[ "$(there $kind)" -eq 0 ] || { echo "$kind is there"; return 1; }
	done
	dg audit --plain | grep -q "	clock-is-right	"
	again $YEARS
	[ "$(doubt)" = "" ]
	# The clock of this command is behind it now.
	kill "$KEEPER"; wait "$KEEPER" || true
	KEEPER=
	dg stats >"$T/stats" 2>"$T/said"
	grep -Eq "(1499|1500) days before" "$T/stats"
	grep -q "clock-doubted.*clock=behind" "$T/said"
}

@test "a clock that is years behind at the start is in doubt, and mail flows" {
	everything
	again -$YEARS
	wait_for 20 grep -q "clock-doubted.*clock=behind" "$T/keeper.log"
	[ "$(doubt)" = behind ]
	mail three support@example.com
	wait_for 20 tickets 2
	# Who is erased meanwhile is remembered as long as any.
	dg privacy erase --identity document somebody@example.org
	dg privacy schedule --run
	all_there || [ "$(there erased)" -eq 2 ]
	again 0
	[ "$(doubt)" = "" ]
	[ "$(there erased)" -eq 2 ]
	[ "$(there quarantine)" -eq 1 ]
}

@test "without a daybook the trail tells of a clock that is behind" {
	everything
	kill "$KEEPER"; wait "$KEEPER" || true
	rm "$T/state-keys/daybook.json"
	sed -i '/^user = /d' "$T/dg.conf"
	ahead -$YEARS keeper
	[ "$(doubt)" = behind ]
	all_there
}

@test "how long a host may be away is a setting, and check without a daemon knows" {
	sed -i '1i clock-gap = 1d' "$T/dg.conf"
	everything
	again $((3 * 86400))
	[ "$(doubt)" = ahead ]
	kill "$KEEPER"; wait "$KEEPER" || true
	KEEPER=
	run ahead $((3 * 86400)) deskgate -c "$T/dg.conf" check
	[[ "$output" == *"3 days after"* ]]
	run dg check
	[[ "$output" != *"the clock says"* ]]
	sed -i 's/^clock-gap.*/clock-gap = 1h/' "$T/dg.conf"
	run dg check
	[ "$status" -eq 78 ]
}
