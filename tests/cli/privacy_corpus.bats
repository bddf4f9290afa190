#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Erasing people leaves a model equal, record for record, to one into which the same
# lessons without theirs were replayed: 10 people of our own samples, and 100 of a public
# corpus when DESKGATE_CORPUS_FOLDER names a folder with its "index.mixed".

load common

setup() { fresh </dev/null; }
teardown() { done_with; }

# A state beside, of the same key: $T/NAME, its settings $T/NAME.conf.
beside() { # NAME
	rm -rf "$T/$1" "$T/$1-keys"
	printf 'state-dir = "%s/%s"\n' "$T" "$1" >"$T/$1.conf"
	deskgate -c "$T/$1.conf" stats >/dev/null
	cp "$T/state-keys/feature.key" "$T/$1-keys/feature.key"
}

# Lines "CLASS PATH" in, lessons in the order of the lines.
teach() { # CONF
	local class paths
	while read -r class paths; do
		printf '%s\n' "$paths" >>"$T/teach.$class"
	done
	for class in ham spam; do
		[ ! -s "$T/teach.$class" ] || xargs -r -d '\n' deskgate -c "$1" \
			train -q --force "$class" <"$T/teach.$class"
		rm -f "$T/teach.$class"
	done
}

names() { sed -n 's/^lesson \([0-9a-f]*\) .*/\1/p' "$1"; } # of a dump's lessons

# One person erased: what is left equals the replay of all lessons but those that the
# person's messages, taught alone, are named by.  Its lines stand in $T/people/ADDRESS.
erased_equals_replayed() { # ADDRESS
	dg model dump --lessons "$T/before"
	beside alone
	teach "$T/alone.conf" <"$T/people/$1"
	deskgate -c "$T/alone.conf" model dump --lessons "$T/alone.dump"
	names "$T/alone.dump" >"$T/theirs"
	python3 "$top_srcdir/tests/without.py" "$T/before" "$T/theirs" \
		>"$T/rest" 2>"$T/trained" || return 1
	[ "$(cat "$T/trained")" = 0 ] || trained=$((trained + 1))
	dg privacy erase "$1" >/dev/null
	dg model dump "$T/left"
	beside replay
	deskgate -c "$T/replay.conf" model load "$T/rest" >/dev/null
	deskgate -c "$T/replay.conf" model dump "$T/replayed"
	! cmp -s "$T/before.counts" "$T/left" && cmp "$T/left" "$T/replayed"
	cp "$T/left" "$T/before.counts"
}

# As many people, of those in the lines who taught something, at random.
people() { # LINES N
	mkdir -p "$T/people"
	teach "$T/dg.conf" <"$1"
	python3 "$top_srcdir/tests/senders.py" "$1" "$T/people"
	ls "$T/people" | shuf --random-source="$top_srcdir/LICENSE" -n "$2" >"$T/chosen"
	[ "$(wc -l <"$T/chosen")" -eq "$2" ]
	dg model dump "$T/before.counts"
	equal=0 trained=0
	while read -r address; do
		if erased_equals_replayed "$address"; then
			equal=$((equal + 1))
		else
			echo "$address: not equal"
		fi
	done <"$T/chosen"
	echo "# equal: $equal of $2, of whom $trained had changed the counts" >&3
	[ "$equal" -eq "$2" ]
	[ "$trained" -gt 0 ]
	dg model verify
}

@test "10 people of our own samples erased: the model is what the others make" {
	for class in ham spam; do
		find "$top_srcdir/contrib/samples/$class" -type f ! -name '.*' |
			sort | sed "s/^/$class /"
	done >"$T/lines"
	people "$T/lines" 10
}

@test "100 people of a public corpus erased: the model is what the others make" {
	[ -n "${DESKGATE_CORPUS_FOLDER:-}" ] || skip "DESKGATE_CORPUS_FOLDER names no corpus"
	sed "s,^\([a-z]*\) ,\1 $DESKGATE_CORPUS_FOLDER/," \
		"$DESKGATE_CORPUS_FOLDER/index.mixed" |
		shuf --random-source="$top_srcdir/LICENSE" -n "${PRIVACY_LESSONS:-1000}" >"$T/lines"
	people "$T/lines" 100
}
