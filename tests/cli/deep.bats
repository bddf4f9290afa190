#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What the programs do with damaged stores, and deskgate check --deep.

load common

setup() {
	fresh <<'TXT'
reserve-space = 0
retry-min = 1s
inbox "support@example.com" {
	action-unsure = ticket
}
TXT
}
teardown() {
	[ -z "${TRACER:-}" ] || kill "$TRACER" # or the keeper would not end
	done_with
}

message() { # NUMBER
	printf 'From: Someone <a%s@example.org>\nTo: support@example.com\n' "$1"
	printf 'Subject: Question %s\nMessage-ID: <m%s@example.org>\n' "$1" "$1"
	printf 'Date: Mon, 2 Nov 2026 10:00:00 +0000\n\nWhat is number %s?\n' "$1"
}

take_in() { # NUMBER...
	for n in "$@"; do message "$n" | dg accept -i support@example.com -f "a$n@example.org"; done
}

settled() { # SUBJECT-COUNT: all is delivered, and each once
	[ -z "$(dg queue list --plain)" ] || return 1
	dg tickets list --json | python3 -c '
import json, sys
subjects = [one["subject"] for one in json.load(sys.stdin)["tickets"]]
sys.exit(len(subjects) != len(set(subjects)) or len(subjects) != int(sys.argv[1]))' "$1"
}

stop() { kill "$KEEPER"; wait "$KEEPER" || true; KEEPER=; }

spoil() { python3 "$top_srcdir/tests/spoil.py" "$@" >&2; }

# Five delivered, one waiting, some lessons; nobody running.
used() {
	keeper
	take_in 1 2 3 4 5
	message 1 | dg train ham -
	message 2 | dg train spam --force -
	wait_for 20 settled 5
	stop
	take_in 6
}

@test "a damaged ledger is mended at the start, and nothing is delivered twice" {
	used
	spoil --kind all "$T/state/ledger/data.mdb"
	keeper
	wait_for 20 settled 6
	grep -q 'store-damaged store=ledger' "$T/keeper.log"
	grep -q 'ledger-mended' "$T/keeper.log"
	dg stats | grep -q '^damaged  ledger, .* kept as .*/state/damaged/ledger-'
	dg check 2>&1 | grep -q 'the ledger was damaged'
	ls "$T/state/damaged/"ledger-*.mdb
	# A reply finds its ticket again.
	printf 'From: a1@example.org\nTo: support@example.com\nSubject: Re: Question 1\n%s\n%s\n\nAnd?\n' \
		'Message-ID: <r1@example.org>' 'In-Reply-To: <m1@example.org>' |
		dg accept -i support@example.com -f a1@example.org
	wait_for 20 settled 6
	dg tickets show 1 | grep -q 'And?'
}

