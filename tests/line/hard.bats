#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The hard set: odd and broken mail from the test data of other projects, which
# stays out of this tree.  $DESKGATE_MIME is its folder or archive; without it,
# ../shared/mime/mime.tar.xz beside the source tree is looked for.

: "${top_srcdir:?run by tests/run}" "${top_builddir:?run by tests/run}"

setup_file() {
	local set=${DESKGATE_MIME:-$top_srcdir/../shared/mime/mime.tar.xz}
	if [ -d "$set" ]; then
		HARD=$set
	elif [ -f "$set" ]; then
		HARD=$BATS_FILE_TMPDIR/set
		mkdir "$HARD"
		tar xJf "$set" -C "$HARD"
	fi
	export HARD
}

setup() {
	[ -n "$HARD" ] ||
		skip "the hard set is not here: DESKGATE_MIME names its folder or archive"
}

# Many files to a process, as deskgate score has them.
read_all() { # PROGRAM OPTION...
	find "$HARD" -type f -print0 | sort -z | xargs -0 -n 1000 "$@"
}

@test "the hard set: no report under the sanitizers" {
	grep -q '^#define WITH_SANITIZERS' "$top_builddir/config.h" ||
		skip "this build has no sanitizers"
	make -s -C "$top_builddir" tests/hard/hard_mime
	run read_all "$top_builddir/tests/hard/hard_mime" -q -s 20000 -m 2000
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" =~ [1-9][0-9]*\ files ]]
}

@test "the hard set: each within a second and 256 MB in a plain build" {
	local build=$top_builddir
	if grep -q '^#define WITH_SANITIZERS' "$build/config.h"; then
		build=$BATS_FILE_TMPDIR/plain
		mkdir "$build"
		(cd "$build" && "$top_srcdir/configure" -q)
	fi
	make -s -j2 -C "$build" tests/hard/hard_mime
	run read_all "$build/tests/hard/hard_mime" -q
	grep messages <<<"$output" | sed 's/^/# /' >&3
	[ "$status" -eq 0 ]
	[[ "$output" =~ [1-9][0-9]*\ files ]]
}
