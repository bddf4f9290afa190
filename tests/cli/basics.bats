#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The command itself: help, words, exit codes.

load common

setup() { fresh </dev/null; }
teardown() { done_with; }

@test "help lists every command, and each tells its own" {
	run deskgate --help
	[ "$status" -eq 0 ]
	commands=$(sed -n 's/^  \([a-z][a-z-]*\( [a-z][a-z-]*\)\{0,2\}\)  .*/\1/p' <<<"$output")
	[ "$(wc -l <<<"$commands")" -eq "$(grep -c '^  [a-z]' <<<"$output")" ]
	[ "$(wc -l <<<"$commands")" -ge 70 ]
	while read -r words; do
		# shellcheck disable=SC2086
		run deskgate $words --help
		[ "$status" -eq 0 ]
		[[ "$output" == *"deskgate $words"* ]]
	done <<<"$commands"
}

@test "the version is told" {
	run deskgate --version
	[ "$status" -eq 0 ]
	[[ "$output" =~ ^deskgate\ [0-9] ]]
	for daemon in deskgate-deliver deskgate-milter; do
		run $daemon --version
		[ "$status" -eq 0 ]
		[[ "$output" =~ ^$daemon\ [0-9] ]]
	done
}

@test "wrong words are told apart, with exit 64" {
	run deskgate
	[ "$status" -eq 64 ]
	run deskgate frobnicate
	[ "$status" -eq 64 ]
	[[ "$output" == *'no command "frobnicate"'* ]]
	run deskgate queue
	[ "$status" -eq 64 ]
	[[ "$output" == *"deskgate queue list"* ]]
	run deskgate queue frobnicate
	[ "$status" -eq 64 ]
	[[ "$output" == *'no "queue frobnicate"'* ]]
	run dg stats --frobnicate
	[ "$status" -eq 64 ]
	run dg stats word
	[ "$status" -eq 64 ]
	run dg train eggs FILE
	[ "$status" -eq 64 ]
	run deskgate-deliver --frobnicate
	[ "$status" -eq 64 ]
}

@test "-c may stand before and after the command" {
	run deskgate -c "$T/dg.conf" stats
	[ "$status" -eq 0 ]
	run deskgate stats -c "$T/dg.conf"
	[ "$status" -eq 0 ]
	run deskgate queue list --config "$T/dg.conf"
	[ "$status" -eq 0 ]
	[ "$output" = "nothing is here" ]
}

@test "a settings file that is not there is exit 78 and named" {
	run deskgate -c "$T/none.conf" stats
	[ "$status" -eq 78 ]
	[[ "$output" == *"$T/none.conf"* ]]
}

@test "answers come in JSON for scripts" {
	run dg stats --json
	[ "$status" -eq 0 ]
	[[ "$output" == *'"need_all":64'* ]]
	run dg --json queue list
	[ "$status" -eq 0 ]
	[[ "$output" == *'"entries":[]'* ]]
}

@test "a command as root leaves nothing of root's in another's state" {
	[ "$(id -u)" -eq 0 ] || skip "only root can try this"
	mkdir "$T/state"
	chown nobody "$T/state"
	run dg stats
	[ "$status" -eq 78 ]
	[[ "$output" == *"user ="* ]]
	printf 'user = "nobody"\n' >>"$T/dg.conf"
	chown -R nobody "$T/state"
	run dg stats
	[ "$status" -eq 0 ]
	[ -z "$(find "$T/state" "$T/state-keys" -mindepth 1 -user root ! -path '*/run')" ]
}

@test "a daemon started as root without a user refuses" {
	[ "$(id -u)" -eq 0 ] || skip "only root can try this"
	run timeout 20 deskgate-deliver -c "$T/dg.conf"
	[ "$status" -eq 78 ]
	[[ "$output" == *"set user ="* ]]
}

@test "two keepers never work on one state" {
	keeper
	run timeout 20 deskgate-deliver -c "$T/dg.conf"
	[ "$status" -eq 75 ]
	[[ "$output" == *"another keeper"* ]]
	run dg stats
	[ "$status" -eq 0 ]
}

@test "a command waits for a keeper that is about to end, or to listen" {
	dg stats
	python3 -c 'import fcntl, sys, time
with open(sys.argv[1], "r+") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    open(sys.argv[2], "w").close()
    time.sleep(3.5)' "$T/state/keeper.lock" "$T/held" 3>&- &
	holder=$!
	wait_for 5 test -e "$T/held"
	run dg stats
	[ "$status" -eq 0 ]
	wait "$holder"
}

