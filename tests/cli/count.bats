#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/run tells the truth: what it counts, and what it does not let pass.

setup() {
	. "${top_srcdir:?}/tests/count.bash"
}

# The sums after one log; $1 its text, $2 the exit code.
counted() {
	printf "$1" >"$BATS_TEST_TMPDIR/log"
	tap part "$BATS_TEST_TMPDIR/log" "$2" >"$BATS_TEST_TMPDIR/said"
	echo "$passed passed, $failed failed, $skipped skipped"
}
is() { # WANT TEXT EXIT-CODE
	local got
	got=$(counted "$2" "$3")
	[ "$got" = "$1 skipped" ] || { echo "$2 -> $got, not $1"; return 1; }
}

@test "tests that ran are counted once each" {
	is "2 passed, 0 failed, 0" '1..2\nok 1 - a\nok 2 - b\n' 0
	is "1 passed, 1 failed, 0" '1..2\nnot ok 1 - a\nok 2 - b\n' 1
	is "2 passed, 0 failed, 0" 'ok 1 a\nok 2 b\n1..2\n' 0
}

@test "skips count as skipped, failures never" {
	is "0 passed, 1 failed, 1" \
		'1..2\nok 1 - a # SKIP why\nnot ok 2 - b # SKIP why\n' 0
	is "0 passed, 0 failed, 1" '1..0 # SKIP no bats\n' 0
}

@test "what a test prints is no result" {
	is "1 passed, 0 failed, 0" \
		'1..1\n# ok 7\nok then\n  ok 3 deep\nok 1 - a\nok 1 - again\n' 0
}

@test "a failure is shown with what it says, a test that passed is not" {
	printf '1..3\nok 1 a\n# of a\nnot ok 2 b\n# of b\nok 3 c # skip why\n' \
		>"$BATS_TEST_TMPDIR/log"
	run told "$BATS_TEST_TMPDIR/log"
	[ "$output" = "$(printf 'not ok 2 b\n# of b\nok 3 c # skip why')" ]
}

@test "a test that did not run is a failure" {
	is "1 passed, 2 failed, 0" '1..3\nok 1 - a\n' 0
	is "0 passed, 3 failed, 0" '1..3\nnot ok 1 setup_file failed\n' 1
}

@test "no plan is a failure" {
	is "0 passed, 1 failed, 0" '' 0
	is "1 passed, 1 failed, 0" 'ok 1 - a\n' 0
}

@test "an exit code that no test explains is a failure" {
	is "1 passed, 1 failed, 0" '1..1\nok 1 - a\n' 139
}

@test "the log of make check becomes TAP" {
	cat >"$BATS_TEST_TMPDIR/log" <<-'EOF'
	  CC       a.o
	PASS: tests/a 1 /x
	SKIP: tests/a 2 /y # SKIP root
	FAIL: tests/b 1 - z
	XPASS: tests/b 2 - x
	XFAIL: tests/b 3 - y
	ERROR: tests/b - exited with status 1
	# TOTAL: 6
	# PASS:  1
	EOF
	made "$BATS_TEST_TMPDIR/log" >"$BATS_TEST_TMPDIR/tap"
	run cat "$BATS_TEST_TMPDIR/tap"
	[ "${lines[0]}" = "ok 1 - tests/a 1 /x" ]
	[ "${lines[1]}" = "ok 2 - tests/a 2 /y # SKIP root" ]
	[ "${lines[5]}" = "not ok 6 - tests/b - exited with status 1" ]
	[ "${lines[6]}" = "1..6" ]
	tap check "$BATS_TEST_TMPDIR/tap" 1
	[ "$passed $failed $skipped" = "1 4 1" ]
}

@test "a make check that never came to its tests is a failure" {
	echo 'make: *** [check-am] Error 2' >"$BATS_TEST_TMPDIR/log"
	made "$BATS_TEST_TMPDIR/log" >"$BATS_TEST_TMPDIR/tap"
	tap check "$BATS_TEST_TMPDIR/tap" 2
	[ "$passed $failed $skipped" = "0 1 0" ]
}
