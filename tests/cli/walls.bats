#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The walls around the daemons, as they stand in the running programs, and what an init
# system sees of them.  What a wall refuses is in tests/unit/tools/test_walls.c.

load common

setup() { EAR= MILTER= KEEPER=; fresh <<<'inbox "support@example.com" { }'; }
teardown() {
	local pid
	for pid in $EAR $MILTER; do kill "$pid" && wait "$pid" || true; done
	done_with
}

begin() { # a state with keys
	[ "$(id -u)" -ne 0 ] || printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	dg stats >/dev/null
}
milter() { # [COMMAND...]: before it
	"$@" deskgate-milter -c "$T/dg.conf" >"$T/milter.log" 2>&1 3>&- &
	MILTER=$!
}
milter_ready() { wait_for 20 grep -q ' ready ' "$T/milter.log" || { cat "$T/milter.log"; return 1; }; }
message_by() { # SOCKET: one message as an MTA brings it
	printf 'dofile("%s")\nassert(message(connect(), {id = "1"}) == "a")\n' \
		"$top_srcdir/tests/line/milter.lua" >"$T/talk.lua"
	miltertest -D socket="$1" -s "$T/talk.lua"
}
stored() { find "$T/state/spool/msg" -type f | wc -l; }

status_of() { # PID NAME
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}
walled() { # PID of a daemon
	local worker
	worker=$(worker_of "$1")
	[ "$(status_of "$worker" NoNewPrivs)" = 1 ] &&
		[ "$(status_of "$worker" Seccomp)" = 2 ] &&
		[ "$(status_of "$worker" CapEff)" = 0000000000000000 ] &&
		[ "$(status_of "$worker" CapPrm)" = 0000000000000000 ]
}

@test "both daemons stand behind their walls, and say which they are" {
	keeper
	walled "$KEEPER"
	grep 'event=walls\| walls ' "$T/keeper.log" | grep -q 'calls=seccomp'
	milter
	milter_ready
	walled "$MILTER"
	grep ' walls ' "$T/milter.log" | grep -q 'calls=seccomp'
	# The keeper says that it may write anywhere, until it is told where.
	grep -q 'wall-missing.*backup-to' "$T/keeper.log"
	printf 'backup-to = { "%s" }\n' "$T" >>"$T/dg.conf"
	kill -HUP "$KEEPER"
	wait_for 20 grep -q 'ending' "$T/keeper.log"
	wait_for 20 dg stats
	wait_for 20 walled "$KEEPER"
	[ "$(grep -c 'wall-missing.*backup-to' "$T/keeper.log")" -eq 1 ]
}

@test "where the kernel has no Landlock the log says so, and the other walls stand" {
	command -v strace >/dev/null || skip "strace is not installed"
	begin
	milter env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null \
		-e trace=landlock_create_ruleset -e inject=landlock_create_ruleset:error=ENOSYS
	wait_for 30 grep -q ' ready ' "$T/milter.log" || { cat "$T/milter.log"; false; }
	grep -q ' walls .*calls=seccomp files=open network=open' "$T/milter.log"
	grep -q 'wall-missing wall=files .*Landlock' "$T/milter.log"
	message_by "unix:$T/state/run/milter/milter.sock"
	[ "$(stored)" -eq 1 ]
	kill "$(pgrep -o -P "$MILTER")" # strace ends with what it traces
	wait "$MILTER" || true
	MILTER=
}

without() { # WHAT: as on a kernel that lacks it
	cc -o "$T/no_walls" "$top_srcdir/tests/no_walls.c"
	LACKS="$T/no_walls $1"
	run $LACKS true
	[ "$status" -ne 77 ] || skip "no filter can be loaded here: $output"
	[ "$status" -eq 0 ]
}
keeper_without() { # a keeper, and a message that it makes a ticket of
	chown_state
	$LACKS deskgate-deliver -c "$T/dg.conf" >"$T/keeper.log" 2>&1 3>&- &
	KEEPER=$!
	wait_for 20 grep -q ' ready' "$T/keeper.log" || { cat "$T/keeper.log"; return 1; }
	message "$T/m" one "Where is my parcel?" <<<"It was sent a week ago."
	dg accept -i support@example.com -f someone@example.org <"$T/m"
	ticket() { [ "$(dg tickets list --plain | wc -l)" -eq 1 ]; }
	wait_for 20 ticket
}
chown_state() {
	[ "$(id -u)" -ne 0 ] || chown -R "$T_USER" "$T/state" "$T/state-keys"
}

@test "without Landlock both daemons say so and go on, and mail is read" {
	begin
	without landlock
	keeper_without
	grep -q ' walls .*calls=seccomp files=open network=open' "$T/keeper.log"
	grep -q 'wall-missing wall=files .*Landlock' "$T/keeper.log"
	[[ "$(dg tickets list)" == *"Where is my parcel?"* ]]
	milter $LACKS
	milter_ready
	grep -q ' walls .*calls=seccomp files=open network=open' "$T/milter.log"
}

