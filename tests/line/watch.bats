#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Mail handed to a real Postfix is counted, by inbox and verdict, in both programs, and
# told at one address; by two users, as where milter and keeper are apart.

load line.bash

setup_file() {
	line_need_root
	command -v curl >/dev/null || skip "curl is not installed"
	export LINE LINE_PORT WATCH
	WATCH=$(line_port)
	line_start <<TXT
milter-user = "daemon"
group = "nogroup"
metrics-listen = "127.0.0.1:$WATCH"
inbox "support@example.com" { }
inbox "sales@example.com" { }
TXT
}
teardown_file() { line_stop; }
setup() { M=$BATS_TEST_TMPDIR/mail; P=$BATS_TEST_TMPDIR/page; }

figure() { # SAMPLE VALUE
	curl -sSf -m 10 --noproxy '*' -o "$P" "http://127.0.0.1:$WATCH/metrics" &&
		grep -qxF "$1 $2" "$P"
}

@test "inboxes are told from 0 on, before there is any mail" {
	wait_for 20 figure 'deskgate_messages_total{inbox="sales@example.com",verdict="spam"}' 0
	figure 'deskgate_milter_answers_total{answer="accept"}' 0
	grep -q '^deskgate_alive_time_seconds{program="milter"} [0-9]' "$P"
}

@test "a message is counted by the milter, and its ticket by the keeper" {
	message "$M" first "Where is my parcel?" <<<"It was sent a week ago."
	run line_send "$M"
	[ "$status" -eq 0 ]
	wait_for 30 figure 'deskgate_messages_total{inbox="support@example.com",verdict="unsure"}' 1
	figure 'deskgate_message_actions_total{inbox="support@example.com",action="ticket"}' 1
	figure 'deskgate_milter_answers_total{answer="accept"}' 1
	figure 'deskgate_answer_seconds_count' 1
	figure 'deskgate_judge_seconds_count' 1
	figure 'deskgate_store_seconds_count' 1
	wait_for 30 figure 'deskgate_tickets_total{desk="local",how="made"}' 1
	figure 'deskgate_ticket_delay_seconds_count{desk="local"}' 1
	# nothing of who wrote, or what
	! grep -qi 'someone\|example\.org\|parcel' "$P"
}

@test "spam for two inboxes is counted in both, and stands in quarantine" {
	line_teach
	message "$M" spam-a "WIN now cheap casino pills" <<<"Exclusive casino bonus! Cheap pills without prescription, click http://deals3.example.net/win now, limited offer, unsubscribe never"
	run line_send --to support@example.com --to sales@example.com "$M"
	[ "$status" -eq 0 ]
	for inbox in support sales; do
		wait_for 30 figure "deskgate_messages_total{inbox=\"$inbox@example.com\",verdict=\"spam\"}" 1
		figure "deskgate_message_actions_total{inbox=\"$inbox@example.com\",action=\"quarantine\"}" 1
	done
	wait_for 30 figure 'deskgate_spool_entries{state="held"}' 2
	figure 'deskgate_model_lessons{model="installation",class="spam"}' 40
}

@test "a page with all figures is in order to promtool" {
	command -v promtool >/dev/null || skip "promtool is not installed (Debian: prometheus)"
	wait_for 20 figure 'deskgate_model_active{model="installation"}' 1
	promtool check metrics <"$P"
}

@test "a milter that starts anew counts from 0, and that is seen" {
	pid=$(line_pid deskgate-milter)
	kill "$pid"
	wait_for 30 figure 'deskgate_answer_seconds_count' 0
	figure 'deskgate_tickets_total{desk="local",how="made"}' 1
}
