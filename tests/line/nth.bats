#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# System calls that fail, some of the thousands of places where they are made; all of them:
# python3 tests/crash/nth.py BUILD-FOLDER.

@test "a system call fails, once or for ever: no message is lost, doubled, torn or stuck" {
	command -v strace >/dev/null || skip "strace is not installed"
	# Who is traced cannot be looked through for leaks.
	ASAN_OPTIONS=detect_leaks=0 BATS_TEST_TIMEOUT=600 run python3 \
		"$top_srcdir/tests/crash/nth.py" --count 40 "$top_builddir"
	echo "$output"
	[ "$status" -eq 0 ]
}
