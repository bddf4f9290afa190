#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The life of an inbox: suspended, ended, resumed.

load common.bash

setup() {
	fresh <<TXT
retry-min = 1s
inbox "support@example.com" { end-text = "Closed since May." }
inbox "sales@example.com" { suspend-answer = reject }
TXT
	dg stats >/dev/null
	message "$T/m" one "Where is my parcel?" <<<"It was sent a week ago."
}
teardown() { done_with; }

get() { # EXPRESSION over d, the status of an inbox (support)
	dg inbox status --json "${2:-support@example.com}" | python3 -c "import json, sys
d = json.load(sys.stdin)['inboxes'][0]
print($1)"
}
accept() { dg accept -i support@example.com "$@"; }
tickets() { [ "$(dg tickets list --plain | wc -l)" -eq "$1" ]; }
waiting() { dg queue list --json | python3 -c 'import json, sys
rows = json.load(sys.stdin)["entries"]
print(len(rows), *sorted({r["state"] for r in rows}), *sorted({str(r.get("attempts", 0)) for r in rows}))'; }

@test "suspended: the second door says later or no, and resume opens it" {
	run dg inbox suspend support@example.com --reason "moving house"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *suspended*later*"moving house"* ]]
	run accept <"$T/m"
	[ "$status" -eq 75 ]
	[[ "$output" == "4.2.1 "* ]]
	dg inbox suspend support@example.com --answer reject
	run accept <"$T/m"
	[ "$status" -eq 77 ]
	[[ "$output" == "5.2.1 "* ]]
	# The settings' answer, and only of that inbox.
	dg inbox suspend sales@example.com
	[ "$(get 'd["answer"]' sales@example.com)" = reject ]
	dg inbox resume support@example.com
	accept <"$T/m"
	[ "$(get 'd["state"]')" = active ]
	[ "$(get 'd["state"]' sales@example.com)" = suspended ]
}

@test "ended: mail is refused with the text, and resume still works" {
	dg inbox end support@example.com
	run accept <"$T/m"
	[ "$status" -eq 77 ]
	[ "$output" = "5.2.1 Closed since May." ]
	[ "$(get 'd["next"]["to"]')" = erasing ]
	run dg inbox suspend support@example.com
	[ "$status" -eq 65 ]
	[[ "$output" == *"it is ended"* ]]
	dg inbox resume support@example.com
	accept <"$T/m"
}

@test "a day that comes is planned, and taken back" {
	day=$(date -d '+40 days' +%F)
	dg inbox suspend support@example.com --at "$day" --answer reject
	[ "$(get 'd["state"], d["next"]["to"], d["next"]["announced"]')" = "active suspended False" ]
	accept <"$T/m"
	dg inbox resume support@example.com
	[ "$(get '"next" in d')" = False ]
	dg inbox end support@example.com --at "$day"
	[ "$(get 'd["next"]["to"]')" = ended ]
	# A day of the settings.
	sed -i 's/suspend-answer = reject/& suspend = "'"$day"'"/' "$T/dg.conf"
	[ "$(get 'd["next"]["to"]' sales@example.com)" = suspended ]
	sed -i 's/suspend = "[^"]*"/suspend = "soon"/' "$T/dg.conf"
	run dg inbox status
	[ "$status" -eq 78 ]
	[[ "$output" == *"a day: 2027-01-31"* ]]
}

@test "desks are not called for it: mail waits without a try, and goes on" {
	# Accepted before, and not delivered yet.
	for i in 1 2 3; do
		message "$T/n" "more$i" "Number $i" <<<"Text $i"
		accept <"$T/n"
	done
	dg inbox suspend support@example.com
	keeper
	rested() { [ "$(waiting)" = "3 wait 0" ]; }
	wait_for 20 rested
	[ "$(get 'd["waiting"], d["aside"]')" = "3 0" ]
	[[ "$(dg inbox status Support@Example.com)" == *"3 wait, 0 are held"* ]]
	tickets 0
	# Another inbox of the same desk goes on.
	message "$T/n" other "For sales" <<<"Text"
	dg accept -i sales@example.com <"$T/n"
	wait_for 20 tickets 1
	rested
	dg inbox resume support@example.com
	wait_for 20 tickets 4
}

