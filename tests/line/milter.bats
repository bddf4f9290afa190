#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# deskgate-milter itself, spoken to as an MTA does (miltertest), without one and without a
# keeper beside it: what was taken stands in the spool.

load ../cli/common.bash

setup() {
	command -v miltertest >/dev/null || skip "miltertest is not installed"
	T= MILTER=
}

teardown() {
	[ -z "${MILTER:-}" ] || { kill -TERM "$MILTER" && wait "$MILTER"; } 2>/dev/null || true
	if [ -n "${T:-}" ]; then
		grep -E -A 20 'Sanitizer|runtime error' "$T/milter.log" >&2 && return 1
		log_names_nobody || return 1
		rm -rf "$T"
	fi
}

# A state with keys; what is set comes from standard input.
begin() {
	fresh
	[ "$(id -u)" -ne 0 ] || printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	dg stats >/dev/null
	SOCKET=unix:$T/state/run/milter/milter.sock
	milter
}

milter() { # starts it, and waits until it is ready
	touch "$T/milter.log"
	ready=$(grep -c ' ready ' "$T/milter.log" || true)
	deskgate-milter -c "$T/dg.conf" >>"$T/milter.log" 2>&1 3>&- &
	MILTER=$!
	wait_for 20 more_ready || { cat "$T/milter.log"; return 1; }
}
more_ready() { [ "$(grep -c ' ready ' "$T/milter.log")" -gt "$ready" ]; }

talk() { # a Lua script from standard input
	{ printf 'dofile("%s")\n' "$top_srcdir/tests/line/milter.lua"; cat; } >"$T/talk.lua"
	grep -hoE '[[:alnum:]._+-]+@[[:alnum:].-]+|A secret subject' "$T/talk.lua" \
		"$top_srcdir/tests/line/milter.lua" >>"$T/names.sent"
	miltertest -D socket="$SOCKET" -s "$T/talk.lua"
}

stored() { find "$T/state/spool/msg" -type f | wc -l; }
logged() { grep -qE -- "$1" "$T/milter.log"; }

@test "it says to start the keeper first where there are no keys" {
	fresh </dev/null
	[ "$(id -u)" -ne 0 ] || printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	run deskgate-milter -c "$T/dg.conf"
	[ "$status" -ne 0 ]
	[[ "$output" == *"start deskgate-deliver"* ]]
	touch "$T/milter.log"
}

@test "it asks the MTA for what it uses and no more" {
	begin <<<'inbox "support@example.com" { }'
	talk <<'LUA'
local conn = connect()
for _, flag in ipairs({SMFIF_ADDHDRS, SMFIF_CHGHDRS, SMFIF_DELRCPT}) do
	assert(mt.test_action(conn, flag))
end
for _, flag in ipairs({SMFIF_CHGBODY, SMFIF_ADDRCPT, SMFIF_QUARANTINE, SMFIF_CHGFROM}) do
	assert(not mt.test_action(conn, flag))
end
for _, flag in ipairs({SMFIP_NR_HDR, SMFIP_NR_BODY, SMFIP_NR_HELO, SMFIP_NODATA,
    SMFIP_NOUNKNOWN, SMFIP_HDR_LEADSPC}) do
	assert(mt.test_option(conn, flag))
end
for _, flag in ipairs({SMFIP_NR_EOH, SMFIP_NR_RCPT, SMFIP_NR_MAIL, SMFIP_NR_CONN,
    SMFIP_RCPT_REJ, SMFIP_SKIP, SMFIP_NOBODY, SMFIP_NOHDRS}) do
	assert(not mt.test_option(conn, flag))
end
LUA
	# An MTA of old, without any of the options: the same answers.
	talk <<'LUA'
local conn = mt.connect(socket)
assert(mt.negotiate(conn, 6, SMFIF_ADDHDRS + SMFIF_CHGHDRS + SMFIF_DELRCPT, 0x7f) == nil)
assert(mt.conninfo(conn, "client.example.org", "192.0.2.7") == nil)
assert(message(conn, {id = "old"}) == "a")
LUA
	[ "$(stored)" -eq 1 ]
}

