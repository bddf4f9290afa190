#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A person whose mail went to a real Request Tracker 5 is erased: no byte of her is left
# here, and once contrib/rt-erase has run on RT's host none in RT's database either.

load rt
load ../traces

setup_file() {
	rt_need
	rt_start
	export RT RT_URL RT_PORT
	chmod 0755 "$RT"
	cp "$top_srcdir/contrib/rt-erase" "$RT/rt-erase"
	chmod 0755 "$RT/rt-erase"
}
teardown_file() { rt_stop; }
teardown() { done_with; }

# What RT's database says: a dump holds no bytes of deleted rows.
database() { sqlite3 "$RT/rt.sqlite" .dump; }

@test "erased here, open until RT's host has shredded it, then done" {
	chown "$T_USER" "$RT/token"
	rt_conf "$RT/desk.conf" Support
	sed -i 's/^desk "rt"/desk "away"/' "$RT/desk.conf"
	traces_setup <"$RT/desk.conf"
	traces_deliver
	database | grep -q qxannabodyqxanna
	run dg privacy erase $ANNA
	echo "$output"
	[ "$status" -eq 0 ]
	traces_gone
	# RT keeps what REST deletes; the receipt says so.
	state_is open
	[[ "$(dg privacy receipt 2)" == *rt-erase* ]]
	run rt_as "$RT/rt-erase" $ANNA
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *'"outcome":"done"'* ]]
	! database | grep qxanna || false
	database | grep -q zybertbodyzybert
	[ -z "$(find "$RT" -name '*.sql')" ]
	kill "$KEEPER" # a new one asks at once
	wait "$KEEPER" || true
	keeper
	wait_for 60 state_is "done"
	[ "$(outcome_of)" = "done" ]
	traces_gone
}

back() { # STATUS: of the ticket that came after
	[ "$(rt_api GET "/tickets?query=Subject%20%3D%20'Back%20again'&fields=Status" | python3 -c '
import json, sys
print([i["Status"] for i in json.load(sys.stdin)["items"]])')" = "['$1']" ]
}

@test "who writes again while RT still has the old tickets keeps the new one" {
	chown "$T_USER" "$RT/token"
	rt_conf "$RT/desk.conf" Support
	sed -i 's/^desk "rt"/desk "away"/' "$RT/desk.conf"
	traces_setup <"$RT/desk.conf"
	traces_deliver
	dg privacy erase $ANNA
	comes_back
	back new
	ask_anew
	state_is open
	back new
	[[ "$(words_of)" == *"deleted ticket"*rt-erase* ]]
	run rt_as "$RT/rt-erase" $ANNA
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *'"left":1,"outcome":"done","tickets":1,"user":false'* ]]
	! database | grep qxannabodyqxanna || false
	back new
	ask_anew
	wait_for 60 state_is "done"
	back new
	[ "$(words_of)" = "The user record stays: tickets that came after the erasure need it." ]
	dg privacy receipt 2 | grep verified
}