@test "the calendar takes steps by itself, and tells of them before" {
	sed -i 's/end-text/end-after = 2s erase-after = 900d announce-before = 1d end-text/' "$T/dg.conf"
	keeper
	dg inbox suspend support@example.com
	ended() { [ "$(get 'd["state"]')" = ended ]; }
	wait_for 20 ended
	grep -q 'inbox-announced.*inbox=support@example.com.*step=ended' "$T/keeper.log"
	grep -q 'inbox-step.*inbox=support@example.com.*state=ended' "$T/keeper.log"
	run dg stats
	[[ "$output" == *"inboxes  1 active, 1 ended"* ]]
	run dg stats --json
	[[ "$output" == *'"ended": 1'* || "$output" == *'"ended":1'* ]]
	run dg audit
	echo "$output"
	[[ "$output" == *inbox-suspend*"inbox support at example.com"* ]]
	[[ "$output" == *deskgate:calendar*inbox-step* ]]
	[[ "$output" != *support@* ]]
	dg audit --verify
}

letters() { [ "$(ls "$T"/sink/*.envelope 2>/dev/null | wc -l)" -eq "$1" ]; }

@test "the operator is told by mail, ahead and after, and the same letter again is the same" {
	mkdir "$T/sink"
	# The first is kept and not answered; the next is deferred.
	python3 "$top_srcdir/tests/line/smtp_sink.py" --port-file "$T/port" \
		--fail drop "$T/sink" >/dev/null 2>&1 3>&- &
	SINK=$!
	wait_for 10 test -s "$T/port"
	sed -i 's/end-text/end-after = 5s announce-before = 1d end-text/' "$T/dg.conf"
	sed -i "1i operator-address = \"ops@example.com\"\nmail-relay = \"smtp://127.0.0.1:$(cat "$T/port")\"\nmail-relay-tls = none" "$T/dg.conf"
	dg inbox suspend support@example.com --reason "moving house"
	keeper
	wait_for 20 letters 1
	unanswered() { grep -q operator-not-told "$T/keeper.log"; }
	wait_for 20 unanswered
	# Stopped here: it is due still, and sent by the next one.
	kill "$KEEPER"; wait "$KEEPER" || true
	deskgate-deliver -c "$T/dg.conf" >>"$T/keeper.log" 2>&1 3>&- &
	KEEPER=$!
	told() { [ "$(grep -c operator-told "$T/keeper.log")" -ge 2 ]; }
	wait_for 30 told
	kill "$SINK"
	python3 - "$T/sink" <<'PY'
import email, pathlib, sys
files = sorted((p for p in pathlib.Path(sys.argv[1]).iterdir() if p.suffix == ""),
               key=lambda p: int(p.name))
mails = [email.message_from_bytes(p.read_bytes()) for p in files]
ids = [m["Message-ID"] for m in mails]
assert ids[0] == ids[1] and len(set(ids)) == len(ids) - 1, ids
subjects = [m["Subject"].replace("\n", "") for m in mails]
assert subjects[0] == "Deskgate: support@example.com is suspended", subjects
assert any("ended" in s for s in subjects), subjects
first = mails[0].get_payload(decode=True).decode()
assert "moving house" in first and "deskgate inbox resume support@example.com" in first, first
assert all(m["To"] and "ops@example.com" in m["To"] for m in mails)
assert all(m["Auto-Submitted"] == "auto-generated" for m in mails)
PY
	grep -q 'to <ops@example.com>' "$T"/sink/1.envelope
}

@test "what is asked wrongly is answered" {
	run dg inbox suspend
	[ "$status" -eq 64 ]
	run dg inbox suspend other@example.com
	[ "$status" -eq 66 ]
	[[ "$output" == *"no inbox"*other@example.com* ]]
	sed -i '1i operator-address = "nobody"' "$T/dg.conf"
	run dg inbox status
	[ "$status" -eq 78 ]
	[[ "$output" == *operator-address*"no address"* ]]
	sed -i 1d "$T/dg.conf"
	run dg inbox suspend support@example.com --at tomorrow
	[ "$status" -eq 64 ]
	run dg inbox suspend support@example.com --answer bounce
	[ "$status" -eq 64 ]
	run dg inbox suspend support@example.com --reason "$(head -c 300 /dev/zero | tr '\0' x)"
	[ "$status" -eq 64 ]
	dg inbox suspend support@example.com
	run dg import --inbox support@example.com "$T/m"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"takes no mail"* ]]
	run dg inbox status other@example.com
	[ "$status" -eq 66 ]
	run dg inbox status --plain
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	for word in status suspend end resume open; do
		run dg inbox "$word" --help
		[ "$status" -eq 0 ]
	done
}

