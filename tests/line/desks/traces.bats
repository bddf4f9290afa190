#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A person whose mail went to a desk of another maker is erased, here and there: no byte of
# her is left here, and the receipt says how far the desk has come.

load ../traces

teardown() {
	done_with
	kill "$DESK" 2>/dev/null || true
	rm -rf "$D"
}

begin() { # SERVER OPTION...
	D=$(mktemp -d /tmp/deskgate-traces.XXXXXX)
	chmod 0755 "$D"
	printf 'test-key\n' >"$D/token"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$D/token"
	chmod 0600 "$D/token"
	python3 "$top_srcdir/tests/line/$1" --port-file "$D/port" "${@:2}" \
		>"$D/log" 2>&1 3>&- &
	DESK=$!
	wait_for 20 test -s "$D/port"
	url=http://127.0.0.1:$(cat "$D/port")
}
control() { curl -sf --noproxy '*' ${2:+-d "$2"} "$url/control/$1"; }

@test "LiveAgent keeps what was deleted: the request is open until a look finds nothing" {
	begin liveagent/faultdesk.py
	traces_setup <<TXT
desk "away" {
	type = liveagent
	url = "$url"
	token-file = "$D/token"
	department = "dep1"
	allow-private = true
}
TXT
	traces_deliver
	run dg privacy erase $ANNA
	[ "$status" -eq 0 ]
	[[ "$output" == *"state      open"*"LiveAgent keeps deleted"* ]]
	traces_gone # what is here does not wait for the desk
	# Asked again, also by another keeper, it is open as long as it is there.
	looks() { # GETs of what was deleted
		control calls | python3 -c '
import json, sys
calls = json.load(sys.stdin)
gone = [i for i, c in enumerate(calls) if c["method"] == "DELETE"]
print(sum(c["method"] == "GET" and c["path"].startswith(("/tickets/", "/contacts/")) for c in calls[gone[0]:]))'
	}
	before=$(looks)
	[ "$before" -ge 1 ]
	kill "$KEEPER"
	wait "$KEEPER" || true
	keeper
	looked() { [ "$(looks)" -gt "$before" ]; }
	wait_for 30 looked
	state_is open
	[ "$(outcome_of)" = open ]
	# She writes again: that is hers, and stays.
	message "$T/again" again "Back again" <<<"Hello again."
	dg accept -i support@example.com -f $ANNA <"$T/again"
	back() { control dump | python3 -c 'import json, sys
print([t["status"] for t in json.load(sys.stdin) if t["subject"] == "Back again"])' | grep -q "'$1'"; }
	wait_for 30 back N
	kill "$KEEPER"
	wait "$KEEPER" || true
	before=$(looks)
	keeper
	wait_for 30 looked
	back N
	control purge '{}'
	kill "$KEEPER" # a new one asks at once
	wait "$KEEPER" || true
	keeper
	wait_for 30 state_is "done"
	[ "$(outcome_of)" = "done" ]
	back N
	dg privacy receipt 2 | grep -q verified
	control dump | grep -q zybert
}

@test "Zammad deletes by a task of its own, and is asked until it has" {
	begin desks/zammad.py
	printf 'test-token\n' >"$D/token"
	traces_setup <<TXT
desk "away" {
	type = zammad
	url = "$url/api/v1"
	token-file = "$D/token"
	allow-private = true
}
TXT
	traces_deliver
	run dg privacy erase $ANNA
	[ "$status" -eq 0 ]
	traces_gone
	ask_anew # it has not done so yet, and is not asked for it twice
	state_is open
	[[ "$(words_of)" == *"not deleted all yet"* ]]
	control work '{}'
	comes_back
	ask_anew
	wait_for 30 state_is "done"
	traces_gone
	control dump | python3 -c 'import json, sys
tickets = json.load(sys.stdin)["tickets"]
print([(t["title"], t["customer"].split("address")[0]) for t in tickets])' >"$D/dump"
	cat "$D/dump"
	[ "$(cat "$D/dump")" = "[('Where is zybertsubjectzybert of mine', 'zybert'), ('Back again', 'qxanna')]" ]
}

@test "who writes again before Zammad could be asked keeps the new ticket" {
	begin desks/zammad.py
	printf 'test-token\n' >"$D/token"
	traces_setup <<TXT
desk "away" {
	type = zammad
	url = "$url/api/v1"
	token-file = "$D/token"
	allow-private = true
}
TXT
	traces_deliver
	control fault '{"on": "GET /users/search", "kind": "500"}'
	dg privacy erase $ANNA
	state_is open
	comes_back
	ask_anew
	state_is open
	[[ "$(words_of)" == *"The customer stays"* ]]
	control work '{}'
	ask_anew
	wait_for 30 state_is "done"
	[ "$(words_of)" = "The customer stays: tickets that came after the erasure need him." ]
	control dump | python3 -c 'import json, sys
print([t["title"] for t in json.load(sys.stdin)["tickets"]])' >"$D/dump"
	[ "$(cat "$D/dump")" = "['Where is zybertsubjectzybert of mine', 'Back again']" ]
}

@test "a webhook is told of it, signed, and says that it is done" {
	printf 'a secret of two\n' >/tmp/deskgate-traces-secret.$$
	begin desks/receiver.py --secret /tmp/deskgate-traces-secret.$$
	mv /tmp/deskgate-traces-secret.$$ "$D/token"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$D/token"
	chmod 0600 "$D/token"
	traces_setup <<TXT
desk "away" {
	type = webhook
	url = "$url"
	token-file = "$D/token"
	allow-private = true
}
TXT
	traces_deliver
	run dg privacy erase $ANNA
	echo "$output"
	[ "$status" -eq 0 ]
	wait_for 30 state_is "done"
	traces_gone
}
