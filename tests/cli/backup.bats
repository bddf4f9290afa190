#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A backup of all, and putting it back.

load common

setup() {
	fresh <<'TXT'
retry-min = 1s
inbox "support@example.com" { }
inbox "own@example.com" { model = "sales" }
inbox "held@example.com" {
	action-ham = quarantine
	action-unsure = quarantine
}
TXT
	mkdir -m 0777 "$T/backups"
}
teardown() { done_with; }

mail_of() { # WHO
	[ -e "$T/state-keys/intake.pub" ] || dg stats >/dev/null # it makes the keys
	message "$T/mail" "$1" "Where is $1's parcel?" <<<"It was sent a week ago by $1."
	for inbox in support held; do
		dg accept -i "$inbox@example.com" -f "someone-$1@example.org" <"$T/mail"
	done
}

settled() { # TICKETS HELD
	[ "$(dg tickets list --plain --limit 0 | wc -l)" -eq "$1" ] &&
		[ "$(dg quarantine list --plain | wc -l)" -eq "$2" ]
}

end_keeper() {
	kill "$KEEPER"
	wait "$KEEPER"
	KEEPER=
}

again() { # the keeper, once more
	sed -i '/^user = /d' "$T/dg.conf" # keeper adds it
	keeper
}

# What everything looks like from outside, times of looking apart.
portrait() {
	dg model dump
	dg tickets list --plain
	for ticket in $(dg tickets list --plain | cut -f 1); do
		dg tickets show "$ticket"
	done
	dg quarantine list --plain
	dg queue list --plain
	dg privacy requests --all --plain
	dg privacy consent show someone-bert@example.org
	dg audit --json | python3 -c 'import json, sys
for record in json.load(sys.stdin)["records"]:
    if record["act"] not in ("backup", "restore", "look", "search"):
        print(record["seq"], record["act"])'
}

@test "what is backed up comes back on another computer" {
	keeper
	corpus 10
	dg train ham "$T/ham" >/dev/null
	dg train spam --inbox own@example.com "$T/spam" >/dev/null
	mail_of anna
	mail_of bert
	wait_for 20 settled 2 2
	dg privacy consent grant someone-bert@example.org --inbox support@example.com --version 1
	dg tickets close 1
	run dg backup "$T/backups/one" --vault "$T/backups/vault"
	[ "$status" -eq 0 ]
	[[ "$output" == *"with 4 messages"* ]]
	end_keeper
	portrait >"$T/before"
	[ "$(wc -l <"$T/before")" -gt 50 ]
	rm -rf "$T/state" "$T/state-keys"
	run dg restore "$T/backups/one" --vault "$T/backups/vault"
	echo "$output"
	[ "$status" -eq 0 ]
	portrait >"$T/after"
	diff "$T/before" "$T/after"
	dg model verify
	dg audit --verify
	[ ! -e "$T/state/.before-restore" ]
	[ ! -e "$T/state/.restore" ]
	# It works on.
	again
	mail_of carl
	wait_for 20 settled 3 3
	dg tickets search carl | grep -q parcel
	dg tickets search anna | grep -q parcel
}

@test "the state alone opens nothing, and a copy that was damaged is refused" {
	mail_of anna
	dg backup "$T/backups/one" --vault "$T/backups/vault" --json | grep -q '"entries":2'
	[ -z "$(find "$T/backups/one" "$T/backups/vault" -perm /0077)" ]
	# Neither the names of those who work with it.
	run grep -rlaiE "anna|parcel|$(id -un)" "$T/backups/one/state"
	echo "$output"
	[ "$status" -eq 1 ]
	rm -rf "$T/state" "$T/state-keys"
	run dg restore "$T/backups/one"
	[ "$status" -eq 65 ]
	[[ "$output" == *"name the vault's copy by --vault"* ]]
	for damage in "truncate -s -1" "rm" "sh -c 'printf x >>\$0'" "cp $T/dg.conf"; do
		cp -a "$T/backups/one" "$T/damaged"
		eval "$damage" "$(ls "$T"/damaged/state/spool/msg/* | head -1)"
		run dg restore "$T/damaged" --vault "$T/backups/vault"
		echo "$damage: $output"
		[ "$status" -eq 65 ]
		[[ "$output" == *"state/spool/msg/"*"the backup is damaged"* ]]
		rm -r "$T/damaged"
	done
	cp -a "$T/backups/one" "$T/damaged"
	rm "$T/damaged/manifest.json"
	run dg restore "$T/damaged" --vault "$T/backups/vault"
	[ "$status" -eq 65 ]
	[[ "$output" == *"never finished"* ]]
	cp -a "$T/backups/vault" "$T/damaged/vault"
	printf x >>"$T/damaged/vault/current/vault/keys/vault.key"
	run dg restore "$T/backups/one" --vault "$T/damaged/vault"
	[ "$status" -eq 65 ]
	[[ "$output" == *"vault/keys/vault.key"* ]]
	# Nothing was changed by any of them.
	[ -z "$(find "$T/state" "$T/state-keys" -type f ! -name keeper.lock)" ]
	dg restore "$T/backups/one" --vault "$T/backups/vault"
	[ "$(dg queue list --plain | wc -l)" -eq 2 ]
}

