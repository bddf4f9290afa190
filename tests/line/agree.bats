#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What other projects' tests expect of their mail, beside what Deskgate makes of it.  The
# sets stay out of this tree: $DESKGATE_MIME, as for hard.bats.

: "${top_srcdir:?run by tests/run}" "${top_builddir:?run by tests/run}"

setup_file() {
	local set=${DESKGATE_MIME:-$top_srcdir/../shared/mime/mime.tar.xz}
	if [ -d "$set" ]; then
		AGREE=$set
	elif [ -f "$set" ]; then
		AGREE=$BATS_FILE_TMPDIR/set
		mkdir "$AGREE"
		tar xJf "$set" -C "$AGREE"
		AGREE=$(dirname "$(dirname "$(find "$AGREE" -maxdepth 3 -path '*/zammad/test')")")
	fi
	export AGREE
}

@test "other projects' expected results: each disagreement is known, and why" {
	[ -n "$AGREE" ] ||
		skip "the sets are not here: DESKGATE_MIME names their folder or archive"
	make -s -C "$top_builddir" tests/hard/fields
	run "$top_srcdir/tests/hard/agree.py" "$AGREE" "$top_builddir/tests/hard/fields"
	grep ': agree ' <<<"$output" | sed 's/^/# /' >&3
	echo "$output"
	[ "$status" -eq 0 ]
}
