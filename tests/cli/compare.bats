#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Our verdicts beside another filter's: what stands in the headers, what is scored now,
# and the real programs where they are installed.

load common

setup() {
	fresh </dev/null
	mkdir "$T/mail"
}
teardown() {
	[ -z "${SERVER:-}" ] || { kill "$SERVER" && wait "$SERVER"; } || true
	done_with
}

# A letter with these header lines on top: NAME LINE...
letter() {
	local name=$1
	shift
	message "$T/plain" "$(basename "$name")" "About $name" <<<"A few words."
	{ printf '%s\n' "$@"; cat "$T/plain"; } >"$T/$name"
	rm "$T/plain"
}

# A value of the last line of $output: PATH, as "filters.bogofilter.same".
of() {
	python3 -c 'import functools, json, sys
print(functools.reduce(lambda v, k: v[k], sys.argv[1].split("."),
    json.loads(sys.stdin.read().strip().splitlines()[-1])))' "$1" <<<"$output"
}

@test "what both have written is set side by side, without a keeper or a state" {
	letter mail/1 'X-Deskgate-Verdict: ham' 'X-Bogosity: Ham, spamicity=0.0'
	letter mail/2 'X-Deskgate-Verdict: ham' 'X-Bogosity: Spam, spamicity=1.0'
	letter mail/3 'X-Deskgate-Verdict: unsure' 'X-Bogosity: Unsure, spamicity=0.5'
	letter mail/4 'X-Deskgate-Verdict: spam' 'X-Bogosity: Unsure, spamicity=0.6' \
		'X-Spam-Status: Yes, score=7.1 required=5.0'
	letter mail/5 'X-Deskgate-Verdict: spam' 'X-Deskgate-Score: +4.10'
	run deskgate compare "$T/mail"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"5 messages: 0 were scored now"* ]]
	[[ "$output" == *"bogofilter: 4 messages have both; the same 2 (50.0 %), ham against spam 1"* ]]
	[[ "$output" == *"spamassassin: 1 messages have both; the same 1 (100.0 %)"* ]]
	[ "$(grep -c "ours: " <<<"$output")" -eq 6 ]
	# Ham against spam comes first.
	[[ "$(grep -A1 ^OURS <<<"$output" | tail -1)" == "ham "*"bogofilter"*"spam 1.00"*"/mail/2"*"<2@client.example.org>"* ]]
	[ "$(grep -c "/mail/" <<<"$output")" -eq 2 ]
	run deskgate compare --list 1 "$T/mail"
	[[ "$output" == *"and 1 more (--list 2)"* ]]
	run deskgate compare --json "$T/mail"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 6 ]
	[ "$(of filters.bogofilter.ours_by_theirs.ham.spam)" -eq 1 ]
	[ "$(of filters.bogofilter.ours_by_theirs.spam.unsure)" -eq 1 ]
	[ "$(of messages) $(of scored_now) $(of failed)" = "5 0 0" ]
	[ ! -e "$T/state" ]
}

@test "with labels it says how often each was wrong" {
	mkdir "$T/ham" "$T/spam"
	letter ham/1 'X-Deskgate-Verdict: ham' 'X-SpamProbe: GOOD 0.1 a'
	letter ham/2 'X-Deskgate-Verdict: ham' 'X-SpamProbe: SPAM 0.9 a'
	letter spam/1 'X-Deskgate-Verdict: unsure' 'X-SpamProbe: GOOD 0.1 a'
	letter spam/2 'X-Deskgate-Verdict: spam' 'X-SpamProbe: SPAM 0.9 a'
	run deskgate compare --ham "$T/ham" --spam "$T/spam"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"of     2 ham,     2 spam"* ]]
	[[ "$output" == *"  deskgate               0 (  0.00 %)        0        0 (  0.00 %)        1"* ]]
	[[ "$output" == *"  spamprobe              1 ( 50.00 %)        0        1 ( 50.00 %)        0"* ]]
	printf '%s\n' 'ham ham/1' 'ham ham/2' 'spam spam/1' 'spam spam/2' >"$T/index"
	run deskgate compare --json --index "$T/index"
	[ "$(of filters.spamprobe.ours.spam.unsure)" -eq 1 ]
	[ "$(of filters.spamprobe.theirs.ham.spam)" -eq 1 ]
	[ "$(of filters.spamprobe.theirs.spam.ham)" -eq 1 ]
}