@test "everything that is kept is in a backup, or made anew" {
	keeper
	mail_of anna
	wait_for 20 settled 1 1
	dg tickets spam 1
	dg inbox suspend held@example.com
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	end_keeper
	kept() { (cd "$1" && find . -type f ! -name lock.mdb | sort); }
	made_anew='^\./(run/|keeper\.lock|backup\.json|desk\.sqlite-|desk-index\.sqlite)'
	kept "$T/state" | grep -vE "$made_anew" >"$T/here"
	# The names of operators are with the keys.
	{ kept "$T/backups/one/state"; kept "$T/backups/vault/current/vault" |
		grep '^\./operator/'; } | sort >"$T/there"
	diff "$T/here" "$T/there"
	kept "$T/state-keys" | grep -vE '^\./(intake\.pub$|intake/|daybook\.json$)' >"$T/here"
	kept "$T/backups/vault/current/vault/keys" >"$T/there"
	[ -e "$T/backups/vault/current/vault/privacy/data.mdb" ]
	[ -e "$T/backups/vault/current/vault/standing/data.mdb" ]
	diff "$T/here" "$T/there"
	rm -r "$T/state" "$T/state-keys"
	dg restore "$T/backups/one" --vault "$T/backups/vault"
	dg inbox status held@example.com | grep -q suspended
	dg operator list | grep -q "cli:$(id -un)"
	# The state again, with the keys that are here.
	dg restore "$T/backups/one" --replace
	[ ! -e "$T/state-keys/.before-restore" ]
	dg inbox status held@example.com | grep -q suspended
	dg operator list | grep -q "cli:$(id -un)"
	dg tickets show 1 | grep -q parcel
}

@test "what does not belong together is refused" {
	mail_of anna
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	cp -a "$T/backups/vault" "$T/old"
	dg backup "$T/backups/two" --vault "$T/backups/vault"
	# One copy of the vault is there at a time, and the newest opens all.
	[ "$(ls "$T/backups/vault")" = current ]
	run dg restore "$T/backups/two" --vault "$T/old" --replace
	[ "$status" -eq 65 ]
	[[ "$output" == *"is older than the state"* ]]
	run dg restore "$T/backups/two" --vault "$T/backups/vault"
	[ "$status" -eq 65 ]
	[[ "$output" == *"--replace"* ]]
	dg restore "$T/backups/one" --vault "$T/backups/vault" --replace
	[ -e "$T/state/.before-restore/ledger/data.mdb" ]
	[ -e "$T/state-keys/.before-restore/vault.key" ]
	run dg restore "$T/backups/one" --vault "$T/backups/vault" --replace
	[ "$status" -eq 65 ]
	[[ "$output" == *"remove it"* ]]
	rm -r "$T/state" "$T/state-keys"
	mail_of bert # another installation
	run dg restore "$T/backups/one" --replace
	[ "$status" -eq 65 ]
	dg backup "$T/backups/three" --vault "$T/backups/vault-2"
	run dg restore "$T/backups/one" --vault "$T/backups/vault-2" --replace
	[ "$status" -eq 65 ]
	[[ "$output" == *"another installation's"* ]]
}

