# SPDX-License-Identifier: GPL-3.0-or-later
# A Request Tracker of the test's own: settings, database and token below $RT, on a
# loopback port that was free a moment ago; nothing of the machine's is touched.
: "${top_srcdir:?the source folder}" "${top_builddir:?the build folder}"
rt_here=$top_srcdir/tests/line/rt
rt_libexec=/usr/share/request-tracker5/libexec/rt-server

rt_need() {
	[ -e "$rt_libexec" ] || skip "Request Tracker 5 is not installed (request-tracker5 rt5-db-sqlite rt5-standalone)"
	[ "$(id -u)" -eq 0 ] || skip "needs root: Request Tracker runs as www-data"
}

rt_as() { # COMMAND...: as its user, with its settings
	(cd "$RT" && RT_SITE_CONFIG=$RT/RT_SiteConfig.pm \
		RT_SITE_CONFIG_DIR=$RT/conf.d \
		exec setpriv --reuid www-data --regid www-data --clear-groups "$@")
}

rt_settings() {
	cat >"$RT/RT_SiteConfig.pm" <<TXT
Set(\$rtname, 'desk.example');
Set(\$Organization, 'desk.example');
Set(\$CorrespondAddress, 'rt@desk.example');
Set(\$CommentAddress, 'rt-comment@desk.example');
Set(\$WebPath, '');
Set(\$WebDomain, '127.0.0.1');
Set(\$WebPort, $RT_PORT);
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$RT/rt.sqlite');
Set(\$LogToFile, undef);
Set(\$LogToSyslog, undef);
Set(\$LogToSTDERR, 'warning');
Set(\$MailCommand, 'testfile');
Set(\$Timezone, 'UTC');
1;
TXT
}

rt_answers() {
	curl -s -o /dev/null "http://127.0.0.1:$RT_PORT/REST/2.0/rt"
}

# Starts it: $RT_URL is its API's, $RT/token the token; queues Support, Sales, dep1
# and, without the custom fields, Bare.
rt_start() {
	RT=$(mktemp -d /tmp/deskgate-rt.XXXXXX)
	mkdir "$RT/conf.d"
	RT_PORT=$("$top_srcdir/tests/port.py")
	RT_URL=http://127.0.0.1:$RT_PORT/REST/2.0
	rt_settings
	chown -R www-data "$RT"
	rt_as /usr/sbin/rt-setup-database-5 --action init --skip-create \
		>"$RT/setup.log" 2>&1 &&
		rt_as perl "$rt_here/setup.pl" "$RT/token" Support Sales dep1 Bare \
			>>"$RT/setup.log" 2>&1 ||
		{ cat "$RT/setup.log"; return 1; }
	chown root "$RT"/token*
	rt_as sh -c 'echo $$ >pid; exec "$@"' sh perl "$rt_libexec" \
		--server Starlet --host 127.0.0.1 --port "$RT_PORT" \
		--max-workers "${RT_WORKERS:-2}" \
		>"$RT/server.log" 2>&1 </dev/null 3>&- &
	wait_for 60 rt_answers || { tail -n 20 "$RT/server.log"; return 1; }
}

rt_stop() {
	[ -n "${RT:-}" ] || return 0
	local pid
	pid=$(cat "$RT/pid" 2>/dev/null) && kill "$pid" 2>/dev/null &&
		wait_for 20 rt_gone "$pid"
	[ -n "${RT_KEEP:-}" ] || rm -rf "$RT"
}
rt_gone() { ! kill -0 "$1" 2>/dev/null; }

# Asks its API: METHOD PATH [JSON]
rt_api() {
	curl -s -X "$1" -H "Authorization: token $(cat "$RT/token")" \
		-H 'Content-Type: application/json' ${3:+--data "$3"} "$RT_URL$2"
}
rt_agent() { # the same as another user than the API's
	curl -s -o /dev/null -X "$1" -H "Authorization: token $(cat "$RT/token.agent")" \
		-H 'Content-Type: application/json' ${3:+--data "$3"} "$RT_URL$2"
}

# Settings of a desk for the driver: FILE QUEUE [TOKEN-FILE]; $RT_MORE: further lines
rt_conf() {
	cat >"$1" <<TXT
desk "rt" {
	type = rt
	url = "${RT_URL%/REST/2.0}"
	token-file = "${3:-$RT/token}"
	department = "$2"
	${RT_MORE-tags-field = "Tags"}
}
TXT
}
