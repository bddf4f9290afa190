# SPDX-License-Identifier: GPL-3.0-or-later
# A Redmine of the test's own: settings, database, files and keys below $RM, on a
# loopback port that was free a moment ago; nothing of the machine's is touched.
# Debian's Redmine takes its place from REDMINE_INSTANCE, below a folder of its own:
# the dots lead out of there.
: "${top_srcdir:?the source folder}" "${top_builddir:?the build folder}"
rm_here=$top_srcdir/tests/line/redmine
rm_home=/usr/share/redmine

rm_need() {
	[ -e $rm_home/config.ru ] || skip "Redmine is not installed (redmine redmine-sqlite)"
	[ "$(id -u)" -eq 0 ] || skip "needs root: Redmine runs as www-data"
}

# Debian's bundler is older than the one in its Ruby, which does not find Debian's gems.
rm_as() { # COMMAND...: as its user, in its environment
	(cd $rm_home && BUNDLER_VERSION=2.3.15 RAILS_ENV=production LANG=C.UTF-8 \
		REDMINE_INSTANCE=../../../..$RM \
		exec setpriv --reuid www-data --regid www-data --clear-groups "$@")
}

rm_settings() {
	mkdir "$RM/config" "$RM/tmp" "$RM/log" "$RM/files"
	cat >"$RM/config/database.yml" <<TXT
production:
  adapter: sqlite3
  database: $RM/redmine.sqlite
  encoding: utf8
  timeout: 20000
TXT
	od -An -tx1 -N32 /dev/urandom | tr -d ' \n' >"$RM/config/secret_key.txt"
	chown -R www-data "$RM"
}

rm_answers() {
	curl -s -o /dev/null "http://127.0.0.1:$RM_PORT/issue_statuses.json"
}

# Starts it: $RM_URL is its address, $RM/key a key for its API; projects support, sales
# and, without the custom field, bare.
rm_start() {
	RM=$(mktemp -d /tmp/deskgate-redmine.XXXXXX)
	RM_PORT=$("$top_srcdir/tests/port.py")
	RM_URL=http://127.0.0.1:$RM_PORT
	rm_settings
	rm_as ruby - "$RM" Support Sales Bare <"$rm_here/setup.rb" \
		>"$RM/setup.log" 2>&1 || { tail -n 20 "$RM/setup.log"; return 1; }
	chown root "$RM"/key*
	rm_as sh -c 'echo $$ >"$0"; exec "$@"' "$RM/pid" puma \
		-b "tcp://127.0.0.1:$RM_PORT" -e production -t 2:4 config.ru \
		>"$RM/server.log" 2>&1 </dev/null 3>&- &
	wait_for 60 rm_answers || { tail -n 20 "$RM/server.log"; return 1; }
}

rm_stop() {
	[ -n "${RM:-}" ] || return 0
	local pid
	pid=$(cat "$RM/pid" 2>/dev/null) && kill "$pid" 2>/dev/null &&
		wait_for 20 rm_gone "$pid"
	[ -n "${RM_KEEP:-}" ] || rm -rf "$RM"
}
rm_gone() { ! kill -0 "$1" 2>/dev/null; }

# Asks its API: METHOD PATH [JSON]
rm_api() { rm_by key "$@"; }
rm_agent() { rm_by key.agent "$@"; } # the same as another user
rm_admin() { rm_by key.admin "$@"; } # the same with all rights
rm_by() { # KEY METHOD PATH [JSON]
	curl -s -X "$2" -H "X-Redmine-API-Key: $(cat "$RM/$1")" \
		-H 'Content-Type: application/json' ${4:+--data "$4"} "$RM_URL$3"
}

rm_sql() { rm_as sqlite3 -cmd '.timeout 20000' "$RM/redmine.sqlite" "$1"; }

# Settings of a desk for the driver: FILE PROJECT [KEY-FILE [MORE]]
rm_conf() {
	cat >"$1" <<TXT
desk "redmine" {
	type = redmine
	url = "$RM_URL"
	token-file = "${3:-$RM/key}"
	department = "$2"
	${4:-}
}
TXT
}
