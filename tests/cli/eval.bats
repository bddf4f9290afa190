#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Evaluating the filter: the protocol, the results, the figures.

load common

setup() {
	fresh </dev/null
	export TMPDIR=$T/tmp
	mkdir "$TMPDIR"
}
teardown() { done_with; }

# A value of the JSON in $output: PATH, as ".figures.ham".
of() {
	python3 -c 'import functools, json, sys
print(functools.reduce(lambda v, k: v[int(k)] if k.lstrip("-").isdigit() else v[k],
    sys.argv[1].strip(".").split("."), json.loads(sys.stdin.readline())))' "$1" <<<"$output"
}

# N of each class in turns, as an index.
index() {
	corpus "$1"
	for i in $(seq "$1"); do
		printf 'ham ham/%d\nspam spam/%d\n' "$i" "$i"
	done >"$T/index"
}

@test "each message is judged before its label is taught, unsure before activation" {
	index 60
	run deskgate eval --index "$T/index" --results "$T/results"
	[ "$status" -eq 0 ]
	[[ "$output" == *"judged                 120 messages: 60 ham, 60 spam"* ]]
	[ "$(wc -l <"$T/results")" -eq 120 ]
	# 64 labels in all are needed: the 65th is judged.
	[ "$(head -n 64 "$T/results" | grep -c ' unsure$')" -eq 64 ]
	[ "$(tail -n 20 "$T/results" | grep -c '^ham .* ham$')" -eq 10 ]
	[ "$(tail -n 20 "$T/results" | grep -c '^spam .* spam$')" -eq 10 ]
	# The first one meets an empty model.
	[ "$(head -n 1 "$T/results")" = "ham 0 unsure" ]
	[ -z "$(ls -A "$TMPDIR")" ]
}

@test "the same run gives the same results, with any number of readers" {
	index 30
	for readers in 1 2 5; do
		deskgate eval -i "$T/index" --readers "$readers" -r "$T/results.$readers"
	done
	cmp "$T/results.1" "$T/results.2"
	cmp "$T/results.1" "$T/results.5"
}

@test "Ham and Spam are judged only, HAM and SPAM taught only" {
	index 40
	sed 's/^ham/Ham/; s/^spam/Spam/' "$T/index" >"$T/judged"
	run deskgate eval --json -i "$T/judged"
	[ "$(expr $(of figures.ham) + $(of figures.spam))" -eq 80 ]
	[ "$(of model.records)" -eq 0 ]
	sed 's/^ham/HAM/; s/^spam/SPAM/' "$T/index" >"$T/taught"
	run deskgate eval --json -i "$T/taught"
	[ "$(expr $(of figures.ham) + $(of figures.spam))" -eq 0 ]
	[ "$(of model.records)" -gt 100 ]
	[ "$(of figures.error)" = None ]
}

@test "a label that comes later counts later" {
	index 60
	deskgate eval -i "$T/index" --delay 40 -r "$T/results"
	# 40 more than without: the 105th is the first that is judged.
	[ "$(head -n 104 "$T/results" | grep -c ' unsure$')" -eq 104 ]
	[ "$(tail -n 16 "$T/results" | grep -c ' unsure$')" -eq 0 ]
}

@test "wrong labels: the same for a seed, only taught, refused where contradicted" {
	index 100
	run deskgate eval --json -i "$T/index" --flip 10% --seed 3 -r "$T/results"
	[ "$status" -eq 0 ]
	flipped=$(of labels.flipped)
	[ "$flipped" -gt 5 ] && [ "$flipped" -lt 40 ]
	[ "$(of labels.refused)" -gt 0 ]
	[ "$(cut -d ' ' -f 1 "$T/results" | paste -sd ' ')" = \
		"$(cut -d ' ' -f 1 "$T/index" | paste -sd ' ')" ]
	deskgate eval -i "$T/index" --flip 0.1 --seed 3 -r "$T/again"
	cmp "$T/results" "$T/again"
	deskgate eval -i "$T/index" --flip 0.1 --seed 4 -r "$T/other"
	run cmp -s "$T/results" "$T/other"
	[ "$status" -eq 1 ]
	run deskgate eval --json -i "$T/index" --flip 10% --seed 3 --force
	[ "$(of labels.refused)" -eq 0 ]
	[ "$(of labels.flipped)" -eq "$flipped" ]
}