@test "a file of states that nobody can read takes nothing in, and loses nothing" {
	dg inbox suspend support@example.com
	echo '{' >"$T/state-keys/inboxes.json"
	run accept <"$T/m"
	[ "$status" -eq 75 ]
	run dg inbox resume support@example.com
	[ "$status" -eq 65 ]
	[[ "$output" == *inboxes.json*"put key-dir back"* ]]
}

# --- to its end

# Mail to both inboxes: a ticket with each, one held, one lesson with each.
furnish() {
	for inbox in support sales; do
		for i in 1 2; do
			message "$T/n" "$inbox$i" "Zebra$inbox number $i" <<<"Text $i of $inbox"
			dg accept -i "$inbox@example.com" -f "someone-$inbox$i@example.org" <"$T/n"
		done
		message "$T/lesson-$inbox" "$inbox-l" "Lesson of $inbox" <<<"Quagga $inbox"
		dg train ham --inbox "$inbox@example.com" "$T/lesson-$inbox"
		dg privacy consent grant "someone-${inbox}1@example.org" --inbox "$inbox@example.com" --version 1
	done
	# One message for both: it stands under the other inbox too.
	message "$T/both" both "To both" <<<"For both of you"
	dg accept -i support@example.com -f someone-both@example.org <"$T/both"
	dg accept -i sales@example.com -f someone-both@example.org <"$T/both"
	dg train ham --inbox support@example.com "$T/both"
	dg train ham --inbox sales@example.com "$T/both"
}
state_is() { [ "$(get 'd["state"]' 2>/dev/null)" = "$1" ]; }
lessons() { dg stats --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["model"]["all"])'; }
inboxes_of_tickets() { dg tickets list --json --limit 100 | python3 -c 'import json, sys
print(*sorted(t["inbox"] for t in json.load(sys.stdin)["tickets"]))'; }

@test "erased: all of the inbox goes in all holders, and nothing of the other" {
	sed -i 's/end-text/end-after = 1s erase-after = 1s backups-after = 1s announce-before = 1d end-text/' "$T/dg.conf"
	keeper
	furnish
	wait_for 30 tickets 6
	[ "$(lessons)" -eq 3 ]
	dg inbox end support@example.com
	wait_for 40 state_is past || { dg inbox status; tail -20 "$T/keeper.log"; false; }
	[ "$(inboxes_of_tickets)" = "sales@example.com sales@example.com sales@example.com" ]
	# The lesson that both have given stays, by the other one.
	[ "$(lessons)" -eq 2 ]
	dg model verify
	[[ "$(dg privacy consent show someone-support1@example.org)" != *support@example.com* ]]
	[[ "$(dg privacy consent show someone-sales1@example.org)" == *sales@example.com*granted* ]]
	run dg privacy find someone-support1@example.org --json
	echo "$output"
	[[ "$output" != *'"tickets"'* && "$output" != *'"done"'* ]]
	run dg privacy find someone-both@example.org --json
	[[ "$output" == *'"tickets": 1'* || "$output" == *'"tickets":1'* ]]
	# Who answers the ticket that is left joins it still.
	message "$T/n" again "Re: To both" <<<"More for sales"
	sed -i 's/^MIME-Version/In-Reply-To: <both@client.example.org>\nMIME-Version/; s/^From: .*/From: <someone-both@example.org>/' "$T/n"
	dg accept -i sales@example.com -f someone-both@example.org <"$T/n"
	settled() { [ "$(waiting)" = 0 ]; }
	wait_for 20 settled
	tickets 3
	run dg privacy receipt "$(get 'd["request"]')"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *erase-inbox*support@example.com*verified* ]]
	run dg inbox resume support@example.com
	[ "$status" -eq 65 ]
	[[ "$output" == *"its data is erased"* ]]
	dg audit --verify
}

again() { # kills the keeper, runs $1, and starts another one
	kill -9 "$KEEPER"; wait "$KEEPER" || true
	[ -z "${1:-}" ] || "$1"
	rm -f "$T/state/run/keeper/control.sock"
	deskgate-deliver -c "$T/dg.conf" >>"$T/keeper.log" 2>&1 3>&- &
	KEEPER=$!
	wait_for 20 test -S "$T/state/run/keeper/control.sock"
}
copy_state() { rm -rf "$T/copy"; cp -a "$T/state" "$T/copy"; }
put_back() { rm -rf "$T/state"; cp -a "$T/copy" "$T/state"; }

