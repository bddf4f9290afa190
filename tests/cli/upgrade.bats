#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What an earlier version left behind (tests/upgrade, made by tests/upgrade/make) is kept
# whole; what a later one left is not touched.

load common

teardown() { done_with; }

old() { # VERSION: its state in $T, with settings for it
	fresh <<<'training-margin = 1000'
	cat >>"$T/dg.conf" <<TXT
inbox "support@example.com" { }
inbox "held@example.com" { action-unsure = quarantine }
desk "away" {
	type = "webhook"
	url = "http://127.0.0.1:9"
	token-file = "$T/token"
}
inbox "later@example.com" { desk = "away" }
TXT
	echo "a secret of nobody" >"$T/token"
	chmod 600 "$T/token"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/token"
	tar -x -C "$T" --no-same-owner -f "$top_srcdir/tests/upgrade/$1.tar.xz"
}

kept() { # WORDS FILE: it still says the same
	dg $1 | diff "$T/$2" -
}

@test "the state of every earlier version is kept whole" {
	local file version
	for file in "$top_srcdir"/tests/upgrade/*.tar.xz; do
		version=$(basename "$file" .tar.xz)
		echo "version $version"
		old "$version"
		kept "model dump" model.txt
		kept "tickets list --plain" tickets.txt
		kept "quarantine list --plain" held.txt
		dg model verify
		# With the keeper at work: what waited waits, who was erased stays it.
		keeper
		kept "tickets list --plain" tickets.txt
		[ "$(dg queue list --plain | cut -f 1)" = "$(cut -f 1 "$T/queue.txt")" ]
		run dg privacy find carol@example.org
		echo "$output"
		[[ "$output" != *"ticket 3"* ]]
		run dg audit --verify
		[ "$status" -eq 0 ]
		kill "$KEEPER" && wait "$KEEPER"
		KEEPER=
		run dg check --deep
		echo "$output"
		[ "$status" -eq 0 ]
		[ "$(cat "$T/state-keys/format")" = 1 ]
		rm -rf "$T"
	done
}

@test "the state of a newer version is not touched" {
	fresh <<<'inbox "support@example.com" { }'
	keeper
	kill "$KEEPER" && wait "$KEEPER"
	KEEPER=
	echo 2 >"$T/state-keys/format"
	find "$T/state" -type f -exec sha256sum {} + | sort >"$T/before"
	for program in deskgate-deliver deskgate-milter "deskgate stats"; do
		run timeout 20 $program -c "$T/dg.conf"
		echo "$program: $output"
		[ "$status" -eq 65 ]
		[[ "$output" == *"a newer Deskgate has kept this state (format 2, this one knows up to 1): install that version again, or restore a backup of before"* ]]
	done
	run dg accept -i support@example.com <<<"Subject: hello"
	[ "$status" -eq 75 ]
	find "$T/state" -type f -exec sha256sum {} + | sort | diff "$T/before" -
}

@test "a format that cannot be read stops the start, and says what to do" {
	fresh <<<'inbox "support@example.com" { }'
	keeper
	kill "$KEEPER" && wait "$KEEPER"
	KEEPER=
	echo "one" >"$T/state-keys/format"
	run timeout 20 deskgate-deliver -c "$T/dg.conf"
	echo "$output"
	[ "$status" -eq 65 ]
	[[ "$output" == *"format is damaged: put it back from its backup"* ]]
}
