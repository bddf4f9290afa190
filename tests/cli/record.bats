#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The record of processing, and where desks may be.

load common

setup() { fresh </dev/null; }
teardown() { done_with; }

desk() { # LINES of a desk "main" that is not the embedded one
	printf 'secret\n' >"$T/token"
	chmod 600 "$T/token"
	cat >>"$T/dg.conf" <<TXT
inbox "support@example.com" { desk = main, purpose = "support for customers", legal-basis = contract }
desk "main" {
	type = webhook
	url = "https://desk.example.net/hook"
	token-file = "$T/token"
	$1
}
TXT
	sed -i 's/ = main, purpose/ = main\n\tpurpose/; s/customers", legal/customers"\n\tlegal/; s/ { desk/ {\n\tdesk/; s/contract }/contract\n}/' "$T/dg.conf"
}

@test "the record names controller, purposes, recipients, retention and measures" {
	printf 'controller = "Example Ltd, privacy@example.com"\n' >>"$T/dg.conf"
	desk 'processor = "Desk Hosting"
	region = de
	agreement = "2026-01-31"'
	run dg privacy record
	[ "$status" -eq 0 ]
	for part in "Example Ltd" "support for customers" "contract (Article 6(1))" "Desk Hosting" \
		"region       de" "2026-01-31" "7.0 days" "raw-retention" "sealed"; do
		[[ "$output" == *"$part"* ]]
	done
	[[ "$output" != *missing* ]]
	dg privacy record --json | python3 -c 'import json, sys
d = json.load(sys.stdin)
assert d["processing"][0]["inbox"] == "support@example.com", d
assert d["recipients"][0]["host"] == "desk.example.net", d
assert not d["recipients"][0]["transfer"] and not d["warnings"], d'
}

@test "what is missing is told by the record, by check and at start" {
	desk ""
	run dg privacy record
	[[ "$output" == *"set controller"* ]]
	[[ "$output" == *'desk "main": set region'* ]]
	chown "$T_USER" "$T/token"
	keeper
	run dg check
	[ "$status" -eq 0 ]
	[[ "$output" == *'warning: desk "main": set processor'* ]]
	grep -q 'warn: .*record.*set region' "$T/keeper.log"
}

@test "a transfer needs a safeguard" {
	desk 'processor = "Desk Hosting"
	region = us
	agreement = "2026-01-31"'
	run dg privacy record
	[[ "$output" == *"transfer     out of the European Economic Area"* ]]
	[[ "$output" == *"set safeguard"* ]]
}

@test "regions = eu refuses others, and a day that is none is refused" {
	printf 'regions = eu\n' >>"$T/dg.conf"
	desk 'region = us
	agreement = "31.1.2026"'
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"dg.conf:"*"regions = eu"* ]]
	[[ "$output" == *"dg.conf:"*"it is a day"* ]]
}