@test "thresholds and ceilings that mean nothing are refused" {
	for wrong in --spam-score=-5 --ham-score=5 --max-records=-5; do
		run deskgate eval -i "$T/index" "$wrong"
		[ "$status" -eq 64 ]
		[[ "$output" == *"${wrong%%=*} is "* ]]
	done
}

@test "thresholds on the command line count more than the settings" {
	index 60
	deskgate eval -i "$T/index" -r "$T/plain"
	deskgate eval -i "$T/index" --spam-score 1000 --ham-score -1000 -r "$T/wide"
	[ "$(grep -c ' unsure$' "$T/wide")" -eq 120 ]
	[ "$(cut -d ' ' -f 1,2 "$T/plain")" = "$(cut -d ' ' -f 1,2 "$T/wide")" ]
	printf 'training-margin = 0\n' >>"$T/dg.conf"
	run dg eval -i "$T/index" --json
	few=$(of labels.learnt)
	run dg eval -i "$T/index" --json --training-margin 1000
	[ "$(of labels.learnt)" -eq 120 ]
	[ "$few" -lt 60 ]
	# The records' ceiling holds in an evaluation too.
	run deskgate eval -i "$T/index" --json --training-margin 1000
	whole=$(of model.records)
	run deskgate eval -i "$T/index" --json --training-margin 1000 --max-records 500
	[ "$(of model.records)" -lt "$whole" ]
}

@test "who works figures out by the settings needs no right to what they name" {
	index 20
	mkdir "$T/closed"
	cat >>"$T/dg.conf" <<TXT
runtime-dir = "$T/closed/run"
spam-score = 3.5
inbox "support@example.com" { desk = "main" }
desk "main" {
	type = webhook
	url = "https://desk.example.net/"
	token-file = "$T/closed/token"
}
TXT
	chmod 0 "$T/closed"
	chmod 1777 "$TMPDIR"
	as=(env)
	[ "$(id -u)" -ne 0 ] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	run "${as[@]}" deskgate -c "$T/dg.conf" tune --json --ham "$T/ham" --spam "$T/spam" --kfold 2
	chmod 0700 "$T/closed"
	[ "$status" -eq 0 ]
	[ "$(of now.spam_score)" = 3.5 ]
}

@test "without headers only the body is looked at" {
	mkdir "$T/mail"
	for i in $(seq 40); do
		message "$T/mail/h$i" "h$i" "Question number $i" <<<"The same words for both."
		message "$T/mail/s$i" "s$i" "Cheap pills $i" <<<"The same words for both."
		printf 'ham mail/h%d\nspam mail/s%d\n' "$i" "$i"
	done >"$T/index"
	run deskgate eval --json -i "$T/index"
	[ "$(of curve.-1.wrong)" -eq 0 ]
	run deskgate eval --json -i "$T/index" --no-headers
	[ "$(of curve.-1.wrong)" -gt 5 ]
}

@test "what is wrong with an index is told with its line; a missing file as well" {
	printf 'ham a\n\neggs b\n' >"$T/index"
	run deskgate eval -i "$T/index"
	[ "$status" -eq 65 ]
	[[ "$output" == *"index:3: "* ]]
	printf 'ham gone\n' >"$T/index"
	run deskgate eval -i "$T/index"
	[ "$status" -eq 66 ]
	[[ "$output" == *"$T/gone: "* ]]
	run deskgate eval
	[ "$status" -eq 64 ]
	run deskgate eval -i "$T/index" --flip 7
	[ "$status" -eq 64 ]
}

at_work() { [ -n "$(ls -A "$TMPDIR"/*/model)" ]; }

@test "a signal ends it and nothing is left behind" {
	index 100
	for i in $(seq 40); do cat "$T/index"; done >"$T/long"
	for signal in INT TERM HUP; do
		deskgate eval -i "$T/long" >"$T/out" 2>&1 3>&- &
		pid=$!
		wait_for 10 at_work
		kill "-$signal" "$pid"
		code=0
		wait "$pid" || code=$?
		[ "$code" -eq 75 ]
		[ -z "$(ls -A "$TMPDIR")" ]
		grep -q 'ended by a signal' "$T/out"
	done
}