@test "folders that cannot be are refused with the reason" {
	mail_of anna
	mkdir "$T/full"
	: >"$T/full/file"
	while read -r code state vault; do
		run dg backup "$T/$state" --vault "$T/$vault"
		echo "$state $vault: $output"
		[ "$status" -eq "$code" ]
		[[ "$output" == *"$T/"* ]]
	done <<-'TXT'
		65 full backups/v
		65 backups/a full
		65 backups/b backups/b
		66 backups/c backups/c/v
		66 backups/d/d backups/d
		65 state/x backups/v
		65 backups/e state-keys
		65 backups/f state/run/v
		66 backups/nowhere/x backups/v
		74 full/file backups/v
	TXT
	[ "$(ls "$T/full")" = file ]
	run dg backup "$T/backups/a"
	[ "$status" -eq 64 ]
	run dg backup --vault "$T/backups/v"
	[ "$status" -eq 64 ]
	run dg restore "$T/none" --vault "$T/backups/v"
	[ "$status" -eq 66 ]
	run dg restore "$T/full" --vault "$T/backups/v"
	[ "$status" -eq 65 ]
	for command in backup restore; do
		run dg $command --help
		[ "$status" -eq 0 ]
		[[ "$output" == *--vault* ]]
	done
}

@test "a disk that is full leaves nothing half made" {
	mail_of anna
	mkdir "$T/small"
	mount -t tmpfs -o size=120k none "$T/small" || skip "nothing can be mounted here"
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	run dg backup "$T/small/two" --vault "$T/backups/vault"
	left=$(ls -A "$T/small/two")
	umount "$T/small"
	[ "$status" -eq 75 ]
	[[ "$output" == *"No space left"* ]]
	[ -z "$left" ]
	mount -t tmpfs -o size=60k none "$T/small"
	run dg backup "$T/backups/three" --vault "$T/small/vault"
	umount "$T/small"
	[ "$status" -eq 75 ]
	[ -z "$(ls -A "$T/backups/three")" ]
	dg restore "$T/backups/one" --vault "$T/backups/vault" --replace
}

@test "nothing is put back under programs that run" {
	keeper
	mail_of anna
	wait_for 20 settled 1 1
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	run dg restore "$T/backups/one" --vault "$T/backups/vault" --replace
	[ "$status" -eq 75 ]
	[[ "$output" == *"deskgate-deliver"*"stop it first"* ]]
	end_keeper
	# The milter, and whoever takes mail in, holds the spool.
	flock -s "$T/state/spool" sleep 60 3>&- &
	holder=$!
	wait_for 5 sh -c "! flock -nx '$T/state/spool' true"
	run dg restore "$T/backups/one" --vault "$T/backups/vault" --replace
	pkill -P "$holder" || kill "$holder"
	[ "$status" -eq 75 ]
	[[ "$output" == *"deskgate-milter"* ]]
}

@test "check and stats tell that the vault's copy is older than an erasure" {
	keeper
	mail_of anna
	wait_for 20 settled 1 1
	run dg check
	[[ "$output" != *vault* ]]
	dg stats | grep -q "^backup   none was made$"
	dg privacy erase someone-anna@example.org
	run dg check
	[ "$status" -eq 0 ]
	[[ "$output" == *"no copy of the vault since somebody was erased"* ]]
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	run dg check
	[[ "$output" != *"copy of the vault"* ]]
	dg stats | grep -q "^backup   20..-..-..T..:..:..Z$"
	dg privacy erase someone-anna@example.org
	dg stats --json | grep -q '"stale":true'
	dg check 2>&1 | grep -q "copy of the vault"
	dg check --json | grep -q '"warnings":\[.*copy of the vault'
	end_keeper
	# The files tell, too.
	dg check 2>&1 | grep -q "copy of the vault"
	dg check --json | grep -q '"good":true,.*"warnings":\[.*copy of the vault'
	again
	wait_for 10 grep -q vault-copy-stale "$T/keeper.log" # behind the socket
	dg backup "$T/backups/two" --vault "$T/backups/vault"
	run dg check
	[[ "$output" != *"copy of the vault"* ]]
	end_keeper
	run dg check --json
	[ "$status" -eq 0 ]
	[[ "$output" != *"copy of the vault"* ]]
	# What is not there yet is not made.
	rm -r "$T/state" "$T/state-keys"
	run dg check
	[ "$status" -eq 0 ]
	[ ! -e "$T/state" ]
}

