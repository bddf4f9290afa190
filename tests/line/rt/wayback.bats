#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The way back from a real Request Tracker 5, with a real Postfix before it: a ticket that
# an agent rejects as spam changes the next verdict, and opening it again takes that back.

load rt
load ../intake.bash

setup_file() {
	line_need_root
	rt_need
	rt_start
	export RT RT_URL RT_PORT
	chmod 0755 "$RT"
	chown "$LINE_USER" "$RT/token"
	rt_conf "$RT/deskgate.conf" Support
	printf 'inbox "support@example.com" {\n\tdesk = rt\n}\n' >>"$RT/deskgate.conf"
	intake_start <"$RT/deskgate.conf"
	line_teach
}

teardown_file() {
	intake_stop
	rt_stop
}

verdict() { # FILE
	dg score --json "$1" | python3 -c 'import json, sys
print(json.dumps(json.load(sys.stdin)["verdict"], sort_keys=True))'
}
changed() { [ "$(verdict "$1")" != "$2" ]; } # FILE VERDICT
same_model() { dg model dump >"$M.now" && cmp -s "$M.now" "$1"; } # DUMP
tally() { # WORD: of all actors of this desk
	dg stats --json | python3 -c 'import json, sys
print(sum(v.get(sys.argv[1], 0) for k, v in json.load(sys.stdin)["feedback"].items()
          if k.startswith("desk:rt")))' "$1"
}
lesson() { grep -q " lesson .* $1 " "$LINE/log/deskgate.log"; }

lamp() { # FILE ID
	intake_mail "$1" "$2" "A lamp of my aunt" \
		<<<"The quaint lamp of my aunt flickers whenever a tram goes by, she says."
}

@test "a mark in RT changes the next verdict within a minute, and un-marking takes it back exactly" {
	lamp "$M.1" rt-1
	lamp "$M.2" rt-2
	intake_send "$M.1"
	id=$(rt_api GET "/tickets?query=Subject%20%3D%20'A%20lamp%20of%20my%20aunt'" |
		intake_get 'd["items"][0]["id"]')
	before=$(verdict "$M.2")
	dg model dump >"$M.before"
	rt_agent PUT "/ticket/$id" '{"Status": "rejected"}'
	wait_for 60 lesson mark=spam
	changed "$M.2" "$before"
	[ "$(tally learnt)" -eq 1 ]
	python3 -c 'import json, sys
a, b = (json.loads(v)["score"] for v in sys.argv[1:])
assert b > a, (a, b)' "$before" "$(verdict "$M.2")"
	rt_agent PUT "/ticket/$id" '{"Status": "open"}'
	wait_for 60 lesson mark=undo
	same_model "$M.before"
	[ "$(verdict "$M.2")" = "$before" ]
	[ "$(tally taken-back)" -eq 1 ]
	dg model verify
	dg audit --verify
}
