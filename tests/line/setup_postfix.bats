#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# deskgate setup postfix, on a real Postfix: shown, done, sent through, and taken back.

load setup.bash
. "$top_srcdir/tests/documents.bash"

setup_file() {
	line_need_root
	export LINE LINE_PORT ETC
	setup_deskgate <<'TXT'
authserv-id = "mail.example.net"
inbox "support@example.com" { }
inbox "tag@example.com" { mode = tag }
TXT
	LINE_MILTER=" "
	# Nothing here checks mail, so what senders say of that goes before the milter.
	printf '%s\n' "virtual_alias_maps = inline:{ info@example.com=support@example.com }" \
		"header_checks = regexp:{ {/^Authentication-Results: *mail\\.example\\.net/ IGNORE} }" |
		line_postfix_conf
	ETC=$LINE/postfix/etc
	cp -a "$ETC" "$LINE/etc-before"
	postfix -c "$ETC" start >"$LINE/log/start.log" 2>&1 3>&-
	wait_for 20 line_listens "$LINE_PORT"
}

teardown_file() { line_stop; }

setup() { M=$BATS_TEST_TMPDIR/mail; }

setup_postfix() { dg setup postfix --folder "$ETC" "$@"; }
as_before() { diff -r "$LINE/etc-before" "$ETC"; }

@test "shown, it changes nothing, and needs no root" {
	run setup_postfix
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"+smtpd_milters = { unix:$LINE/run/milter/milter.sock, "*"default_action=tempfail }"* ]]
	[[ "$output" == *"+smtpd_forbid_bare_newline = normalize"* ]]
	[[ "$output" == *"+support@example.com"*"deskgate:support@example.com"* ]]
	[[ "$output" == *"nothing was changed; --apply does this" ]]
	as_before
	cp "$LINE/deskgate.conf" "$LINE/readable.conf"
	run setpriv --reuid=$LINE_USER --clear-groups env TMPDIR="$LINE/mail" \
		"$top_builddir/deskgate" -c "$LINE/readable.conf" setup postfix --folder "$ETC"
	echo "$output"
	[ "$status" -eq 0 ]
	run setpriv --reuid=$LINE_USER --clear-groups \
		"$top_builddir/deskgate" -c "$LINE/readable.conf" setup postfix --folder "$ETC" --apply
	[ "$status" -eq 77 ]
	as_before
}

@test "applied, mail by SMTP is taken by the milter" {
	run setup_postfix --apply
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"it has read its settings again"* ]]
	[[ "$output" == *"good: a message came through the milter"*"second door"* ]]
	[[ "$output" == *"good: forged Authentication-Results are taken out"* ]]
	[[ "$output" == *"good: the MTA takes mail for each inbox (2)"* ]]
	[[ "$output" != *"bad: "* ]]
	setup_tickets 0
	message "$M" setup-one "Where is my parcel?" <<<"It was sent a week ago."
	run line_send "$M"
	echo "$output"
	[[ "$output" == *" 250 "* ]]
	wait_for 30 setup_tickets 1
	# Its queue id is known only after the first recipient, and is in the log.
	grep -q 'queue_id=[0-9A-Za-z]' "$LINE/log/deskgate.log"
}

@test "what a sender says of checks under our own name is found, where nothing takes it out" {
	cp -a "$ETC" "$LINE/etc-applied"
	postconf -c "$ETC" -e 'header_checks ='
	postfix -c "$ETC" reload >>"$LINE/log/start.log" 2>&1
	run setup_postfix --check --json
	echo "$output"
	[ "$status" -eq 69 ]
	[[ "$output" == *'"result":"bad","text":"what a sender writes under the name of mail.example.net'* ]]
	cp -a "$LINE/etc-applied/main.cf" "$ETC/main.cf"
	postfix -c "$ETC" reload >>"$LINE/log/start.log" 2>&1
}