@test "without seccomp both daemons say so, and mail goes on unread" {
	begin
	without seccomp
	keeper_without
	grep -q ' walls .*calls=open' "$T/keeper.log"
	grep -q 'wall-missing wall=calls .*seccomp' "$T/keeper.log"
	# A reader without its jail does not read: the source is all the agent gets.
	grep -q 'error: reader-without-jail .*what="no mail is read' "$T/keeper.log"
	[[ "$(dg tickets list)" == *"could not be read"* ]]
	milter $LACKS
	milter_ready
	grep -q ' walls .*calls=open' "$T/milter.log"
	message_by "unix:$T/state/run/milter/milter.sock"
	wait_for 20 grep -q 'reader-without-jail' "$T/milter.log"
	[ "$(stored)" -eq 2 ]
}

refused() { # WALL PROGRAM...: the start is, with the line and nothing made
	local wall=$1
	shift
	run "$@" -c "$T/dg.conf"
	echo "$output"
	[ "$status" -eq 78 ]
	[[ $output == *"$T/dg.conf:$(wc -l <"$T/dg.conf"): walls-required = $wall: this kernel has no "* ]]
	[ ! -e "$T/state" ]
}
require() { # WALL
	sed -i '/^walls-required/d' "$T/dg.conf"
	printf 'walls-required = %s\n' "$1" >>"$T/dg.conf"
}

@test "a wall that is required and that the kernel lacks: the start is refused, before anything is made" {
	[ "$(id -u)" -ne 0 ] || printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	without landlock
	for wall in files network; do
		require $wall
		refused $wall $LACKS deskgate-deliver
		refused $wall $LACKS deskgate-milter
		refused $wall $LACKS deskgate check
	done
	[[ $output == *Landlock* ]]
	without seccomp
	for wall in calls files; do
		require $wall
		refused $wall $LACKS deskgate-deliver
		refused $wall $LACKS deskgate-milter
		[[ $output == *seccomp* ]]
	done
	# Started by this command too, all ends; and it is no matter for other commands.
	run timeout 20 $LACKS deskgate -c "$T/dg.conf" run
	[ "$status" -eq 78 ]
	dg stats
}

@test "a wall that is required and there: the daemons start, and take new settings behind it" {
	begin
	without landlock
	require calls
	keeper_without
	grep -q ' walls .*calls=seccomp files=open' "$T/keeper.log"
	# They go on with the old settings when the new ones cannot be.
	require files
	kill -HUP "$KEEPER"
	wait_for 20 grep -q 'reload-refused .*walls-required = files' "$T/keeper.log"
	dg stats
	[ "$(grep -c ' walls ' "$T/keeper.log")" -eq 1 ]
	kill "$KEEPER"
	wait "$KEEPER"
	KEEPER=
	require calls
	keeper
	grep -q 'files=landlock' "$T/keeper.log" || skip "this kernel has no Landlock"
	require files
	milter
	milter_ready
	for pid in "$KEEPER" "$MILTER"; do
		kill -HUP "$pid"
	done
	again() { [ "$(grep -c ' ready' "$T/$1.log")" -eq 2 ]; }
	wait_for 20 again keeper
	wait_for 20 again milter
	! grep 'reload-refused' "$T/keeper.log" "$T/milter.log" || false
}

@test "a backup goes where backup-to says, and nowhere else" {
	mkdir "$T/here" "$T/there"
	printf 'backup-to = { "%s" }\n' "$T/here" >>"$T/dg.conf"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/here" "$T/there"
	keeper
	dg backup --vault "$T/here/vault" "$T/here/state"
	grep -q 'files=landlock' "$T/keeper.log" || skip "this kernel has no Landlock"
	run dg backup --vault "$T/there/vault" "$T/there/state"
	[ "$status" -ne 0 ]
	[ -z "$(ls -A "$T/there")" ]
}

@test "a folder of backup-to that is not there at the start is told of, and what to do" {
	printf 'backup-to = { "%s", "%s" }\n' "$T/here" "$T/late" >>"$T/dg.conf"
	mkdir "$T/here"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/here"
	keeper
	grep -q "backup-to-missing folder=\"*$T/late" "$T/keeper.log"
	[ "$(grep -c 'backup-to-missing' "$T/keeper.log")" -eq 1 ]
	grep -q 'files=landlock' "$T/keeper.log" || skip "this kernel has no Landlock"
	mkdir "$T/late"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/late"
	run dg backup --vault "$T/here/vault" "$T/late/state"
	[ "$status" -eq 77 ]
	[[ $output == *"in backup-to, and was it there when deskgate-deliver started?"* ]]
	kill -HUP "$KEEPER"
	wait_for 20 grep -q 'ending' "$T/keeper.log"
	wait_for 20 dg stats
	dg backup --vault "$T/here/vault" "$T/late/state"
	[ "$(grep -c 'backup-to-missing' "$T/keeper.log")" -eq 1 ]
}