# Mail that comes in while backups are made: what was said yes to before one is
# in it, once.
@test "mail that comes in meanwhile is neither lost nor doubled" {
	keeper
	mail_of anna
	wait_for 20 settled 1 1
	: >"$T/sent"
	(
		for i in $(seq 120); do
			[ ! -e "$T/enough" ] || break
			message "$T/mail-$i" "m$i" "Number-$i-" <<<"This is the message with number $i."
			dg accept -i support@example.com -f "someone-m$i@example.org" <"$T/mail-$i"
			echo "Number-$i-" >>"$T/sent"
		done
	) 3>&- &
	sender=$!
	for n in 1 2 3; do
		lines=$(wc -l <"$T/sent")
		wait_for 20 sh -c "[ \$(wc -l <'$T/sent') -gt $((lines + 4)) ]"
		cp "$T/sent" "$T/sent-$n"
		dg backup "$T/backups/$n" --vault "$T/backups/vault"
		[ "$(wc -l <"$T/sent")" -lt 120 ]
	done
	: >"$T/enough"
	wait "$sender"
	end_keeper
	for n in 1 2 3; do
		rm -rf "$T/state" "$T/state-keys"
		dg restore "$T/backups/$n" --vault "$T/backups/vault"
		again
		wait_for 30 sh -c "! deskgate -c '$T/dg.conf' queue list --plain | grep -q ." ||
			{ dg queue list; return 1; }
		dg tickets list --plain --limit 1000 | grep -o "Number-[0-9]*-" | sort >"$T/got"
		[ -z "$(uniq -d "$T/got")" ]
		sort "$T/sent-$n" >"$T/wanted"
		[ "$(wc -l <"$T/wanted")" -gt 4 ]
		comm -23 "$T/wanted" "$T/got" >"$T/lost"
		cat "$T/lost"
		[ ! -s "$T/lost" ]
		dg model verify
		end_keeper
	done
}

@test "what people asked for since stands in an older state, too" {
	keeper
	mail_of anna
	mail_of bert
	wait_for 20 settled 2 2
	dg train ham "$T/mail" # of bert
	dg model dump >"$T/with"
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	dg privacy restrict someone-bert@example.org
	dg model dump >"$T/without"
	dg privacy request add rectify someone-anna@example.org
	dg privacy requests --all --plain >"$T/asked"
	dg backup "$T/backups/two" --vault "$T/backups/vault"
	end_keeper
	run cmp "$T/with" "$T/without"
	[ "$status" -eq 1 ]
	for vault in "--vault $T/backups/vault" ""; do
		run dg restore "$T/backups/one" $vault --replace
		echo "$output"
		[ "$status" -eq 0 ]
		[[ "$output" == *"1 lesson of people who restricted its use"* ]]
		dg model dump | diff "$T/without" -
		dg privacy requests --all --plain | diff "$T/asked" -
		run dg train ham "$T/mail"
		[[ "$output" == *restrict* ]]
		rm -rf "$T/state/.before-restore" "$T/state-keys/.before-restore"
	done
}

@test "whatever an older copy of the vault would undo makes it stale" {
	mail_of anna
	stale() { dg stats --json | grep -q '"stale":true'; }
	n=0
	while read -r command; do
		n=$((n + 1))
		dg backup "$T/backups/$n" --vault "$T/backups/vault" >/dev/null
		run stale
		[ "$status" -eq 1 ]
		echo "$command"
		dg $command
		stale
	done <<-TXT
		privacy restrict someone-anna@example.org
		privacy object someone-anna@example.org
		privacy consent withdraw someone-anna@example.org --inbox support@example.com
		privacy request add rectify someone-anna@example.org
		operator delete cli:$(id -un)
		inbox suspend held@example.com
		inbox resume held@example.com
		privacy erase someone-anna@example.org
	TXT
	[ "$n" -eq 8 ]
}

