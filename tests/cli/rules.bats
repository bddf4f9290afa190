#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Rules from the command line: what they are, what they make of a message.

load common

setup() {
	fresh <<'TXT'
inbox "support@example.com" { }
rule "invoices" {
	subject = 'invoice \d+'
	attachment = '\.pdf$'
	department = "billing"
	tags = { "money" }
	match = first
}
rule "slow" {
	body = '(?s)^(.|\s)+(.|\s)+(.|\s)+(?<=\d)$'
	match-limit = 1000
	tags = { "never" }
}
rule "rest" { priority = low }
TXT
	printf '%s\n' 'From: a@example.org' 'Subject: Invoice 12' \
		'Content-Type: application/pdf; name="i.pdf"' \
		'Content-Disposition: attachment' '' 'x' >"$T/pdf"
	printf '%s\n' 'From: a@example.org' 'Subject: Hello' '' \
		'Some words that end without a number, and more of them.' >"$T/plain"
}
teardown() { done_with; }

@test "rules list shows each with what it does, in order" {
	run dg rules list
	[ "$status" -eq 0 ]
	[[ "${lines[1]}" == *invoices*"department=billing, tags=money, match=first"* ]]
	[[ "${lines[3]}" == *rest*priority=low* ]]
	[ "$(dg rules list --json | python3 -c 'import json, sys
print([r["rule"] for r in json.load(sys.stdin)["rules"]])')" = "['invoices', 'slow', 'rest']" ]
}

@test "rules test says which match, why not, the time and the effect" {
	run dg rules test "$T/pdf" "$T/plain"
	[ "$status" -eq 0 ]
	[[ "${lines[0]}" == *pdf*support@example.com* ]]
	[[ "${lines[2]}" == invoices*matched*department=billing* ]]
	[[ "${lines[3]}" == slow*"passed over"* ]]
	[[ "${lines[7]}" == invoices*"no (subject)"* ]]
	[[ "${lines[8]}" == slow*"undecided (body)"* ]]
	[[ "${lines[9]}" =~ rest\ +matched\ +[0-9]+\.[0-9]{3}\ +priority=low ]]
}

@test "rules test answers in JSON, and takes envelope and inbox" {
	run dg rules test --json -i support@example.com -f x@example.net "$T/pdf"
	[ "$status" -eq 0 ]
	python3 - "$output" <<'PY'
import json, sys
d = json.loads(sys.argv[1])
assert d["inbox"] == "support@example.com"
assert [r["result"] for r in d["rules"]] == ["matched", "passed over", "passed over"], d
assert d["rules"][0]["us"] >= 0 and d["rules"][0]["why"] is None
assert d["verdict"]["class"] in ("ham", "unsure", "spam")
PY
	run dg rules test -i other@example.com "$T/pdf"
	[ "$status" -ne 0 ]
	[[ "$output" == *'no inbox "other@example.com"'* ]]
}

@test "a rule that cannot be read stops the start, with its file and line" {
	line=$(($(wc -l <"$T/dg.conf") + 2))
	printf '%s\n' 'rule "broken" {' "	subject = '(('" '	tags = { "x" }' '}' >>"$T/dg.conf"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"$T/dg.conf:$line: subject: missing closing parenthesis"* ]]
}

@test "a limit that was met is a warning in the log and stands in the ticket" {
	sed -i 's/^inbox .*/inbox "support@example.com" { subject-tag = '"'((?:a|aa)+)\$'"' }/' "$T/dg.conf"
	keeper
	sed -i 's/^Subject: Hello/Subject: '"$(printf 'a%.0s' {1..60})"'!/' "$T/plain"
	dg accept -i support@example.com -f a@example.org <"$T/plain"
	settled() { [ "$(dg queue list --plain | wc -l)" -eq 0 ]; }
	wait_for 20 settled
	grep -q 'warn: rules .*matched=rest undecided="subject-tag, slow"' "$T/keeper.log"
	run dg tickets show 1
	echo "$output"
	[[ "$output" == *"undecided, since a limit was met: subject-tag, slow"* ]]
	[[ "$output" == *"by rule: rest"* ]]
}
