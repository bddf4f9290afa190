#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual: well made, installed, whole (each command, option and setting has its
# text), and its examples do what they say.

load common

setup() { fresh </dev/null; }
teardown() { done_with; }

need_mandoc() { command -v mandoc >/dev/null || skip "mandoc is not installed"; }

pages() { # those that are more than a word for another one
	find "$top_builddir/tools/man" -name '*.[1-8]' -size +200c | sort
}

@test "mandoc has nothing to say of any page" {
	need_mandoc
	[ "$(pages | wc -l)" -ge 17 ]
	# What it cannot find is not installed; the next test looks for those.
	run bash -c 'mandoc -Tlint -W style "$@" | grep -v "referenced manual not found"' \
		- $(pages)
	echo "$output"
	[ "$output" = "" ]
}

@test "a page that another one names is there" {
	for page in $(pages); do
		while read -r name section; do
			[ -e "$top_builddir/tools/man/$name.$section" ] ||
				{ echo "$page names $name($section)"; return 1; }
		done < <(sed -n 's/^\.Xr \(deskgate[^ ]*\) \([1-8]\).*/\1 \2/p' "$page")
	done
}

@test "no page holds a word that make should have replaced" {
	run grep -l '@[a-z]*dir@\|@SETTINGS@' $(pages)
	[ "$status" -eq 1 ]
}

@test "make install puts them where man finds them, by each command's name too" {
	command -v man >/dev/null || skip "man is not installed"
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$top_builddir" install-man \
		DESTDIR="$T/root" mandir=/man >"$T/log" 2>&1 || { cat "$T/log"; return 1; }
	for page in deskgate-train deskgate-untrain deskgate.conf deskgate-milter; do
		run env MANPAGER=cat MANWIDTH=80 man -M "$T/root/man" "$page"
		[ "$status" -eq 0 ]
		[[ "$output" == *DESCRIPTION* ]]
	done
	deskgate --help | sed -n 's/^  \([a-z][a-z-]*\) .*/deskgate-\1/p' | sort -u >"$T/words"
	[ "$(wc -l <"$T/words")" -ge 20 ]
	while read -r page; do
		[ -e "$T/root/man/man1/$page.1" ] || { echo "no $page(1)"; return 1; }
	done <"$T/words"
}

@test "each command and each of its options has its text, and no other" {
	python3 "$top_srcdir/tests/manual.py" commands "$top_builddir"
}

@test "each setting has its text" {
	python3 "$top_srcdir/tests/manual.py" settings "$top_builddir"
}

@test "a setting or an option without text is found" {
	cp -r "$top_builddir/tools/man" "$T/man"
	sed -i 's/^\.It Fl f , Fl -force/.It Fl f/' "$T/man/deskgate-train.1"
	run python3 "$top_srcdir/tests/manual.py" commands "$top_builddir" "$T/man"
	[ "$status" -eq 1 ]
	[[ "$output" == *"train"*"--force"* ]]
	sed -i '/^\.It Ic "\\&spam\\-score"/,+1d' "$T/man/deskgate.conf.5"
	run python3 "$top_srcdir/tests/manual.py" settings "$top_builddir" "$T/man"
	[ "$status" -eq 1 ]
	[[ "$output" == *"spam-score"* ]]
}

letter() { # FROM SUBJECT
	printf '%s\n' "From: $1" "To: support@example.com" "Subject: $2" \
		"Message-ID: <$2@example.org>" "Date: Sun, 29 Nov 2026 10:00:00 +0000" '' \
		"A letter about $2."
}

