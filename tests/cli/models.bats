#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Own models of inboxes, beside the installation's.

load common

setup() {
	fresh <<'TXT'
inbox "support@example.com" { }
inbox "shop@example.com" { model = shop }
inbox "abuse@example.com" { model = abuse }
inbox "@example.net" { model = shop }
TXT
}
teardown() { done_with; }

own_of() { # MODEL MEMBER
	dg stats --json | python3 -c 'import json, sys
for one in json.load(sys.stdin)["model"]["own"]:
    if one["name"] == sys.argv[1]:
        print(one[sys.argv[2]])' "$@"
}
all_of() { dg stats --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["model"]["all"])'; }
class_of() { # INBOX FILE
	dg score --json --inbox "$1" "$2" | python3 -c 'import json, sys
print(json.load(sys.stdin)["verdict"]["class"])'
}

is_held() { dg quarantine list | grep -q shop@example.com; }

# N offers, as both inboxes get them: $T/DIR/1 ...
offers() { # DIR N
	mkdir -p "$T/$1"
	for i in $(seq "$2"); do
		message "$T/$1/$i" "$1$i" "Wholesale offer $i for solar panels" <<TXT
Dear purchasing team, we offer $((i * 31)) monocrystalline solar panels at
wholesale prices, delivery within Europe, reference $1-$((i * 7919)).
TXT
	done
}

@test "one message is ham for an inbox and spam for another, as each has taught" {
	corpus 40
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	for inbox in shop abuse; do
		dg train -q --force --inbox $inbox@example.com ham "$T/ham"
		dg train -q --force --inbox $inbox@example.com spam "$T/spam"
		offers $inbox 40
	done
	dg train -q --force --inbox shop@example.com ham "$T/shop"
	dg train -q --force --inbox abuse@example.com spam "$T/abuse"
	offers new 1
	[ "$(class_of shop@example.com "$T/new/1")" = ham ]
	[ "$(class_of abuse@example.com "$T/new/1")" = spam ]
	[ "$(class_of sales+x@example.net "$T/new/1")" = ham ]
	run dg explain --inbox abuse@example.com "$T/new/1"
	[ "$status" -eq 0 ]
	[[ "$output" == *": spam (scored)"* ]]
	run dg stats
	[[ "$output" == *'own      "shop": '* ]]
	[[ "$output" == *'own      "abuse": '* ]]
	# A daemon finds all of it again.
	keeper
	[ "$(class_of abuse@example.com "$T/new/1")" = spam ]
	[ "$(own_of shop all)" = 120 ]
}

@test "an own model without lessons changes no bit of a verdict" {
	corpus 40
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	offers new 1
	for file in "$T/ham/1" "$T/spam/2" "$T/new/1"; do
		plain=$(dg score --json "$file")
		[ "$(dg score --json --inbox shop@example.com "$file")" = "$plain" ]
		plain=$(dg explain --json "$file")
		[ "$(dg explain --json --inbox shop@example.com "$file")" = "$plain" ]
	done
}

@test "a label for an inbox is learnt twice and taken back twice" {
	corpus 3
	run dg train --inbox shop@example.com ham "$T/ham"
	[ "$status" -eq 0 ]
	[[ "$output" == *"3 messages: "* ]]
	dg train -q --inbox support@example.com spam "$T/spam"
	[ "$(own_of shop all)" = 3 ]
	[ "$(own_of abuse all)" = 0 ]
	[ "$(all_of)" = 6 ]
	run dg train --inbox shop@example.com ham "$T/ham"
	[[ "$output" == *"3 already known"* ]]
	run dg untrain "$T/ham"
	[ "$status" -eq 0 ]
	[[ "$output" == *"3 taken back"* ]]
	[ "$(own_of shop all)" = 0 ]
	[ "$(own_of shop records)" = 0 ]
	[ "$(all_of)" = 3 ]
	dg train -q --inbox shop@example.com ham "$T/ham/1"
	run dg untrain --person someone-ham1@example.org
	[ "$status" -eq 0 ]
	[ "$(own_of shop all)" = 0 ]
	[ "$(all_of)" = 3 ]
}

