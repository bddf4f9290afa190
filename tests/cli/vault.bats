#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The vault's key, kept by somebody else.

load common

setup() {
	fresh <<'TXT'
inbox "held@example.com" {
	action-ham = quarantine
	action-unsure = quarantine
}
TXT
}
teardown() { done_with; }

held() { [ "$(dg quarantine list --plain | wc -l)" -eq "$1" ]; }

# One held message, and where it can be read again.
mail() { # NAME
	message "$T/$1" "$1" "About $1" <<<"Please look after $1."
	dg accept -i held@example.com -f "someone-$1@example.org" <"$T/$1"
}
readable() { # NAME
	local id
	id=$(dg quarantine list --json | python3 -c '
import json, sys
print([e["id"] for e in json.load(sys.stdin)["entries"] if e.get("sender") == sys.argv[1]][0])' \
		"someone-$1@example.org") &&
		dg quarantine show --raw "$id" | cmp - "$T/$1"
}
key_is() { # FORM, or the plain 32 bytes
	if [ "$1" = plain ]; then
		[ "$(stat -c %s "$T/state-keys/vault.key")" -eq 32 ]
	else
		[ "$(head -n 1 "$T/state-keys/vault.key")" = "deskgate-$1-1" ]
	fi
}
again() {
	kill "$KEEPER"
	wait "$KEEPER" || true
	KEEPER=
	keeper
}

# A key management system: it has its own key, and knows what it is asked for.
kms() {
	command -v openssl >/dev/null || skip "openssl is not installed"
	head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$T/kms.key"
	cat >"$T/kms" <<-TXT
	#!/bin/sh
	echo "\$1" >>"$T/kms.log"
	while [ -e "$T/kms.slow" ]; do sleep 0.1; done
	[ ! -e "$T/kms.down" ] || { echo "no answer from the KMS" >&2; exit 3; }
	case \$1 in wrap) mode=-e ;; unwrap) mode=-d ;; esac
	exec openssl enc \$mode -aes-256-cbc -pbkdf2 -pass "file:$T/kms.key"
	TXT
	chmod 0755 "$T/kms"
	touch "$T/kms.log"
	chmod 0666 "$T/kms.log"
	chmod 0644 "$T/kms.key"
}

@test "a command wraps the vault's key, through rotation, erasure and restarts" {
	kms
	keeper
	mail anna
	mail bert
	wait_for 20 held 2
	key_is plain
	plain=$(od -An -tx1 "$T/state-keys/vault.key" | tr -d ' \n')
	echo "vault-command = { \"$T/kms\" }" >>"$T/dg.conf"
	again
	key_is wrapped
	! od -An -tx1 "$T/state-keys/vault.key" | tr -d ' \n' | grep -q "${plain:0:32}" || false
	readable anna
	before=$(md5sum <"$T/state-keys/vault.key")
	dg vault rotate
	key_is wrapped
	[ "$(md5sum <"$T/state-keys/vault.key")" != "$before" ]
	again
	readable anna
	dg privacy erase someone-anna@example.org
	again
	readable bert
	! readable anna || false
	grep -q unwrap "$T/kms.log"
	# Without it nothing opens, and the reason is told.
	touch "$T/kms.down"
	kill "$KEEPER"
	wait "$KEEPER" || true
	KEEPER=
	run dg stats
	[ "$status" -ne 0 ]
	[[ "$output" == *"no answer from the KMS"*"vault-command unwrap: $T/kms: it ended with status 3"* ]]
	rm "$T/kms.down"
	sed -i '/^vault-command/d' "$T/dg.conf"
	run dg stats
	[ "$status" -eq 65 ]
	[[ "$output" == *"vault.key is wrapped by a command: set vault-command"* ]]
}

@test "a slow command holds up nobody but who rotates" {
	kms
	echo "vault-command = { \"$T/kms\" }" >>"$T/dg.conf"
	keeper
	mail anna
	wait_for 20 held 1
	: >"$T/kms.log"
	touch "$T/kms.slow"
	dg vault rotate >"$T/rotated" 2>&1 3>&- &
	rotating=$!
	wait_for 20 grep -q wrap "$T/kms.log"
	dg stats | grep -q .
	readable anna
	dg train ham "$T/anna"
	run dg vault rotate
	[ "$status" -eq 75 ]
	[[ "$output" == *"another rotation of the vault is going on"* ]]
	kill -0 "$rotating" # all that while it waited
	rm "$T/kms.slow"
	wait "$rotating"
	grep "has a new key, and [1-9]" "$T/rotated"
	dg audit | grep vault-rotate
	readable anna
	# What fails is told to who asked.
	touch "$T/kms.down"
	run dg vault rotate
	[ "$status" -ne 0 ]
	[[ "$output" == *"vault-command wrap: $T/kms: it ended with status 3"* ]]
	rm "$T/kms.down"
	again
	readable anna
}

@test "a credential seals the vault's key" {
	mkdir "$T/credentials"
	echo "open sesame" >"$T/credentials/vault"
	chown -R "$T_USER" "$T/credentials"
	chmod 0700 "$T/credentials"
	chmod 0400 "$T/credentials/vault"
	echo 'vault-credential = "vault"' >>"$T/dg.conf"
	run dg stats
	[ "$status" -eq 66 ]
	[[ "$output" == *LoadCredential* ]]
	export CREDENTIALS_DIRECTORY=$T/credentials
	keeper
	key_is sealed
	mail anna
	wait_for 20 held 1
	again
	readable anna
	dg vault rotate
	key_is sealed
	again
	readable anna
}

@test "what cannot be is refused by check, with the line" {
	printf 'vault-command = { "kms" }\nvault-credential = "vault"\n' >>"$T/dg.conf"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"dg.conf:"*"both set"* ]]
	[[ "$output" == *"the whole path of a program"* ]]
}
