#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A real Redmine behind a real Postfix, there and back: mail becomes an issue once though
# answers are lost, a reply joins it, and an issue that an agent rejects as spam changes the
# next verdict until it is opened again.

load redmine
load ../intake.bash
load ../drive.bash

setup_file() {
	line_need_root
	rm_need
	rm_start
	export RM RM_URL RM_PORT
	build_drive
	# The answers to two POSTs are lost, and one project may not be seen.
	python3 "$top_srcdir/tests/line/rt/cut.py" "$RM_PORT" 2 deny \
		"/projects/$(rm_admin GET /projects/sales.json | intake_get 'd["project"]["id"]')" \
		>"$RM/cut" 3>&- &
	echo $! >"$RM/cut.pid"
	wait_for 20 test -s "$RM/cut"
	chmod 0755 "$RM"
	chown "$LINE_USER" "$RM/key"
	RM_URL=http://127.0.0.1:$(cat "$RM/cut") rm_conf "$RM/deskgate.conf" support "" "poll-interval = 5s"
	cat >>"$RM/deskgate.conf" <<'TXT'
retry-max = 2s
inbox "support@example.com" {
	desk = redmine
	action-unsure = ticket
	action-spam = ticket
	subject-tag = '\[[^]]*#(\d+)\]'
}
TXT
	intake_start <"$RM/deskgate.conf"
	line_teach
}

teardown_file() {
	intake_stop
	[ ! -f "$RM/cut.pid" ] || kill "$(cat "$RM/cut.pid")"
	rm_stop
}

verdict() { # FILE
	dg score --json "$1" | python3 -c 'import json, sys
print(json.dumps(json.load(sys.stdin)["verdict"], sort_keys=True))'
}
same_model() { dg model dump >"$M.now" && cmp -s "$M.now" "$1"; } # DUMP
tally() { # WORD: of all actors of this desk
	dg stats --json | python3 -c 'import json, sys
print(sum(v.get(sys.argv[1], 0) for k, v in json.load(sys.stdin)["feedback"].items()
          if k.startswith("desk:redmine")))' "$1"
}
lesson() { grep -q " lesson .* $1 " "$LINE/log/deskgate.log"; }
issues() { # EXPRESSION of the list of all
	rm_api GET '/issues.json?status_id=*&sort=id&limit=100' | intake_get "$1"
}

@test "messages become issues, each once, though answers are lost" {
	local i
	for i in 1 2 3 4 5 6 7 8; do
		intake_mail "$M.$i" "flow-$i" "Question $i" <<<"My order $i is late."
	done
	line_send "$M".* "$M.1" "$M.5"
	wait_for 120 line_settled
	[ "$(issues 'sorted(i["subject"] for i in d["issues"])')" = \
		"$(python3 -c 'print(sorted(f"Question {i}" for i in range(1, 9)))')" ]
	grep -q 'error=io' "$LINE/log/deskgate.log"
}

@test "replies join: by what they answer, and by Redmine's mark in the subject" {
	local id
	id=$(issues '[i["id"] for i in d["issues"] if i["subject"] == "Question 3"][0]')
	intake_mail "$M.1" flow-r1 "Re: Question 3" "In-Reply-To: <flow-3@client.example.org>" \
		"From: someone-flow-3@example.org" <<<"It came at last."
	intake_mail "$M.2" flow-r2 "Re: [Support - Bug #$id] (New) Question 3" \
		"From: someone-flow-3@example.org" <<<"And it is broken."
	intake_send "$M.1"
	intake_send "$M.2"
	wait_for 60 line_settled
	rm_api GET "/issues/$id.json?include=journals" >"$M.issue"
	[ "$(intake_get '[j["notes"].splitlines()[-1] for j in d["issue"]["journals"] if not j["private_notes"]]' <"$M.issue")" = \
		"['It came at last.', 'And it is broken.']" ]
	[ "$(issues 'd["total_count"]')" -eq 8 ]
}

lamp() { # FILE ID
	intake_mail "$1" "$2" "A lamp of my aunt" \
		<<<"The quaint lamp of my aunt flickers whenever a tram goes by, she says."
}

@test "a mark in Redmine changes the next verdict within a minute, and un-marking takes it back exactly" {
	lamp "$M.1" rm-1
	lamp "$M.2" rm-2
	intake_send "$M.1"
	wait_for 60 line_settled
	id=$(issues '[i["id"] for i in d["issues"] if i["subject"].startswith("A lamp")][0]')
	before=$(verdict "$M.2")
	dg model dump >"$M.before"
	rm_agent PUT "/issues/$id.json" '{"issue":{"status_id":6}}'
	wait_for 60 lesson mark=spam
	[ "$(verdict "$M.2")" != "$before" ]
	[ "$(tally learnt)" -eq 1 ]
	rm_agent PUT "/issues/$id.json" '{"issue":{"status_id":2}}'
	wait_for 60 lesson mark=undo
	same_model "$M.before"
	[ "$(verdict "$M.2")" = "$before" ]
	[ "$(tally taken-back)" -eq 1 ]
	dg model verify
	dg audit --verify
}

passed_by() { [ "$(tally passed-by)" -eq "$1" ]; } # COUNT

@test "what cannot be read at the desk is counted, also after a restart" {
	local id
	rm_conf "$M.sales" sales
	line_end_deskgate # lest it see the issue before its mark, and count it for each
	run "$drive" "$M.sales" create
	id=$(word create 3)
	rm_agent PUT "/issues/$id.json" '{"issue":{"status_id":6}}'
	line_deskgate
	wait_for 60 passed_by 1
	grep -q "changes-unread.*ticket=$id" "$LINE/log/deskgate.log"
	line_end_deskgate
	line_deskgate
	passed_by 1
	dg stats | grep -q 'desk:redmine: .*1 passed-by'
}
