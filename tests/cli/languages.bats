#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What the command says in the reader's language, and what never changes with it.

load common

setup() {
	fresh </dev/null
	export DESKGATE_LOCALES=$top_builddir/po
}
teardown() { done_with; }

german() { LANGUAGE=de deskgate -c "$T/dg.conf" "$@"; }

@test "every text is translated, and takes the arguments that the code gives it" {
	"$top_srcdir/contrib/messages" --check
}

@test "help, complaints and tables are in the language that is asked for" {
	run german --help
	[ "$status" -eq 0 ]
	[[ "$output" == *Einstellung* ]]
	run german train --help
	[ "$status" -eq 0 ]
	[[ "$output" == *Einstellung* ]]
	LANGUAGE=es run dg train --help
	[ "$status" -eq 0 ]
	[[ "$output" == *ajustes* ]]
	run german queue list a-word
	[ "$status" -eq 64 ]
	[[ "$output" != *"it takes no words"* ]]
	message "$T/m" one "A question" <<<"Where is it?"
	dg train ham "$T/m"
	run german audit
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 "* && "$output" != *outcome* ]]
}

@test "a fault of the settings is told in it, with file and line" {
	printf 'spam-score = 5\nspam-score = 6\n' >>"$T/dg.conf"
	line=$(wc -l <"$T/dg.conf")
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"$T/dg.conf:$line:"* ]]
	english=$output
	run german check
	[ "$status" -eq 78 ]
	[[ "$output" == *"$T/dg.conf:$line:"* ]]
	[ "$output" != "$english" ]
}

@test "numbers keep their point, and JSON its words" {
	[ "$(german settings sample)" = "$(dg settings sample)" ]
	[ "$(german --json stats | sed 's/[0-9]//g')" = "$(dg --json stats | sed 's/[0-9]//g')" ]
	run german --json queue show none
	[ "$output" = "$(dg --json queue show none 2>&1)" ]
}

@test "what a keeper answers and keeps is English, also the one that a command is itself" {
	run dg quarantine show none
	english=$output
	[ "$status" -ne 0 ]
	run german quarantine show none
	[ "$output" = "$english" ]
	keeper
	run german quarantine show none
	[ "$output" = "$english" ]
}

@test "without a catalog, and in a locale that is not there, it is English" {
	english=$(deskgate --help)
	[ "$(LANGUAGE=xx deskgate --help)" = "$english" ]
	[ "$(LC_ALL=xx_XX.UTF-8 LANGUAGE=de deskgate --help)" = "$english" ]
	[ "$(DESKGATE_LOCALES=$T LANGUAGE=de deskgate --help)" = "$english" ]
	[ "$(LC_ALL=C LANGUAGE=de deskgate --help)" = "$english" ]
}

@test "the shells complete the same in every language" {
	complete_in() {
		LANGUAGE=$1 bash --norc -c '. "$top_srcdir/contrib/completion/bash/deskgate"
			COMP_WORDS=(deskgate train --) COMP_CWORD=2
			_deskgate deskgate -- train; printf "%s\n" "${COMPREPLY[@]}"'
	}
	[ -n "$(complete_in de)" ]
	[ "$(complete_in de)" = "$(complete_in en)" ]
}