@test "what has no verdict of ours is scored now, also out of an mbox" {
	corpus 40
	dg train --quiet --ham "$T/ham" --spam "$T/spam"
	for i in 1 2 3; do
		for class in ham spam; do
			printf 'From someone@example.org Mon Nov  2 10:00:00 2026\n'
			printf 'X-Bogosity: %s, spamicity=0.5\n' "${class^}"
			cat "$T/$class/$i"
			printf '\n'
		done
	done >"$T/mbox"
	run dg compare --json "$T/mbox"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(of scored_now)" -eq 6 ]
	[ "$(of filters.bogofilter.same)" -eq 6 ]
	# Its own word counts no more when all is scored again.
	letter mail/1 'X-Deskgate-Verdict: spam' 'X-Bogosity: Ham, spamicity=0.1'
	cat "$T/ham/4" >>"$T/mail/1"
	run dg compare --json --again "$T/mail/1"
	[ "$(of scored_now)" -eq 1 ]
}

@test "a model that knows nothing is told of" {
	letter mail/1 'X-Bogosity: Ham, spamicity=0.1'
	run dg compare "$T/mail"
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 of them by a model that knows too little"* ]]
}

@test "two fields that contradict each other are not believed" {
	letter mail/1 'X-Deskgate-Verdict: spam' 'X-Bogosity: Spam, spamicity=1.0'
	letter mail/2 'X-Deskgate-Verdict: spam' 'X-Bogosity: Ham, spamicity=0.0' \
		'X-Bogosity: Spam, spamicity=1.0'
	run deskgate compare "$T/mail"
	[ "$status" -eq 0 ]
	[[ "$output" == *"bogofilter: 1 messages have both"* ]]
	[[ "$output" == *"1 more have several fields"* ]]
}

@test "nothing of a message acts on the terminal" {
	letter mail/1 'X-Deskgate-Verdict: ham' 'X-Bogosity: Spam, spamicity=1.0'
	sed -i $'s/^Message-ID:.*/Message-ID: <a\e[31m\u202ered@example.org>/' "$T/mail/1"
	run deskgate compare "$T/mail"
	[ "$status" -eq 0 ]
	[[ "$output" == *"@example.org>"* ]]
	[[ "$output" != *$'\e'* ]]
	[[ "$output" != *$'\u202e'* ]]
}

@test "wrong calls, missing files and mail of no other filter are told" {
	letter mail/1 'X-Deskgate-Verdict: ham'
	run deskgate compare
	[ "$status" -eq 64 ]
	run deskgate compare - <"$T/mail/1"
	[ "$status" -eq 64 ]
	[[ "$output" == *"standard input"* ]]
	run deskgate compare --list -1 "$T/mail"
	[ "$status" -eq 64 ]
	run deskgate compare "$T/mail"
	[ "$status" -eq 65 ]
	[[ "$output" == *"no message has a field of another filter"* ]]
	letter mail/2 'X-Deskgate-Verdict: ham' 'X-Bogosity: Ham, spamicity=0.0'
	run deskgate compare "$T/mail" "$T/gone"
	[ "$status" -eq 65 ]
	[[ "$output" == *"$T/gone: "* ]]
	[[ "$output" == *"bogofilter: 1 messages have both"* ]]
}

# --- the real programs ---

need() { command -v "$1" >/dev/null || skip "$1 is not installed"; }

# Teaches us 40 of each class; $T/new/ham-41 ... are for the filters.
taught() {
	corpus 44
	mkdir "$T/new" "$T/seen"
	for class in ham spam; do
		for i in 41 42 43 44; do mv "$T/$class/$i" "$T/new/$class-$i"; done
	done
	dg train --quiet --ham "$T/ham" --spam "$T/spam"
}

