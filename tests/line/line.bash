# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests of the whole line share: a private Postfix and a Deskgate of the
# test's own, below $LINE, on loopback ports that were free a moment ago, started by
# line_start and ended by pid in line_stop.

: "${top_srcdir:?run by tests/run}" "${top_builddir:?run by tests/run}"
LINE_USER=nobody
# Debian's python3 before one of a version manager, whose start takes ten times as long.
PATH=/usr/bin:$PATH

line_need_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root: Postfix's master does"
	command -v postfix >/dev/null || skip "Postfix is not installed"
}

line_port() { "$top_srcdir/tests/port.py"; }

. "$top_srcdir/tests/mail.bash"

line_sanitized() { grep -q __asan_init "$top_builddir/deskgate-milter"; }

dg() { "$top_builddir/deskgate" -c "$LINE/deskgate.conf" "$@"; }

# Settings of the test's own; more lines (global ones, desks) from standard input.
line_conf() {
	cat >"$LINE/deskgate.conf" <<TXT
state-dir = "$LINE/state"
key-dir = "$LINE/keys"
runtime-dir = "$LINE/run"
user = "$LINE_USER"
milter-group = "postfix"
retry-min = 1s
TXT
	cat >>"$LINE/deskgate.conf"
}

line_postfix_conf() {
	local etc=$LINE/postfix/etc gid
	gid=$(id -g $LINE_USER)
	mkdir -p "$etc" "$LINE/postfix/queue" "$LINE/postfix/data" "$LINE/mail"
	chown postfix "$LINE/postfix/data"
	chown $LINE_USER "$LINE/mail"
	cat >"$etc/main.cf" <<TXT
compatibility_level = 3.6
queue_directory = $LINE/postfix/queue
data_directory = $LINE/postfix/data
maillog_file = $LINE/log/postfix.log
maillog_file_prefixes = $LINE
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.net
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
default_transport = error:nothing is sent out
relay_transport = error:nothing is sent out
virtual_mailbox_domains = example.com
virtual_mailbox_base = $LINE/mail
virtual_mailbox_maps = inline:{ archive@example.com=archive/, colleague@example.com=colleague/, tag@example.com=tagged/, both@example.com=delivered/, support@example.com=leaked/, sales@example.com=leaked/, billing@example.com=leaked/, strict@example.com=leaked/, remote@example.com=leaked/ }
virtual_minimum_uid = 1
virtual_uid_maps = static:$(id -u $LINE_USER)
virtual_gid_maps = static:$gid
message_size_limit = 52428800
virtual_mailbox_limit = 0
smtpd_milters = ${LINE_MILTER:-unix:$LINE/run/milter/milter.sock}
milter_default_action = tempfail
milter_content_timeout = 60s
TXT
	cat >>"$etc/main.cf"
	line_last_wins "$etc/main.cf"
	sed -e '/^[^# ]/s/^\([a-z0-9-]* *[a-z]* *[-a-z]* *[-a-z]* *\)y\( \)/\1n\2/' \
		-e "s/^smtp  *inet .*/127.0.0.1:$LINE_PORT inet n - n - 100 smtpd/" \
		/usr/share/postfix/master.cf.dist >"$etc/master.cf"
}

# Leaves the last of entries with one name.  Of one that comes twice every daemon of
# Postfix warns as it starts, postlogd too, by way of itself: with net.unix.max_dgram_qlen
# messages waiting it then waits for itself for ever, and all others for it.
line_last_wins() { # MAIN.CF
	awk '
		/^[^ \t#]/ { name = $1; if (name in text) delete text[name]; else order[++n] = name }
		{ text[name] = text[name] $0 "\n" }
		END { for (i = 1; i <= n; i++) printf "%s", text[order[i]] }
	' "$1" >"$1.new" && mv "$1.new" "$1"
}

line_listens() { (: </dev/tcp/127.0.0.1/"$1") 2>/dev/null; }

line_deskgate() { # starts (again)
	rm -f "$LINE/run/milter/milter.sock"
	"$top_builddir/deskgate" -c "$LINE/deskgate.conf" run \
		>>"$LINE/log/deskgate.log" 2>&1 </dev/null 3>&- &
	LINE_RUN=$!
	echo "$LINE_RUN" >"$LINE/run.pid"
	wait_for 30 test -S "$LINE/run/milter/milter.sock" &&
		wait_for 30 dg stats
}

# Starts everything; the settings come from standard input, more of main.cf from $1.
line_start() {
	LINE=$(mktemp -d /tmp/deskgate-line.XXXXXX)
	chmod 0755 "$LINE"
	mkdir -p "$LINE/log"
	LINE_PORT=$(line_port)
	line_conf
	printf '%s\n' "${1:-}" | line_postfix_conf
	line_deskgate || { tail -n 30 "$LINE/log/deskgate.log"; return 1; }
	postfix -c "$LINE/postfix/etc" start >"$LINE/log/start.log" 2>&1 3>&- ||
		{ cat "$LINE/log/start.log"; return 1; }
	! grep 'overriding earlier entry' "$LINE/log/start.log" || return 1
	wait_for 20 line_listens "$LINE_PORT" &&
		wait_for 20 grep -q 'daemon started' "$LINE/log/postfix.log"
}

line_end_deskgate() { # any test may have started it anew, so its pid is in a file
	local pid
	pid=$(cat "$LINE/run.pid" 2>/dev/null) || return 0
	rm -f "$LINE/run.pid"
	kill -TERM "$pid" 2>/dev/null || return 0
	wait_for 40 line_gone "$pid"
}
line_gone() { # PID: it is no more, or waits to be reaped
	case $(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) in
	''|Z) return 0 ;;
	*) return 1 ;;
	esac
}

