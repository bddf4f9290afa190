#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What people can ask of their data: find, erase, requests and receipts.

load common

setup() {
	fresh_held
}
teardown() { done_with; }

settled() {
	[ "$(dg tickets list --plain | wc -l)" -eq 2 ] &&
		[ "$(dg quarantine list --plain | wc -l)" -eq 2 ]
}

# What holder $1 has of address $2: "messages 3, tickets 1".
held() { dg privacy find --plain "$2" | awk -F '\t' -v h="$1" '$1 == h { print $2 }'; }

anna_and_bert() { # a ticket and a held message of each, and a lesson
	for who in anna bert; do
		message "$T/$who" "$who" "Where is $who's parcel?" <<<"It was sent a week ago by $who."
		dg accept -i support@example.com -f "someone-$who@example.org" <"$T/$who"
		message "$T/held-$who" "$who-2" "Held of $who" <<<"Never seen of $who."
		sed -i "s/^From: .*/From: <someone-$who@example.org>/" "$T/held-$who"
		dg accept -i held@example.com -f "someone-$who@example.org" <"$T/held-$who"
		dg train ham "$T/$who"
	done
	wait_for 20 settled
}

@test "find tells each holder, erase leaves nothing of the person and all of others" {
	keeper
	anna_and_bert
	[ "$(held spool someone-anna@example.org)" = "held 1, done 1" ]
	[ "$(held "desk local" someone-anna@example.org)" = "tickets 1, messages 2" ]
	[ "$(held model someone-anna@example.org)" = "lessons 1" ]
	[ "$(held ledger someone-anna@example.org)" != "nothing" ]
	[ "$(held vault someone-anna@example.org)" = "keys 1" ]
	before=$(dg privacy find --plain someone-bert@example.org)

	run dg privacy erase --dry-run someone-anna@example.org
	[ "$status" -eq 0 ]
	[ "$(held vault someone-anna@example.org)" = "keys 1" ]
	run dg privacy erase --identity known-address Someone-Anna@EXAMPLE.org
	[ "$status" -eq 0 ]
	[[ "$output" == *"done"* ]]
	run dg privacy find --plain someone-anna@example.org
	[ "$(grep -vc "	nothing" <<<"$output")" -eq 0 ]
	[[ "$output" == *"list of the erased	nothing	was erased before, last 20"* ]]
	[ "$(dg privacy find --plain someone-bert@example.org)" = "$before" ]
	run dg tickets search anna
	[ "$output" = "no tickets" ]
	[ "$(dg quarantine list --plain | wc -l)" -eq 1 ]
}

@test "erasing leaves the model as if the person had taught nothing" {
	keeper
	corpus 40
	dg train ham "$T/ham" >/dev/null
	dg train spam "$T/spam" >/dev/null
	dg model dump >"$T/before"
	message "$T/anna" anna "An unusual elephant" <<<"A giraffe and a casino."
	dg train spam "$T/anna"
	dg model dump >"$T/with"
	run cmp "$T/before" "$T/with"
	[ "$status" -ne 0 ]
	dg privacy erase someone-anna@example.org
	dg model dump >"$T/after"
	cmp "$T/before" "$T/after"
}

@test "requests have a date, receipts name nobody and are verified" {
	keeper
	anna_and_bert
	dg privacy erase --identity document someone-anna@example.org
	run dg privacy requests
	[ "$output" = "no request is open" ]
	run dg privacy requests --all --plain
	[[ "$output" == "1	erase	done	"* ]]
	run dg privacy receipt 1
	[ "$status" -eq 0 ]
	[[ "$output" == *"identity   document"* ]]
	[[ "$output" == *"verified"* ]]
	[[ "$output" != *anna* ]]
	digest=$(awk '/^digest/ { print $2 }' <<<"$output")
	dg audit | grep -q "erase *request 1 *$digest"
	run dg privacy receipt 2
	[ "$status" -eq 66 ]
}

unclaimed() {
	dg privacy holders --json >"$T/claims"
	python3 "$top_srcdir/tests/claims.py" "$T/state" "$T/state-keys" "$T/claims"
}