@test "the milter takes a TCP socket that was handed over, and gets a message by it" {
	command -v systemd-socket-activate >/dev/null || skip "systemd is not installed"
	begin
	port=$("$top_srcdir/tests/port.py")
	milter systemd-socket-activate -l "127.0.0.1:$port"
	wait_for 20 grep -q Listening "$T/milter.log"
	message_by "inet:$port@127.0.0.1"
	[ "$(stored)" -eq 1 ]
	grep -q ' ready .*socket=inherited' "$T/milter.log"
	[ ! -e "$T/state/run/milter/milter.sock" ]
	# The socket outlives a new start.
	kill -HUP "$MILTER"
	wait_for 20 grep -q ' ending ' "$T/milter.log"
	wait_for 20 message_by "inet:$port@127.0.0.1"
	[ "$(grep -c ' ready .*socket=inherited' "$T/milter.log")" -eq 2 ]
}

@test "the milter takes a unix socket that was handed over, and leaves its file" {
	command -v systemd-socket-activate >/dev/null || skip "systemd is not installed"
	begin
	milter systemd-socket-activate -l "$T/given.sock"
	wait_for 20 grep -q Listening "$T/milter.log"
	message_by "unix:$T/given.sock"
	[ "$(stored)" -eq 1 ]
	kill "$MILTER"
	wait "$MILTER"
	MILTER=
	[ -S "$T/given.sock" ]
}

@test "two sockets at once are refused with what to do" {
	command -v systemd-socket-activate >/dev/null || skip "systemd is not installed"
	begin
	milter systemd-socket-activate -l "$T/one.sock" -l "$T/two.sock"
	wait_for 20 grep -q Listening "$T/milter.log"
	python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).connect(sys.argv[1])' "$T/one.sock"
	wait "$MILTER" || status=$?
	MILTER=
	[ "$status" -ne 0 ]
	grep -q 'one ListenStream' "$T/milter.log"
}

listen() { # for what the daemons say
	python3 "$top_srcdir/tests/notified.py" "$T/ear" >"$T/heard" 3>&- &
	EAR=$!
	wait_for 20 test -S "$T/ear"
	export NOTIFY_SOCKET=$T/ear
}
heard() { grep -q -- "$1" "$T/heard"; }
times() { grep -c -- "$1" "$T/heard" || true; }

@test "the init system hears of the keeper: ready, alive, reloading, stopping" {
	listen
	keeper
	wait_for 20 heard '^READY=1$'
	wait_for 20 heard '^WATCHDOG=1$'
	kill -HUP "$KEEPER"
	wait_for 20 heard '^RELOADING=1 MONOTONIC_USEC=[0-9]'
	ready_again() { [ "$(times '^READY=1$')" -eq 2 ]; }
	wait_for 20 ready_again
	kill -0 "$KEEPER"
	kill "$KEEPER"
	wait "$KEEPER"
	KEEPER=
	wait_for 20 heard '^STOPPING=1$'
}

@test "the init system hears of the milter: ready, reloading, stopping" {
	begin
	listen
	milter
	milter_ready
	wait_for 20 heard '^READY=1$'
	kill -USR1 "$MILTER"
	wait_for 20 heard '^RELOADING=1'
	ready_again() { [ "$(times '^READY=1$')" -eq 2 ]; }
	wait_for 20 ready_again
	wait_for 20 heard '^WATCHDOG=1$'
	kill "$MILTER"
	wait "$MILTER"
	MILTER=
	wait_for 20 heard '^STOPPING=1$'
}

@test "a daemon ends with its porter, and the porter as its daemon does" {
	keeper
	worker=$(worker_of "$KEEPER")
	gone() { [ ! -e "/proc/$1" ]; }
	kill -KILL "$KEEPER"
	wait "$KEEPER" || status=$?
	[ "$status" -eq 137 ]
	wait_for 20 gone "$worker"
	rm "$T/state/run/keeper/control.sock"
	keeper
	kill -KILL "$(worker_of "$KEEPER")"
	status=0
	wait "$KEEPER" || status=$?
	KEEPER=
	[ "$status" -eq 137 ]
}

@test "told to end amid a new start, it ends" {
	keeper
	for _ in 1 2 3; do
		wait_for 20 grep -q ' ready' "$T/keeper.log"
		kill -HUP "$KEEPER"
		kill "$KEEPER"
		ended() { ! kill -0 "$KEEPER"; }
		wait_for 20 ended
		rm -f "$T/state/run/keeper/control.sock"
		keeper
	done
}

