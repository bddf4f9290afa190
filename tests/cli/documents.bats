#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The documents keep their word: their commands run, their commands and options are
# there, their links lead somewhere.

load common

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
	python3 "$top_srcdir/tests/documents.py" names "$top_builddir" $(documents)
	printf '%s\n' '    deskgate train --frobnicate ham x' '`deskgate frobnicate`' \
		'`deskgate queue frobnicate x`' >"$T/wrong.md"
	# Enough right ones beside them.
	run python3 "$top_srcdir/tests/documents.py" names "$top_builddir" "$T/wrong.md" $(documents)
	[ "$status" -eq 1 ]
	[[ "$output" == *'wrong.md:1: "deskgate train" has no --frobnicate'* ]]
	[[ "$output" == *'wrong.md:2: no command'* ]]
	[[ "$output" == *'wrong.md:3: no command'* ]]
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
		echo 'set -eu'
		declare -f wait_settled
		echo 'sleep() { wait_settled; }'
		python3 "$top_srcdir/tests/documents.py" headings "$top_srcdir/contrib/doc/tour.md" |
			while read -r heading; do
				echo "echo '== $heading'"
				python3 "$top_srcdir/tests/documents.py" blocks \
					"$top_srcdir/contrib/doc/tour.md" "$heading"
			done
	} >"$T/script"
	[ "$(grep -c '^echo .== ' "$T/script")" -eq 7 ]
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

part() { # a heading: its commands, as they stand there
	echo "== $1"
	PARTS=$((PARTS + 1))
	eval "$(python3 "$top_srcdir/tests/documents.py" blocks \
		"$top_srcdir/contrib/doc/operations.md" "$1" | paths)"
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

@test "what operations.md says is done as it says" {
	local PARTS=0 day='' count
	printf 'inbox "support@example.com" { }\n' >>"$T/dg.conf"
	[ "$(id -u)" -ne 0 ] || printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	systemctl start deskgate-deliver deskgate-milter
	for name in ham-login-problem-ja ham-refund-question-de; do
		deskgate accept -i support@example.com <"$top_srcdir/contrib/samples/new/$name.eml"
	done
	wait_for 60 eval '[ "$(tickets)" -eq 2 ]'
	part "Each day"
	part "Backup"
	[ -e "$T/backup/$day/manifest.json" ]
	[ ! -e "$T/trial" ]
	part "Upgrade"
	part "To another host"
	[ "$(tickets)" -eq 2 ]
	part "The state is lost"
	[ "$(tickets)" -eq 2 ]
	part "Somebody got in"
	systemctl stop deskgate-milter deskgate-deliver
	count=$(python3 "$top_srcdir/tests/documents.py" headings \
		"$top_srcdir/contrib/doc/operations.md" | wc -l)
	[ "$PARTS" -eq "$count" ]
}