# The figures of a result list, worked out anew from their definitions: all pairs
# one by one, no sorting.
figures_by_definition() { # FILE
	python3 - "$1" <<'PY'
import math, sys
rows = [line.split() for line in open(sys.argv[1])]
ham = [float(s) for t, s, *v in rows if t == 'ham']
spam = [float(s) for t, s, *v in rows if t == 'spam']
roca = sum(1.0 if h > s else 0.5 if h == s else 0.0 for h in ham for s in spam)
roca *= 100 / (len(ham) * len(spam))
error = 100 * sum((float(s) > 0) != (t == 'spam') for t, s, *v in rows) / len(rows)
held = sum(t == 'ham' and v == 'spam' for t, s, v, *m in rows)
missed = sum(t == 'spam' and v != 'spam' for t, s, v, *m in rows)
# The lowest threshold among the scores above which at most a thousandth of ham is.
cut = min(c for c in ham + spam if 1000 * sum(h > c for h in ham) <= len(ham))
h01 = 100 * sum(s <= cut for s in spam) / len(spam)
def logit(k, n):
    p = min(max(k, 0.5), n - 0.5) / n
    return math.log(p / (1 - p))
lam = 100 / (1 + math.exp(-(logit(held, len(ham)) + logit(missed, len(spam))) / 2))
unsure = 100 * sum(v == 'unsure' for t, s, v, *m in rows) / len(rows)
print('%.6f %.6f %.6f %.6f %.6f %.6f %.6f' % (roca, error, h01, 100 * held / len(ham),
      100 * missed / len(spam), lam, unsure))
PY
}

figures_of() { # JSON
	for name in roca error h01 hm sm lam unsure; do
		printf '%.6f ' "$(output=$1; of "figures.$name")"
	done
}

@test "figures agree with their definitions to the last digit, ties included" {
	python3 - "$T" <<'PY'
import random, sys
rng = random.Random(5)
for name, digits in ('fine', 17), ('ties', 1), ('sign', 0):
    with open('%s/%s' % (sys.argv[1], name), 'w') as out:
        for i in range(2300):
            spam = rng.random() < 0.4
            score = round(rng.gauss(1.5 if spam else -1.5, 1), digits)
            verdict = 'spam' if score >= 1 else 'ham' if score <= -1 else 'unsure'
            out.write('%s %r %s\n' % ('spam' if spam else 'ham', score, verdict))
PY
	for name in fine ties sign; do
		[ "$(figures_of "$(deskgate eval --json --figures "$T/$name")")" = \
			"$(figures_by_definition "$T/$name") " ]
	done
	index 40
	run deskgate eval --json -i "$T/index" -r "$T/results" --flip 20%
	[ "$(figures_of "$output")" = "$(figures_by_definition "$T/results") " ]
	run deskgate eval --json --figures "$T/results"
	[ "$(figures_of "$output")" = "$(figures_by_definition "$T/results") " ]
}

@test "own mail: folders and mboxes, in folds, copies left out" {
	corpus 60
	for i in $(seq 30); do
		printf 'From someone@example.org Mon Nov  2 10:00:00 2026\n'
		cat "$T/spam/$i"
		printf '\n'
		rm "$T/spam/$i"
	done >"$T/mbox"
	cp "$T/ham/7" "$T/ham/copy"
	run deskgate eval --json --kfold 5 --ham "$T/ham" --spam "$T/spam" --spam "$T/mbox"
	[ "$status" -eq 0 ]
	[ "$(of figures.ham) $(of figures.spam)" = "60 60" ]
	[ "$(of twice)" = 1 ]
	[ "$(of folds.count)" = 5 ]
	[ "$(of folds.error.sd)" = 0.0 ]
	[ "$(of figures.wrong)" = 0 ]
	# Each fold has 96 lessons: enough to be called ham or spam.
	[ "$(of figures.unsure)" = 0.0 ]
	run deskgate eval --ham "$T/ham" --spam "$T/spam" --spam "$T/mbox"
	[[ "$output" == *"judged                 120 messages"* ]]
	[[ "$output" == *"learning curve"* ]]
	index 20
	run deskgate eval --kfold 4 -i "$T/index"
	[[ "$output" == *"over 4 folds"* ]]
	[ -z "$(ls -A "$TMPDIR")" ]
}

