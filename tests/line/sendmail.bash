# SPDX-License-Identifier: GPL-3.0-or-later
# A real Sendmail of Debian below $LINE: its packages, which conflict with Postfix, are
# unpacked there.  Sendmail trusts no path through a folder that all can write to, so
# LINE_PLACE is /run.  MAIL (the folder of its settings) and SENDMAIL are the caller's.

sendmail_unpack() {
	unpacked "$LINE" sendmail-bin sendmail-cf libwrap0 || return 1
	SENDMAIL=$LINE/root/usr/libexec/sendmail/sendmail
	chmod g-s "$SENDMAIL"
}

sendmail_conf() {
	mkdir -p "$MAIL" "$LINE/queue"
	chmod 0700 "$LINE/queue"
	printf 'hosts files\naliases files\n' >"$LINE/switch"
	printf 'info: support@example.com\npostmaster: root\n' >"$MAIL/aliases"
	cat >"$MAIL/sendmail.mc" <<TXT
divert(0)dnl
include(\`$LINE/root/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(\`linux')dnl
define(\`confPID_FILE', \`$LINE/sendmail.pid')dnl
define(\`QUEUE_DIR', \`$LINE/queue')dnl
define(\`STATUS_FILE', \`$LINE/statistics')dnl
define(\`HELP_FILE', \`$LINE/help')dnl
define(\`ALIAS_FILE', \`$MAIL/aliases')dnl
define(\`confSERVICE_SWITCH_FILE', \`$LINE/switch')dnl
define(\`confDOMAIN_NAME', \`mail.example.net')dnl
define(\`confTO_IDENT', \`0')dnl
DAEMON_OPTIONS(\`Name=MTA, Port=$LINE_PORT, Addr=127.0.0.1')dnl
define(\`confREFUSE_LA', \`1000')dnl
define(\`confQUEUE_LA', \`1000')dnl
FEATURE(\`no_default_msa')dnl
FEATURE(\`nocanonify')dnl
FEATURE(\`accept_unresolvable_domains')dnl
LOCAL_DOMAIN(\`example.com')dnl
MAILER(\`local')dnl
MAILER(\`smtp')dnl
TXT
	m4 "$MAIL/sendmail.mc" >"$MAIL/sendmail.cf"
}

# Where the host's name has no dot, Sendmail waits a minute at each start.
run_sendmail() {
	LD_LIBRARY_PATH=$LINE/root/usr/lib/x86_64-linux-gnu \
		unshare --uts sh -c 'hostname mail.example.net; exec "$@"' sh "$SENDMAIL" "$@"
}

sendmail_start() {
	run_sendmail -C "$MAIL/sendmail.cf" -bi >"$LINE/log/start.log" 2>&1
	cp -a "$MAIL/." "$LINE/etc-before" 2>/dev/null
	run_sendmail -C "$MAIL/sendmail.cf" -bd -q2s >>"$LINE/log/start.log" 2>&1 3>&-
	wait_for 20 line_listens "$LINE_PORT"
}

sendmail_stop() {
	[ ! -s "$LINE/sendmail.pid" ] || kill "$(head -n 1 "$LINE/sendmail.pid")"
}
