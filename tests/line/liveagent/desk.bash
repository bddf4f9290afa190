# SPDX-License-Identifier: GPL-3.0-or-later
# What the LiveAgent tests share: settings, servers, the driver.
: "${top_srcdir:?the source folder}" "${top_builddir:?the build folder}"
here=$top_srcdir/tests/line/liveagent
drive=$top_builddir/tests/line/liveagent/drive
faultdesk=$here/faultdesk.py

build_drive() {
	make -s -C "$top_builddir" tests/line/liveagent/drive >&2
}

write_settings() { # URL DEPARTMENT [LINE...]
	printf 'test-key\n' >"$BATS_FILE_TMPDIR/token"
	chmod 600 "$BATS_FILE_TMPDIR/token"
	{
		[ -z "${GLOBAL:-}" ] || printf '%s\n' "$GLOBAL"
		printf 'desk "main" {\n\ttype = "liveagent"\n\turl = "%s"\n' "$1"
		printf '\ttoken-file = "%s"\n' "$BATS_FILE_TMPDIR/token"
		printf '\tdepartment = "%s"\n\ttimeout = 2s\n' "$2"
		[ $# -lt 3 ] || printf '\t%s\n' "${@:3}"
		printf '}\n'
	} >"$BATS_FILE_TMPDIR/desk.conf"
}

wait_for() { # SECONDS COMMAND...: until it succeeds
	local until=$((SECONDS + $1)); shift
	until "$@"; do
		[ $SECONDS -lt $until ] || return 1
		sleep 0.1
	done
}
