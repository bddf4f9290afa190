#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Root starts the milter: its socket is the milter's user's, and the MTA's group comes in.

load common

setup() {
	[ "$(id -u)" -eq 0 ] || skip "only root can give a socket to another's group"
	getent passwd games news >/dev/null || skip "no users games and news"
	getent group mail >/dev/null || skip "no group mail"
	[ -x /usr/bin/python3 ] || skip "no /usr/bin/python3, which others can start"
	fresh <<'TXT'
user = "games"
milter-user = "news"
milter-group = "mail"
inbox "support@example.com" { }
TXT
	sed -i "s|^state-dir = .*|state-dir = \"$T/state\"|" "$T/dg.conf"
	printf 'runtime-dir = "%s/run"\n' "$T" >>"$T/dg.conf"
	dg stats >/dev/null
}
teardown() {
	[ -z "${MILTER:-}" ] || { kill "$MILTER" && wait "$MILTER"; } || true
	[ -z "${T:-}" ] || rm -rf "$T"
}

milter() {
	deskgate-milter -c "$T/dg.conf" >"$T/milter.log" 2>&1 3>&- &
	MILTER=$!
	wait_for 20 grep -q ' ready' "$T/milter.log" || { cat "$T/milter.log"; false; }
}
is() { [ "$(stat -c '%U %G %a' "$1")" = "$2" ] || { stat -c '%n: %U %G %a' "$1"; false; }; }
as() { # USER COMMAND...: in groups of his own and mail
	local user=$1; shift
	setpriv --reuid "$user" --regid nogroup --groups mail "$@"
}

@test "in a folder as systemd's tmpfiles make it" {
	rm -rf "$T/run/milter"
	install -d -m 0755 -o news -g games "$T/run/milter"
	milter
	is "$T/run/milter" "news mail 2750"
	is "$T/run/milter/milter.sock" "news mail 660"
	as nobody /usr/bin/python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).connect(sys.argv[1])' "$T/run/milter/milter.sock"
}

@test "in a folder of its own that is not there yet, also started anew" {
	mkdir "$T/queue"
	printf 'milter-socket = "unix:%s/queue/deskgate/milter.sock"\n' "$T" >>"$T/dg.conf"
	milter
	is "$T/queue" "root root 755"
	is "$T/queue/deskgate" "news mail 2750"
	is "$T/queue/deskgate/milter.sock" "news mail 660"
	kill -HUP "$MILTER"
	twice() { [ "$(grep -c ' ready' "$T/milter.log")" -eq 2 ]; }
	wait_for 20 twice || { cat "$T/milter.log"; false; }
	is "$T/queue/deskgate/milter.sock" "news mail 660"
}

@test "a folder that is another's is left as it is, and what to do is said" {
	install -d -m 0777 "$T/shared"
	printf 'milter-socket = "unix:%s/shared/milter.sock"\n' "$T" >>"$T/dg.conf"
	run deskgate-milter -c "$T/dg.conf"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"make the folder it is in belong to that group"* ]]
	is "$T/shared" "root root 777"
}
