#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What was erased is not in a backup that was made before, opened by the newest
# copy of the vault, and is erased again from one that is put back.

load common
load marked

setup() {
	marked_setup
	mkdir -m 0777 "$T/backups"
}
teardown() { done_with; }

# Of markers $1 nothing is in the other files, in whatever form.
clean() { # MARKERS PATH...
	run python3 "$top_srcdir/tests/traces.py" "$@"
	echo "$output"
	[ "$status" -eq 0 ]
}

end_keeper() {
	kill "$KEEPER"
	wait "$KEEPER"
	KEEPER=
}

again() {
	sed -i '/^user = /d' "$T/dg.conf" # keeper adds it
	keeper
}

# A copy of the vault with another one's list of the erased, and a manifest that
# says so.
forge() { # COPY OTHER
	cp "$2/current/vault/keys/erased/data.mdb" "$1/current/vault/keys/erased/data.mdb"
	python3 - "$1/current" <<'PY'
import hashlib, json, struct, sys
path = "vault/keys/erased/data.mdb"
digest = hashlib.blake2b()
def add(data):
    digest.update(struct.pack("<Q", len(data)) + data)
add(b"backup file")
with open(f"{sys.argv[1]}/{path}", "rb") as file:
    data = file.read()
for at in range(0, len(data), 65536):
    add(data[at:at + 65536])
with open(f"{sys.argv[1]}/manifest.json") as file:
    manifest = json.load(file)
for row in manifest["files"]:
    if row[0] == path:
        row[1], row[3] = len(data), digest.hexdigest()[:64]
with open(f"{sys.argv[1]}/manifest.json", "w") as file:
    json.dump(manifest, file)
PY
}

# All that can be shown, opened.
show_all() {
	for ticket in $(seq 4); do
		dg tickets show "$ticket" || true
	done
	for key in $(dg quarantine list --plain | cut -f 1); do
		dg quarantine show "$key" || true
	done
	for key in $(dg queue list --plain | cut -f 1); do
		dg queue show "$key" || true
	done
	dg privacy export --json qxannaaddressqxanna@example.org
} 2>&1

@test "a backup from before an erasure does not open with the newest vault, and is erased from again" {
	export TMPDIR=$T/tmp
	keeper
	two_people
	markers qxanna >"$T/anna"
	markers zybert >"$T/bert"
	dg privacy export qxannaaddressqxanna@example.org -o "$T/export.tar"
	dg backup "$T/backups/old" --vault "$T/backups/vault"
	cp -a "$T/backups/vault" "$T/backups/old-vault"
	# No person is in a backup of the state for all to read, erased or not.
	clean "$T/anna" "$T/backups"
	clean "$T/bert" "$T/backups"
	vault_records >"$T/before"
	dg privacy erase qxannaaddressqxanna@example.org | grep -q "state      done"
	dg backup "$T/backups/new" --vault "$T/backups/vault"
	end_keeper
	# Nowhere: state, keys, log, temporary files, backups of before and after.
	clean "$T/anna" "$T/state" "$T/state-keys" "$T/tmp" "$T/keeper.log" "$T/backups"
	[ -z "$(find "$T" "$PWD" -maxdepth 3 \( -name core -o -name 'core.*' \) -newer "$T/secret" -type f)" ]

	# Her keys are in the old copy of the vault and not in the new one; none of
	# the intake keys is in either, and no message key is boxed to one.
	vault_records >"$T/after"
	grep -vxFf "$T/after" "$T/before" | sed 's/^/hex:/' >"$T/gone"
	run python3 "$top_srcdir/tests/traces.py" "$T/gone" "$T/backups/old-vault"
	[ "$status" -eq 1 ]
	clean "$T/gone" "$T/backups/vault"
	[ -z "$(find "$T/backups" -path '*/intake/*')" ]
	for entry in "$T"/backups/*/state/spool/msg/*; do
		[ "$(head -c 100 "$entry" | tail -c 96 | tr -d '\0' | wc -c)" -eq 0 ]
	done

	# Put back as if nobody had been erased since, it does not open either.
	cp -a "$T/backups/vault" "$T/backups/forged"
	forge "$T/backups/forged" "$T/backups/old-vault"
	mv "$T/state" "$T/was"
	mv "$T/state-keys" "$T/was-keys"
	run dg restore "$T/backups/old" --vault "$T/backups/forged"
	[ "$status" -eq 0 ]
	[[ "$output" != *erased* ]]
	show_all >"$T/shown"
	grep -q zybertbodyzybert "$T/shown"
	grep -v qxannaaddressqxanna "$T/shown" >"$T/shown-2" # the question asked
	clean "$T/anna" "$T/shown-2"

	# With the true list it is erased from before it opens.
	rm -r "$T/state" "$T/state-keys"
	run dg restore "$T/backups/old" --vault "$T/backups/vault"
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 person who was erased since was erased again"* ]]
	clean "$T/anna" "$T/state" "$T/state-keys"
	dg privacy find --plain qxannaaddressqxanna@example.org >"$T/found"
	[ "$(grep -vc "	nothing" "$T/found")" -eq 0 ]
	again
	[ "$(dg tickets list --plain | wc -l)" -eq 1 ]
	[ "$(dg quarantine list --plain | wc -l)" -eq 1 ]
	[ "$(dg queue list --plain | wc -l)" -eq 1 ]
	dg tickets search zybertbodyzybert | grep -q zybert
	dg model verify
	dg model dump >"$T/dump"
	end_keeper
	clean "$T/anna" "$T/state" "$T/state-keys" "$T/keeper.log"
	# The model is the one that the other's lessons make.
	rm -r "$T/state" "$T/state-keys"
	dg restore "$T/backups/new" --vault "$T/backups/vault"
	dg model dump | diff "$T/dump" -
}

@test "an old copy of the vault does not undo an erasure where it was done" {
	keeper
	two_people
	markers qxanna >"$T/anna"
	dg backup "$T/backups/old" --vault "$T/backups/vault"
	dg privacy erase qxannaaddressqxanna@example.org
	end_keeper
	run dg restore "$T/backups/old" --vault "$T/backups/vault" --replace
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 person who was erased since was erased again"* ]]
	rm -r "$T/state/.before-restore" "$T/state-keys/.before-restore"
	clean "$T/anna" "$T/state" "$T/state-keys"
	dg tickets show 2 | grep -q zybertbodyzybert
}

@test "who came back after an erasure is not erased by an older one" {
	keeper
	two_people
	dg privacy erase qxannaaddressqxanna@example.org
	marked "$T/mail" support@example.com qxanna
	sed -i 's/^Message-ID: .*/Message-ID: <again@example.org>/' "$T/mail"
	dg accept -i support@example.com -f qxannaaddressqxanna@example.org <"$T/mail"
	wait_for 20 sh -c "deskgate -c '$T/dg.conf' tickets list --plain | grep -q '^3	'"
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	end_keeper
	rm -r "$T/state" "$T/state-keys"
	run dg restore "$T/backups/one" --vault "$T/backups/vault"
	[ "$status" -eq 0 ]
	[[ "$output" != *erased* ]]
	dg tickets show 3 | grep -q qxannabodyqxanna
}