@test "what is restricted stops the erasing, a kill does not, and an older state is erased again" {
	sed -i 's/end-text/end-after = 1s erase-after = 1s announce-before = 1d end-text/' "$T/dg.conf"
	keeper
	furnish
	wait_for 30 tickets 6
	again copy_state
	dg privacy restrict someone-support1@example.org
	dg inbox end support@example.com
	wait_for 40 state_is erasing
	receipt() { dg privacy receipt "$(get 'd["request"]')"; }
	waits() { [[ "$(receipt)" == *"(Article 18)"* ]]; }
	wait_for 20 waits
	[ "$(inboxes_of_tickets | tr ' ' '\n' | grep -c support)" -ge 2 ]
	run dg inbox resume support@example.com
	[ "$status" -eq 65 ]
	dg privacy restrict --lift someone-support1@example.org
	again
	wait_for 40 state_is erased
	[ "$(inboxes_of_tickets)" = "sales@example.com sales@example.com sales@example.com" ]
	again put_back
	once_more() { [ "$(grep -c 'inbox-step.*support.*state=erased' "$T/keeper.log")" -ge 2 ]; }
	wait_for 40 once_more || { tail -20 "$T/keeper.log"; false; }
	[ "$(inboxes_of_tickets)" = "sales@example.com sales@example.com sales@example.com" ]
	[ "$(lessons)" -eq 2 ]
}

@test "an older backup with the newest vault does not bring an erased inbox back" {
	sed -i 's/end-text/end-after = 1s erase-after = 1s announce-before = 1d end-text/' "$T/dg.conf"
	mkdir -m 0777 "$T/backups"
	keeper
	furnish
	wait_for 30 tickets 6
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	dg inbox end support@example.com
	wait_for 40 state_is erased
	dg backup "$T/backups/two" --vault "$T/backups/vault"
	kill "$KEEPER"; wait "$KEEPER"; KEEPER=
	run dg restore "$T/backups/one" --vault "$T/backups/vault" --replace
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 inbox that was erased since was erased again"* ]]
	state_is erased
	[ "$(inboxes_of_tickets)" = "sales@example.com sales@example.com sales@example.com" ]
	[ "$(lessons)" -eq 2 ]
	dg model verify
	# One that has it no more has nothing to erase.
	rm -r "$T/state" "$T/state-keys"
	run dg restore "$T/backups/two" --vault "$T/backups/vault"
	[ "$status" -eq 0 ]
	[[ "$output" != *"erased again"* ]]
}

# A desk of another maker: takes every call, and writes down which.
far_desk() {
	cat >"$T/desk.py" <<'PY'
import http.server, sys
class Desk(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[1], "a") as log:
            log.write(self.headers["X-Deskgate-Event"] + "\n")
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Desk)
open(sys.argv[2], "w").write(str(server.server_port))
server.serve_forever()
PY
	python3 "$T/desk.py" "$T/calls" "$T/port" >/dev/null 2>&1 3>&- &
	DESK=$!
	wait_for 10 test -s "$T/port"
	echo "a secret of the desk" >"$T/secret"
	chmod 0600 "$T/secret"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/secret"
	sed -i 's/end-text/desk = "far" end-after = 1s erase-after = 1s announce-before = 1d end-text/' "$T/dg.conf"
	cat >>"$T/dg.conf" <<TXT
desk "local" { type = local }
desk "far" {
	type = webhook
	url = "http://127.0.0.1:$(cat "$T/port")/"
	token-file = "$T/secret"
	allow-private = true
}
TXT
}
calls() { [ "$(grep -c create "$T/calls")" -eq "$1" ]; }

@test "what another desk holds stays its own, and the receipt says how much" {
	far_desk
	keeper
	for i in 1 2; do
		message "$T/n" "far$i" "To the far desk $i" <<<"Text $i"
		accept -f "someone-far$i@example.org" <"$T/n"
	done
	wait_for 20 calls 2
	settled() { [ "$(waiting)" = 0 ]; }
	wait_for 20 settled
	dg inbox end support@example.com
	wait_for 40 state_is erased
	run dg privacy receipt --json "$(get 'd["request"]')"
	kill "$DESK"
	echo "$output"
	python3 - "$output" <<'PY'
import json, sys
request = json.loads(sys.argv[1])["request"]
(far,) = [h for h in request["holders"] if h["holder"] == "desk far"]
assert far["outcome"] == "refused" and far["tickets"] == 2, far
assert "its own" in far["words"], far
assert all(h["outcome"] == "done" for h in request["holders"] if h is not far)
PY
	# It was asked for nothing else.
	[ "$(grep -vc -e create -e test "$T/calls")" -eq 0 ]
}
