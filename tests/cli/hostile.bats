#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What a stranger writes into every field that he can fill stays what it is: a value, wherever
# it goes. The table of attacks is contrib/doc/hostile.md.

load common

setup() {
	fresh_held
}
teardown() { done_with; }

# One message with all of it.
evil() { # FILE ID
	python3 - "$1" "$2" <<'PY'
import base64, sys, urllib.parse
def word(text):
    return '=?utf-8?B?' + base64.b64encode(text.encode()).decode() + '?='
bad = '\r\nX-Evil: yes\r\n\r\n<script>alert(1)</script> \'); DROP TABLE tickets;-- " \\ \0 \x1b]0;owned\x07 \u009b2J \u202egnp.exe {"a":1} %s%n'
name = urllib.parse.quote(bad + 'a.txt', safe='')
open(sys.argv[1], 'w', newline='').write('\n'.join([
    'Received: from client.example.org by mail.example.net; Mon, 2 Nov 2026 10:00:00 +0000',
    'From: ' + word('Eve' + bad) + ' <eve@example.org>',
    'To: ' + word(bad) + ' <support@example.com>',
    'Cc: "o\'; DROP TABLE messages;--" <cc@example.net>',
    'Subject: ' + word('quokka' + bad),
    'Date: Mon, 2 Nov 2026 10:00:00 +0000',
    "Message-ID: <%s';DROP\x1b[2J<b>@example.org>" % sys.argv[2],
    "References: <a'\"<b>{}@example.org> <%s@example.org>" % word('x\r\nX-Evil: 1'),
    'X-Deskgate-Verdict: ham', 'X-Deskgate-Id: 00\t\x1b[2J',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b', '', '--b',
    'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: base64', '',
    base64.b64encode(('body of the quokka' + bad).encode()).decode(), '--b',
    "Content-Type: application/octet-stream; name*=utf-8''" + name,
    "Content-Disposition: attachment; filename*=utf-8''" + name, '', 'MZ', '--b--', '']))
PY
}
settled() { [ "$(dg queue list --plain | wc -l)" -eq 0 ]; }
clean() { # no byte that acts on a terminal, nothing that runs the other way
	python3 -c '
import re, sys
text = sys.stdin.buffer.read().decode("utf-8")
found = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)
sys.exit("a control at %r" % text[found.start() - 30:found.end() + 30] if found else 0)'
}

@test "a hostile message becomes a ticket, and what shows it stays text, JSON and SQL" {
	keeper
	evil "$T/evil" one
	dg accept -i support@example.com -f eve@example.org <"$T/evil"
	wait_for 20 settled
	for words in "tickets list" "tickets show 1" "tickets search quokka" "queue list --all" \
		"stats" "score $T/evil" "explain $T/evil" "rules test $T/evil"; do
		echo "== $words"
		# shellcheck disable=SC2086
		dg $words >"$T/out"
		clean <"$T/out"
		# shellcheck disable=SC2086
		dg $words --json >"$T/out.json"
		python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)' <"$T/out.json"
		clean <"$T/out.json"
	done
	# The desk's tables are all there, and the words stand in them as they were sent.
	dg tickets show 1 --json | grep -q 'DROP TABLE tickets'
	message "$T/next" next "Another" <<<"It goes on."
	dg accept -i support@example.com -f someone@example.org <"$T/next"
	wait_for 20 settled
	[ "$(dg tickets list --plain | wc -l)" -eq 2 ]
	# One event is one line.
	cat "$T/keeper.log"
	run grep -cavE '^[0-9TZ:-]+ deskgate-deliver\[[0-9]+\]: (debug|info|warn|error): [a-z-]+' "$T/keeper.log"
	[ "$output" = 0 ]
	clean <"$T/keeper.log"
}

@test "what is held of it is shown, searched and released as text" {
	keeper
	evil "$T/evil" held
	dg accept -i held@example.com -f eve@example.org <"$T/evil"
	held() { [ "$(dg quarantine list --plain | wc -l)" -eq 1 ]; }
	wait_for 20 held
	id=$(dg quarantine list --plain | cut -f 1)
	[[ "$id" =~ ^[0-9a-f]+$ ]]
	for words in "quarantine list" "quarantine list --plain" "queue list --all"; do
		echo "== $words"
		# shellcheck disable=SC2086
		dg $words >"$T/out"
		clean <"$T/out"
	done
	dg quarantine list --json | python3 -m json.tool >/dev/null
	# A row of the list for machines has its fields, whatever stands in them.
	dg quarantine list --plain | python3 -c '
import sys
rows = sys.stdin.read().splitlines()
assert len(rows) == 1, rows'
	dg quarantine release "$id"
	released() { [ "$(dg tickets list --plain | wc -l)" -eq 1 ]; }
	wait_for 20 released
}

@test "a person's export has it escaped" {
	keeper
	evil "$T/evil" export
	dg accept -i support@example.com -f eve@example.org <"$T/evil"
	wait_for 20 settled
	mkdir "$T/out"
	dg privacy export -o "$T/out" eve@example.org
	cd "$T/out"
	grep -q '&lt;script&gt;' index.html
	[ "$(grep -ciE '<script|<b>' index.html)" -eq 0 ]
	python3 -m json.tool data.json >/dev/null
	python3 - <<'PY'
import os
for folder, _, files in os.walk("."):
    for name in files:
        assert all(c.isascii() and (c.isalnum() or c in "._-") for c in name), name
PY
}

@test "the sender's words for queue and envelope are refused or kept as words" {
	keeper
	message "$T/m" words "Words" <<<"Hello."
	for sender in $'a\r\nX: y@example.org' $'a\n@example.org' $'\033[2J@example.org' \
		"'; DROP TABLE tickets;--@example.org" '<script>@example.org' "a b@example.org"; do
		run dg accept -i support@example.com -f "$sender" <"$T/m"
		printf '%s' "$output" | clean
		[ "$status" -eq 0 ] || [ "$status" -eq 65 ] || [ "$status" -eq 64 ]
	done
	wait_for 20 settled
	dg queue list --all >"$T/out"
	clean <"$T/out"
	dg tickets list >"$T/out"
	clean <"$T/out"
	dg tickets show 1 --json | python3 -m json.tool >/dev/null
	run dg queue show $'../../x\033[2J'
	[ "$status" -ne 0 ]
	printf '%s' "$output" | clean
	run dg queue show ../../../../etc/passwd
	[ "$status" -ne 0 ]
	[[ "$output" != *root:* ]]
	run dg tickets search $'"\033[2J OR 1=1 --'
	printf '%s' "$output" | clean
}