@test "an open request of somebody else erases nobody who came back" {
	keeper
	two_people
	# By hand: a person carries it out, and it stays open.
	dg privacy request add erase zybertaddresszybert@example.org
	dg privacy erase qxannaaddressqxanna@example.org
	marked "$T/mail" support@example.com qxanna
	sed -i 's/^Message-ID: .*/Message-ID: <again@example.org>/' "$T/mail"
	dg accept -i support@example.com -f qxannaaddressqxanna@example.org <"$T/mail"
	wait_for 20 sh -c "deskgate -c '$T/dg.conf' tickets list --plain | grep -q '^3	'"
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	end_keeper
	rm -r "$T/state" "$T/state-keys"
	run dg restore "$T/backups/one" --vault "$T/backups/vault"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" != *erased* ]]
	dg tickets show 3 | grep -q qxannabodyqxanna
	dg tickets show 2 | grep -q zybertbodyzybert
}

@test "what a restore has set aside goes with the first erasure" {
	keeper
	two_people
	markers qxanna >"$T/anna"
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	end_keeper
	aside() { ls -d "$T/state/.before-restore" "$T/state-keys/.before-restore" | wc -l; }
	dg restore "$T/backups/one" --vault "$T/backups/vault" --replace
	[ "$(aside)" -eq 2 ]
	dg privacy erase qxannaaddressqxanna@example.org | grep -q "state      done"
	[ "$(aside)" -eq 0 ]
	clean "$T/anna" "$T/state" "$T/state-keys"
	dg backup "$T/backups/two" --vault "$T/backups/vault"
	dg restore "$T/backups/two" --vault "$T/backups/vault" --replace
	[ "$(aside)" -eq 2 ]
	dg operator delete "$(dg operator list --plain | cut -f 1 | head -1)"
	[ "$(aside)" -eq 0 ]
}

@test "who was being erased as a backup was made is erased from it again, and nobody else" {
	keeper
	two_people
	# Erased, and came back.
	dg privacy erase zybertaddresszybert@example.org
	marked "$T/mail" support@example.com zybert
	sed -i 's/^Message-ID: .*/Message-ID: <again@example.org>/' "$T/mail"
	dg accept -i support@example.com -f zybertaddresszybert@example.org <"$T/mail"
	wait_for 20 sh -c "deskgate -c '$T/dg.conf' tickets list --plain | grep -q '^3	'"
	python3 - "$T/state/desk.sqlite" "$T/locked" <<'PY' 3>&- &
import sqlite3, sys, time
desk = sqlite3.connect(sys.argv[1], isolation_level=None)
desk.execute("BEGIN IMMEDIATE")
open(sys.argv[2], "w").close()
time.sleep(300)
PY
	locker=$!
	wait_for 10 test -e "$T/locked"
	dg privacy erase qxannaaddressqxanna@example.org || true
	end_keeper
	kill "$locker"
	# A command alone does not go on with it.
	dg privacy requests --plain | grep -q erase
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	grep -Eq '"erasing": ?\[[0-9]' "$T/backups/one/manifest.json"
	again
	ended() { ! dg privacy requests --plain | grep -q erase; }
	wait_for 20 ended
	dg backup "$T/backups/two" --vault "$T/backups/vault"
	end_keeper
	rm -r "$T/state" "$T/state-keys"
	run dg restore "$T/backups/one" --vault "$T/backups/vault"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 person who was erased since was erased again"* ]]
	dg tickets show 3 | grep -q zybertbodyzybert
	dg tickets list --plain >"$T/tickets"
	[ "$(wc -l <"$T/tickets")" -eq 1 ]
}
