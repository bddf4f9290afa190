#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What README.md shows, from contrib/quickstart on: on a tree of the test's own, where the
# packages are taken to be there, the build is the one under test, and no user is made.

load line.bash
. "$top_srcdir/tests/documents.bash"

setup() {
	line_need_root
	T=$(mktemp -d /tmp/deskgate-quickstart.XXXXXX)
	chmod 0755 "$T"
	export DESKGATE_DEMO=$T/demo DESKGATE_DEMO_PORT
	DESKGATE_DEMO_PORT=$(line_port)
	mkdir -p "$T/tree/build-demo"
	cp -r "$top_srcdir/contrib" "$T/tree"
	cd "$T/tree"
	: >contrib/packages
	sed -i 's/^user=deskgate$/user=nobody/' contrib/quickstart
	printf '#!/bin/sh\n' >configure
	chmod 0755 configure
	printf 'all:\n' >build-demo/Makefile
	ln -s "$top_builddir/deskgate" "$top_builddir/deskgate-milter" "$top_builddir/deskgate-deliver" build-demo
}

teardown() {
	[ -z "${T:-}" ] || contrib/quickstart clean 3>&-
	rm -rf "${T:-}"
}

demo() { "$T/tree/contrib/quickstart" "$@" 3>&-; }

@test "what README.md shows is done as it says" {
	contrib/quickstart() { demo "$@" >shown; }
	deskgate() { demo deskgate "$@" --folder "$DESKGATE_DEMO/postfix/etc"; }
	walk README.md
	cat shown
	# It prints what README.md has, but for numbers and reasons.
	[ "$(head -n 1 shown)" = "packages: all there" ]
	grep -qx "teach: 100 ham and 100 spam of contrib/samples" shown
	grep -q "^MESSAGE  *VERDICT STANDS AS  *WHY$" shown
	[ "$(grep -cE '^[a-z]+-[^ ]+ +(ham|spam|unsure) +(ticket [0-9]+|quarantine) +[a-z]' shown)" -eq 20 ]
	grep -qE '^ham-login-problem-ja +ham +ticket ' shown
	grep -qE '^ham-refund-question-de +ham +ticket ' shown
	grep -qE '^spam-crypto-giveaway +spam +quarantine ' shown
	sed -n 's/^ *\(\(send a message\|see the tickets\|ask why\)  *contrib\)/\1/p' "$top_srcdir/README.md" >"$T/hints"
	[ "$(wc -l <"$T/hints")" -eq 3 ]
	sed 's/^ *//' shown | grep -cxF -f "$T/hints" | grep -qx 3
	demo deskgate tickets list | grep support@example.com
	demo send contrib/samples/new/ham-login-problem-ja.eml
	demo deskgate explain contrib/samples/new/ham-login-problem-ja.eml | grep -q .
	demo stop
	demo clean
	[ ! -e "$DESKGATE_DEMO" ]
}