@test "no file and no table is without a holder" {
	keeper
	anna_and_bert
	corpus 40
	dg train ham "$T/ham" >/dev/null
	dg tickets close 1
	dg tickets spam 2
	dg quarantine release "$(dg quarantine list --plain | head -1 | cut -f 1)"
	dg privacy erase someone-anna@example.org
	unclaimed
	[ "$(dg privacy holders --plain | grep -c .)" -gt 40 ]
	# It would be seen:
	: >"$T/state/notes"
	run unclaimed
	[ "$status" -eq 1 ]
	[[ "$output" == *notes* ]]
	rm "$T/state/notes"
	python3 - "$T/state/desk.sqlite" <<'PY'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("CREATE TABLE habits (person TEXT)")
PY
	run unclaimed
	[ "$status" -eq 1 ]
	[[ "$output" == *desk.sqlite:habits* ]]
}

# A desk that answers everything but to erase, for which it takes its time.
hanging_desk() {
	python3 - "$T/port" <<'PY' &
import http.server, sys, time
class Desk(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["X-Deskgate-Event"] == "erase":
            time.sleep(60)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"id": "1"}')
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk)
server.daemon_threads = True
with open(sys.argv[1] + ".new", "w") as file:
    file.write(str(server.server_port))
import os
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
PY
	DESK=$!
	wait_for 10 test -f "$T/port"
}

@test "a desk that hangs holds up neither the erasing here, nor others, nor the end" {
	hanging_desk
	echo "a secret of the desk" >"$T/secret"
	chmod 0600 "$T/secret"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/secret"
	cat >>"$T/dg.conf" <<TXT
desk "local" { type = local }
desk "slow" {
	type = webhook
	url = "http://127.0.0.1:$(cat "$T/port")/"
	token-file = "$T/secret"
	allow-private = true
	timeout = 4s
	events = { "create", "erase" }
}
TXT
	keeper
	anna_and_bert
	dg privacy erase someone-anna@example.org >"$T/erased" &
	erase=$!
	wait_for 3 gone_here someone-anna@example.org
	dg privacy requests --plain | grep -q "^1	erase	open"
	# The receipt is not made before the desk has answered.
	wait "$erase"
	grep -q "^desk slow  *open" "$T/erased"
	grep -q "^vault  *done" "$T/erased"
	grep -q "^compacted" "$T/erased"
	grep -q "is tried again" "$T/erased"
	# Another one is begun with while the desk hangs, and the end is prompt.
	dg privacy erase someone-bert@example.org >"$T/erased-2" &
	erase=$!
	wait_for 3 gone_here someone-bert@example.org
	start=$SECONDS
	kill "$KEEPER"
	wait "$KEEPER"
	KEEPER=
	[ $((SECONDS - start)) -le 6 ]
	wait "$erase" || true
	kill "$DESK"
	# After the start they are still open, and whom they are about is known.
	run dg privacy requests --plain
	[ "$(grep -c "erase	open" <<<"$output")" -eq 2 ]
}

gone_here() { [ "$(dg privacy find --plain "$1" | grep -vc "	nothing")" -eq 0 ]; }

@test "the vault gets a new key while it is at work" {
	keeper
	anna_and_bert
	old=$(md5sum <"$T/state-keys/vault.key")
	run dg vault rotate
	[ "$status" -eq 0 ]
	[[ "$output" == *"2 keys of persons"* ]]
	[ "$(md5sum <"$T/state-keys/vault.key")" != "$old" ]
	[ ! -e "$T/state-keys/vault-next.key" ]
	run dg tickets show 1
	[[ "$output" == *"It was sent a week ago"* ]]
	dg audit | grep -q vault-rotate
	kill "$KEEPER"
	wait "$KEEPER"
	sed -i '/^user = /d' "$T/dg.conf" # keeper adds it
	keeper
	run dg tickets show 1
	[[ "$output" == *"It was sent a week ago"* ]]
}

@test "what is wrong is refused with the reason" {
	for wrong in "find" "erase" "find anna" "erase --identity hunch a@example.org" \
		"receipt" "receipt x" "requests 7"; do
		run dg privacy $wrong
		[ "$status" -ge 64 ]
		[ -n "$output" ]
	done
	[ "$(dg privacy requests --all)" = "no request is open" ]
}

@test "find counts mail that nobody has opened yet" {
	dg stats >/dev/null # it makes the keys
	message "$T/m" unopened "Not opened yet" <<<"Hello."
	dg accept -i support@example.com -f someone-unopened@example.org <"$T/m"
	dg privacy find --plain someone-unopened@example.org | grep -q '^spool	new 1'
	dg privacy find --plain someone-else@example.org | grep -q '^spool	nothing'
}