@test "a message is stored once, taken out, and accepted" {
	begin <<<'inbox "support@example.com" { }'
	for i in 1 2; do
		talk <<'LUA'
local conn = connect()
assert(message(conn, {id = "one", to = {"<Support@example.com>"}}) == "a")
assert(mt.eom_check(conn, MT_RCPTDELETE, "<Support@example.com>"))
assert(not mt.eom_check(conn, MT_HDRADD))
mt.disconnect(conn)
LUA
	done
	[ "$(stored)" -eq 1 ]
	id=$(ls "$T/state/spool/new")
	[ "${#id}" -eq 32 ]
	logged "message id=$id verdict=unsure score=0.00 action=ticket inbox=support@example.com size=[0-9]+ ms=[0-9]+ queue_id=4QUEUE sender=h:[0-9a-f]+ basis=(cold|no-model)"
	logged "message id=$id .* repeat=yes"
	# No subject, body or address of a stranger in the log.
	! logged 'secret|parcel|anna@'
	# Byte for byte, and without a keeper nothing was read.
	dg queue show --raw "$id" >"$T/got"
	printf '%s\r\n' 'From: Anna <anna@example.org>' 'Subject: A secret subject' \
		'Date: Mon, 2 Nov 2026 10:00:00 +0000' \
		'Message-ID: <one@client.example.org>' '' 'Where is my parcel?' |
		cmp - "$T/got"
}

@test "header edits, modes and recipients" {
	begin <<TXT
authserv-id = "mx.example.net"
inbox "support@example.com" { }
inbox "sales@example.com" { }
inbox "tag@example.com" { mode = tag }
inbox "both@example.com" { mode = ticket-and-deliver }
TXT
	talk <<'LUA'
local conn = connect()
-- forged, to nobody of ours
assert(message(conn, {id = "a", to = {"<colleague@example.com>"},
    headers = {{"X-Deskgate-Verdict", "ham"}, {"X-Spam-Flag", "NO"}}}) == "a")
assert(mt.eom_check(conn, MT_HDRDELETE, "X-Deskgate-Verdict"))
assert(not mt.eom_check(conn, MT_HDRDELETE, "X-Spam-Flag"))
assert(not mt.eom_check(conn, MT_HDRADD))
-- tagged
assert(message(conn, {id = "b", to = {"<tag@example.com>"},
    headers = {{"Authentication-Results", "mx.example.org; spf=pass"}}}) == "a")
assert(mt.eom_check(conn, MT_HDRDELETE, "Authentication-Results"))
assert(mt.eom_check(conn, MT_HDRADD, "X-Deskgate-Verdict", " unsure"))
assert(mt.eom_check(conn, MT_HDRADD, "X-Deskgate-Id"))
assert(mt.eom_check(conn, MT_HDRADD, "X-Spam-Flag", " NO"))
assert(not mt.eom_check(conn, MT_RCPTDELETE, "<tag@example.com>"))
-- delivered too
assert(message(conn, {id = "c", to = {"<both@example.com>"}}) == "a")
assert(mt.eom_check(conn, MT_HDRADD, "X-Deskgate-Verdict"))
assert(not mt.eom_check(conn, MT_RCPTDELETE, "<both@example.com>"))
-- two inboxes and one that is none
assert(message(conn, {id = "d", to = {"<support@example.com>", "<sales@example.com>",
    "<colleague@example.com>"}}) == "a")
assert(mt.eom_check(conn, MT_RCPTDELETE, "<support@example.com>"))
assert(mt.eom_check(conn, MT_RCPTDELETE, "<sales@example.com>"))
assert(not mt.eom_check(conn, MT_RCPTDELETE, "<colleague@example.com>"))
assert(mt.eom_check(conn, MT_HDRADD, "X-Deskgate-Verdict"))
LUA
	[ "$(stored)" -eq 3 ]
}

