#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What is kept for how long, and that it goes when its time is over, from the disk too.

load common

YEARS=$((1500 * 86400)) # more than any default

setup() {
	fresh <<'TXT'
retry-min = 1s
clock-gap = 3000d
inbox "support@example.com" { held-retention = 12d }
inbox "held@example.com" {
	action-ham = quarantine
	action-unsure = quarantine
}
TXT
	mkdir -m 1777 "$T/tmp"
	clock_build
	export TMPDIR=$T/tmp
}
teardown() {
	[ -z "${DESK:-}" ] || kill "$DESK"
	done_with
}

again() { # the keeper, with the clock ahead by $1 seconds
	kill "$KEEPER"
	wait "$KEEPER"
	sed -i '/^user = /d' "$T/dg.conf" # keeper adds it
	ahead "$1" keeper
}

# A desk that refuses everything for good.
refusing_desk() {
	python3 - "$T/port" <<'PY' &
import http.server, os, sys
class Desk(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(422)
        self.end_headers()
        self.wfile.write(b'{"error": "no"}')
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk)
with open(sys.argv[1] + ".new", "w") as file:
    file.write(str(server.server_port))
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
PY
	DESK=$!
	wait_for 10 test -f "$T/port"
	echo "a secret of the desk" >"$T/secret"
	chmod 0600 "$T/secret"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/secret"
	cat >>"$T/dg.conf" <<TXT
inbox "refused@example.com" { desk = "away" }
desk "local" { type = local }
desk "away" {
	type = webhook
	url = "http://127.0.0.1:$(cat "$T/port")/"
	token-file = "$T/secret"
	allow-private = true
	events = { "create" }
}
TXT
}

mail() { # NAME INBOX: its words are NAME and other marks of it
	message "$T/tmp/$1" "${1}id$1" "A ${1}subject$1 of mine" <<<"It was sent a week ago, the ${1}body$1."
	sed -i "s/^From: .*/From: <${1}address$1@example.org>/" "$T/tmp/$1"
	dg accept -i "$2" -f "${1}address$1@example.org" <"$T/tmp/$1"
}
markers() { for name; do printf "$name%s$name\n" address id subject body; done; }
counts() { [ "$(ls "$T/state/spool/$1" | wc -l)" -eq "$2" ]; } # STATE N

# One cell of the rows of a kind, added up: kind, number of the column.
cell() { dg privacy schedule --plain | awk -F '\t' -v k="$1" -v c="$2" '$1 == k { n += $c } END { print n + 0 }'; }
there() { cell "$1" 3; }
past() { cell "$1" 4; }

