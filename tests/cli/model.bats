#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The model as a whole: does it add up, and as text.

load common

setup() { fresh </dev/null; }
teardown() { done_with; }

taught() { # N: as many of each class are learnt
	corpus "$1"
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
}

@test "model verify finds each record the sum of its lessons" {
	run dg model verify
	[ "$status" -eq 0 ]
	[[ "$output" == "0 records, 0 lessons: "* ]]
	taught 12
	run dg model verify
	[ "$status" -eq 0 ]
	[[ "$output" == *" records, 24 lessons: each record is the sum of its lessons" ]]
	dg untrain "$T/ham/3" "$T/spam/7"
	dg train --force spam "$T/ham/4"
	run dg model verify --json
	[ "$status" -eq 0 ]
	[[ "$output" == *'"lessons":22,"differences":0,'* ]]
}

@test "model dump is the same for the same lessons in another order" {
	taught 6
	dg model dump "$T/one"
	[ "$(stat -c %a "$T/one")" = 600 ]
	[ "$(head -n 1 "$T/one")" = "deskgate-model 1" ]
	[ "$(tail -n 1 "$T/one")" = "end" ]
	[ "$(dg model dump)" = "$(cat "$T/one")" ]
	dg untrain "$T/ham" "$T/spam"
	[ "$(dg model dump | wc -l)" -eq 6 ]
	dg train -q spam "$T/spam"
	dg train -q ham "$T/ham"
	dg model dump "$T/two"
	cmp "$T/one" "$T/two"
}
