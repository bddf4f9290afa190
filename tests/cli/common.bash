# SPDX-License-Identifier: GPL-3.0-or-later
# What the command-line tests share: a state of the test's own in $T, and messages.
: "${top_builddir:?run by make check}" "${top_srcdir:?run by make check}"
# Debian's python3 before one of a version manager, whose start takes ten times as long.
PATH=$top_builddir:/usr/bin:$PATH
LC_ALL=C.UTF-8
export PATH LC_ALL

# Started by root, a daemon becomes this user; anyone else stays who he is.
if [ "$(id -u)" -eq 0 ]; then T_USER=nobody; else T_USER=$(id -un); fi

fresh() { # a state-dir alone, with what standard input adds
	T=$(mktemp -d "${BATS_TMPDIR:-/tmp}/dg.XXXXXX")
	chmod 0755 "$T"
	{
		printf 'state-dir = "%s/state"\n' "$T"
		[ -t 0 ] || cat
	} >"$T/dg.conf"
}

fresh_held() { # with an inbox whose mail becomes tickets, and one whose mail is held
	fresh <<'TXT'
retry-min = 1s
inbox "support@example.com" { }
inbox "held@example.com" {
	action-ham = quarantine
	action-unsure = quarantine
}
TXT
}

dg() { deskgate -c "$T/dg.conf" "$@"; }

done_with() {
	local code=0
	[ -z "${KEEPER:-}" ] || { kill "$KEEPER" && wait "$KEEPER"; } || true
	log_names_nobody || code=1
	rm -rf "$T"
	return $code
}

# No line of a program's log has an address, name or subject of the mail of the test: of
# files with mail, and what a test adds to $T/names.sent.
log_names_nobody() {
	local mail log logs=()
	for log in "$T"/keeper.log "$T"/milter.log "$T"/run.log; do
		[ ! -s "$log" ] || logs+=("$log")
	done
	[ "${#logs[@]}" -gt 0 ] || return 0
	! grep -q '^log-addresses' "$T/dg.conf" || return 0
	mapfile -t mail < <(grep -lsa '^Message-ID:' "$T"/*)
	touch "$T/names.sent"
	[ "${#mail[@]}" -gt 0 ] || [ -s "$T/names.sent" ] || return 0
	# An inbox may have left the settings by now.
	{ cat "$T/dg.conf"; echo "support@example.com"; } >"$T/own"
	cat "${logs[@]}" >"$T/logged"
	python3 "$top_srcdir/tests/line/names.py" collect -- "${mail[@]}" >>"$T/names.sent" &&
		python3 "$top_srcdir/tests/line/names.py" find "$T/names.sent" "$T/logged" \
			"$T/own" && return 0
	echo "these lines of the log name somebody"
	return 1
}

. "$top_srcdir/tests/mail.bash"

# What lets programs start with the clock ahead: ahead SECONDS COMMAND...
clock_build() {
	cc -D_GNU_SOURCE -shared -fPIC -o "$T/clock.so" "$top_srcdir/tests/clock_ahead.c" -ldl
}
ahead() {
	local seconds=$1; shift
	AHEAD=$seconds LD_PRELOAD=$T/clock.so \
		ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 "$@"
}

keeper() { # starts the daemon for this state
	if [ "$(id -u)" -eq 0 ]; then
		grep -q '^user = ' "$T/dg.conf" ||
			printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
		for folder in "$T/state" "$T/state-keys"; do
			[ ! -d "$folder" ] || chown -R "$T_USER" "$folder"
		done
	fi
	deskgate-deliver -c "$T/dg.conf" >"$T/keeper.log" 2>&1 3>&- &
	KEEPER=$!
	wait_for 20 test -S "$T/state/run/keeper/control.sock" ||
		{ cat "$T/keeper.log"; return 1; }
}