everything() { # one of each kind there is
	mail qxticket support@example.com
	dg train ham "$T/tmp/qxticket"
	mail qxheld held@example.com
	mail qxdead refused@example.com
	mail other support@example.com
	wait_for 20 counts done 2
	wait_for 20 counts held 1
	wait_for 20 counts dead 1
	dg tickets spam 2
	dg tickets reply-note 1 "a qxticketnoteqxticket"
	dg privacy erase --identity document someone-else@example.org
	dg privacy consent grant qxticketaddressqxticket@example.org --inbox support@example.com --version 1
	dg privacy consent withdraw qxticketaddressqxticket@example.org --inbox support@example.com
	rm "$T"/tmp/*
	{ markers qxticket qxheld qxdead; echo qxticketnoteqxticket; } >"$T/marks"
}
traces() {
	run python3 "$top_srcdir/tests/traces.py" "$T/marks" "$T/state" "$T/state-keys" "$T/tmp" "$T/keeper.log"
}

KINDS="raw quarantine dead tickets deliveries threads decisions senders journal receipts consents-ended"

@test "what is kept, and how long, is told for each kind and inbox" {
	refusing_desk
	keeper
	everything
	run dg privacy schedule
	[ "$status" -eq 0 ]
	[[ "$output" == *"quarantine"*"support@example.com"*"12d"* ]]
	[[ "$output" == *"quarantine"*"held@example.com"*"30d"* ]]
	[[ "$output" == *"until its desk has taken it"* ]]
	for kind in $KINDS audit erased; do
		[ "$(there "$kind")" -gt 0 ] || { echo "nothing of $kind"; return 1; }
		[ "$(past "$kind")" -eq 0 ] || { echo "$kind is past"; return 1; }
	done
	# Each row has an end: a time, or words.
	dg privacy schedule --json >"$T/json"
	python3 - "$T/json" <<'PY'
import json, sys
rows = json.load(open(sys.argv[1]))["rows"]
assert len(rows) > 20
for row in rows:
    assert bool(row["keep"]) != bool(row.get("until")), row
    if row["kind"] == "keys":
        continue  # has no time
    assert (row["oldest"] is None) == (row["count"] == 0), row
    assert not row["keep"] or (row["next"] is None) == (row["count"] == 0), row
PY
	run dg privacy schedule --plain --inbox HELD@example.com
	[ "$(cut -f 2 <<<"$output" | sort -u)" = "held@example.com" ]
	run dg privacy schedule --dry-run
	[ "$status" -eq 0 ]
	[[ "$output" == *"nothing was deleted"*"nothing" ]]
	run dg privacy schedule --run
	[ "$status" -eq 0 ]
	[ "$output" = "nothing was past its time" ]
}

@test "what is past its time goes, and no byte of it is left" {
	refusing_desk
	keeper
	everything
	traces
	[ "$status" -eq 1 ] # the index of the embedded desk has words
	again $YEARS
	# The keeper folds lessons by itself, within a second: they may be gone by now.
	for kind in ${KINDS/ journal/}; do
		[ "$(past "$kind")" -gt 0 ] || { echo "nothing of $kind is past"; return 1; }
	done
	run dg privacy schedule --dry-run --plain
	for kind in ${KINDS/ journal/}; do
		grep -q "^$kind	" <<<"$output" || { echo "$kind is not told"; return 1; }
	done
	before=$(find "$T/state/spool/msg" -type f | wc -l)
	[ "$before" -eq 4 ] # looking changed nothing
	run dg privacy schedule --run
	echo "$output"
	[ "$status" -eq 0 ]
	for kind in $KINDS; do
		[ $kind = journal ] || grep -q "^$kind " <<<"$output" ||
			{ echo "$kind did not go"; return 1; }
		[ "$(there "$kind")" -eq 0 ] || { echo "$kind is there"; return 1; }
	done
	traces
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(there erased)" -eq 0 ] # went with the start
	# The trail was cut, tells of it, and is whole.
	run dg audit --verify
	[ "$status" -eq 0 ]
	run dg audit --plain
	[[ "$output" == *"	audit-cut	"* ]]
	[[ "$output" == *"	expire	quarantine	1 gone"* ]]
	[[ "$output" != *"train-ham"* ]]
	[[ "$output" != *"@"* ]]
	# The next receipt is no second number 1.
	dg privacy erase someone-else@example.org
	dg privacy receipt 2 | grep -q verified
	# Keys go with the second run, or where nobody else is at work.
	kill "$KEEPER"
	wait "$KEEPER"
	KEEPER=
	dg privacy schedule --run
	run dg stats
	[[ "$output" == *"persons  0 with a key"* ]]
	traces
	[ "$status" -eq 0 ]
}

@test "the daemon does it by itself" {
	keeper
	mail qxheld held@example.com
	mail other support@example.com
	wait_for 20 counts held 1
	wait_for 20 counts done 1
	# Eight days on, raw sources are past their time, and nothing else.
	again $((8 * 86400))
	wait_for 60 counts done 0
	counts held 1
	grep -q 'expired.*kind=raw' "$T/keeper.log"
	dg stats | grep -q '^kept     quarantine: 1, the oldest of 20.*, 0 past'
	dg stats --json | python3 -c '
import json, sys
kept = json.load(sys.stdin)["kept"]
assert kept["kinds"]["raw"]["count"] == 0, kept
assert kept["kinds"]["quarantine"]["age"] > 7 * 86400, kept
assert kept["kinds"]["raw"]["age"] is None, kept'
}

@test "what somebody restricted the use of stays until that is lifted" {
	keeper
	mail qxheld held@example.com
	mail other held@example.com
	wait_for 20 counts held 2
	dg privacy restrict qxheldaddressqxheld@example.org
	again $((31 * 86400))
	run dg privacy schedule --run
	[ "$status" -eq 0 ]
	[ "$(there quarantine)" -eq 1 ]
	[ "$(past quarantine)" -eq 0 ]
	dg privacy schedule --json | grep -q '"restricted": *1'
	dg privacy restrict --lift qxheldaddressqxheld@example.org
	run dg privacy schedule --run
	[ "$status" -eq 0 ]
	[ "$(there quarantine)" -eq 0 ]
}

@test "an embedded desk that left the settings is known, and has an end" {
	refusing_desk
	keeper
	mail qxticket support@example.com
	wait_for 20 counts done 1
	sed -i 's/^inbox "support@example.com" { /&desk = "away" /; s/^inbox "held@example.com" {/&\n\tdesk = "away"/; /^desk "local"/d' "$T/dg.conf"
	again 0
	run dg tickets list
	[ "$status" -ne 0 ] # it is no desk any more
	dg privacy find --plain qxticketaddressqxticket@example.org | grep -q "^desk left-behind	tickets 1"
	[ "$(there tickets)" -eq 1 ]
	again $YEARS
	run dg privacy schedule --run
	[ "$status" -eq 0 ]
	[ "$(there tickets)" -eq 0 ]
	markers qxticket >"$T/marks"
	rm "$T"/tmp/*
	traces
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "names of operators go with the trail, and what a restore set aside goes" {
	keeper
	mail qxheld held@example.com
	wait_for 20 counts held 1
	dg quarantine show "$(ls "$T/state/spool/held")" >/dev/null
	[ "$(there operators)" -eq 1 ]
	mkdir "$T/state/.before-restore" "$T/state-keys/.before-restore"
	echo secret >"$T/state-keys/.before-restore/vault.key"
	[ "$(id -u)" -ne 0 ] || chown -R "$T_USER" "$T/state/.before-restore" "$T/state-keys/.before-restore"
	[ "$(there set-aside)" -eq 2 ]
	dg privacy schedule --run
	[ "$(there set-aside)" -eq 2 ]
	again $((15 * 86400))
	dg privacy schedule --run
	[ "$(there set-aside)" -eq 0 ]
	[ ! -e "$T/state/.before-restore" ]
	[ ! -e "$T/state-keys/.before-restore" ]
	[ "$(there operators)" -eq 1 ]
	again $YEARS
	dg privacy schedule # an act of nobody
	[ "$(past operators)" -eq 1 ]
	# Who acts now is known again, under the same alias.
	dg privacy schedule --run
	[ "$(there operators)" -eq 1 ]
}

@test "an own model has a time of its own, the shortest of its inboxes" {
	cat >>"$T/dg.conf" <<'TXT'
inbox "a@example.com" { model = "own" journal-keep = 9d }
inbox "b@example.com" { model = "own" journal-keep = 8d }
inbox "c@example.com" { model = "own" }
TXT
	dg privacy schedule --plain | grep -q "^journal		.*	180d$"
	dg privacy schedule --plain | grep -q "^journal	own	.*	8d$"
	dg privacy record | grep -q "9.0 days .*journal-keep of a@example.com"
}

@test "what is wrong is refused with the reason" {
	for wrong in "word" "--run --inbox held@example.com" "--never"; do
		run dg privacy schedule $wrong
		[ "$status" -eq 64 ]
		[ -n "$output" ]
	done
	run dg privacy schedule --help
	[ "$status" -eq 0 ]
	[[ "$output" == *"--dry-run"* ]]
	for wrong in 'raw-retention = 0' 'ledger-retention = 1h' 'journal-keep = 0' \
		'inbox "a@example.com" { journal-keep = 7d }'; do
		cp "$T/dg.conf" "$T/wrong.conf"
		echo "$wrong" >>"$T/wrong.conf"
		run deskgate -c "$T/wrong.conf" check
		[ "$status" -eq 78 ]
		[[ "$output" == *"wrong.conf:"* ]]
	done
}

@test "an inbox that is none is said to be none" {
	run dg privacy schedule --inbox typo@example.com
	[ "$status" -eq 66 ]
	[[ "$output" == *"no inbox typo@example.com"* ]]
}
