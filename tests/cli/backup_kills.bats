#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A kill in a backup or a restore leaves nothing, or the whole.

load common

setup() {
	fresh <<'TXT'
inbox "support@example.com" { }
TXT
	dg stats >/dev/null
	strace -o /dev/null true || skip "strace may not trace here"
}
teardown() { done_with; }

one() { # WHO: a lesson and a message that waits
	message "$T/mail" "$1" "Where is $1's parcel?" <<<"It was sent a week ago by $1."
	dg train ham "$T/mail" >/dev/null
	dg accept -i support@example.com -f "someone-$1@example.org" <"$T/mail"
}

# Runs the rest, killed with all of its children as its Nth CALL begins; 1 when
# there were not so many.
killed_at() { # CALL N COMMAND...
	local call=$1 n=$2; shift 2
	strace -f -o "$T/trace" -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" \
		deskgate -c "$T/dg.conf" "$@" >/dev/null 2>&1 || true
	# The keeper's child ends with its command.
	wait_for 10 flock -n "$T/state/keeper.lock" true
	grep -q "killed by SIGKILL" "$T/trace"
}

portrait() {
	dg model dump
	dg queue list --plain
}

@test "a restore that is killed anywhere leaves the old state or the new one" {
	one anna
	dg backup "$T/one" --vault "$T/vault" >/dev/null
	portrait >"$T/new"
	one bert
	portrait >"$T/old"
	run cmp "$T/old" "$T/new"
	[ "$status" -eq 1 ]
	cp -a "$T/state" "$T/state-was"
	cp -a "$T/state-keys" "$T/keys-was"
	old=0 new=0
	for at in renameat:1 renameat:7 mkdirat:2 mkdirat:9 unlinkat:1 unlinkat:3 unlinkat:8 \
		fsync:3 fsync:12 fsync:25 fsync:30 fsync:33 fsync:36 linkat:1 linkat:2 \
		$(seq -f 'renameat:%g' 2 24); do
		rm -rf "$T/state" "$T/state-keys"
		cp -a "$T/state-was" "$T/state"
		cp -a "$T/keys-was" "$T/state-keys"
		killed_at "${at%:*}" "${at#*:}" restore "$T/one" --vault "$T/vault" --replace || continue
		portrait >"$T/is"
		if cmp -s "$T/is" "$T/old"; then
			old=$((old + 1))
			[ ! -e "$T/state/restored.json" ]
			[ ! -e "$T/state/.restore" ]
			[ ! -e "$T/state-keys/.restore" ]
			# It can be done again.
			dg restore "$T/one" --vault "$T/vault" --replace >/dev/null
			portrait | cmp - "$T/new"
		else
			diff "$T/new" "$T/is" || { echo "killed at $at"; return 1; }
			new=$((new + 1))
			[ ! -e "$T/state/.restore" ]
			[ ! -e "$T/state-keys/.restore" ]
			[ ! -e "$T/state/restored.json" ]
			dg audit --json | grep -q '"act":"restore"\|"act": "restore"'
		fi
		dg audit --verify >/dev/null
	done
	echo "old $old, new $new"
	[ "$old" -ge 5 ]
	[ "$new" -ge 10 ]
}

@test "a backup that is killed anywhere is none, and hurts none" {
	one anna
	portrait >"$T/old"
	dg backup "$T/one" --vault "$T/vault" >/dev/null
	one bert
	portrait >"$T/new"
	whole=0 none=0
	for at in mkdirat:3 mkdir:5 fsync:4 fsync:12 fsync:20 fsync:25 fsync:30 fsync:36 fsync:40 \
		renameat:1 renameat:2 renameat:3 renameat:4 unlinkat:2 unlinkat:5 linkat:1 linkat:2; do
		killed_at "${at%:*}" "${at#*:}" backup "$T/two" --vault "$T/vault" || continue
		cp -a "$T/state" "$T/state-was"
		cp -a "$T/state-keys" "$T/keys-was"
		rm -r "$T/state" "$T/state-keys"
		if dg restore "$T/two" --vault "$T/vault" >/dev/null 2>"$T/said"; then
			whole=$((whole + 1))
			portrait | diff "$T/new" -
		else
			none=$((none + 1))
			grep -q "never finished\|older than the state\|No such file" "$T/said" ||
				{ echo "killed at $at: $(cat "$T/said")"; return 1; }
			dg restore "$T/one" --vault "$T/vault" >/dev/null
			portrait | diff "$T/old" -
		fi
		rm -rf "$T/state" "$T/state-keys"
		mv "$T/state-was" "$T/state"
		mv "$T/keys-was" "$T/state-keys"
		# What was begun is begun anew, in the same place.
		[ -e "$T/two/manifest.json" ] || dg backup "$T/two" --vault "$T/vault" >/dev/null
		[ -e "$T/two/manifest.json" ]
		rm -rf "$T/two"
	done
	echo "whole $whole, none $none"
	[ "$none" -ge 5 ]
}
