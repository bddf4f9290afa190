#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The documents keep their word: their commands run, their commands and options are
# there, their links lead somewhere.

load common
. "$top_srcdir/tests/documents.bash"

setup() { fresh </dev/null; }
teardown() {
	local pids
	pids=$(cat "$T"/*.pid 2>/dev/null) || true
	# shellcheck disable=SC2086
	[ -z "$pids" ] || kill $pids 2>/dev/null || true
	done_with
}

documents() {
	find "$top_srcdir" -maxdepth 1 -name '*.md'
	find "$top_srcdir/contrib/doc" -name '*.md'
}

@test "each link leads to a file, and the index names every document" {
	python3 "$top_srcdir/tests/documents.py" links $(documents)
	for file in "$top_srcdir"/contrib/doc/*.*; do
		[ "${file##*/}" = README.md ] || [ "${file##*.}" = svg ] ||
			grep -q "(${file##*/})" "$top_srcdir/contrib/doc/README.md" ||
			{ echo "contrib/doc/README.md does not name ${file##*/}"; return 1; }
	done
}

@test "each command and option that a document names is there" {
	printf '%s\n' '    deskgate train --frobnicate ham x' '`deskgate frobnicate`' \
		'`deskgate queue frobnicate x`' >"$T/wrong.md"
	# Three that are wrong, and no more.
	run python3 "$top_srcdir/tests/documents.py" names "$top_builddir" "$T/wrong.md" $(documents)
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 3 ]
	[[ "$output" == *'wrong.md:1: "deskgate train" has no --frobnicate'* ]]
	[[ "$output" == *'wrong.md:2: no command'* ]]
	[[ "$output" == *'wrong.md:3: no command'* ]]
}

shown() { # VERB FILE...: what shows commands, and the rest
	local verb=$1
	shift
	python3 "$top_srcdir/tests/documents.py" "$verb" "$not_run" "$top_srcdir/tests" "$@" \
		$(documents) $(find "$top_builddir/tools/man" -name '*.[1-8]' -size +200c)
}

@test "a test runs each command that is shown, or it is said why none does" {
	shown forgotten
	[ "$(shown list | grep -c '^	run by .*\.bats$')" -ge 150 ]
	printf '%s\n' '```sh' 'frobnicate --all' '```' 'Then' '' '    deskgate stats' '' '```' \
		'$ ls' 'user = "me"' '```' >"$T/wrong.md"
	{
		cat "$not_run"
		printf '%s\t%s\t%s\t%s\n' tour.md 'no such command' 'for no reason at all' \
			'tests/guard: usage' README.md 'make install' 'for no reason at all' 'tests/guard: '
		printf 'README.md\tmake\tnone\ttests/run: usage\n'
	} >"$T/table"
	not_run=$T/table run shown forgotten "$T/wrong.md"
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 7 ]
	[[ "${lines[0]}" == *'wrong.md:2: no test runs "frobnicate --all"' ]]
	[[ "${lines[1]}" == *'wrong.md:6: a command in no ```sh: "deskgate stats"' ]]
	[[ "${lines[2]}" == *'wrong.md:9: a command in no ```sh: "$ ls"' ]]
	[[ "${lines[3]}" == *'wrong.md:10: a setting in no ```conf: "user = "me""' ]]
	[[ "${lines[4]}" == *"no such command"*"there is no such command"* ]]
	[[ "${lines[5]}" == *"make install"*'tests/guard has no ""' ]]
	[[ "${lines[6]}" == *"it is not FILE, "* ]]
}

@test "a command that fails, anywhere in its line, ends the walk" {
	printf '%s\n' '```sh' 'echo one' 'false && true' 'echo two' '```' >"$T/failing.md"
	run bash -ec '. "$top_srcdir/tests/documents.bash"
		document() { echo "$1"; }
		walk "$0"' "$T/failing.md"
	echo "$output"
	[ "$status" -eq 1 ]
	[ "$output" = $'== \n$ echo one\none\n$ false && true' ]
}

@test "the settings that are shown are right settings" {
	local block count=0
	python3 "$top_srcdir/tests/documents.py" settings "$T/block" $(documents)
	mkdir "$T/etc"
	for block in "$T"/block.*; do
		count=$((count + 1))
		for name in $(grep -o '"/etc/deskgate/[^"]*' "$block" | sed 's/.*\///'); do
			(umask 077 && echo "a secret of nobody" >"$T/etc/$name")
		done
		[ "$(id -u)" -ne 0 ] || chown -R "$T_USER" "$T/etc"
		{
			printf 'state-dir = "%s/state"\n' "$T"
			grep -q '^inbox' "$block" || echo 'inbox "support@example.com" { }'
			grep -q '^user' "$block" || [ "$(id -u)" -ne 0 ] || echo "user = \"$T_USER\""
			sed -e "s#/etc/deskgate/#$T/etc/#" -e "s#/var/spool/postfix/#$T/#" \
				-e "s#\"deskgate\"#\"$T_USER\"#" -e "s#\"postfix\"#\"$(id -gn)\"#" "$block"
		} >"$T/dg.conf"
		run command deskgate -c "$T/dg.conf" check
		cat "$block"
		echo "$output"
		[ "$status" -eq 0 ]
	done
	[ "$count" -ge 13 ]
}