@test "a lost ledger is made anew from the spool and the desk" {
	used
	rm "$T/state/ledger/"*
	keeper
	wait_for 20 settled 6
	grep -q 'its file is lost' "$T/keeper.log"
	[ "$(dg queue list --all --json | grep -o '"ticket": *"[0-9]' | wc -l)" -eq 6 ]
	# Once: the next start has nothing to do.
	stop
	keeper
	! grep -q ledger-mended "$T/keeper.log"
}

@test "a damaged model is set aside, mail flows, and lessons go on" {
	used
	spoil --kind all "$T/state/model/data.mdb"
	keeper
	wait_for 20 settled 6
	grep -q 'store-damaged store=model' "$T/keeper.log"
	grep -q model-mended "$T/keeper.log"
	dg stats | grep -q '^damaged  model,'
	message 9 | dg score - | grep -q unsure
	dg model verify
	message 1 | dg train ham -
	dg model verify
}

@test "with a damaged vault nothing is delivered, mail is taken, and it is said what to do" {
	used
	spoil --kind all "$T/state-keys/vault/data.mdb"
	run deskgate-deliver -c "$T/dg.conf"
	[ "$status" -eq 74 ]
	[[ "$output" == *"vault is damaged"*"deskgate check --deep --mend"* ]]
	take_in 7
	run dg stats
	[ "$status" -eq 74 ]
	[[ "$output" == *"mail waits in the spool"* ]]
	[ ! -e "$T/state-keys/damaged" ]
}

# Puts desk.sqlite back; then all waiting mail is delivered, each once.
desk_put_back() {
	cp "$T/desk.copy" "$T/state/desk.sqlite"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/state/desk.sqlite"
	rm -f "$T/state/desk.sqlite-wal" "$T/state/desk.sqlite-shm"
	keeper
	wait_for 30 settled 7
	run dg check --deep
	[ "$status" -eq 0 ]
}

@test "a lost desk.sqlite is not made anew, mail is taken, and it is said what to do" {
	used
	mv "$T/state/desk.sqlite" "$T/desk.copy"
	run deskgate-deliver -c "$T/dg.conf"
	[ "$status" -ne 0 ]
	[[ "$output" == *"desk.sqlite is lost: put it back from a backup, mail waits"* ]]
	[ ! -e "$T/state/desk.sqlite" ]
	take_in 7
	desk_put_back
}

@test "one that is lost for good begins behind the numbers that were given" {
	used
	rm "$T/state/desk.sqlite"*
	run dg check --deep --mend
	echo "$output"
	[[ "$output" == *desk-begins-anew* ]]
	keeper
	take_in 7
	wait_for 30 sh -c "deskgate -c '$T/dg.conf' tickets list --plain | grep -q ."
	[ "$(dg tickets list --plain | cut -f 1 | sort -n | head -n 1)" -gt 5 ]
}

@test "with a desk.sqlite that cannot be opened mail is taken, and it is said what to do" {
	used
	cp "$T/state/desk.sqlite" "$T/desk.copy"
	truncate -s 28672 "$T/state/desk.sqlite"
	run deskgate-deliver -c "$T/dg.conf"
	[ "$status" -eq 74 ]
	[[ "$output" == *"malformed"*"put desk.sqlite back from a backup, mail waits"* ]]
	take_in 7
	desk_put_back
}

@test "a damaged page of desk.sqlite is named by check --deep" {
	local page
	used
	cp "$T/state/desk.sqlite" "$T/desk.copy"
	page=$(sqlite3 "$T/state/desk.sqlite" \
		"SELECT rootpage FROM sqlite_master WHERE name = 'message'")
	dd if=/dev/zero of="$T/state/desk.sqlite" bs=4096 seek=$((page - 1)) count=1 \
		conv=notrunc status=none
	run dg check --deep --mend
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *'the embedded desk "local" is damaged'*"put a backup of desk.sqlite back"* ]]
	take_in 7
	desk_put_back
}