@test "several messages on a connection, given up ones, and closes at any time" {
	begin <<<'inbox "support@example.com" { }'
	talk <<'LUA'
local conn = connect()
assert(message(conn, {id = "1"}) == "a")
assert(mt.mailfrom(conn, "<b@example.org>") == nil)
assert(mt.rcptto(conn, "<support@example.com>") == nil)
assert(mt.header(conn, "Subject", "left over") == nil)
assert(mt.abort(conn) == nil)
assert(message(conn, {id = "2"}) == "a")
assert(message(conn, {id = "3", to = {"<colleague@example.com>"}}) == "a")
assert(message(conn, {id = "4"}) == "a")
mt.disconnect(conn)
-- without a word; in the middle of a message; without goodbye
mt.disconnect(mt.connect(socket), false)
conn = connect()
mt.mailfrom(conn, "<b@example.org>")
mt.rcptto(conn, "<support@example.com>")
mt.header(conn, "Subject", "x")
mt.disconnect(conn, false)
conn = mt.connect(socket)
mt.negotiate(conn, nil, nil, nil)
mt.disconnect(conn, false)
LUA
	[ "$(stored)" -eq 3 ]
	kill -0 "$MILTER"
}

@test "what is too much is refused with its code" {
	begin <<TXT
max-message-size = 64K
max-recipients = 3
max-connections = 2
inbox "support@example.com" { }
TXT
	talk <<'LUA'
local conn = connect()
assert(message(conn, {id = "big", big = 70000}) == "y")
assert(mt.eom_check(conn, MT_SMTPREPLY, "552", "5.3.4",
    "This message is larger than the 65536 bytes that the help desk takes"))
assert(mt.mailfrom(conn, "<b@example.org>", "SIZE=70000") == nil)
assert(mt.rcptto(conn, "<support@example.com>") == nil)
want(conn, "y", "declared size")
assert(mt.rcptto(conn, "<colleague@example.com>") == nil)
want(conn, "c", "declared size, not ours")
assert(mt.rcptto(conn, "<two@example.com>") == nil)
assert(mt.rcptto(conn, "<three@example.com>") == nil)
want(conn, "c", "third recipient")
assert(mt.rcptto(conn, "<four@example.com>") == nil)
want(conn, "y", "fourth recipient")
local second = connect()
want(second, "c", "second connection")
local third = connect()
want(third, "t", "third connection")
mt.disconnect(second)
mt.sleep(0.3)
mt.disconnect(third)
mt.sleep(0.3)
local fourth = connect()
want(fourth, "c", "after one has gone")
LUA
	[ "$(stored)" -eq 0 ]
	logged connection-refused
}

@test "no room is told when a message is announced" {
	begin <<TXT
reserve-space = 16T
inbox "support@example.com" { }
TXT
	talk <<'LUA'
local conn = connect()
assert(message(conn, {id = "1"}) == "y")
LUA
	logged 'no-room error=full'
	[ "$(stored)" -eq 0 ]
}

@test "a spool that cannot be written is a temporary failure" {
	[ "$(id -u)" -ne 0 ] || [ "$T_USER" != root ] || skip "root writes anywhere"
	begin <<<'inbox "support@example.com" { }'
	chmod 0550 "$T/state/spool/tmp"
	talk <<'LUA'
local conn = connect()
assert(message(conn, {id = "1"}) == "y")
assert(mt.eom_check(conn, MT_SMTPREPLY, "451", "4.3.0",
    "The help desk could not store this message; please try again later"))
assert(not mt.eom_check(conn, MT_RCPTDELETE, "<support@example.com>"))
LUA
	logged 'deferred queue_id=4QUEUE'
	chmod 2770 "$T/state/spool/tmp"
	talk <<'LUA'
local conn = connect()
assert(message(conn, {id = "1"}) == "a")
LUA
	[ "$(stored)" -eq 1 ]
}

