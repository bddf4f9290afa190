#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The milter and the keeper as two users, behind a real Postfix: each does its part, and
# the one that hears the world cannot read what the other keeps.

load line.bash

MILTER_USER=mail
KEEPER_USER=games

setup_file() {
	line_need_root
	export LINE LINE_PORT
	line_start <<TXT
milter-user = "$MILTER_USER"
deliver-user = "$KEEPER_USER"
inbox "support@example.com" { }
inbox "strict@example.com" { action-ham = quarantine action-unsure = quarantine }
TXT
	mkdir -m 0700 "$LINE/backups"
	chown $KEEPER_USER "$LINE/backups"
}

teardown_file() { line_stop; }

# Of a program and its readers, each once.
users_of() { # PROGRAM
	local pid
	pid=$(line_pid "$1")
	{ ps -o user= -p "$pid"; ps -o user= --ppid "$pid"; } | sort -u | tr -d ' '
}
owner_of() { stat -c %U "$1"; }
# What one of the two can open below a folder.
opened_by() { # USER GROUP FOLDER
	setpriv --reuid "$1" --regid "$2" --clear-groups find "$3" -type f -readable 2>/dev/null || true
}
mail_of() { # NAME INBOX
	message "$BATS_TEST_TMPDIR/$1" "$1" "Where is $1's parcel?" <<<"It was sent a week ago by $1."
	line_send --from "someone-$1@example.org" --to "$2@example.com" "$BATS_TEST_TMPDIR/$1"
}
counts() { [ "$(line_count tickets)" -eq "$1" ] && [ "$(line_count quarantine)" -eq "$2" ]; }

@test "mail goes through the hands of both" {
	mail_of anna support
	mail_of anna strict
	mail_of bert support
	mail_of bert strict
	wait_for 40 counts 2 2
	[ "$(users_of deskgate-milter)" = $MILTER_USER ]
	[ "$(users_of deskgate-deliver)" = $KEEPER_USER ]
	for file in "$LINE/state/spool/msg"/*; do
		[ "$(owner_of "$file")" = $MILTER_USER ]
	done
}

@test "the milter's user opens neither keys nor stores" {
	[ -r "$LINE/keys/vault.key" ] # by root
	group=$(stat -c %G "$LINE/state/spool")
	opened_by $MILTER_USER "$group" "$LINE/keys" >"$BATS_TEST_TMPDIR/keys"
	opened_by $MILTER_USER "$group" "$LINE/state" >"$BATS_TEST_TMPDIR/state"
	cat "$BATS_TEST_TMPDIR/keys" "$BATS_TEST_TMPDIR/state"
	grep -q /entry.key "$BATS_TEST_TMPDIR/keys" # it names entries by it
	! grep -E 'vault|subject|ledger|audit|operator|standing|privacy|intake.*(key|sec)' "$BATS_TEST_TMPDIR/keys" || false
	! grep -vE '/spool/' "$BATS_TEST_TMPDIR/state" || false
}

@test "a lesson, an erasure, a new key of the vault, and mail after that" {
	dg train ham "$top_srcdir/contrib/samples/ham/thanks-solved-en.eml"
	dg privacy erase someone-anna@example.org
	[[ "$(dg privacy receipt 1)" == *"state      done"* ]]
	wait_for 20 counts 1 1
	dg vault rotate
	mail_of carla support
	mail_of carla strict
	wait_for 40 counts 2 2
	dg quarantine release "$(dg quarantine list --plain | cut -f 1 | head -1)"
	wait_for 40 counts 3 1
	dg quarantine delete "$(dg quarantine list --plain | cut -f 1 | head -1)"
	dg privacy schedule --run
	dg model verify
	dg audit --verify
}

@test "a backup comes back to the same two users" {
	dg tickets list --plain | sort >"$LINE/before"
	dg backup "$LINE/backups/state" --vault "$LINE/backups/vault"
	[ "$(find "$LINE/backups" -mindepth 1 ! -user $KEEPER_USER)" = "" ]
	line_end_deskgate
	dg restore "$LINE/backups/state" --vault "$LINE/backups/vault" --replace
	line_deskgate
	dg tickets list --plain | sort | diff "$LINE/before" -
	mail_of dora support
	wait_for 40 counts $(($(wc -l <"$LINE/before") + 1)) 0
	[ "$(users_of deskgate-milter)" = $MILTER_USER ]
	[ "$(find "$LINE/state" "$LINE/keys" -user root -type f)" = "" ]
}
