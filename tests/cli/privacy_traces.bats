#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# After an erasure no byte of the person is left, in whatever form (tests/traces.py).

load common

setup() {
	fresh <<'TXT'
retry-min = 1h
inbox "support@example.com" { }
inbox "held@example.com" {
	action-ham = quarantine
	action-unsure = quarantine
}
inbox "waiting@example.com" { desk = "away" }
desk "local" { type = local }
TXT
	mkdir -m 1777 "$T/tmp"
	echo "a secret of the desk" >"$T/secret"
	chmod 0600 "$T/secret"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/secret"
	# Nobody listens there.
	cat >>"$T/dg.conf" <<TXT
desk "away" {
	type = webhook
	url = "http://127.0.0.1:9/"
	token-file = "$T/secret"
	allow-private = true
	events = { "create" }
}
TXT
}
teardown() { done_with; }

# A message to inbox $2 of whom and what stands in $3, into file $1.
marked() { # FILE INBOX PREFIX
	local p=$3
	cat >"$1" <<TXT
Received: from client.example.org ([192.0.2.7]) by mail.example.net; Mon, 2 Nov 2026 10:00:00 +0000
From: "${p}display${p} Jones" <${p}address${p}@example.org>
To: Support <$2>
Subject: Where is ${p}subject${p} of mine
Message-ID: <${p}messageid${p}-$2>
X-Thing: ${p}header${p}
Date: Mon, 2 Nov 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

It was sent a week ago, the ${p}body${p} that I ordered.
--b
Content-Type: text/plain; name="${p}file${p}.txt"
Content-Disposition: attachment; filename="${p}file${p}.txt"
Content-Transfer-Encoding: base64

$(printf 'The file has a %s within.' "${p}content$p" | base64)
--b--
TXT
}

markers() { # PREFIX
	printf "$1%s$1\n" display address subject messageid header body file content
}

settled() {
	[ "$(dg tickets list --plain | wc -l)" -eq 2 ] &&
		[ "$(dg quarantine list --plain | wc -l)" -eq 2 ] &&
		[ "$(dg queue list --plain | wc -l)" -eq 2 ]
}

two_people() {
	for who in qxanna zybert; do
		for inbox in support held waiting; do
			marked "$T/mail" "$inbox@example.com" $who
			dg accept -i "$inbox@example.com" -f "${who}address${who}@example.org" <"$T/mail"
			[ $inbox != support ] || dg train ham "$T/mail"
		done
	done
	rm "$T/mail"
	wait_for 20 settled
}

# Keys and wrapped keys of the vault, one a line.
vault_records() {
	mdb_dump -s person "$T/state-keys/vault" |
		sed -n '/^HEADER=END/,/^DATA=END/s/^ //p' | sort
}

traces() {
	local keeper_log=
	[ ! -e "$T/keeper.log" ] || keeper_log=$T/keeper.log
	run python3 "$top_srcdir/tests/traces.py" "$1" "$T/state" "$T/state-keys" "$T/tmp" $keeper_log
}

@test "of a person who was erased no byte is left, of others all that is theirs" {
	export TMPDIR=$T/tmp
	keeper
	two_people
	markers qxanna >"$T/anna"
	markers zybert >"$T/bert"
	# The index of the embedded desk has words that can be read: it is seen.
	traces "$T/anna"
	[ "$status" -eq 1 ]
	[[ "$output" == *desk-index.sqlite* ]]
	vault_records >"$T/before"
	[ "$(wc -l <"$T/before")" -eq 4 ]

	run dg privacy erase qxannaaddressqxanna@example.org
	[ "$status" -eq 0 ]
	[[ "$output" == *"state      done"* ]]
	traces "$T/anna"
	echo "$output"
	[ "$status" -eq 0 ]
	# Her subject and her key, as it stood wrapped in the vault, are in no file.
	vault_records >"$T/after"
	grep -vxFf "$T/after" "$T/before" | sed 's/^/hex:/' >"$T/gone"
	[ "$(wc -l <"$T/gone")" -ge 3 ] # her two, and what was his wrap before
	traces "$T/gone"
	echo "$output"
	[ "$status" -eq 0 ]

	traces "$T/bert"
	[ "$status" -eq 1 ]
	[ "$(dg tickets list --plain | wc -l)" -eq 1 ]
	[ "$(dg quarantine list --plain | wc -l)" -eq 1 ]
	[ "$(dg queue list --plain | wc -l)" -eq 1 ]
	run dg tickets show 2
	[[ "$output" == *zybertbodyzybert* ]]

	# Nor when it has ended, and written what it still had.
	kill "$KEEPER"
	wait "$KEEPER"
	KEEPER=
	traces "$T/anna"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "without a daemon no byte is left either" {
	export TMPDIR=$T/tmp
	marked "$T/mail" support@example.com qxanna
	dg train ham "$T/mail"
	dg accept -i support@example.com -f qxannaaddressqxanna@example.org <"$T/mail"
	rm "$T/mail"
	markers qxanna >"$T/anna"
	run dg privacy erase qxannaaddressqxanna@example.org
	[ "$status" -eq 0 ]
	[[ "$output" == *"state      done"* ]]
	[ -z "$(ls "$T/state/spool/msg")" ]
	traces "$T/anna"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a marker that is planted is found in each form" {
	mkdir "$T/state" "$T/state-keys"
	markers qxanna >"$T/anna"
	traces "$T/anna"
	[ "$status" -eq 1 ] # there was nothing to look at
	: >"$T/state/file"
	traces "$T/anna"
	[ "$status" -eq 0 ]
	for how in $(python3 "$top_srcdir/tests/traces.py" --plants); do
		python3 "$top_srcdir/tests/traces.py" --plant "$how" "$T/anna" "$T/state/file"
		traces "$T/anna"
		[ "$status" -eq 1 ]
		for marker in $(cat "$T/anna"); do
			[[ "$output" == *"$marker"* ]] || { echo "$marker as $how is not seen"; return 1; }
		done
	done
	rm "$T/state/file"
	mkdir "$T/state/qxannadisplayqxanna"
	traces "$T/anna"
	[ "$status" -eq 1 ]
	echo "hex:00ff1020" >"$T/bytes"
	printf 'a\0\377\020 b' >"$T/state/file"
	traces "$T/bytes"
	[ "$status" -eq 1 ]
}
