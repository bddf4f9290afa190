#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The way back, with a real Postfix: what agents decide at their desk changes what the
# filter thinks of the next message, and what is taken back leaves no trace.  The desk is
# the stand-in of tests/line/liveagent/faultdesk.py, asked by LiveAgent's adapter.

load intake.bash

control() { # PATH [JSON]
	curl -sf --noproxy '*' ${2:+-d "$2"} "http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/port")/control/$1"
}

setup_file() {
	line_need_root
	command -v curl >/dev/null || skip "curl is not installed"
	python3 "$top_srcdir/tests/line/liveagent/faultdesk.py" \
		--port-file "$BATS_FILE_TMPDIR/port" >"$BATS_FILE_TMPDIR/desk.log" 2>&1 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/pid"
	wait_for 20 test -s "$BATS_FILE_TMPDIR/port"
	for name in token push; do
		printf 'test-key\n' >"$BATS_FILE_TMPDIR/$name"
		chmod 0600 "$BATS_FILE_TMPDIR/$name"
		chown "$LINE_USER" "$BATS_FILE_TMPDIR/$name"
	done
	# the folders above are bats's own, and closed
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_FILE_TMPDIR/.."
	line_port >"$BATS_FILE_TMPDIR/push-port"
	desk() { # TITLE LINE...
		printf 'desk "%s" {\n\ttype = liveagent\n\turl = "http://127.0.0.1:%s"\n' \
			"$1" "$(cat "$BATS_FILE_TMPDIR/port")"
		printf '\ttoken-file = "%s/token"\n\tdepartment = dep1\n' "$BATS_FILE_TMPDIR"
		printf '\tallow-private = yes\n\ttimeout = 5s\n'
		[ $# -lt 2 ] || printf '\t%s\n' "${@:2}"
		printf '}\n'
	}
	{
		printf 'push-listen = "127.0.0.1:%s"\n' "$(cat "$BATS_FILE_TMPDIR/push-port")"
		printf 'push-token-file = "%s/push"\n' "$BATS_FILE_TMPDIR"
		cat <<'TXT'
local-hosts = { "mail.example.net" }
inbox "support@example.com" { desk = "asked" }
inbox "sales@example.com" { desk = "told" }
inbox "help@example.com" { desk = "asked" action-spam = ticket-as-spam }
inbox "held@example.com" { desk = "asked" action-spam = quarantine action-unsure = quarantine }
TXT
		desk asked
		desk told "poll-interval = 1h"
	} | sed 's/ \(action-[a-z]* = [a-z-]*\)/\n\t\1/g; s/ { desk/ {\n\tdesk/; s/ }$/\n}/' >"$BATS_FILE_TMPDIR/conf"
	intake_start <"$BATS_FILE_TMPDIR/conf"
	line_teach
}

teardown_file() {
	intake_stop
	kill "$(cat "$BATS_FILE_TMPDIR/pid")"
}

the_ticket() { # SUBJECT: the desk's id of it
	control dump | python3 -c 'import json, sys
print(*[t["id"] for t in json.load(sys.stdin) if t["subject"] == sys.argv[1]])' "$1"
}
set_status() { control set "{\"id\": \"$(the_ticket "$1")\", \"status\": \"$2\"}" >/dev/null; } # SUBJECT LETTER
verdict() { # FILE
	dg score --json "$1" | python3 -c 'import json, sys
print(json.dumps(json.load(sys.stdin)["verdict"], sort_keys=True))'
}
changed() { [ "$(verdict "$1")" != "$2" ]; } # FILE VERDICT
same_model() { dg model dump >"$M.now" && cmp -s "$M.now" "$1"; } # DUMP
tally() { # ACTOR WORD
	dg stats --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["feedback"].get(sys.argv[1], {}).get(sys.argv[2], 0))' "$1" "$2"
}
push() { # DESK
	curl -sf -m 10 --noproxy '*' -X POST -H 'X-Deskgate-Token: test-key' \
		"http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/push-port")/push/$1"
}
lamp() { # FILE ID SUBJECT
	intake_mail "$1" "$2" "$3" <<<"The quaint lamp of my aunt flickers whenever a tram goes by, she says."
}

