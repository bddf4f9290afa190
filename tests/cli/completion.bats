#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What bash and zsh complete of deskgate's words, by their own machinery.

load common

setup() {
	fresh </dev/null
	touch "$T/letter.eml"
}
teardown() { done_with; }

in_bash() { # the candidates for these words; the last one is being written
	bash --norc -c '. "$top_srcdir/contrib/completion/bash/deskgate"
		cd "$0" || exit
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_deskgate deskgate "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"' "$T" "$@" | sort -u | xargs
}

in_zsh() { # what a zsh shows when this is typed and the tab key pressed
	(cd "$T" && python3 "$top_srcdir/tests/press_tab.py" \
		"$top_srcdir/contrib/completion/zsh" "$1" 3>&-)
}

@test "bash completes commands, their second words, options and files" {
	[ "$(in_bash deskgate qua)" = quarantine ]
	[ "$(in_bash deskgate queue '')" = "drop list retry show" ]
	[ "$(in_bash deskgate queue r)" = retry ]
	[ "$(in_bash deskgate privacy consent '')" = "grant show withdraw" ]
	[ "$(in_bash deskgate -c dg.conf privacy consent g)" = grant ]
	[ "$(in_bash deskgate --j)" = --json ]
	[ "$(in_bash deskgate train --fo)" = --force ]
	[ "$(in_bash deskgate train --json --as someone h)" = ham ]
	[ "$(in_bash deskgate train '')" = "ham spam" ]
	# No word of ours: bash goes on with files.
	[ "$(in_bash deskgate train ham l)" = "" ]
	[ "$(in_bash deskgate frobnicate '')" = "" ]
	bash --norc -c '. "$top_srcdir/contrib/completion/bash/deskgate"; complete -p deskgate' |
		grep -q -- '-o default .*-F _deskgate deskgate'
}

@test "bash offers each command of the help, and for each its options" {
	deskgate --help | sed -n 's/^  \([a-z][a-z -]*[a-z]\)  .*/\1/p' >"$T/commands"
	[ "$(wc -l <"$T/commands")" -ge 70 ]
	# shellcheck disable=SC2016 # for the other shell
	bash --norc -c '. "$top_srcdir/contrib/completion/bash/deskgate"
		while read -ra words; do
			last=${words[-1]}
			COMP_WORDS=(deskgate "${words[@]}") COMP_CWORD=${#words[@]}
			_deskgate deskgate "$last" "${COMP_WORDS[COMP_CWORD - 1]}"
			[[ " ${COMPREPLY[*]} " == *" $last "* ]] ||
				echo "${words[*]} is not offered"
		done <"$0"' "$T/commands" >"$T/missing"
	cat "$T/missing"
	[ ! -s "$T/missing" ]
	[[ " $(in_bash deskgate tickets list -) " == *" --plain "* ]]
}

@test "zsh completes commands, their second words, options and files" {
	command -v zsh >/dev/null || skip "zsh is not installed"
	run in_zsh 'deskgate quar'
	echo "$output"
	[[ "$output" == *quarantine* ]]
	run in_zsh 'deskgate queue '
	echo "$output"
	[[ "$output" == *drop*list*retry*show* ]]
	run in_zsh 'deskgate train --fo'
	[[ "$output" == *--force* ]]
	run in_zsh 'deskgate train '
	[[ "$output" == *ham*spam* ]]
	run in_zsh 'deskgate train ham lett'
	[[ "$output" == *letter.eml* ]]
}