@test "what is held for an inbox teaches its own model when it is judged" {
	corpus 40
	dg train -q --inbox shop@example.com ham "$T/ham"
	dg train -q --inbox shop@example.com spam "$T/spam"
	before=$(own_of shop all)
	keeper
	message "$T/held" held "WIN cheap casino pills" <<<"Exclusive casino bonus! Cheap pills without prescription, click http://deals.example.net/win now, limited offer, unsubscribe never"
	dg accept --inbox shop@example.com <"$T/held"
	wait_for 20 is_held
	id=$(dg quarantine list --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["entries"][0]["id"])')
	dg quarantine release "$id"
	[ "$(own_of shop all)" = $((before + 1)) ]
	[ "$(own_of abuse all)" = 0 ]
}

@test "deskgate model looks after an inbox's own model, too" {
	corpus 6
	dg train -q ham "$T/ham"
	dg train -q --force --inbox shop@example.com spam "$T/spam"
	run dg model verify --inbox shop@example.com
	[ "$status" -eq 0 ]
	[[ "$output" == *", 6 lessons: each record is the sum of its lessons"* ]]
	run dg model verify
	[[ "$output" == *", 12 lessons: "* ]]
	dg model rebuild -i shop@example.com
	dg model dump --inbox shop@example.com --lessons "$T/shop.txt"
	dg model dump --lessons "$T/all.txt"
	[ "$(grep -c ^lesson "$T/shop.txt")" = 6 ]
	[ "$(grep -c ^lesson "$T/all.txt")" = 12 ]
	# Into another's, and out again: the first is as it was.
	dg model load --inbox abuse@example.com "$T/shop.txt"
	dg model dump --inbox abuse@example.com --lessons "$T/abuse.txt"
	cmp "$T/shop.txt" "$T/abuse.txt"
	[ "$(own_of abuse all)" = 6 ]
	[ "$(all_of)" = 12 ]
	dg model export --inbox abuse@example.com "$T/counts.txt"
	dg model import --inbox shop@example.com --as abuse "$T/counts.txt"
	[ "$(own_of shop spam)" = 12 ]
	[ "$(all_of)" = 12 ]
	dg model forget --inbox shop@example.com abuse
	dg model dump --inbox shop@example.com --lessons "$T/again.txt"
	cmp "$T/shop.txt" "$T/again.txt"
	# The same through a keeper.
	keeper
	run dg model verify --inbox sales@example.net
	[[ "$output" == *", 6 lessons: "* ]]
}

@test "deskgate model says when an inbox has no model of its own" {
	for words in verify dump rebuild export; do
		run dg model $words --inbox support@example.com
		[ "$status" -eq 65 ]
		[[ "$output" == *'"support@example.com" has no model of its own'* ]]
		[[ "$output" == *"leave --inbox out"* ]]
		run dg model $words --inbox nobody@example.com
		[ "$status" -eq 65 ]
		[[ "$output" == *'no inbox "nobody@example.com"'* ]]
	done
}

@test "an inbox that is none is refused" {
	corpus 1
	run dg train --inbox nobody@example.org ham "$T/ham/1"
	[ "$status" -ne 0 ]
	[[ "$output" == *'no inbox "nobody@example.org"'* ]]
	[ "$(all_of)" = 0 ]
	run dg score --inbox nobody@example.org "$T/ham/1"
	[ "$status" -ne 0 ]
}

@test "without own models there are none" {
	printf 'state-dir = "%s/plain"\ninbox "support@example.com" { }\n' "$T" >"$T/dg.conf"
	corpus 1
	dg train -q ham "$T/ham/1"
	run dg stats --json
	[[ "$output" != *'"own"'* ]]
	[ "$(ls "$T/plain")" = "$(ls "$T/plain" | grep -v '^model-')" ]
}

@test "names of models are checked" {
	base=$(wc -l <"$T/dg.conf")
	cat >>"$T/dg.conf" <<'TXT'
inbox "a@example.org" {
	model = "Not a name"
}
inbox "b@example.org" {
	model = ""
}
TXT
	for i in $(seq 15); do printf 'inbox "c%s@example.org" { model = m%s }\n' "$i" "$i"; done >>"$T/dg.conf"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"$T/dg.conf:$((base + 2)): "* ]]
	[[ "$output" == *"$T/dg.conf:$((base + 5)): "* ]]
}
