# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests of adapters share: their driver (tests/line/liveagent/drive.c), and what
# it prints, a line for each verb: "create ok 7".
: "${top_srcdir:?the source folder}" "${top_builddir:?the build folder}"
. "$top_srcdir/tests/mail.bash"
# As line.bash.
PATH=/usr/bin:$PATH
drive=$top_builddir/tests/line/liveagent/drive

build_drive() { make -s -C "$top_builddir" tests/line/liveagent/drive >&2; }

# The nth word of the line of a verb in $output.
word() { echo "$output" | awk -v verb="$1" -v n="$2" '$1 == verb { print $n }'; }

key() { printf '%032x' "$((RANDOM * 32768 + RANDOM))$$"; }

found_by_its_key() { # SETTINGS
	local k; k=$(key)
	run "$drive" -k "$k" -m twice@example.net "$1" create find
	[ "$status" -eq 0 ]
	[ "$(word create 3)" = "$(word find 3)" ]
	run "$drive" -k "$(key)" -m twice@example.net "$1" find
	[ "$status" -ne 0 ]
	[ "$(word find 2)" = notfound ]
}
