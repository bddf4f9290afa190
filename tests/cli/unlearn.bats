#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Lessons taken back out of many leave what the others make: on our own sample
# mail, and on a public corpus when DESKGATE_CORPUS_FOLDER names a folder with
# its "index.mixed" (lines "ham PATH" or "spam PATH").

load common

setup() { fresh </dev/null; }
teardown() { done_with; }

RANDOMLY="--random-source=$top_srcdir/LICENSE"

samples() { # prints CLASS PATH of all of our own samples
	for class in ham spam; do
		find "$top_srcdir/contrib/samples/$class" -type f ! -name '.*' |
			sort | sed "s/^/$class /"
	done
}

corpus_lines() {
	[ -n "${DESKGATE_CORPUS_FOLDER:-}" ] || return 1
	sed "s,^\([a-z]*\) ,\1 $DESKGATE_CORPUS_FOLDER/," \
		"$DESKGATE_CORPUS_FOLDER/index.mixed"
}

teach_all() { # in turns, as the lines of standard input say
	local part class
	awk -v dir="$T" '{ n = int((NR - 1) / 100); print $2 > (dir "/part." n "." $1) }'
	for part in $(cd "$T" && ls part.* | sort -t. -k2n -k3); do
		class=${part##*.}
		xargs -r -d '\n' deskgate -c "$T/dg.conf" train -q --force "$class" <"$T/$part"
	done
}

beside() { # another state of the same key
	printf 'state-dir = "%s/beside"\n' "$T" >"$T/beside.conf"
	deskgate -c "$T/beside.conf" stats >"$T/stats"
	cp "$T/state-keys/feature.key" "$T/beside-keys/feature.key"
}

take_back_100() { # LIST: a hundred of these paths, in random order
	shuf "$RANDOMLY" -n 100 "$1" >"$T/gone"
	xargs -d '\n' deskgate -c "$T/dg.conf" untrain -q <"$T/gone"
}

exactly() { # LINES: files with lines CLASS PATH
	teach_all <"$1"
	dg model verify
	cut -d' ' -f2 "$1" >"$T/paths"
	take_back_100 "$T/paths"
	dg model verify
	dg model dump "$T/left"
	dg model dump --lessons "$T/rest"
	[ "$(grep -c '^lesson ' "$T/rest")" -eq $(($(wc -l <"$1") - 100)) ]
	beside
	deskgate -c "$T/beside.conf" model load "$T/rest"
	deskgate -c "$T/beside.conf" model dump "$T/replayed"
	cmp "$T/left" "$T/replayed"
	deskgate -c "$T/beside.conf" model rebuild
	deskgate -c "$T/beside.conf" model dump | cmp - "$T/left"
	dg model rebuild
	dg model dump | cmp - "$T/left"
}

within_ceiling() { # LINES RECORDS
	printf 'max-records = %s\n' "$2" >>"$T/dg.conf"
	teach_all <"$1"
	[ "$(dg stats --json | sed 's/.*"records":\([0-9]*\),"bytes.*/\1/')" -le "$2" ]
	dg model verify
	cut -d' ' -f2 "$1" >"$T/paths"
	take_back_100 "$T/paths"
	dg model verify
	dg model rebuild
	dg model verify
}

@test "100 samples taken back: the model is what the others make, byte for byte" {
	samples | shuf "$RANDOMLY" >"$T/lines"
	exactly "$T/lines"
}

taught_by() { # CONF LINES ACTOR: lines CLASS PATH
	local class
	for class in ham spam; do
		sed -n "s/^$class //p" "$2" |
			xargs -r -d '\n' deskgate -c "$1" train -q --force --as "$3" "$class"
	done
}

# Whatever the policy is: every label is learnt, so that order does not matter.
@test "all that one has taught is taken back: the model is what the others taught, byte for byte" {
	printf 'training-margin = 1000\ntrain-rate = 0\n' >>"$T/dg.conf"
	samples | shuf "$RANDOMLY" >"$T/lines"
	head -n 40 "$T/lines" >"$T/alice"
	tail -n +41 "$T/lines" >"$T/mallory"
	for n in $(seq 60); do # more of his than one portion
		printf 'From: m%s@example.net\nSubject: Prize %s\nMessage-ID: <%s@example.net>\n\nPrize %s is yours.\n' \
			"$n" "$n" "$n" "$n" >"$T/more-$n"
		echo "spam $T/more-$n" >>"$T/mallory"
	done
	taught_by "$T/dg.conf" "$T/alice" imap:alice
	taught_by "$T/dg.conf" "$T/mallory" imap:mallory
	# One of his was called the opposite by another since, and is not his any more.
	read -r class path <"$T/mallory"
	[ $class = ham ] && class=spam || class=ham
	echo "$class $path" >>"$T/alice"
	dg train -q --force --as imap:alice $class "$path"
	his=$(($(wc -l <"$T/mallory") - 1))
	[ "$his" -gt 200 ]
	run dg untrain --by imap:mallory
	[ "$status" -eq 0 ]
	[ "$output" = "imap:mallory: $his taken back" ]
	dg model verify
	dg model dump "$T/left"
	beside
	printf 'training-margin = 1000\ntrain-rate = 0\n' >>"$T/beside.conf"
	taught_by "$T/beside.conf" "$T/alice" imap:alice
	deskgate -c "$T/beside.conf" model dump | cmp - "$T/left"
	dg model rebuild
	dg model dump | cmp - "$T/left"

	# Nobody is left of that name; the others are told apart.
	run dg untrain --json --by imap:mallory imap:ali imap:nobody
	[ "$status" -eq 65 ]
	[ "$(grep -c '"error":"notfound"' <<<"$output")" -eq 3 ]
	dg audit --json | grep -q '"act": *"untrain"'
	# By his alias too, as when the name is forgotten.
	alias=$(dg operator list --json | python3 -c 'import json, sys
print(next(one["alias"] for one in json.load(sys.stdin)["operators"]
           if one["operator"] == "imap:alice"))')
	dg operator delete imap:alice
	run dg untrain --by imap:alice
	[ "$status" -eq 65 ]
	run dg untrain --by "$alias"
	[ "$output" = "$alias: 41 taken back" ]
	[ "$(dg model dump | wc -l)" -eq 6 ]
	run dg untrain --by --id x
	[ "$status" -eq 64 ]
}

@test "100 samples taken back under a ceiling: each record is the sum of the others" {
	samples | shuf "$RANDOMLY" >"$T/lines"
	within_ceiling "$T/lines" 20000
}

@test "100 messages of a public corpus taken back, byte for byte" {
	corpus_lines >"$T/lines" || skip "DESKGATE_CORPUS_FOLDER names no corpus"
	# The same message twice is one lesson.
	while read -r class path; do
		printf '%s %s %s\n' "$(md5sum <"$path" | cut -c1-32)" "$class" "$path"
	done <"$T/lines" | awk '!seen[$1]++ { print $2, $3 }' >"$T/once"
	teach_all <"$T/once"
	dg model verify
	lessons=$(dg model verify --json | sed 's/.*"lessons":\([0-9]*\).*/\1/')
	cut -d' ' -f2 "$T/once" >"$T/paths"
	shuf "$RANDOMLY" -n 100 "$T/paths" >"$T/gone"
	xargs -d '\n' deskgate -c "$T/dg.conf" untrain -q <"$T/gone" || true
	dg model verify
	dg model dump "$T/left"
	dg model dump --lessons "$T/rest"
	[ "$(grep -c '^lesson ' "$T/rest")" -le $((lessons - 90)) ]
	beside
	deskgate -c "$T/beside.conf" model load "$T/rest"
	deskgate -c "$T/beside.conf" model dump | cmp - "$T/left"
}

@test "100 messages of a public corpus taken back under a ceiling" {
	corpus_lines >"$T/lines" || skip "DESKGATE_CORPUS_FOLDER names no corpus"
	printf 'max-records = 200000\n' >>"$T/dg.conf"
	teach_all <"$T/lines"
	dg model verify
	cut -d' ' -f2 "$T/lines" | shuf "$RANDOMLY" -n 100 >"$T/gone"
	xargs -d '\n' deskgate -c "$T/dg.conf" untrain -q <"$T/gone" || true
	dg model verify
}
