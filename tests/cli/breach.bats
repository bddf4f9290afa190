#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A breach: whom it affects, until when the authority is to be told, and the drafts.

load common

setup() {
	fresh <<'TXT'
retry-min = 1s
controller = "Example GmbH, Main Street 1"
protection-officer = "dpo@example.com"
inbox "support@example.com" { }
inbox "held@example.com" {
	action-ham = quarantine
	action-unsure = quarantine
}
TXT
}
teardown() { done_with; }

mail() { # NAME INBOX
	message "$T/$1" "$1" "About $1" <<<"Please look after $1."
	dg accept -i "$2" -f "someone-$1@example.org" <"$T/$1"
}
tickets() { [ "$(dg tickets list --plain | wc -l)" -eq "$1" ]; }
held() { [ "$(dg quarantine list --plain | wc -l)" -eq "$1" ]; }
breach() { dg privacy breach --since 2020-01-01 "$@"; }
get() { python3 -c "import json, sys; b = json.load(sys.stdin)['breach']; print($1)"; }

three_people() { # anna: two messages, bert: one; carl: held
	mail anna support@example.com
	message "$T/anna2" anna2 "About anna again" <<<"And this?"
	sed -i 's/someone-anna2/someone-anna/g' "$T/anna2"
	dg accept -i support@example.com -f someone-anna@example.org <"$T/anna2"
	mail bert support@example.com
	mail carl held@example.com
	wait_for 20 tickets 3
	wait_for 20 held 1
}

@test "who was affected is told by holder, with what of him lay there" {
	keeper
	three_people
	breach --json >"$T/all"
	[ "$(get '[p["address"] for p in b["people"]]' <"$T/all")" = \
		"['someone-anna@example.org', 'someone-bert@example.org', 'someone-carl@example.org']" ]
	[ "$(get '[(h["people"], h["records"]) for h in b["holders"] if h["holder"] == "spool"]' <"$T/all")" = "[(3, 4)]" ]
	[ "$(get '[(h["people"], h["records"]) for h in b["holders"] if h["holder"] == "desk local"]' <"$T/all")" = "[(2, 3)]" ]
	[ "$(get 'all(h["kinds"] for h in b["holders"])' <"$T/all")" = True ]
	[ "$(get '(b["count"], b["unnamed"], b["erased_since"])' <"$T/all")" = "(3, 0, 0)" ]
	[ "$(breach --json --holder "desk local" | get 'b["count"]')" = 2 ]
	# Before they wrote nobody was.
	[ "$(dg privacy breach --since 2020-01-01 --until 2020-06-01 --json | get 'b["count"]')" = 0 ]
	dg privacy erase someone-bert@example.org
	breach --json >"$T/all"
	[ "$(get '[p["address"] for p in b["people"]]' <"$T/all")" = \
		"['someone-anna@example.org', 'someone-carl@example.org']" ]
	[ "$(get 'b["erased_since"]' <"$T/all")" = 1 ]
	dg audit --plain | grep -q "	look	breach"
	# What took nothing away is nobody that was affected.
	dg privacy erase nobody-here@example.org
	dg privacy request add erase someone-carl@example.org
	dg privacy request refuse 3 --reason "not his address"
	[ "$(breach --json | get 'b["erased_since"]')" = 1 ]
}

@test "the 72 hours run from when it became known" {
	known=$(date -u -d '-30 hours -1 minute' +%Y-%m-%dT%H:%M:%SZ)
	due=$(date -u -d "@$(($(date -u -d "$known" +%s) + 72 * 3600))" +%Y-%m-%dT%H:%M:%SZ)
	run breach --known "$known"
	[ "$status" -eq 0 ]
	[[ "$output" == *"until $due: 41 hours are left"* ]]
	run breach --known "$(date -u -d '-73 hours' +%Y-%m-%dT%H:%M:%SZ)"
	[[ "$output" == *"late, with the reasons"* ]]
}

@test "drafts and the list are written, for their owner alone" {
	keeper
	three_people
	dg accept -i held@example.com -f "=cmd@example.org" <<<"Subject: formula

x"
	run breach -o "$T/out"
	[ "$status" -eq 0 ]
	[ "$(stat -c %a "$T/out" "$T/out"/* | sort -u)" = "600
700" ]
	[ "$(head -n 2 "$T/out/affected.csv" | cut -d , -f 1 | tr -d '\r' | tail -n 1)" = "\"'=cmd@example.org\"" ]
	grep -q '^"someone-anna@example.org",' "$T/out/affected.csv"
	grep -q 'Article 33' "$T/out/authority.txt"
	grep -q 'Example GmbH, Main Street 1' "$T/out/authority.txt"
	grep -q 'about 4 people' "$T/out/authority.txt"
	grep -q 'Ask us: dpo@example.com' "$T/out/people.txt"
	grep -q 'keyed digests' "$T/out/authority.txt"
	! grep -q 'keyed digests\|operators' "$T/out/people.txt" || false
	! grep -q someone-anna "$T/out/authority.txt" "$T/out/people.txt" || false
	run breach -o "$T/out" # what is there is not overwritten
	[ "$status" -eq 65 ]
}

@test "what makes no sense is refused with the reason" {
	run dg privacy breach
	[ "$status" -eq 64 ]
	[[ "$output" == *--since* ]]
	run dg privacy breach --since yesterday
	[ "$status" -eq 65 ]
	[[ "$output" == *"2026-11-29T10:00:00Z"* ]]
	run dg privacy breach --since 2026-02-01 --until 2026-01-01
	[ "$status" -eq 65 ]
	run breach --holder attic
	[ "$status" -eq 66 ]
	[[ "$output" == *"privacy holders"* ]]
	run breach -o "$T/dg.conf"
	[ "$status" -ne 0 ]
}
