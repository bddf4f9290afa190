#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# After an erasure no byte of the person is left, in whatever form (tests/traces.py).

load common
load marked

setup() { marked_setup; }
teardown() { done_with; }

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