@test "SIGUSR1 takes new settings for new connections, and keeps the old for wrong ones" {
	begin <<<'inbox "support@example.com" { }'
	printf 'inbox "sales@example.com" { }\n' >>"$T/dg.conf"
	kill -USR1 "$MILTER"
	wait_for 10 logged ' reloaded'
	talk <<'LUA'
local conn = connect()
assert(message(conn, {id = "1", to = {"<sales@example.com>"}}) == "a")
assert(mt.eom_check(conn, MT_RCPTDELETE, "<sales@example.com>"))
LUA
	printf 'max-recipients = none\n' >>"$T/dg.conf"
	kill -USR1 "$MILTER"
	wait_for 10 logged 'reload-refused.*max-recipients'
	talk <<'LUA'
local conn = connect()
assert(message(conn, {id = "2", to = {"<sales@example.com>"}}) == "a")
assert(mt.eom_check(conn, MT_RCPTDELETE, "<sales@example.com>"))
LUA
	kill -HUP "$MILTER"
	wait_for 10 logged 'reload-refused.*max-recipients.*'
	kill -0 "$MILTER"
}

@test "it ends cleanly, at once, and starts again where another was killed" {
	begin <<<'inbox "support@example.com" { }'
	for signal in TERM INT; do
		started=$SECONDS
		kill -$signal "$MILTER"
		wait "$MILTER"
		[ $((SECONDS - started)) -lt 4 ]
		[ ! -e "$T/state/run/milter/milter.sock" ]
		logged ending
		milter
	done
	# Another one is refused while this one lives.
	run deskgate-milter -c "$T/dg.conf"
	echo "$output"
	[ "$status" -eq 75 ]
	[[ "$output" == *"another milter listens"* ]]
	kill -KILL "$MILTER"
	wait "$MILTER" || true
	[ -S "$T/state/run/milter/milter.sock" ]
	milter
	talk <<'LUA'
local conn = connect()
assert(message(conn, {id = "1"}) == "a")
LUA
	[ "$(stored)" -eq 1 ]
}

@test "the unix socket is for the MTA's group alone" {
	begin <<<'inbox "support@example.com" { }'
	[ "$(stat -c %a "$T/state/run/milter/milter.sock")" = 660 ]
	[ "$(id -u)" -eq 0 ] && getent group postfix >/dev/null ||
		skip "needs root and a group postfix"
	kill "$MILTER"; wait "$MILTER" || true
	rm -rf "$T/state/run/milter"
	printf 'milter-group = "postfix"\n' >>"$T/dg.conf"
	milter
	[ "$(stat -c %G "$T/state/run/milter/milter.sock")" = postfix ]
}

@test "over TCP" {
	port=$("$top_srcdir/tests/port.py")
	begin <<TXT
milter-socket = "inet:$port@127.0.0.1"
inbox "support@example.com" { }
TXT
	SOCKET=inet:$port@127.0.0.1
	talk <<'LUA'
local conn = connect("2001:db8::7")
assert(message(conn, {id = "1"}) == "a")
assert(message(conn, {id = "2", big = 300000}) == "a")
LUA
	[ "$(stored)" -eq 2 ]
}

@test "readers that die cost no mail; without their fork server it ends, to be restarted" {
	begin <<<'inbox "support@example.com" { }'
	talk <<'LUA'
assert(message(connect(), {id = "1"}) == "a")
LUA
	server=$(servers_of "$MILTER")
	readers=$(readers_of "$MILTER")
	[ -n "$readers" ]
	kill -KILL $readers
	talk <<'LUA'
assert(message(connect(), {id = "2"}) == "a")
LUA
	kill -KILL "$server"
	talk <<'LUA' || true
assert(message(connect(), {id = "3"}) == "a")
LUA
	wait "$MILTER" || status=$?
	[ "$status" -eq 75 ]
	logged readers-gone
	[ "$(stored)" -ge 2 ]
	MILTER=
}

@test "a reader that hangs does not hold up the MTA, and the message goes on unread" {
	begin <<TXT
reader-time = 1s
readers = 1
inbox "support@example.com" { }
TXT
	talk <<'LUA'
assert(message(connect(), {id = "1"}) == "a")
LUA
	kill -STOP $(readers_of "$MILTER")
	talk <<'LUA'
mt.set_timeout(20)
assert(message(connect(), {id = "2"}) == "a")
LUA
	[ "$(stored)" -eq 2 ]
	logged 'verdict=unsure'
}