@test "a virtual alias comes by the second door, with its sender" {
	message "$M" setup-alias "The other address" <<<"Hello."
	run line_send --to info@example.com --from anna@example.org "$M"
	[[ "$output" == *" 250 "* ]]
	wait_for 30 setup_tickets 2
	grep -q "relay=deskgate.*status=sent" "$LINE/log/postfix.log"
	dg queue list --all --json | grep -q 'anna@example.org'
	# A bounce has no sender.
	message "$M" setup-null "Delivery report" <<<"Hello."
	run line_send --to info@example.com --from '' "$M"
	wait_for 30 held_null
}

held_null() { # what claims to be a report of nothing we sent is held
	[ "$(line_json '[e["sender"] for e in d["entries"]]' dg quarantine list)" = "['']" ]
}

@test "one message for the inbox and for its alias is one ticket" {
	message "$M" setup-both "Both addresses" <<<"Hello."
	run line_send --to support@example.com --to info@example.com "$M"
	[[ "$output" == *" 250 "* ]]
	wait_for 30 setup_tickets 3
	wait_for 30 line_idle
	setup_tickets 3
}
line_idle() { postqueue -c "$ETC" -p | grep -q "is empty"; }

@test "a message of this host is filtered, and what is only tagged is delivered" {
	message "$M" setup-local "From a program" <<<"Hello."
	sendmail -C "$ETC" -f cron@example.org support@example.com <"$M"
	wait_for 30 setup_tickets 4
	message "$M" setup-tag "Tagged" <<<"Hello."
	run line_send --to tag@example.com "$M"
	wait_for 30 line_box_full tagged
	grep -q '^X-Deskgate-Verdict' "$(line_box tagged)"
	setup_tickets 4
}
line_box_full() { [ -n "$(line_box "$1")" ]; }

@test "without the milter mail waits, and none passes unfiltered" {
	line_end_deskgate
	message "$M" setup-down "Nobody there" <<<"Hello."
	run line_send "$M"
	echo "$output"
	[[ "$output" == *" 451 "* ]]
	run setup_postfix --check
	echo "$output"
	[ "$status" -eq 69 ]
	[[ "$output" == *"bad: no message could be sent to 127.0.0.1:$LINE_PORT: "*"451"* ]]
	line_deskgate
	run line_send "$M"
	[[ "$output" == *" 250 "* ]]
	wait_for 30 setup_tickets 5
}

@test "an inbox that the MTA does not know is found, one that is closed is none" {
	cp "$LINE/deskgate.conf" "$LINE/kept.conf"
	printf 'inbox "%s" { }\n' nobody@example.com sales@example.com >>"$LINE/deskgate.conf"
	run setup_postfix --apply
	echo "$output"
	[ "$status" -eq 69 ]
	[[ "$output" == *"good: a message came through"* ]]
	[[ "$output" == *"bad: the MTA takes no mail for the inbox nobody@example.com: 550 5.1.1 "* ]]
	[[ "$output" != *"inbox sales@"* ]]
	# Our own milter refuses mail for what has ended.
	mv "$LINE/kept.conf" "$LINE/deskgate.conf"
	printf 'inbox "billing@example.com" { }\n' >>"$LINE/deskgate.conf"
	setup_postfix --apply
	line_end_deskgate
	line_deskgate
	dg inbox suspend billing@example.com
	run setup_postfix --check
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"each inbox (2)"* ]]
	dg inbox resume billing@example.com
	sed -i '/billing/d' "$LINE/deskgate.conf"
	line_end_deskgate
	line_deskgate
	setup_postfix --apply
}

@test "again, there is nothing to do" {
	run setup_postfix --apply
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$output" = "nothing to do" ]
	run setup_postfix --json
	[ "$status" -eq 0 ]
	[[ "$output" == *'"state":"unchanged"'* ]]
}

@test "an inbox more is a route more" {
	cp "$LINE/deskgate.conf" "$LINE/kept.conf"
	printf 'inbox "sales@example.com" { }\n' >>"$LINE/deskgate.conf"
	run setup_postfix
	[[ "$output" == *"+sales@example.com"* ]]
	[[ "$output" != *"main.cf"* ]]
	run setup_postfix --apply
	[ "$status" -eq 0 ]
	mv "$LINE/kept.conf" "$LINE/deskgate.conf"
	run setup_postfix --apply
	[ "$status" -eq 0 ]
	[[ "$output" == *"-sales@example.com"* ]]
}

