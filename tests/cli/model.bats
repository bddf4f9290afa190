#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The model as a whole: does it add up, and as text.

load common

# Whatever the policy is: every label is learnt, so that order does not matter.
setup() { fresh <<<'training-margin = 1000'; }
teardown() { done_with; }

taught() { # N: as many of each class are learnt
	corpus "$1"
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
}

@test "model verify finds each record the sum of its lessons" {
	run dg model verify
	[ "$status" -eq 0 ]
	[[ "$output" == "0 records, 0 lessons: "* ]]
	taught 12
	run dg model verify
	[ "$status" -eq 0 ]
	[[ "$output" == *" records, 24 lessons: each record is the sum of its lessons" ]]
	dg untrain "$T/ham/3" "$T/spam/7"
	dg train --force spam "$T/ham/4"
	run dg model verify --json
	[ "$status" -eq 0 ]
	[[ "$output" == *'"lessons":22,"differences":0,'* ]]
}

@test "model dump is the same for the same lessons in another order" {
	taught 6
	dg model dump "$T/one"
	[ "$(stat -c %a "$T/one")" = 600 ]
	[ "$(head -n 1 "$T/one")" = "deskgate-model 1" ]
	[ "$(tail -n 1 "$T/one")" = "end" ]
	[ "$(dg model dump)" = "$(cat "$T/one")" ]
	dg untrain "$T/ham" "$T/spam"
	[ "$(dg model dump | wc -l)" -eq 6 ]
	dg train -q spam "$T/spam"
	dg train -q ham "$T/ham"
	dg model dump "$T/two"
	cmp "$T/one" "$T/two"
}

lessons_of() { dg model verify --json | sed 's/.*"lessons":\([0-9]*\).*/\1/'; }

@test "untrain takes back by Message-ID and by person" {
	taught 6
	dg model dump "$T/all"
	id=$(sed -n 's/^Message-ID: *//Ip' "$T/ham/2" | tr -d '\r')
	from=$(sed -n 's/^From:.*[< ]\([^< >]*@[^> ]*\).*/\1/Ip' "$T/spam/3" | tr -d '\r')
	run dg untrain --id "$id"
	[ "$status" -eq 0 ]
	[ "$output" = "$id: 1 taken back" ]
	run dg untrain --id "$id"
	[ "$status" -eq 65 ]
	[[ "$output" == "$id: nothing of it is in the journal"* ]]
	before=$(lessons_of)
	run dg untrain --json --person "$from" nobody
	[ "$status" -eq 65 ]
	[[ "${lines[0]}" == '{"person":"'"$from"'","outcome":"taken back","taken":'[1-9]* ]]
	[[ "${lines[1]}" == *'"error":"bad"'* ]]
	[ "$(lessons_of)" -lt "$before" ]
	run dg model verify
	[ "$status" -eq 0 ]
	grep -L "$from" "$T"/spam/* >"$T/others" || true
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	dg model dump "$T/again"
	cmp "$T/all" "$T/again"
}

@test "a dump with its lessons is the model again" {
	taught 6
	dg model dump --lessons "$T/lessons"
	dg model dump "$T/all"
	dg untrain -q "$T/ham/1"
	run dg model load "$T/lessons"
	[ "$status" -eq 65 ]
	[[ "$output" == *"--replace"* ]]
	dg model load --replace "$T/lessons"
	dg model dump | cmp - "$T/all"
	dg model rebuild
	dg model dump | cmp - "$T/all"
	run dg train ham "$T/ham/1"
	[[ "$output" == *"already known"* ]]
	head -n 20 "$T/all" >"$T/cut"
	run dg model load --replace - <"$T/cut"
	[ "$status" -eq 65 ]
	[[ "$output" == *"line 20"*"cut"* ]]
	dg model dump | cmp - "$T/all"
	run dg model verify
	[ "$status" -eq 0 ]
}

@test "another installation's counts come and go by name; another key's are refused" {
	taught 6
	dg model export "$T/export"
	printf 'state-dir = "%s/third"\n' "$T" >"$T/third.conf"
	deskgate -c "$T/third.conf" stats >"$T/stats"
	run deskgate -c "$T/third.conf" model import --as mx1 "$T/export"
	[ "$status" -eq 65 ]
	[[ "$output" == *"another feature key"* ]]
	cp "$T/state-keys/feature.key" "$T/third-keys/feature.key"
	deskgate -c "$T/third.conf" model import --as mx1 "$T/export"
	deskgate -c "$T/third.conf" stats >"$T/stats"
	grep -q '^import   "mx1": [2-6] ham, [2-6] spam, ' "$T/stats"
	deskgate -c "$T/third.conf" model dump >"$T/dump"
	grep -q '^source mx1 import [2-6] [2-6] 6 6 ' "$T/dump"
	deskgate -c "$T/third.conf" model verify
	run deskgate -c "$T/third.conf" model import --as mx1 "$T/export"
	[ "$status" -eq 65 ]
	deskgate -c "$T/third.conf" model forget mx1
	[ "$(deskgate -c "$T/third.conf" model dump | wc -l)" -eq 6 ]
	run deskgate -c "$T/third.conf" model forget mx1
	[ "$status" -eq 66 ]
	# A model of another key is not opened.
	deskgate -c "$T/third.conf" train -q ham "$T/ham"
	head -c 16 /dev/zero >"$T/third-keys/feature.key"
	run deskgate -c "$T/third.conf" stats
	[ "$status" -eq 65 ]
	[[ "$output" == *"another feature key"* ]]
}

@test "a starter is marked, and gone when own labels have come" {
	printf 'starter-labels = 4\n' >>"$T/dg.conf"
	corpus 8
	mkdir "$T/own"
	mv "$T/ham" "$T/own/ham"
	mv "$T/spam" "$T/own/spam"
	run dg model starter --ham "$top_srcdir/contrib/samples/ham" --spam "$top_srcdir/contrib/samples/spam"
	[ "$status" -eq 0 ]
	[[ "$output" == "starter: 100 ham and 100 spam, "*" of them learnt, 0 not read" ]]
	dg model verify
	dg stats >"$T/stats"
	grep -q '^labels   ham 0/10, spam 0/10, all 0/64' "$T/stats"
	grep -q '^starter  "starter": ' "$T/stats"
	dg model dump >"$T/dump"
	grep -q '^source starter starter ' "$T/dump"
	[ ! -e "$T/state/model/starter" ]
	run dg model starter --ham "$T/own/ham" --spam "$T/own/spam"
	[ "$status" -eq 65 ]
	[[ "$output" == *"model forget starter"* ]]
	dg train -q ham "$T/own/ham"
	dg train -q spam "$T/own/spam"
	dg model verify
	keeper
	wait_for 20 sh -c "! deskgate -c '$T/dg.conf' stats | grep -q starter"
	dg untrain -q "$T/own"/*/*
	[ "$(dg model dump | wc -l)" -eq 6 ]
}