gone_in_the_middle() { # the MTA hangs up while a reader hangs
	talk <<'LUA'
assert(message(connect(), {id = "1"}) == "a")
LUA
	kill -STOP $(readers_of "$MILTER")
	talk <<'LUA' || true
mt.set_timeout(1)
message(connect(), {id = "2"})
LUA
	wait_for 20 logged 'deferred'
	[ "$(stored)" -eq 1 ]
	[ -z "$(ls "$T/state/spool/tmp")" ]
	# He comes again.
	talk <<'LUA'
mt.set_timeout(20)
assert(message(connect(), {id = "2"}) == "a")
LUA
	[ "$(stored)" -eq 2 ]
}

@test "an MTA that has gone gets nothing stored behind its back" {
	begin <<TXT
reader-time = 2s
readers = 1
inbox "support@example.com" { }
TXT
	gone_in_the_middle
}

@test "an MTA that has gone gets nothing stored behind its back, over TCP" {
	port=$("$top_srcdir/tests/port.py")
	begin <<TXT
milter-socket = "inet:$port@127.0.0.1"
reader-time = 2s
readers = 1
inbox "support@example.com" { }
TXT
	SOCKET=inet:$port@127.0.0.1
	gone_in_the_middle
}

@test "twenty connections at once, ten messages each" {
	begin <<<'inbox "support@example.com" { }'
	for i in $(seq 20); do
		{
			printf 'dofile("%s")\nlocal conn = connect()\n' \
				"$top_srcdir/tests/line/milter.lua"
			printf 'for i = 1, 10 do assert(message(conn, {id = "%s." .. i}) == "a") end\n' "$i"
		} >"$T/talk.$i.lua"
		miltertest -D socket="$SOCKET" -s "$T/talk.$i.lua" >"$T/talk.$i.out" 2>&1 3>&- &
		pids="${pids:-} $!"
	done
	for pid in $pids; do wait "$pid"; done
	[ "$(stored)" -eq 200 ]
	[ "$(ls "$T/state/spool/new" | wc -l)" -eq 200 ]
	[ "$(grep -c ' message id=' "$T/milter.log")" -eq 200 ]
	[ -z "$(ls "$T/state/spool/tmp")" ]
}

# Answers of 30 messages, one for each line: "N a" or "N y".
thirty() {
	talk <<'LUA'
local conn = connect()
for i = 1, 30 do print(i, message(conn, {id = "fault" .. i})) end
LUA
}

@test "calls that fail now and then: no yes without the message, none twice" {
	command -v strace >/dev/null || skip "strace is not installed"
	begin <<<'inbox "support@example.com" { }'
	worker=$(worker_of "$MILTER")
	for call in fsync linkat openat memfd_create; do
		strace -f -qq -o /dev/null -e trace=$call \
			-e inject=$call:error=EIO:when=2+3 -p "$worker" 3>&- &
		tracer=$!
		wait_for 10 grep -q "TracerPid:[[:space:]]*$tracer" "/proc/$worker/status" ||
			skip "this machine lets nobody trace"
		rm -f "$T"/state/spool/*/????????????????????????????????
		thirty >"$T/answers"
		kill "$tracer" && wait "$tracer" || true
		echo "$call: $(grep -c y "$T/answers") of 30 refused"
		[ "$(wc -l <"$T/answers")" -eq 30 ]
		! grep -qvE '[ay]$' "$T/answers"
		grep -q 'y$' "$T/answers"
		[ "$(stored)" -ge "$(grep -c 'a$' "$T/answers")" ]
		# Whoever was told to come again comes again.
		thirty >"$T/answers"
		[ "$(grep -c 'a$' "$T/answers")" -eq 30 ]
		[ "$(stored)" -eq 30 ]
		[ -z "$(ls "$T/state/spool/tmp")" ]
	done
	kill -0 "$MILTER"
}
