# SPDX-License-Identifier: GPL-3.0-or-later
# A document's commands, run as they stand there, one after the other, but those that
# tests/cli/documents.not-run names with a reason.  A test may have its own of
#
#   paths           filters a command: a path, port or day that is another one here
#   ground HEADING  is called before the first command below that heading
#
# and what cannot be had here (systemd, another host) is a function of that name.
: "${top_builddir:?run by make check}" "${top_srcdir:?run by make check}"

paths() { cat; }
ground() { :; }

document() { # NAME: its path
	find "$top_srcdir" "$top_srcdir/contrib/doc" "$top_builddir/tools/man" -maxdepth 1 -name "$1" |
		head -n 1 | grep .
}

not_run=$top_srcdir/tests/cli/documents.not-run

# FILE: its commands as a script, for who cannot have them in his own shell.
script() { python3 "$top_srcdir/tests/documents.py" script "$(document "$1")" "$not_run"; }

# The names begin with walk_ for the commands' own variables are in the same shell.
walk() { # FILE
	local walk_all=() walk_n walk_under=- walk_text
	python3 "$top_srcdir/tests/documents.py" commands "$(document "$1")" "$not_run" \
		>"$BATS_TEST_TMPDIR/walk"
	mapfile -d '' -t walk_all <"$BATS_TEST_TMPDIR/walk"
	[ "${#walk_all[@]}" -gt 0 ]
	for ((walk_n = 0; walk_n < ${#walk_all[@]}; walk_n += 2)); do
		if [ "${walk_all[walk_n]}" != "$walk_under" ]; then
			walk_under=${walk_all[walk_n]}
			echo "== $walk_under"
			ground "$walk_under"
		fi
		walk_text=$(paths <<<"${walk_all[walk_n + 1]}")
		echo "\$ $walk_text"
		eval "$walk_text" </dev/null
	done
}

# A deskgate in the PATH that knows the settings of the test ($T/dg.conf).
deskgate_in_path() {
	mkdir "$T/bin"
	printf '#!/bin/sh\n[ "$1" = -c ] || set -- -c "%s" "$@"\nexec "%s" "$@"\n' \
		"$T/dg.conf" "$top_builddir/deskgate" >"$T/bin/deskgate"
	chmod 0755 "$T/bin/deskgate"
	PATH=$T/bin:$PATH
}
