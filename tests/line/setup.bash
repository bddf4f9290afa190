# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests of `deskgate setup` share: a Deskgate, and an MTA that was never told
# of it.
. "$top_srcdir/tests/line/line.bash"

# A Deskgate alone; settings from standard input.
setup_deskgate() {
	LINE=$(mktemp -d "${LINE_PLACE:-/tmp}/deskgate-line.XXXXXX")
	chmod 0755 "$LINE"
	mkdir -p "$LINE/log"
	LINE_PORT=$(line_port)
	line_conf
	line_deskgate || { tail -n 30 "$LINE/log/deskgate.log"; return 1; }
}

# Whether both entries of the spool and tickets are so many.
setup_tickets() { [ "$(line_count tickets)" -eq "$1" ]; }
