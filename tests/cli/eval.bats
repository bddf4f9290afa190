#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Evaluating the filter: the protocol, the results, the figures.

load common

setup() {
	fresh </dev/null
	export TMPDIR=$T/tmp
	mkdir "$TMPDIR"
}
teardown() { done_with; }

# A value of the JSON in $output: PATH, as ".figures.ham".
of() {
	python3 -c 'import functools, json, sys
print(functools.reduce(lambda v, k: v[int(k)] if k.lstrip("-").isdigit() else v[k],
    sys.argv[1].strip(".").split("."), json.loads(sys.stdin.readline())))' "$1" <<<"$output"
}

# N of each class in turns, as an index.
index() {
	corpus "$1"
	for i in $(seq "$1"); do
		printf 'ham ham/%d\nspam spam/%d\n' "$i" "$i"
	done >"$T/index"
}

@test "each message is judged before its label is taught, unsure before activation" {
	index 60
	run deskgate eval --index "$T/index" --results "$T/results"
	[ "$status" -eq 0 ]
	[[ "$output" == *"judged                 120 messages: 60 ham, 60 spam"* ]]
	[ "$(wc -l <"$T/results")" -eq 120 ]
	# 64 labels in all are needed: the 65th is judged.
	[ "$(head -n 64 "$T/results" | grep -c ' unsure$')" -eq 64 ]
	[ "$(tail -n 20 "$T/results" | grep -c '^ham .* ham$')" -eq 10 ]
	[ "$(tail -n 20 "$T/results" | grep -c '^spam .* spam$')" -eq 10 ]
	# The first one meets an empty model.
	[ "$(head -n 1 "$T/results")" = "ham 0 unsure" ]
	[ -z "$(ls -A "$TMPDIR")" ]
}

@test "the same run gives the same results, with any number of readers" {
	index 30
	for readers in 1 2 5; do
		deskgate eval -i "$T/index" --readers "$readers" -r "$T/results.$readers"
	done
	cmp "$T/results.1" "$T/results.2"
	cmp "$T/results.1" "$T/results.5"
}

@test "Ham and Spam are judged only, HAM and SPAM taught only" {
	index 40
	sed 's/^ham/Ham/; s/^spam/Spam/' "$T/index" >"$T/judged"
	run deskgate eval --json -i "$T/judged"
	[ "$(expr $(of figures.ham) + $(of figures.spam))" -eq 80 ]
	[ "$(of model.records)" -eq 0 ]
	sed 's/^ham/HAM/; s/^spam/SPAM/' "$T/index" >"$T/taught"
	run deskgate eval --json -i "$T/taught"
	[ "$(expr $(of figures.ham) + $(of figures.spam))" -eq 0 ]
	[ "$(of model.records)" -gt 100 ]
	[ "$(of figures.error)" = None ]
}

@test "a label that comes later counts later" {
	index 60
	deskgate eval -i "$T/index" --delay 40 -r "$T/results"
	# 40 more than without: the 105th is the first that is judged.
	[ "$(head -n 104 "$T/results" | grep -c ' unsure$')" -eq 104 ]
	[ "$(tail -n 16 "$T/results" | grep -c ' unsure$')" -eq 0 ]
}

@test "wrong labels: the same for a seed, only taught, refused where contradicted" {
	index 100
	run deskgate eval --json -i "$T/index" --flip 10% --seed 3 -r "$T/results"
	[ "$status" -eq 0 ]
	flipped=$(of labels.flipped)
	[ "$flipped" -gt 5 ] && [ "$flipped" -lt 40 ]
	[ "$(of labels.refused)" -gt 0 ]
	[ "$(cut -d ' ' -f 1 "$T/results" | paste -sd ' ')" = \
		"$(cut -d ' ' -f 1 "$T/index" | paste -sd ' ')" ]
	deskgate eval -i "$T/index" --flip 0.1 --seed 3 -r "$T/again"
	cmp "$T/results" "$T/again"
	deskgate eval -i "$T/index" --flip 0.1 --seed 4 -r "$T/other"
	run cmp -s "$T/results" "$T/other"
	[ "$status" -eq 1 ]
	run deskgate eval --json -i "$T/index" --flip 10% --seed 3 --force
	[ "$(of labels.refused)" -eq 0 ]
	[ "$(of labels.flipped)" -eq "$flipped" ]
}

@test "without headers only the body is looked at" {
	mkdir "$T/mail"
	for i in $(seq 40); do
		message "$T/mail/h$i" "h$i" "Question number $i" <<<"The same words for both."
		message "$T/mail/s$i" "s$i" "Cheap pills $i" <<<"The same words for both."
		printf 'ham mail/h%d\nspam mail/s%d\n' "$i" "$i"
	done >"$T/index"
	run deskgate eval --json -i "$T/index"
	[ "$(of curve.-1.wrong)" -eq 0 ]
	run deskgate eval --json -i "$T/index" --no-headers
	[ "$(of curve.-1.wrong)" -gt 5 ]
}

@test "what is wrong with an index is told with its line; a missing file as well" {
	printf 'ham a\n\neggs b\n' >"$T/index"
	run deskgate eval -i "$T/index"
	[ "$status" -eq 65 ]
	[[ "$output" == *"index:3: "* ]]
	printf 'ham gone\n' >"$T/index"
	run deskgate eval -i "$T/index"
	[ "$status" -eq 66 ]
	[[ "$output" == *"$T/gone: "* ]]
	run deskgate eval
	[ "$status" -eq 64 ]
	run deskgate eval -i "$T/index" --flip 7
	[ "$status" -eq 64 ]
}

at_work() { [ -n "$(ls -A "$TMPDIR"/*/model)" ]; }

@test "a signal ends it and nothing is left behind" {
	index 100
	for i in $(seq 40); do cat "$T/index"; done >"$T/long"
	for signal in INT TERM HUP; do
		deskgate eval -i "$T/long" >"$T/out" 2>&1 3>&- &
		pid=$!
		wait_for 10 at_work
		kill "-$signal" "$pid"
		code=0
		wait "$pid" || code=$?
		[ "$code" -eq 75 ]
		[ -z "$(ls -A "$TMPDIR")" ]
		grep -q 'ended by a signal' "$T/out"
	done
}
