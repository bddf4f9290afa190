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

issues_of() { # how many have these words
	rm_sql "select count(*) from issues where subject like '%$1%'"
}

# An issue of his that she wrote to as well keeps the request open.
@test "who writes again while something remains there keeps the new issue" {
	# Only an administrator sees accounts.
	chown "$T_USER" "$RM/key.admin"
	rm_conf "$RM/desk.conf" support "$RM/key.admin" 'customers = "create"'
	sed -i 's/^desk "redmine"/desk "away"/' "$RM/desk.conf"
	traces_setup <"$RM/desk.conf"
	traces_deliver
	printf '%s\n' "From: <$BERT>" "To: support@example.com" "Cc: $ANNA" "Subject: Both of us" \
		"Message-ID: <both@example.org>" "" "We wait for it." >"$T/both"
	dg accept -i support@example.com -f $BERT <"$T/both"
	wait_for 60 delivered
	his=$(rm_sql "select id from issues where subject = 'Both of us'")
	printf '%s\n' "From: <$ANNA>" "To: support@example.com" "Subject: Re: Both of us" \
		"Message-ID: <joined@example.org>" "In-Reply-To: <both@example.org>" \
		"" "I saw it too." >"$T/joined"
	dg accept -i support@example.com -f $ANNA <"$T/joined"
	wait_for 60 delivered
	dg privacy erase $ANNA
	state_is open
	[ "$(words_of)" = "Issues of others hold messages of this person, edit them by hand: #$his." ]
	[ "$(issues_of qxannasubject)" = 0 ]
	comes_back
	[ "$(issues_of 'Back again')" = 1 ]
	ask_anew
	state_is open
	[ "$(issues_of 'Back again')" = 1 ]
	words_of
	[[ "$(words_of)" == *"#$his. "*"The account stays"* ]]
	# Somebody edits it: the field names whose messages an issue has.
	rm_sql "update custom_values set value = substr(value, 1, instr(value, char(10)) - 1)
		where customized_type = 'Issue' and customized_id = $his and instr(value, char(10)) > 0"
	ask_anew
	wait_for 60 state_is "done"
	[ "$(issues_of 'Back again')" = 1 ]
	[ "$(words_of)" = "The account stays: issues that came after the erasure need it." ]
	dg privacy receipt 2 | grep verified
}