@test "a mark at the desk changes the next verdict within a minute, un-marking takes it back exactly" {
	lamp "$M.1" mark-1 "A lamp"
	lamp "$M.2" mark-2 "Another lamp"
	intake_send "$M.1"
	[ -n "$(the_ticket "A lamp")" ]
	before=$(verdict "$M.2")
	dg model dump >"$M.before"
	set_status "A lamp" B
	wait_for 60 changed "$M.2" "$before"
	[ "$(tally desk:asked learnt)" -eq 1 ]
	python3 -c 'import json, sys
a, b = (json.loads(v)["score"] for v in sys.argv[1:])
assert b > a, (a, b)' "$before" "$(verdict "$M.2")"
	set_status "A lamp" N
	wait_for 60 same_model "$M.before"
	[ "$(verdict "$M.2")" = "$before" ]
	[ "$(tally desk:asked taken-back)" -eq 1 ]
	dg model verify
	dg audit --verify
}

@test "told by a push, it takes no poll" {
	lamp "$M.1" push-1 "A pushed lamp"
	lamp "$M.2" push-2 "Another pushed lamp"
	intake_send --to sales@example.com "$M.1"
	before=$(verdict "$M.2")
	dg model dump >"$M.before"
	set_status "A pushed lamp" B
	push told
	wait_for 10 changed "$M.2" "$before"
	set_status "A pushed lamp" N
	push told
	wait_for 10 same_model "$M.before"
	run push nobody
	[ "$status" -ne 0 ]
}

@test "who un-marks our mark teaches ham, and the sender's mail is held no more" {
	for i in 1 2 3; do
		intake_mail "$M.$i" "cas-$i" "WIN $i cheap casino pills" \
			"From: Carla <carla@example.org>" <<TXT
Exclusive casino bonus $i! Cheap pills without prescription, click
http://deals$i.example.net/win now, limited offer, unsubscribe never
TXT
	done
	intake_send --to help@example.com --xclient 192.0.2.7 "$M.1"
	id=$(the_ticket "WIN 1 cheap casino pills")
	[ "$(control dump | intake_get "[t['status'] for t in d if t['id'] == '$id']")" = "['B']" ]
	# of the desk's telling us of our own mark nothing is learnt
	push asked
	held=$(line_count quarantine)
	intake_send --to held@example.com --xclient 192.0.2.7 "$M.2"
	[ "$(line_count quarantine)" -eq $((held + 1)) ]
	learnt=$(($(tally desk:asked learnt) + $(tally desk:asked moved)))
	set_status "WIN 1 cheap casino pills" N
	push asked
	more() { [ $(($(tally desk:asked learnt) + $(tally desk:asked moved))) -gt "$learnt" ]; }
	wait_for 60 more
	# what waited of hers came by the same network: it goes to the desk
	freed() { [ "$(line_count quarantine)" -eq "$held" ]; }
	wait_for 20 freed
	wait_for 20 test -n "$(the_ticket "WIN 2 cheap casino pills")"
	# and what comes now is not held, as long as it comes that way
	intake_send --to held@example.com --xclient 192.0.2.77 "$M.3"
	[ -n "$(the_ticket "WIN 3 cheap casino pills")" ]
	[ "$(tally desk:asked released)" -ge 1 ]
}

@test "a stranger who writes that sender's name is held all the same" {
	intake_mail "$M" cas-stranger "WIN 9 cheap casino pills" \
		"From: Carla <carla@example.org>" <<'TXT'
Exclusive casino bonus 9! Cheap pills without prescription, click
http://deals9.example.net/win now, limited offer, unsubscribe never
TXT
	# her lesson made such mail look better; this one is known for what it is
	dg train -q --force spam "$M"
	held=$(line_count quarantine)
	intake_send --to held@example.com --xclient 198.51.100.7 "$M"
	[ "$(line_count quarantine)" -eq $((held + 1)) ]
}

@test "answers of agents join their ticket by the ids that the desk tells" {
	intake_mail "$M.1" ask-1 "When do you open?" <<<"When do you open on Sundays, please?"
	intake_send "$M.1"
	id=$(the_ticket "When do you open?")
	control answer "{\"id\": \"$id\", \"mail_msg_id\": \"<agent-7@desk.example.net>\"}" >/dev/null
	push asked
	looked() { control calls | grep -q "/tickets/$id/messages"; }
	wait_for 60 looked
	intake_mail "$M.2" ask-2 "Thank you" "From: Someone <someone-ask-1@example.org>" \
		"In-Reply-To: <agent-7@desk.example.net>" <<<"Thank you, then I shall come."
	intake_send "$M.2"
	# this desk cannot append without its v1 key: the new ticket names the old one
	[ "$(control dump | intake_get "['Follow-up to ticket' in t['body']['message'] for t in d if t['subject'] == 'Thank you']")" = "[True]" ]
}