@test "an older copy of the vault undoes here nothing that was asked for since" {
	mail_of anna
	mail_of bert
	keeper
	wait_for 20 settled 2 2
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	dg privacy restrict someone-bert@example.org
	dg privacy object someone-anna@example.org
	dg privacy request add rectify someone-anna@example.org
	name=$(dg operator list --plain | cut -f 1 | head -1)
	dg operator delete "$name"
	end_keeper
	asked() {
		dg privacy requests --all --plain
		dg privacy find someone-bert@example.org --plain | grep standing
	}
	asked >"$T/asked"
	[ "$(wc -l <"$T/asked")" -ge 4 ]
	dg operator list --plain >"$T/names"
	run dg restore "$T/backups/one" --vault "$T/backups/vault" --replace
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"newer than the copy of the vault"* ]]
	# Whom the open one is about stands nowhere any more, and that is said.
	open=$(dg privacy requests --plain | cut -f 1)
	[ "$(grep -c "^request .* cannot be read any more" <<<"$output")" = 1 ]
	[[ "$output" == *"request $open is newer than the copy of the vault: whom it is about cannot be read any more"* ]]
	asked | diff "$T/asked" -
	dg operator list --plain | diff "$T/names" -
	run dg train ham "$T/mail" # of bert
	[[ "$output" == *restrict* ]]
	# The first of two computers, to which the other's newer copy is moved back.
	rm -rf "$T/state/.before-restore" "$T/state-keys/.before-restore"
	cp -a "$T/state" "$T/first"
	cp -a "$T/state-keys" "$T/first-keys"
	dg privacy restrict --lift someone-bert@example.org
	asked >"$T/asked"
	dg backup "$T/backups/two" --vault "$T/backups/vault"
	rm -r "$T/state" "$T/state-keys"
	mv "$T/first" "$T/state"
	mv "$T/first-keys" "$T/state-keys"
	run dg restore "$T/backups/two" --vault "$T/backups/vault" --replace
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" != *"newer than the copy"* ]]
	asked | diff "$T/asked" -
}

@test "a desk that had yet to erase when an older copy of the vault came back is told" {
	cat >>"$T/dg.conf" <<TXT
inbox "away@example.com" { desk = "away" }
desk "away" {
	type = webhook
	url = "http://127.0.0.1:9/"
	token-file = "$T/secret"
	allow-private = true
	events = { "create", "erase" }
}
desk "local" { type = local }
TXT
	echo "a secret of the desk" >"$T/secret"
	chmod 0600 "$T/secret"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/secret"
	sed -i 's/support@example.com" { }/support@example.com" { desk = "local" }/' "$T/dg.conf"
	mail_of anna
	keeper
	wait_for 20 settled 1 1
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	dg privacy erase someone-anna@example.org # nobody listens at that desk
	[[ "$(dg privacy receipt 1)" == *"state      open"* ]]
	end_keeper
	run dg restore "$T/backups/one" --vault "$T/backups/vault" --replace
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 person who was erased since was erased again"* ]]
	[[ "$output" == *"request 1 is newer than the copy of the vault"* ]]
	run dg privacy receipt 1
	echo "$output"
	[[ "$output" == *"state      done"* ]]
	grep -q "^desk away  *refused .*whom it is about was lost in a restore: do it there" <<<"$output"
	[[ "$output" == *verified* ]]
}

@test "a backup that is older than backup-keep is refused" {
	mail_of anna
	dg backup "$T/backups/one" --vault "$T/backups/vault"
	age() { # SECONDS
		python3 - "$T/backups/one/manifest.json" "$1" <<'PY'
import json, sys
with open(sys.argv[1]) as file:
    manifest = json.load(file)
manifest["time"] -= int(sys.argv[2]) * 10**6
with open(sys.argv[1], "w") as file:
    json.dump(manifest, file)
PY
	}
	age $((400 * 86400 + 60))
	rm -r "$T/state" "$T/state-keys"
	run dg restore "$T/backups/one" --vault "$T/backups/vault"
	echo "$output"
	[ "$status" -eq 65 ]
	[[ "$output" == *"older than backup-keep"*"take a newer one"* ]]
	[ ! -e "$T/state" ]
	# One that is not yet.
	age -120
	dg restore "$T/backups/one" --vault "$T/backups/vault"
	[ "$(dg queue list --plain | wc -l)" -eq 2 ]
}