@test "a key that is lost is not made anew behind the state's back" {
	run dg stats
	[ "$status" -eq 0 ]
	for key in entry.key feature.key log.key subject.key vault.key ledger.key vault/data.mdb; do
		mv "$T/state-keys/$key" "$T/lost"
		run dg stats
		[ "$status" -ne 0 ]
		[[ "$output" == *"put key-dir back"* ]]
		[ ! -e "$T/state-keys/$key" ]
		mv "$T/lost" "$T/state-keys/$key"
	done
	run dg stats
	[ "$status" -eq 0 ]
}

@test "the keeper leaves no core, and nobody looks into it, after a reload too" {
	keeper
	kill -HUP "$KEEPER"
	wait_for 20 eval '[ "$(grep -c " ready" "$T/keeper.log")" -eq 2 ]'
	for pid in "$KEEPER" "$(worker_of "$KEEPER")"; do
		grep -q '^Max core file size *0 *0 ' "/proc/$pid/limits"
		case $(ldd "$(command -v deskgate-deliver)") in
		*libasan*|*libtsan*) ;; # their own leak check looks into it
		*) [ "$(stat -c %U "/proc/$pid/environ")" = root ] ;;
		esac
	done
}

@test "a keeper that is about to end is waited for" {
	dg stats >/dev/null
	python3 - "$T/state/keeper.lock" 3>&- <<'TXT' &
import fcntl, sys, time
with open(sys.argv[1], "r+b") as f:
    fcntl.lockf(f, fcntl.LOCK_EX)
    open(sys.argv[1] + ".held", "w")
    time.sleep(0.7)
TXT
	wait_for 20 test -e "$T/state/keeper.lock.held"
	run dg stats
	[ "$status" -eq 0 ]
}

@test "a reload that comes too early ends nothing" {
	[ "$(id -u)" -ne 0 ] || printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	deskgate -c "$T/dg.conf" run >"$T/run.log" 2>&1 3>&- &
	KEEPER=$!
	wait_for 20 pgrep -P "$KEEPER" # it has signals in hand by then
	for _ in $(seq 50); do
		kill -HUP "$KEEPER"
		sleep 0.02
	done
	wait_for 20 test -S "$T/state/run/milter/milter.sock"
	wait_for 20 dg stats
	run grep 'ended program' "$T/run.log"
	[ "$output" = "" ] || { cat "$T/run.log"; false; }
}

# What a command prints on a terminal of its own.
on_terminal() {
	script -qec "$*" /dev/null </dev/null | tr -d '\r'
}

@test "nothing is coloured, on a terminal either, with NO_COLOR or without" {
	command -v script >/dev/null || skip "script is not installed"
	local command
	letter=$top_srcdir/contrib/samples/new/spam-mailbox-phish.eml
	printf 'inbox "support@example.com" { }\nrule "r" { tags = { "x" } }\n' >>"$T/dg.conf"
	echo 'frobnicate = 1' >"$T/wrong.conf"
	for command in "--help" "train --help" "check" "settings sample" "stats" \
		"train spam $letter" "score $letter" "explain $letter" "rules list" \
		"rules test $letter" "queue list" "quarantine list" "tickets list" "audit" \
		"inbox status" "privacy schedule" "frobnicate" "-c $T/wrong.conf check"; do
		on_terminal deskgate -c "$T/dg.conf" "$command" >"$T/plain" || true
		NO_COLOR=1 on_terminal deskgate -c "$T/dg.conf" "$command" >>"$T/plain" || true
		[ -s "$T/plain" ]
		# A line that tells how far it is may be wiped (K), nothing else.
		run grep -aP '\e\[(?!K)|\e[^\[]' "$T/plain"
		[ "$status" -eq 1 ] || { echo "$command: $output"; return 1; }
	done
	for daemon in deskgate-deliver deskgate-milter; do
		on_terminal $daemon -c "$T/wrong.conf" >"$T/plain" || true
		[ -s "$T/plain" ]
		run grep -a $'\e' "$T/plain"
		[ "$status" -eq 1 ]
	done
	printf 'a\e[31mred' >"$T/red"
	run grep -aP '\e\[(?!K)|\e[^\[]' "$T/red"
	[ "$status" -eq 0 ] # it would have been seen
}
