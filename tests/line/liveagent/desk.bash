# SPDX-License-Identifier: GPL-3.0-or-later
# What the LiveAgent tests share: settings and servers.
: "${top_srcdir:?the source folder}"
. "$top_srcdir/tests/line/drive.bash"
here=$top_srcdir/tests/line/liveagent
faultdesk=$here/faultdesk.py

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
