#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Faults of every kind, a few of each; more of them, and with other seeds:
# python3 tests/crash/campaign.py --help.

campaign() { # WORD...
	run python3 "$top_srcdir/tests/crash/campaign.py" "$@" "$top_builddir"
	echo "$output"
	echo "$output" | sed 's/^/# /' >&3
}

@test "faults of system calls and memory: no message is lost, doubled, torn or stuck" {
	campaign --faults 210 --kind call --kind kill --kind memory
	[ "$status" -eq 0 ]
}

@test "faults of desk, MTA and load: no message is lost, doubled, torn or stuck" {
	campaign --faults 200 --kind desk --kind mta --kind load
	[ "$status" -eq 0 ]
}

@test "kills inside erasure, rotation, retention, backup, restore: all of it or nothing" {
	campaign --faults 30 --kind care
	[ "$status" -eq 0 ]
}

@test "a full or broken disk, a power cut: no message is lost, doubled, torn or stuck" {
	campaign --faults 60 --kind power --kind disk
	[ "$status" -ne 77 ] || skip "$output"
	[ "$status" -eq 0 ]
}

# A campaign that finds nothing must be one that could.
@test "a power cut shows the losses of programs that do not sync" {
	python3 - "$top_srcdir/tests/crash" "$top_builddir" <<'PY' || skip "no loop mounts or no libeatmydata"
import glob, pathlib, sys
sys.path.insert(0, sys.argv[1])
import power
sys.exit(power.needs(pathlib.Path(sys.argv[2])) is not None or not glob.glob("/usr/lib/*/libeatmydata.so"))
PY
	run python3 - "$top_srcdir/tests/crash" "$top_builddir" <<'PY'
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import place, power
place.SETTLE_SECONDS = 10
sums = power.run(pathlib.Path(sys.argv[2]), 1, 3, {"LD_PRELOAD": "libeatmydata.so"})
print(sums)
sys.exit(not sums.wrong["lost"])
PY
	echo "$output"
	[ "$status" -eq 0 ]
}

outage() { # WORD...
	run python3 "$top_srcdir/tests/crash/outage.py" "$@" "$top_builddir"
	echo "$output"
	echo "$output" | tail -n 5 | sed 's/^/# /' >&3
}

@test "a desk that was away gets all of it, once, oldest first" {
	outage --messages 300 --workers 1
	[ "$status" -eq 0 ]
	# What is tried while the desk is away waits, and is passed by few.
	[ "$(echo "$output" | sed -n 's/^out of order by \([0-9]*\) at most$/\1/p')" -le 10 ]
}

@test "above the spool's ceiling the MTA is told to come later, and all of it comes" {
	outage --messages 700 --ceiling 250 --rate 6000
	[ "$status" -eq 0 ]
	[[ "$output" != *"come later 0 times"* ]]
}

@test "backups under load by the milter, an erasure, the newest of before put back: nothing lost or doubled, nobody back" {
	run python3 "$top_srcdir/tests/crash/backups.py" "$top_builddir"
	echo "$output"
	echo "$output" | tail -n 1 | sed 's/^/# /' >&3
	[ "$status" -eq 0 ]
}