@test "own mail of one class, or too little of it, is refused" {
	corpus 3
	run deskgate eval --ham "$T/ham"
	[ "$status" -eq 64 ]
	mkdir "$T/none"
	run deskgate eval --kfold 5 --ham "$T/ham" --spam "$T/spam"
	[ "$status" -eq 65 ]
	[[ "$output" == *"3 ham and 3 spam"* ]]
	run deskgate eval --kfold 5 --ham "$T/none" --spam "$T/spam"
	[ "$status" -eq 65 ]
}

@test "of one class alone it says what can be said, and what not" {
	index 20
	grep ^ham "$T/index" >"$T/ham-only"
	run deskgate eval -i "$T/ham-only" -r "$T/results" --svg "$T/out.svg"
	[ "$status" -eq 0 ]
	[[ "$output" == *"judged                 20 messages: 20 ham, 0 spam"* ]]
	[[ "$output" == *"they need both classes, and no spam was judged"* ]]
	[[ "$output" == *"ham called spam "* && "$output" != *"spam not called spam"* ]]
	[[ "$output" != *nan* ]]
	run deskgate eval --figures "$T/results"
	[ "$status" -eq 0 ]
	[[ "$output" != *nan* ]]
	# Taught alone, nothing judged.
	sed 's/^ham/HAM/' "$T/ham-only" >"$T/taught-only"
	run deskgate eval -i "$T/taught-only" --svg "$T/out.svg"
	[ "$status" -eq 0 ]
	[[ "$output" == *"judged                 0 messages"* && "$output" != *nan* ]]
	run deskgate eval --figures /dev/null
	[ "$status" -eq 65 ]
	[[ "$output" == *"there is no line in it" ]]
}

@test "the drawing is a picture with both curves" {
	index 20
	deskgate eval -i "$T/index" --svg "$T/out.svg"
	python3 -c 'import sys, xml.dom.minidom as m
d = m.parse(sys.argv[1])
assert len(d.getElementsByTagName("polyline")) == 3' "$T/out.svg"
	run deskgate eval -i "$T/index" --svg "$T/none/out.svg"
	[ "$status" -ne 0 ]
	# A device is not replaced by a picture.
	ln -s /dev/full "$T/full"
	run deskgate eval -i "$T/index" --svg "$T/full"
	[ "$status" -eq 75 ]
	[ -L "$T/full" ]
	[ -c /dev/full ]
	ln -s /proc/self/fd/1 "$T/stdout"
	deskgate eval -i "$T/index" --results - --svg "$T/stdout" >"$T/both"
	[ -L "$T/stdout" ]
	[ "$(head -n 40 "$T/both" | grep -c '^\(ham\|spam\) ')" -eq 40 ]
	sed 1,40d "$T/both" | cmp - "$T/out.svg"
}

@test "tune keeps the wish, prints settings that hold, and doubts a small sample" {
	# 4,000 ham of which 8 look like spam, 1,000 spam of which 20 look like ham.
	python3 - >"$T/results" <<'PY'
for i in range(4000):
    print('ham', -90 + i / 50 if i < 3992 else 10 + i - 3992, 'ham')
for i in range(1000):
    print('spam', 20 + i / 20 if i >= 20 else -11 + i, 'spam')
PY
	run deskgate tune --json --results "$T/results"
	[ "$status" -eq 0 ]
	[ "$(of proposed.ham_held)" = 4 ]
	[ "$(of proposed.spam_score)" = 13.1 ]
	[ "$(of proposed.spam_passed)" = 5 ]
	[ "$(of proposed.ham_score)" = -6.1 ]
	[ "$(of enough)" = True ]
	run deskgate tune --results "$T/results" --wish-held 0
	[[ "$output" == *"WARNING: the sample is too small"* ]]
	[[ "$output" == *"spam-score = 17.1"* ]]
	run deskgate tune --results "$T/results" --wish-held 0.05%
	[[ "$output" == *"at least 6000 ham are needed"* ]]
	{ cat "$T/dg.conf"; grep -E '^[a-z-]+-score = ' <<<"$output"; } >"$T/new.conf"
	[ "$(wc -l <"$T/new.conf")" -gt "$(wc -l <"$T/dg.conf")" ]
	run deskgate -c "$T/new.conf" tune --json --results "$T/results" --wish-held 0.05%
	[ "$(of now.spam_score)" = "$(of proposed.spam_score)" ]
	# A ham threshold far out asks for as much as one of spam does.
	python3 - >"$T/results" <<'PY'
for i in range(100):
    print('ham', -20 + i / 10, 'ham')
    print('spam', 20 if i else -8.25, 'spam')
PY
	run deskgate tune --results "$T/results"
	[[ "$output" == *"ham-score = -8.3"* ]]
	{ cat "$T/dg.conf"; grep -E '^[a-z-]+-score = ' <<<"$output"; } >"$T/new.conf"
	run deskgate -c "$T/new.conf" tune --json --results "$T/results"
	[ "$status" -eq 0 ]
	[ "$(of now.ham_score)" = -8.3 ]
	[ "$(of refuse_score)" = 8.3 ]
}

