#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A thousand connections to the milter at once, and fewer descriptors than they need.

load ../cli/common.bash

setup() { T= MILTER=; }

teardown() {
	[ -z "${MILTER:-}" ] || { kill -TERM "$MILTER" && wait "$MILTER"; } 2>/dev/null || true
	if [ -n "${T:-}" ]; then
		grep -E -A 20 'Sanitizer|runtime error' "$T/milter.log" >&2 && return 1
		grep -E 'crowd[0-9]{5}' "$T/milter.log" >&2 && return 1
		rm -rf "$T"
	fi
}

# The milter alone, with as many descriptors as $1; settings from standard input.
begin() { # DESCRIPTORS
	fresh
	[ "$(id -u)" -ne 0 ] || printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	dg stats >/dev/null
	prlimit --nofile="$1:$1" "$top_builddir/deskgate-milter" -c "$T/dg.conf" \
		>"$T/milter.log" 2>&1 3>&- &
	MILTER=$!
	wait_for 30 grep -q ' ready ' "$T/milter.log" || { cat "$T/milter.log"; return 1; }
}

# The process that talks to the MTA: what started it may stand before it.
speaker() { pgrep -P "$MILTER" -f deskgate-milter | head -n 1; }

crowd() { # WORD...
	local pid
	pid=$(speaker)
	run python3 "$top_srcdir/tests/line/crowd.py" "$T/state/run/milter/milter.sock" \
		"${pid:-$MILTER}" "$@"
	echo "$output"
	echo "$output" | sed 's/^/# /' >&3
}

stored() { find "$T/state/spool/msg" -type f | wc -l; }

@test "1000 connections at once: all are served, and idle ones cost nothing" {
	begin 8192 <<'TXT'
max-connections = 1200
inbox "support@example.com" { }
TXT
	crowd --open 1000 --speak 300 --served 300
	[ "$status" -eq 0 ]
	[ "$(stored)" -eq 301 ]
}

@test "above max-connections they are told to come later, and those before are served" {
	begin 8192 <<'TXT'
max-connections = 50
inbox "support@example.com" { }
TXT
	crowd --open 1000 --speak 300 --served 50
	[ "$status" -eq 0 ]
	[[ "$output" == *"spoke: 50 accepted, 250 later"* ]]
	[ "$(stored)" -eq 51 ]
}

@test "without descriptors for them it does not spin, and mail goes on" {
	begin 256 <<'TXT'
inbox "support@example.com" { }
TXT
	crowd --open 1000 --speak 100 --served 1
	[ "$status" -eq 0 ]
}
