#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What goes on, live; and the small charts of stats: on a terminal of the test's own, in
# pipes, without a keeper.

load common

setup() {
	fresh <<<'inbox "support@example.com" { }'
	export TERM=xterm
}
teardown() { done_with; }

on_terminal() { python3 "$top_srcdir/tests/terminal.py" "$@"; }

delivered() { # messages
	for i in $(seq "$1"); do
		message "$T/m$i" "m$i" "Question $i" <<<"Where is my order?"
		dg accept -i support@example.com <"$T/m$i"
	done
	wait_for 60 sh -c "deskgate -c $T/dg.conf tickets list --plain | grep -c . | grep -qx $1"
}

@test "without a keeper it says so, and does not take its place" {
	run dg top --once
	echo "$output"
	[ "$status" -eq 69 ]
	[[ "$output" == *"deskgate-deliver does not answer"* ]]
	[ ! -e "$T/state/spool" ]
	run dg top --interval 0
	[ "$status" -eq 64 ]
	run dg top word
	[ "$status" -eq 64 ]
}

@test "a look as a page, as a line, as JSON" {
	keeper
	delivered 3
	run dg top --once
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"deliver up "* ]]
	[[ "$output" =~ tickets\ +3 ]]
	[[ "$output" == *"learns still; 0 ham, 0 spam"* ]]
	run dg top --once --json
	[ "$status" -eq 0 ]
	python3 -c 'import json, sys
look = json.loads(sys.argv[1])
assert look["tickets"]["made"] == 3, look
assert look["tickets"]["a_minute"] is None
assert look["spool"]["wait"] == 0
assert look["active"] is False
' "$output"
	# A line for each look, until nobody reads any more.
	run timeout 30 bash -c "deskgate -c $T/dg.conf top -n 0.2 | head -4"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 4 ]
	[[ "${lines[0]}" == "time "*"tickets"* ]]
	[[ "${lines[2]}" =~ ^[0-9:]{8}\  ]]
	run timeout 30 bash -c "deskgate -c $T/dg.conf top -n 0.2 --json | head -2"
	[ "${#lines[@]}" -eq 2 ]
	python3 -c 'import json, sys
assert json.loads(sys.argv[1])["tickets"]["a_minute"] == 0' "${lines[1]}"
}

@test "it speaks the reader's language, in columns that stand below each other" {
	keeper
	delivered 1
	export DESKGATE_LOCALES=$top_builddir/po LC_ALL=C.UTF-8
	LANGUAGE=de run dg top --once
	echo "$output"
	[[ "$output" == *"deliver läuft seit "* ]]
	[[ "$output" == *"lernt noch; 0 Ham, 0 Spam"* ]]
	[[ "$output" != *"messages"* && "$output" != *"requests"* ]]
	# The charts begin in one column, whatever bytes stand before it.
	LANGUAGE=de dg top --once | python3 -c 'import re, sys
bars = [re.search("[░█▏▎▍▌▋▊▉]", line) for line in sys.stdin]
places = {bar.start() for bar in bars if bar}
assert len(places) == 1, places'
	for language in en de es; do
		LANGUAGE=$language timeout 30 bash -c \
			"deskgate -c $T/dg.conf top -n 0.2 | head -2" >"$T/lines"
		python3 -c 'import sys
head, line = (text.rstrip("\n") for text in sys.stdin)
assert len(head) == len(line), (head, line)' <"$T/lines"
	done
	LANGUAGE=de run dg top --once --json
	[[ "$output" == *'"messages"'* ]]
}

@test "on a terminal it is drawn again, keys and signals end it, all is as before" {
	keeper
	LC_ALL=C.UTF-8 run on_terminal 'until q ends' 'type x' 'until q ends' 'type q' end -- \
		deskgate -c "$T/dg.conf" top -n 600
	[[ "$output" == *$'\e[?1049h'* ]]
	[[ "$output" == *$'\e[?1049l'* ]]
	[[ "$output" == *"exit 0"* ]]
	[[ "$output" == *"terminal same"* ]]
	for signal in INT TERM HUP QUIT; do
		run on_terminal 'until q ends' "signal $signal" end -- \
			deskgate -c "$T/dg.conf" top -n 600
		[[ "$output" == *$'\e[?1049l'*"exit 0"*"terminal same"* ]] ||
			{ echo "$signal: $output"; return 1; }
	done
	# Ctrl-C by the terminal itself.
	run on_terminal 'until q ends' 'type \x03' end -- deskgate -c "$T/dg.conf" top
	[[ "$output" == *$'\e[?1049l'*"exit 0"*"terminal same"* ]]
	# No colour, with or without being asked.
	[[ "$output" != *$'\e['[0-9]*m* ]]
}