@test "tune reads own mail, and results of both classes" {
	corpus 60
	run deskgate tune --ham "$T/ham" --spam "$T/spam" --kfold 4
	[ "$status" -eq 0 ]
	[[ "$output" == *"Of 60 ham 0 would be held"* ]]
	[[ "$output" == *"WARNING"* ]]
	index 20
	deskgate eval -i "$T/index" -r "$T/results"
	deskgate tune --results "$T/results"
	grep ^ham "$T/results" >"$T/ham-only"
	run deskgate tune --results "$T/ham-only"
	[ "$status" -eq 65 ]
}

@test "the bench of corpora makes its table, and says what it skips" {
	export top_builddir top_srcdir
	run env -u DESKGATE_CORPORA python3 "$top_srcdir/tests/bench/filter.py"
	[ "$status" -eq 0 ]
	[[ "$output" == "skipped: DESKGATE_CORPORA"* ]]
	index 40
	mkdir "$T/spamassassin"
	mv "$T/ham" "$T/spam" "$T/spamassassin"
	cp "$T/index" "$T/spamassassin/index"
	mv "$T/index" "$T/spamassassin/index.mixed"
	mkdir "$T/none"
	BENCH_PEERS="" BENCH_SEEDS="1 2" DESKGATE_CORPORA=$T top_builddir=$T/none \
		PATH=$PATH run python3 "$top_srcdir/tests/bench/filter.py"
	[ "$status" -eq 0 ]
	[[ "$output" == *"chinese: skipped"* ]]
	[[ "$output" == *"SpamAssassin mixed: 80 messages"* ]]
	[[ "$output" == *"speed not measured"* ]]
	[[ "$output" == *"SpamAssassin mixed, at most 100000 records"* ]]
	grep -Eq '^\| SpamAssassin mixed, 100,000 records: error, % \| [0-9.]+ \|' <<<"$output"
	grep -Eq '^\| SpamAssassin mixed: ham called spam, % \| 0 \| aim \|' <<<"$output"
	grep -Eq '^\| SpamAssassin mixed: spam caught, % \| [0-9.]+ \| MISSED \| >= 94 \|' <<<"$output"
}

@test "an index that is empty or has a NUL is refused, with the reason" {
	run deskgate eval -i /dev/null
	[ "$status" -eq 65 ]
	[[ "$output" == *"there is no line in it" ]]
	index 2
	printf 'ham ham/1\0\n' >>"$T/index"
	run deskgate eval -i "$T/index"
	[ "$status" -eq 65 ]
	[[ "$output" == *"a NUL is in it"* ]]
}

@test "an index of what is no file, and a pile without an end, are named" {
	corpus 20
	index 20
	mkfifo "$T/pipe"
	printf 'ham pipe\n' >>"$T/index"
	run timeout 60 deskgate eval -i "$T/index"
	[ "$status" -ne 124 ]
	[[ "$output" == *"pipe: it is no file"* ]]
	run timeout 60 deskgate eval --kfold 2 --ham "$T/ham" --spam /dev/zero
	[ "$status" -ne 124 ]
	[[ "$output" == *"a device"* ]]
}