@test "a damaged line of the audit trail is named, stays, and holds nothing up" {
	used
	had=$(cat "$T"/state/audit/*.log | wc -l)
	sed -i '1s/"actor"/"ac\x01or"/' "$T"/state/audit/*.log
	keeper
	wait_for 20 settled 6
	grep -q 'audit-damaged .*file=' "$T/keeper.log"
	grep -q 'audit-broken where=.*line 1: is no line of the trail' "$T/keeper.log"
	[[ "$(dg audit --plain)" == *"damaged"*", line 1"* ]]
	run dg audit --verify
	[ "$status" -ne 0 ]
	run dg check --deep --mend
	[ "$status" -eq 65 ]
	[[ "$output" == *"the audit trail is not whole: "*", line 1: "* ]]
	# What was there is, and more.
	dg privacy schedule --run
	[ "$(cat "$T"/state/audit/*.log | wc -l)" -gt "$had" ]
	grep -qa 'ac.or' "$T"/state/audit/*.log
}

# A keeper whose calls to a file fail from the Nth on.
failing() { # FILE CALL ERROR N COMMAND...
	local file=$1 call=$2 error=$3 n=$4; shift 4
	ASAN_OPTIONS=detect_leaks=0 strace -qq -f -o "$T/trace" -P "$file" \
		-e "trace=$call" -e "inject=$call:error=$error:when=$n" "$@"
}
may_trace() { strace -o /dev/null true || skip "strace may not trace here"; }

@test "a disk that does not read is no damage: nothing is mended at the start, and mail waits" {
	may_trace
	used
	for store in ledger model; do
		cp "$T/state/$store/data.mdb" "$T/before"
		for n in 1 2 5+; do
			run failing "$T/state/$store/data.mdb" pread64 EIO "$n" deskgate-deliver -c "$T/dg.conf"
			[ "$status" -eq 74 ]
			[[ "$output" == *"$store cannot be looked at"*"Input/output error"* ]]
			grep -q INJECTED "$T/trace"
			cmp "$T/before" "$T/state/$store/data.mdb"
		done
	done
	[ ! -e "$T/state/damaged" ]
	keeper
	wait_for 20 settled 6
}

@test "check --deep --mend: what cannot be read is lost, and the rest is saved" {
	may_trace
	used
	run failing "$T/state/ledger/data.mdb" pread64 EIO 5 deskgate -c "$T/dg.conf" check --deep --mend
	grep -q INJECTED "$T/trace"
	ls "$T"/state/damaged/ledger-*.mdb
	# Each thread has its own count: looked at once more, it cannot be read again.
	[ "$status" -eq 74 ]
	[[ "$output" == *"stores: read "*"Input/output error"* ]]
	dg check --deep
	keeper
	wait_for 20 settled 6
}

@test "a lost ledger is none that is new while the spool cannot be listed" {
	may_trace
	used
	rm "$T/state/ledger/"*
	run failing "$T/state/spool/msg" getdents64 EIO 1+ deskgate-deliver -c "$T/dg.conf"
	grep -q INJECTED "$T/trace"
	[ "$status" -eq 74 ]
	[ ! -e "$T/state/ledger/data.mdb" ]
	keeper
	wait_for 20 settled 6
	grep -q 'its file is lost' "$T/keeper.log"
}

@test "a mend that fails leaves no note of it, and the next start mends" {
	may_trace
	used
	spoil --kind all "$T/state/ledger/data.mdb"
	run failing "$T/state/ledger" linkat ENOSPC 1+ deskgate-deliver -c "$T/dg.conf"
	[ "$status" -eq 75 ]
	[[ "$output" == *"ledger is damaged and cannot be mended"* ]]
	[ -z "$(ls "$T/state/damaged")" ]
	# What is kept already has its note.
	run failing "$T/state/ledger" renameat ENOSPC 1+ deskgate-deliver -c "$T/dg.conf"
	[ "$status" -eq 75 ]
	[ "$(ls "$T/state/damaged" | wc -l)" -eq 2 ]
	keeper
	wait_for 20 settled 6
	for kept in "$T"/state/damaged/*.mdb; do [ -e "${kept%.mdb}.json" ]; done
}

@test "check --deep: nothing is wrong with what was used, with a keeper and without one" {
	used
	run dg check --deep
	[ "$status" -eq 0 ]
	[ "$(grep -c ': nothing is wrong (' <<<"$output")" -eq 7 ]
	keeper
	wait_for 20 settled 6
	run dg check --deep --mend
	[ "$status" -eq 0 ]
	[ "$(grep -c ': nothing is wrong (' <<<"$output")" -eq 7 ]
	[ ! -e "$T/state/damaged" ]
	run dg check --mend
	[ "$status" -eq 64 ]
}

@test "check --deep: what does not fit in the spool is found, mended, and kept" {
	used
	keeper
	wait_for 20 settled 6
	spool=$T/state/spool
	mapfile -t done < <(ls "$spool/done")
	cp -p "$spool/done/${done[0]}" "$spool/held/"
	cp -p "$spool/done/${done[1]}" "$spool/dead/00000000000000000000000000000001"
	printf x >>"$spool/msg/${done[2]}"
	cp "$spool/msg/${done[2]}" "$T/broken"
	run dg check --deep
	[ "$status" -eq 65 ]
	[[ "$output" == *"FOUND: the spool: entry ${done[0]} is in more than one state"* ]]
	[[ "$output" == *"FOUND: the spool: entry 00000000000000000000000000000001"*"its message is gone"* ]]
	[[ "$output" == *"FOUND: the spool: entry ${done[2]} cannot be opened"* ]]
	[[ "$output" == *"3 found: "*"--mend"* ]]
	[ -e "$spool/msg/${done[2]}" ]
	run dg check --deep --mend
	[ "$status" -eq 0 ]
	[ "$(grep -c '^mended: ' <<<"$output")" -eq 3 ]
	cmp "$T/broken" "$T/state/damaged/entry-${done[2]}"
	[ ! -e "$spool/held/${done[0]}" ]
	[ -e "$spool/done/${done[0]}" ]
	dg stats | grep -q "^damaged  spool entry, .*/entry-${done[2]}"
	run dg check --deep
	[ "$status" -eq 0 ]
	wait_for 20 settled 6
}

@test "check --deep: wrong counts are found and made anew" {
	used
	python3 "$top_srcdir/tests/spoil.py" --counts "$T/state/model/data.mdb"
	run dg check --deep --json
	[ "$status" -eq 65 ]
	[[ "$output" == *'differences between its counts and its journal","mended":false'* ]]
	run dg model verify
	[ "$status" -eq 65 ]
	run dg check --deep --mend
	[ "$status" -eq 0 ]
	[[ "$output" == *"mended: the model: "*" differences"* ]]
	dg model verify
}

@test "check --deep: a ledger record that was changed is kept, and its ticket is found again" {
	used
	keeper
	wait_for 20 settled 6
	stop
	python3 "$top_srcdir/tests/spoil.py" --text '"desk":"local"' "$T/state/ledger/data.mdb"
	run dg check --deep
	[ "$status" -eq 65 ]
	[[ "$output" == *'FOUND: the ledger: a record of "entry" is damaged'* ]]
	run dg check --deep --mend
	[ "$status" -eq 0 ]
	keeper
	wait_for 20 settled 6
	run dg check --deep
	[ "$status" -eq 0 ]
	ls "$T"/state/damaged/ledger-record-entry*
}

@test "check --deep --mend: a damaged vault is kept, and mail flows again" {
	used
	spoil --kind all "$T/state-keys/vault/data.mdb"
	run dg check --deep
	[ "$status" -eq 74 ]
	run dg check --deep --mend
	[ "$status" -eq 0 ]
	[[ "$output" == *"mended: the vault was damaged"* ]]
	ls "$T"/state-keys/damaged/vault-*.mdb
	keeper
	take_in 8
	wait_for 20 dg tickets search 'number 8'
	run dg check --deep
	[ "$status" -eq 0 ]
}

@test "check --deep: others are answered and mail flows while a step takes long" {
	may_trace
	used
	keeper
	wait_for 20 settled 6
	worker=$(pgrep -n -P "$KEEPER")
	# So slow that the step does not end before the test does.
	strace -qq -f -o "$T/trace" -P "$T/state/model/data.mdb" -e trace=pread64 \
		-e inject=pread64:delay_enter=600s -p "$worker" 3>&- &
	TRACER=$!
	wait_for 20 grep -q 'TracerPid:[^0]*[1-9]' "/proc/$worker/status"
	dg check --deep >"$T/deep" 3>&- &
	deep=$!
	wait_for 20 grep -q pread64 "$T/trace"
	timeout 30 deskgate -c "$T/dg.conf" stats
	message 9 | timeout 30 deskgate -c "$T/dg.conf" train ham -
	take_in 7
	wait_for 20 settled 7
	run timeout 30 deskgate -c "$T/dg.conf" check --deep
	[[ "$output" == *"another check --deep is going on"* ]]
	kill -0 "$deep"
	kill "$TRACER"
	TRACER=
	wait "$deep"
	[ "$(grep -c ': nothing is wrong (' "$T/deep")" -eq 7 ]
}

@test "model verify: others are answered and lessons go on while it takes long" {
	may_trace
	used
	keeper
	wait_for 20 settled 6
	worker=$(pgrep -n -P "$KEEPER")
	# Whatever thread begins now does so after the test.
	strace -qq -f -o "$T/trace" -e trace=set_robust_list,rseq \
		-e inject=set_robust_list,rseq:delay_enter=600s -p "$worker" 3>&- &
	TRACER=$!
	wait_for 20 grep -q 'TracerPid:[^0]*[1-9]' "/proc/$worker/status"
	dg model verify >"$T/verified" 3>&- &
	verify=$!
	wait_for 20 test -s "$T/trace"
	timeout 30 deskgate -c "$T/dg.conf" stats
	message 9 | timeout 30 deskgate -c "$T/dg.conf" train ham -
	run timeout 30 deskgate -c "$T/dg.conf" model verify
	[ "$status" -eq 75 ]
	[[ "$output" == *"another model verify is going on"* ]]
	kill -0 "$verify"
	kill "$TRACER"
	TRACER=
	wait "$verify"
	# It looks at the model as it is when it begins.
	[ "$(cat "$T/verified")" = "$(dg model verify)" ]
	[[ "$(cat "$T/verified")" == *" 3 lessons: each record is the sum"* ]]
}

@test "check --deep --mend through a keeper: a model that is damaged while it is open" {
	used
	keeper
	wait_for 20 settled 6
	pid=$KEEPER
	spoil --kind all "$T/state/model/data.mdb"
	run dg check --deep --mend
	echo "$output"
	# The keeper may have come upon it by itself before.
	[ "$status" -ne 0 ] || grep -q model-mended "$T/keeper.log"
	wait_for 20 grep -q model-mended "$T/keeper.log"
	wait_for 20 dg model verify
	kill -0 "$pid"
	take_in 9
	wait_for 20 settled 7
}