@test "bogofilter" {
	need bogofilter
	taught
	mkdir "$T/words"
	for i in $(seq 40); do
		bogofilter -C -d "$T/words" -n -I "$T/ham/$i"
		bogofilter -C -d "$T/words" -s -I "$T/spam/$i"
	done
	for file in "$T"/new/*; do
		bogofilter -C -d "$T/words" -e -p -I "$file" >"$T/seen/${file##*/}"
	done
	grep -q '^X-Bogosity: ' "$T/seen/ham-41"
	run dg compare --json "$T/seen"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(of filters.bogofilter.messages)" -eq 8 ]
	[ "$(of filters.bogofilter.opposed)" -eq 0 ]
	[ "$(of filters.bogofilter.ours_by_theirs.spam.spam)" -ge 3 ]
}

@test "SpamProbe" {
	need spamprobe
	taught
	mkdir "$T/words"
	spamprobe -d "$T/words" create-db
	spamprobe -d "$T/words" good "$T"/ham/*
	spamprobe -d "$T/words" spam "$T"/spam/*
	for file in "$T"/new/*; do
		{ echo "X-SpamProbe: $(spamprobe -d "$T/words" score "$file")"; cat "$file"; } \
			>"$T/seen/${file##*/}"
	done
	run dg compare --json "$T/seen"
	echo "$output"
	[ "$(of filters.spamprobe.messages)" -eq 8 ]
	[ "$(of filters.spamprobe.same)" -ge 6 ]
}

@test "SpamAssassin" {
	need spamassassin
	taught
	# The mark that each of them calls spam.
	printf '%s\n' 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X' \
		>>"$T/new/spam-41"
	for file in ham-41 spam-41; do
		HOME=$T spamassassin -L -x --cf='report_safe 0' <"$T/new/$file" >"$T/seen/$file"
	done
	run dg compare --json "$T/seen"
	echo "$output"
	[ "$(of filters.spamassassin.messages)" -eq 2 ]
	[ "$(of filters.spamassassin.ours_by_theirs.ham.ham)" -eq 1 ]
	[ "$(of filters.spamassassin.ours_by_theirs.spam.spam)" -eq 1 ]
}

@test "rspamd" {
	need rspamd
	need rspamc
	taught
	local port
	port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	mkdir "$T/rspamd"
	chmod 0777 "$T/rspamd"
	cat >"$T/rspamd.conf" <<-TXT
	.include "\$CONFDIR/common.conf"
	options {
		disable_hyperscan = true; pidfile = "$T/rspamd/pid"; filters = "";
		.include "\$CONFDIR/options.inc"
		dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
		control_socket = "$T/rspamd/control mode=0600";
	}
	logging { type = "console"; level = "error"; }
	worker "normal" { bind_socket = "127.0.0.1:$port"; count = 1; enabled = true; }
	TXT
	rspamd -f -i -c "$T/rspamd.conf" --var=DBDIR="$T/rspamd" --var=RUNDIR="$T/rspamd" \
		>"$T/rspamd.log" 2>&1 3>&- &
	SERVER=$!
	wait_for 60 sh -c "rspamc -h 127.0.0.1:$port --mime <$T/ham/1 | grep -q ^X-Spam-Action" ||
		{ cat "$T/rspamd.log"; skip "rspamd does not start here"; }
	# The mark that each of them calls spam.
	printf '%s\n' 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X' \
		>>"$T/new/spam-41"
	for file in ham-41 spam-41; do
		rspamc -h "127.0.0.1:$port" --mime <"$T/new/$file" >"$T/seen/$file"
	done
	run dg compare --json "$T/seen"
	echo "$output"
	[ "$(of filters.rspamd.messages)" -eq 2 ]
	[ "$(of filters.rspamd.ours_by_theirs.ham.ham)" -eq 1 ]
	[ "$(of filters.rspamd.ours_by_theirs.spam.spam)" -eq 1 ]
}