@test "what was changed by hand since is shown and not lost" {
	cp -a "$ETC/main.cf" "$LINE/main.cf"
	echo "biff = no" >>"$ETC/main.cf"
	run setup_postfix --undo
	echo "$output"
	[ "$status" -eq 78 ]
	[[ "$output" == *"+biff = no"*"--force"* ]]
	grep -q '^biff = no' "$ETC/main.cf"
	postconf -c "$ETC" -e 'smtpd_milters ='
	run setup_postfix --apply
	[ "$status" -eq 78 ]
	[[ "$output" == *"changed by hand"* ]]
	run setup_postfix --apply --force
	[ "$status" -eq 0 ]
	postconf -c "$ETC" -h smtpd_milters | grep "$LINE/run/milter"
	cp -a "$LINE/main.cf" "$ETC/main.cf"
}

@test "a record of another user is not believed" {
	chown $LINE_USER "$LINE/state/setup"
	run setup_postfix --undo --force
	echo "$output"
	[ "$status" -eq 77 ]
	[[ "$output" == *"another user"* ]]
	chown root "$LINE/state/setup"
}

@test "undone, all is as it was, byte for byte, and twice is no harm" {
	run setup_postfix --undo --force
	echo "$output"
	[ "$status" -eq 0 ]
	as_before
	run setup_postfix --undo
	[ "$status" -eq 0 ]
	[ "$output" = "nothing to undo" ]
	message "$M" setup-gone "Not filtered" <<<"Hello."
	run line_send "$M"
	[[ "$output" == *" 250 "* ]]
	wait_for 30 line_box_full leaked
	setup_tickets 5
}

@test "nothing is changed while the milter does not run" {
	line_end_deskgate
	run setup_postfix --apply
	echo "$output"
	[ "$status" -eq 69 ]
	[[ "$output" == *"start deskgate-milter first"* ]]
	as_before
	line_deskgate
}

# One setting of contrib/mta/postfix.conf with the paths of this test.
here() { # PATTERN
	sed -n -e "s#/var/run/deskgate/#$LINE/run/#g" -e "s#/etc/postfix/#$ETC/#g" \
		-e "s#/usr/bin/deskgate#$top_builddir/deskgate#" \
		-e "s#/etc/deskgate/#$LINE/#" \
		-e "s#user=deskgate:deskgate#user=$LINE_USER:$(id -gn $LINE_USER)#" \
		-e "s/$1//p" "$top_srcdir/contrib/mta/postfix.conf"
}

@test "the commands of manual and page work as they stand, and set what is shown for hands" {
	deskgate() {
		case $* in *--undo) compare_snippet ;; esac
		dg "$@"
	}
	export MAIL_CONFIG=$ETC
	walk deskgate-setup.1
	deskgate setup postfix --undo
	as_before
	walk postfix.md
	as_before
}
compare_snippet() {
	local name
	for name in smtpd_milters non_smtpd_milters transport_maps \
		deskgate_destination_recipient_limit smtpd_forbid_bare_newline; do
		[ -n "$(here "^$name = ")" ]
		[ "$(here "^$name = ")" = "$(postconf -c "$ETC" -h $name)" ]
	done
	[ "$(here '^#deskgate unix')" = "$(postconf -c "$ETC" -M deskgate/unix |
		sed 's/  */ /g; s/^deskgate unix//')" ]
	grep -qF "$(here '^#support@')" "$ETC/deskgate-transport"
}

@test "another order than last is refused, with the reason" {
	postconf -c "$ETC" -e \
		"smtpd_milters = unix:$LINE/run/milter/milter.sock, inet:127.0.0.1:9"
	cp -a "$ETC" "$LINE/etc-other"
	for how in "" --apply; do
		# shellcheck disable=SC2086 # no word at all
		run setup_postfix $how
		echo "$output"
		[ "$status" -eq 78 ]
		[[ "$output" == *"inet:127.0.0.1:9 stands behind Deskgate"*"stores a message before it says yes"* ]]
	done
	diff -r "$LINE/etc-other" "$ETC"
	cp -a "$LINE/etc-before/." "$ETC"
}
