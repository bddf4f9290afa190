#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The services of contrib/runit, run by a runsv each.

load common

setup() {
	command -v runsv >/dev/null || skip "runit is not installed"
	fresh <<'TXT'
inbox "support@example.com" { }
TXT
	printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	cp -r "$top_srcdir/contrib/runit" "$T/sv"
	for service in deliver milter; do
		printf 'CONFIG=%s/dg.conf\nPATH=%s\n' "$T" "$PATH" >"$T/sv/deskgate-$service/conf"
	done
	RUNSV=()
}
teardown() {
	[ "${#RUNSV[@]}" -eq 0 ] || { sv -w 30 exit "$T"/sv/* || true; wait "${RUNSV[@]}"; } || true
	[ -z "${T:-}" ] || rm -rf "$T"
}

supervise() { # SERVICE...
	for service; do
		runsv "$T/sv/deskgate-$service" >"$T/$service.log" 2>&1 3>&- &
		RUNSV+=("$!")
	done
}
is() { sv status "$T/sv/deskgate-$1" | grep -q "^$2: "; }
listens() { [ -S "$T/state/run/milter/milter.sock" ]; }
pid_of() { sv status "$T/sv/deskgate-$1" | sed -n 's/.*(pid \([0-9]*\)).*/\1/p'; }
another() { local pid; pid=$(pid_of "$1"); [ -n "$pid" ] && [ "$pid" != "$2" ]; }
ready() { [ "$(grep -c ' ready' "$T/$1.log")" -ge "$2" ]; }

@test "both come up, the milter behind the keeper, and what dies comes back" {
	supervise milter deliver
	wait_for 60 listens || { cat "$T"/*.log; false; }
	wait_for 20 ready milter 1
	run sv -w 20 check "$T/sv/deskgate-deliver"
	echo "$output"
	[ "$status" -eq 0 ]
	dg accept -i support@example.com -f a@example.org <<'TXT'
From: a@example.org
Subject: By runit
Message-ID: <runit.1@example.org>

Hello.
TXT
	there() { dg tickets list | grep -q "By runit"; }
	wait_for 30 there
	old=$(pid_of milter)
	kill -KILL "$old"
	wait_for 30 another milter "$old"
	wait_for 30 ready milter 2 || { cat "$T/milter.log"; false; }
	kill -0 "$(pid_of deliver)"
}

@test "told to read its settings anew, the milter is the same and has done so" {
	supervise deliver milter
	wait_for 60 ready milter 1 || { cat "$T"/*.log; false; }
	old=$(pid_of milter)
	sv 1 "$T/sv/deskgate-milter"
	wait_for 20 grep -q ' reloaded' "$T/milter.log"
	[ "$(pid_of milter)" = "$old" ]
	sv -w 30 stop "$T/sv/deskgate-milter"
	is milter down
}

@test "wrong settings are told once, and the service stays down" {
	echo 'retry-min = soon' >>"$T/dg.conf"
	supervise deliver
	wait_for 20 is deliver down
	wait_for 20 grep -q 'dg.conf:4: ' "$T/deliver.log"
	[ "$(grep -c 'dg.conf:4: ' "$T/deliver.log")" -eq 1 ]
}