# A state with a ticket and a held message, messages to work with, and a deskgate that
# knows its settings.
demonstration() {
	local name
	cat >>"$T/dg.conf" <<-'TXT'
	inbox "support@example.com" { }
	inbox "held@example.com" { action-unsure = quarantine }
	rule "letters" { subject = 'letter' tags = { "letter" } }
	TXT
	mkdir "$T/ham" "$T/spam" "$T/bin" "$T/backup" "$T/safe"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/backup" "$T/safe"
	for name in ham spam; do
		find "$top_srcdir/contrib/samples/$name" -name '*-en.eml' | sort | head -20 |
			xargs cp -t "$T/$name"
	done
	mkdir "$T/filtered-ham" "$T/filtered-spam"
	{ echo 'X-Bogosity: Ham, spamicity=0.1'; letter alice@example.org kept; } >"$T/filtered-ham/1"
	{ echo 'X-Bogosity: Spam, spamicity=0.9'; letter eve@example.net seen; } >"$T/filtered-spam/1"
	letter alice@example.org ham >"$T/ham.eml"
	letter mallory@example.net spam >"$T/spam.eml"
	printf '#!/bin/sh\nexec "%s" -c "%s" "$@"\n' "$top_builddir/deskgate" "$T/dg.conf" \
		>"$T/bin/deskgate"
	chmod 0755 "$T/bin/deskgate"
	PATH=$T/bin:$PATH
	keeper
	letter bob@example.org first | deskgate accept -i support@example.com
	wait_for 60 deskgate tickets show 1
	letter bob@example.org held | deskgate accept -i held@example.com
	wait_for 60 sh -c 'deskgate quarantine list --plain | grep -q .'
	id=$(deskgate quarantine list --plain | cut -f1)
}

@test "the examples of the pages on commands run" {
	local line count=0
	demonstration
	cd "$T"
	python3 "$top_srcdir/tests/manual.py" examples "$top_builddir"/tools/man/*.1 |
		sed -e "s#/backup#$T/backup#g" -e "s#/safe#$T/safe#g" >"$T/examples"
	while read -r line <&4; do
		echo "\$ $line"
		count=$((count + 1))
		case $line in
		"deskgate restore"*) kill "$KEEPER"; wait "$KEEPER" || true; KEEPER= ;;
		esac
		case $line in
		# It has no milter to find here, and says so.
		"deskgate doctor"*) run eval "$line"; [ "$status" -eq 1 ] ;;
		*) eval "$line" </dev/null ;;
		esac
		[ -n "$KEEPER" ] || keeper
	done 4<"$T/examples"
	[ "$count" -ge 40 ]
	[ -s "$T/alice.tar" ]
	[ -s "$T/sample.conf" ]
}

@test "the examples of the pages on settings are right settings" {
	local block blocks=0
	for page in deskgate.conf deskgate-rules; do
		python3 "$top_srcdir/tests/manual.py" displays "$top_builddir/tools/man/$page.5" \
			"$T/$page"
	done
	echo secret >"$T/main.token"
	chmod 0600 "$T/main.token"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/main.token"
	for block in "$T"/deskgate*.[0-9]; do
		blocks=$((blocks + 1))
		{
			printf 'state-dir = "%s/state"\n' "$T"
			grep -q '^inbox' "$block" || echo 'inbox "support@example.com" { }'
			grep -q '^user' "$block" || [ "$(id -u)" -ne 0 ] || echo "user = \"$T_USER\""
			sed -e "s#\"[^\"]*/main.token\"#\"$T/main.token\"#" \
				-e "s#\"deskgate\"#\"$T_USER\"#" -e "s#\"postfix\"#\"$(id -gn)\"#" "$block"
		} >"$T/dg.conf"
		run dg check
		echo "$output"
		[ "$status" -eq 0 ]
	done
	[ "$blocks" -ge 4 ]
}

@test "what deskgate-milter(8) has for Postfix is the socket of the settings" {
	run grep -h '^smtpd_milters' "$top_builddir/tools/man/deskgate-milter.8"
	[ "$status" -eq 0 ]
	socket=${output#*unix:}
	grep -q "^\.It Pa $socket\$" "$top_builddir/tools/man/deskgate-milter.8"
}