@test "each target of make that is shown or named is there" {
	{
		shown list | sed -n 's/^[^\t]*: \(.* \)*make \([a-z][a-z-]*\)$/\2/p'
		grep -oh '`make [a-z-]*' $(documents) | sed 's/.* //'
	} | sort -u >"$T/targets"
	[ "$(wc -l <"$T/targets")" -ge 7 ]
	while read -r target; do
		grep -q "^$target:" "$top_builddir/Makefile" || { echo "no $target"; return 1; }
	done <"$T/targets"
}

@test "the programs of fuzzing.md have the options that it names" {
	python3 "$top_srcdir/tests/documents.py" commands "$(document fuzzing.md)" | tr '\0' '\n' |
		grep '^tests/' >"$T/usages"
	[ "$(wc -l <"$T/usages")" -eq 3 ]
	while read -r program words; do
		[ -x "$top_srcdir/$program" ]
		for option in $(grep -o -e '--[a-z]*' <<<"$words"); do
			grep -q -e "[\" =]$option[\" ]" "$top_srcdir/$program"
		done
	done <"$T/usages"
}

@test "configure knows what the build instructions say" {
	"$top_srcdir/configure" --help >"$T/help"
	grep -ho -e '--\(enable\|with\)-[a-z]*' "$top_srcdir/CONTRIBUTING.md" \
		"$top_srcdir/README.md" "$top_srcdir/SECURITY.md" | sort -u >"$T/options"
	[ "$(wc -l <"$T/options")" -ge 5 ]
	while read -r option; do
		grep -q -e "$option" "$T/help" || { echo "no $option"; return 1; }
	done <"$T/options"
}

# A waiting that the tour cuts short is as long as it has to be.
wait_settled() {
	local n
	for n in $(seq 240); do
		command sleep 0.5
		[ ! -S tour/state/run/keeper/control.sock ] ||
			[ ! -S tour/state/run/milter/milter.sock ] ||
			[ -n "$(deskgate -c tour/deskgate.conf queue list --plain)" ] || return 0
	done
	return 1
}

@test "the tour goes as it is told, for a user who is not root" {
	local user=()
	mkdir -p "$T/clone/contrib"
	cp -r "$top_srcdir/contrib/samples" "$T/clone/contrib/"
	chmod -R a+rX,u+w "$T/clone"
	if [ "$(id -u)" -eq 0 ]; then
		chown "$T_USER" "$T/clone"
		user=(setpriv --reuid "$T_USER" --regid "$(id -g "$T_USER")" --clear-groups)
	fi
	{
		echo 'set -u'
		declare -f wait_settled
		echo 'sleep() { wait_settled; }'
		script tour.md
	} >"$T/script"
	cd "$T/clone"
	run timeout 300 "${user[@]}" bash "$T/script" 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"nothing is wrong: 1 inboxes"* ]]
	[[ "$output" == *"takahashi@zakka.example.net"* ]]
	[[ "$output" == *"spam"*"spam-mailbox-phish"* ]]
	[[ "$output" == *"takahashi@zakka.example.net"*"erase"* ]]
	[ ! -e "$T/clone/tour" ]
}

# --- operations.md: what stands in for a machine with systemd and its folders ---

paths() {
	sed -e "s#/etc/deskgate/deskgate\.conf#$T/dg.conf#g" -e "s#/backup#$T/backup#g" \
		-e "s#/safe#$T/safe#g" -e "s#/tmp/trial#$T/trial#g" \
		-e "s#-o deskgate #-o $T_USER #g"
}

deskgate() {
	case "$*" in
	# Another host has nothing yet.
	"restore $T/backup/move"*) mkdir "$T/old" && mv "$T/state" "$T/state-keys" "$T/old" ;;
	"restore --replace"*) rm -r "$T/state" ;;
	esac
	[ "$1" = -c ] || set -- -c "$T/dg.conf" "$@"
	command deskgate "$@"
}

make() { [ "$*" = install ]; } # it is installed

systemctl() { # VERB PROGRAM...
	local verb=$1 program pid
	shift
	for program; do
		pid=$(cat "$T/$program.pid" 2>/dev/null) || pid=
		if [ "$verb" != start ] && [ -n "$pid" ]; then
			kill "$pid"
			wait "$pid" || true
			rm "$T/$program.pid"
			pid=
		fi
		[ "$verb" != stop ] && [ -z "$pid" ] || continue
		"$program" -c "$T/dg.conf" >>"$T/$program.log" 2>&1 3>&- &
		echo $! >"$T/$program.pid"
		case $program in
		*-deliver) wait_for 60 test -S "$T/state/run/keeper/control.sock" ;;
		*-milter) wait_for 60 test -S "$T/state/run/milter/milter.sock" ;;
		esac
	done
}

tickets() { deskgate tickets list --plain | wc -l; }

ground() { # HEADING
	case $1 in
	Upgrade)
		[ -e "$T/backup/$day/manifest.json" ]
		[ ! -e "$T/trial" ] ;;
	"The state is lost" | "Somebody got in") [ "$(tickets)" -eq 2 ] ;;
	esac
}

@test "what operations.md says is done as it says" {
	local day='' name
	printf 'inbox "support@example.com" { }\n' >>"$T/dg.conf"
	[ "$(id -u)" -ne 0 ] || printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	systemctl start deskgate-deliver deskgate-milter
	for name in ham-login-problem-ja ham-refund-question-de; do
		deskgate accept -i support@example.com <"$top_srcdir/contrib/samples/new/$name.eml"
	done
	wait_for 60 eval '[ "$(tickets)" -eq 2 ]'
	walk operations.md
	systemctl stop deskgate-milter deskgate-deliver
}