# As a unit runs it: its user, its umask, its system calls (a sanitizer needs more).
as_unit() { # UNIT USER COMMAND...
	local unit=$top_builddir/contrib/systemd/deskgate-$1.service user=$2 within=()
	shift 2
	if command -v systemd-analyze >/dev/null && [ -x /usr/bin/python3 ] && ! ldd "$(command -v "$1")" | grep -q 'lib[at]san'; then
		within=(/usr/bin/python3 "$top_srcdir/tests/within.py" "$unit")
	fi
	umask 0077
	exec setpriv --reuid "$user" --regid games --clear-groups "${within[@]}" "$@"
}

@test "as the units run them: two users, few calls; and the milter cannot read what it stored" {
	[ "$(id -u)" -eq 0 ] || skip "only root can be others"
	getent passwd games news >/dev/null || skip "no users games and news"
	# What tmpfiles.d makes; the units may set no group that is handed on.
	sed -i "s|state-dir = .*|state-dir = \"$T/two/state\"|" "$T/dg.conf"
	printf 'runtime-dir = "%s/run"\nuser = "games"\n' "$T" >>"$T/dg.conf"
	mkdir "$T/two" "$T/run"
	install -d -m 0750 -o games -g games "$T/two/state" "$T/two/state-keys" "$T/run/keeper"
	install -d -m 0755 -o news -g games "$T/run/milter"
	install -d -m 2750 -o news -g games "$T/run/watch"
	sed -n 's|^d .*/deskgate/spool\(/*[a-z]*\) 2770 .*|\1|p' \
		"$top_builddir/contrib/systemd/tmpfiles.conf" |
		while read -r folder; do
			install -d -m 2770 -o games -g games "$T/two/state/spool$folder"
		done
	(as_unit deliver games deskgate-deliver -c "$T/dg.conf") >"$T/keeper.log" 2>&1 3>&- &
	KEEPER=$!
	wait_for 20 grep -q ' ready' "$T/keeper.log" || { cat "$T/keeper.log"; false; }
	(as_unit milter news deskgate-milter -c "$T/dg.conf") >"$T/milter.log" 2>&1 3>&- &
	MILTER=$!
	milter_ready
	# What the units run before them.
	for who in "deliver games" "milter news"; do
		# shellcheck disable=SC2086 # two words
		run as_unit $who deskgate -c "$T/dg.conf" check
		echo "$output"
		[ "$status" -eq 0 ]
		[[ "$output" == *"nothing is wrong: 1 inboxes"* ]]
	done
	walled "$KEEPER"
	walled "$MILTER"
	[ "$(status_of "$(worker_of "$MILTER")" Uid | cut -f 1)" = "$(id -u news)" ]
	message_by "unix:$T/run/milter/milter.sock"
	wait_for 20 grep -q ' delivered ' "$T/keeper.log"
	run dg tickets list --plain
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	for secret in vault.key ledger.key subject.key vault/data.mdb; do
		run setpriv --reuid news --regid games --clear-groups \
			cat "$T/two/state-keys/$secret"
		[ "$status" -ne 0 ]
	done
}

@test "the folders that are made for the units are the spool's" {
	begin
	for folder in "$T/state/spool"/*/; do
		grep -q "/spool/$(basename "$folder") 2770 deskgate deskgate" \
			"$top_builddir/contrib/systemd/tmpfiles.conf"
	done
}

@test "the units are sound, and as exposed as is said" {
	command -v systemd-analyze >/dev/null || skip "systemd is not installed"
	mkdir "$T/units"
	! grep '@[a-z]*dir@' "$top_builddir"/contrib/systemd/* || false
	for unit in milter.service milter.socket deliver.service; do
		sed -e "s,^\(ExecStart=\|ExecStartPre=-\)[^ ]*/,\1$top_builddir/," \
			"$top_builddir/contrib/systemd/deskgate-$unit" \
			>"$T/units/deskgate-$unit"
	done
	# It has a word for other units of this machine too.
	systemd-analyze verify --man=no "$T"/units/* >"$T/verified" 2>&1 || true
	! grep deskgate "$T/verified" || false
	while read -r unit most; do
		systemd-analyze security --offline=yes --no-pager \
			"$T/units/deskgate-$unit.service" >"$T/exposed" || true
		score=$(sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p' "$T/exposed")
		echo "# $unit.service: exposure $score, $most at most" >&3
		awk -v score="$score" -v most="$most" \
			'BEGIN { exit !(score != "" && score + 0 <= most + 0) }'
	done <<-TXT
	milter 1.0
	deliver 1.5
	TXT
}
