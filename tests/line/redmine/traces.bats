#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A person whose mail went to a real Redmine is erased: no byte of her is left here, and no
# row that names her there.

load redmine
load ../traces

setup_file() {
	rm_need
	rm_start
	export RM RM_URL RM_PORT
	chmod 0755 "$RM"
}
teardown_file() { rm_stop; }
teardown() { done_with; }

@test "erased here and there" {
	chown "$T_USER" "$RM/key"
	rm_conf "$RM/desk.conf" support
	sed -i 's/^desk "redmine"/desk "away"/' "$RM/desk.conf"
	traces_setup <"$RM/desk.conf"
	traces_deliver
	rm_sql .dump | grep -q qxannabodyqxanna
	run dg privacy erase $ANNA
	echo "$output"
	[ "$status" -eq 0 ]
	wait_for 60 state_is "done"
	traces_gone
	! rm_sql .dump | grep qxanna || false
	rm_sql .dump | grep -q zybertbodyzybert
	[ -z "$(find "$RM/files" -type f | xargs -r grep -l qxanna)" ]
}