@test "lessons older than journal-keep are nobody's, and a keeper folds them" {
	printf 'journal-keep = 1\n' >>"$T/dg.conf"
	taught 4
	dg model dump "$T/all"
	sleep 1.1
	keeper
	wait_for 20 sh -c "deskgate -c '$T/dg.conf' model verify | grep -q ' 0 lessons'"
	dg model dump | cmp - "$T/all"
	run dg untrain "$T/ham/1"
	[ "$status" -eq 65 ]
}

@test "a dump to a device is written to it, and fails where it does" {
	ln -s /dev/full "$T/full"
	run dg model dump "$T/full"
	[ "$status" -eq 75 ]
	[[ "$output" == *"$T/full: "* ]]
	[ -L "$T/full" ]
	dg model dump /dev/null
	[ -c /dev/null ]
	# Standard output by another name, as /dev/stdout is, stays one.
	ln -s /proc/self/fd/1 "$T/stdout"
	dg model dump "$T/dump"
	echo before >"$T/file"
	dg model dump "$T/stdout" >>"$T/file"
	[ -L "$T/stdout" ]
	{ echo before; cat "$T/dump"; } | cmp - "$T/file"
}

@test "an import with a damaged line before the first count is refused whole" {
	taught 3
	dg model export "$T/export"
	sed '6s/^./Z/' "$T/export" >"$T/damaged"
	run dg model import --as other "$T/damaged"
	[ "$status" -eq 65 ]
	[[ "$output" == *"line 6: this is no line of a model"* ]]
	sed '8s/$/\x00hidden/' "$T/export" >"$T/damaged"
	run dg model import --as other "$T/damaged"
	[ "$status" -eq 65 ]
	run dg model forget other
	[ "$status" -eq 66 ]
}

@test "a model of counts without a single lesson can be verified" {
	taught 3
	dg model dump "$T/all"
	dg model load --replace "$T/all"
	run dg model verify
	[ "$status" -eq 0 ]
	[[ "$output" == *" 0 lessons: each record is the sum of its lessons" ]]
}

@test "a starter is made of a corpus's folders by one command" {
	starter() { "$top_srcdir/contrib/starter-model" "$@"; }
	corpus 8
	mkdir -p "$T/package/data/easy_ham" "$T/package/data/spam_2"
	for i in $(seq 8); do # as it comes: of mailboxes, and with a list of what it is
		{ echo "From a@example.org Mon Nov  2 10:00:00 2026"; cat "$T/ham/$i"; } \
			>"$T/package/data/easy_ham/0000$i.txt"
		cp "$T/spam/$i" "$T/package/data/spam_2/0000$i.txt"
	done
	echo '{}' >"$T/package/data/spam_2/package.json"
	run starter -c "$T/dg.conf" "$T/package"
	[ "$status" -eq 0 ]
	[[ "$output" == *"starter: 8 ham and 8 spam, "*" of them learnt, 0 not read" ]]
	dg model dump >"$T/one"
	dg model forget starter
	dg model starter --ham "$T/ham" --spam "$T/spam"
	dg model dump | cmp - "$T/one"
	# What it cannot take is told, by the codes of all commands.
	run starter -c "$T/dg.conf" "$T/none"
	[ "$status" -eq 66 ]
	[[ "$output" == "starter-model: $T/none: no such folder" ]]
	run starter -c "$T/dg.conf" "$T/ham"
	[ "$status" -eq 66 ]
	[[ "$output" == *"has no folder of ham"* ]]
	for words in -c --deskgate --wrong "$T/package $T/ham"; do
		# shellcheck disable=SC2086
		run starter $words
		[ "$status" -eq 64 ]
		[[ "$output" == "usage: starter-model "* ]]
	done
	run starter --deskgate "$T/none" "$T/package"
	[ "$status" -eq 69 ]
}

@test "a starter of nothing that can be read says so" {
	run dg model starter --ham "$T/none" --spam "$T/none"
	[ "$status" -eq 66 ]
	[[ "$output" == *"no message could be read"* ]]
}