@test "another size is drawn anew at once, and nothing is wider" {
	keeper
	run on_terminal 'until q ends' 'size 30 5' 'signal WINCH' 'until messages' 'sleep 0.3' \
		'type q' end -- deskgate -c "$T/dg.conf" top -n 600
	echo "$output"
	[[ "$output" == *"exit 0"* ]]
	python3 -c 'import re, sys
drawn = sys.argv[1].split("\x1b[H")
small = re.sub("\x1b\\[[?0-9]*[a-zA-Z]", "", drawn[-1]).split("exit")[0]
lines = [line.rstrip("\r") for line in small.strip("\n").split("\n")]
assert len(lines) <= 5, lines
assert max(map(len, lines)) <= 30, lines
' "$output"
}

@test "stopped and gone on with, the terminal is given back meanwhile" {
	keeper
	run on_terminal 'until q ends' 'signal TSTP' 'until [?1049l' stopped 'signal CONT' 'until [?1049h' \
		'until q ends' 'type q' end -- deskgate -c "$T/dg.conf" top -n 600
	echo "$output"
	[[ "$output" == *"exit 0"*"terminal same"* ]]
}

@test "a keeper that comes and goes is told of, and asked again" {
	run on_terminal 'until does not answer' 'sleep 0.5' 'type q' end -- \
		deskgate -c "$T/dg.conf" top -n 0.2
	[[ "$output" == *"exit 0"*"terminal same"* ]]
	keeper
	on_terminal 'until deliver up' "touch $T/up" 'until does not answer' 'type q' end -- \
		deskgate -c "$T/dg.conf" top -n 0.5 >"$T/out" 3>&- &
	watcher=$!
	wait_for 60 test -e "$T/up"
	kill "$KEEPER"
	wait "$KEEPER" || true
	KEEPER=
	wait "$watcher"
	grep -q '^exit 0' "$T/out"
}

@test "a dumb terminal gets lines" {
	keeper
	TERM=dumb run on_terminal 'until on-its-way' 'until :' 'type \x03' end -- \
		deskgate -c "$T/dg.conf" top -n 0.2
	echo "$output"
	[[ "$output" != *$'\e['* ]]
	[[ "$output" == *"exit 0"*"terminal same"* ]]
}

@test "stats is plain in a pipe, and has charts on a terminal" {
	corpus 4
	dg train --quiet --ham "$T/ham" --spam "$T/spam"
	dg stats >"$T/plain"
	dg stats --plain | cmp - "$T/plain"
	LC_ALL=C dg stats | cmp - "$T/plain"
	grep -qx 'labels   ham 4/10, spam 4/10, all 8/64' "$T/plain"
	LC_ALL=C run dg stats --chart
	echo "$output"
	[[ "${lines[0]}" == "labels   ham     |############..................| 4/10" ]]
	[[ "$output" == *"spool    new     |"* ]]
	run on_terminal end -- deskgate -c "$T/dg.conf" stats
	[[ "$output" == *"|████████████                  | 4/10"* ]]
	run on_terminal end -- deskgate -c "$T/dg.conf" stats --plain
	[[ "$output" == *"labels   ham 4/10, spam 4/10"* ]]
	run dg stats --plain --chart
	[ "$status" -eq 64 ]
	# The same JSON, whatever it is.
	dg stats --json --chart | python3 -c 'import json, sys
assert json.load(sys.stdin)["model"]["ham"] == 4'
}

@test "stats speaks the reader's language, with charts and without" {
	export DESKGATE_LOCALES=$top_builddir/po LC_ALL=C.UTF-8
	keeper
	delivered 1
	LANGUAGE=de run dg stats --plain
	echo "$output"
	[[ "$output" == *"lernt: bis "* && "$output" == *"keines wurde erstellt"* ]]
	LANGUAGE=de run dg stats --chart
	echo "$output"
	[[ "$output" == *"Zeiten   "*"die Hälfte in "* ]]
	[[ "$output" != *"labels"* && "$output" != *"none was made"* && "$output" != *"within"* ]]
	LANGUAGE=es run dg stats --chart
	echo "$output"
	[[ "$output" == *"muestras ham     |"* && "$output" == *"tiempos  "* ]]
}

@test "stats says how long things take, and the oldest only of what has an age" {
	keeper
	delivered 2
	run dg stats --chart
	echo "$output"
	[[ "$output" == *"times    "*"ticket "*"half within "*", of 2"* ]]
	[[ "$output" != *"oldest of ,"* ]]
}