line_stop() {
	[ -n "${LINE:-}" ] || return 0
	[ -d "$LINE/postfix/etc" ] &&
		postfix -c "$LINE/postfix/etc" stop >/dev/null 2>&1
	line_end_deskgate
	if grep -qE 'AddressSanitizer|runtime error|LeakSanitizer|ThreadSanitizer' \
		"$LINE/log/deskgate.log"; then
		grep -E -A 20 'Sanitizer|runtime error' "$LINE/log/deskgate.log"
		return 1
	fi
	line_log_names_nobody || return 1
	[ -n "${LINE_KEEP:-}" ] || rm -rf "$LINE"
}

# No line of the log has an address, name or subject of the mail sent, unless the
# settings ask for addresses.
line_log_names_nobody() {
	[ -s "$LINE/names" ] || return 0
	! grep -q '^log-addresses' "$LINE/deskgate.conf" || return 0
	python3 "$top_srcdir/tests/line/names.py" find "$LINE/names" \
		"$LINE/log/deskgate.log" "$LINE/deskgate.conf" && return 0
	echo "these lines of the log name somebody"
	return 1
}

# The pid of a program of ours that runs from this build and state; its fork server and
# readers, which bear its name too, are younger.
line_pid() { # deskgate-milter | deskgate-deliver
	pgrep -o -f "^$top_builddir/$1 .*-c $LINE/deskgate.conf"
}

# Sends FILE... as they are; prints a line "FILE CODE TEXT" for each.
line_send() { # [--to RECIPIENT | --from SENDER | ...]... FILE...
	line_note_names "$@"
	python3 "$top_srcdir/tests/line/send.py" --port "$LINE_PORT" "$@"
}

line_note_names() { # as line_send
	local people=() files=()
	while [ $# -gt 0 ]; do
		case $1 in
		--from|--to) people+=("$2"); shift 2 ;;
		--*) shift 2 ;;
		*) files+=("$1"); shift ;;
		esac
	done
	python3 "$top_srcdir/tests/line/names.py" collect "${people[@]}" -- \
		"${files[@]}" >>"$LINE/names" || true
}

line_settled() { # nothing is on its way any more
	[ "$(dg queue list --json | python3 -c \
		'import json, sys; print(len(json.load(sys.stdin)["entries"]))')" = 0 ]
}

# Every ticket of the embedded desk with a message of this Message-ID, as a JSON list of
# what `tickets show --json` says of each.
line_tickets() { # MESSAGE-ID
	python3 "$top_srcdir/tests/line/tickets.py" "$LINE/tickets.seen" "$1" \
		"$top_builddir/deskgate" -c "$LINE/deskgate.conf"
}

line_count() { # tickets | quarantine
	case $1 in
	tickets) dg tickets list --json --limit 1000 ;;
	quarantine) dg quarantine list --json ;;
	esac | python3 -c 'import json, sys
answer = json.load(sys.stdin)
print(len(answer.get("tickets", answer.get("entries"))))'
}

line_teach() { # mail that is easily told apart
	T=$LINE/corpus corpus 40
	dg train ham "$LINE/corpus/ham" >"$LINE/log/teach.log" &&
		dg train spam "$LINE/corpus/spam" >>"$LINE/log/teach.log"
}

# What a mailbox of the private Postfix holds.
line_box() { # NAME: its messages' files
	find "$LINE/mail/$1/new" -type f 2>/dev/null
}

# Python over a list or answer: line_json 'EXPRESSION over d' COMMAND...
line_json() {
	local expression=$1; shift
	"$@" --json | python3 -c "import json, sys; d = json.load(sys.stdin); print($expression)"
}
