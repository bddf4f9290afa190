#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The programs under load; top_builddir is a build with the thread sanitizer.  Longer:
# python3 tests/crash/races.py --help.

races() { # WORD...
	run python3 "$top_srcdir/tests/crash/races.py" "$@" "$top_builddir"
	echo "$output"
	[ "$status" -ne 77 ] || skip "$output"
	echo "$output" | tail -n 1 | sed 's/^/# /' >&3
	[ "$status" -eq 0 ]
}

@test "milter and keeper with the embedded desk: no race" {
	races --messages 200 --chores 30
}

@test "milter and keeper with a webhook's desk and a push listener: no race" {
	races --messages 100 --chores 15 --desk webhook
}

# A command that finds nothing must be one that could.
@test "a race is told, once, however often it happens" {
	cd "$BATS_TEST_TMPDIR"
	cat >race.c <<'TXT'
#include <pthread.h>
static int count;
static void *
work(void *unused)
{
	for (int i = 0; i < 1000; i++)
		count++;
	return unused;
}
int
main(void)
{
	pthread_t threads[2];
	pthread_create(&threads[0], NULL, work, NULL);
	pthread_create(&threads[1], NULL, work, NULL);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	return count == 0;
}
TXT
	"${CC:-cc}" -g -fsanitize=thread -o race race.c || skip "no thread sanitizer here"
	run python3 - "$top_srcdir/tests/crash" <<'PY'
import subprocess, sys
sys.path.insert(0, sys.argv[1])
import races
said = "".join(subprocess.run("./race", capture_output=True, text=True).stderr
               for _ in range(2))
found = races.reports(said)
print(said, found)
sys.exit(not (len(found) == 1 and found[0][1] >= 2 and "race.c" in found[0][0]))
PY
	echo "$output"
	[ "$status" -eq 0 ]
}
