#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# "deskgate desk test": what is said of a desk, and the exit code.

load common

teardown() { done_with; }

@test "the embedded desk is well" {
	fresh <<'TXT'
inbox "support@example.com" { }
TXT
	keeper
	run dg desk test local
	[ "$status" -eq 0 ]
	[[ "$output" == "ok    reach"*"sound"*"0 tickets"* ]]
	run dg desk test local --json
	[ "$status" -eq 0 ]
	[ "$(python3 -c 'import json, sys
d = json.loads(sys.argv[1]); print(d["type"], d["worst"], d["checks"][0]["level"])' "$output")" = "local ok ok" ]
}

@test "a desk that is not there, in the settings or on the network" {
	fresh <<'TXT'
inbox "support@example.com" { desk = "rt" }
desk "rt" {
	type = rt
	url = "http://127.0.0.1:1"
	token-file = "TOKEN"
	department = "Support"
}
TXT
	printf 'a-token\n' >"$T/token"
	chmod 600 "$T/token"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/token"
	sed -i "s|TOKEN|$T/token|" "$T/dg.conf"
	keeper
	run dg desk test nowhere
	[ "$status" -eq 66 ]
	[[ "$output" == *'no desk "nowhere"'* ]]
	run dg desk test rt
	[ "$status" -eq 69 ]
	[[ "$output" == "fail  reach"*"to mend: look at url"* ]]
	run dg desk test
	[ "$status" -eq 64 ]
}
