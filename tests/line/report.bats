#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A mailbox that teaches, behind a real Postfix with SMTP AUTH: what somebody who is logged
# in forwards as attachments is learnt as it came to him, and nobody else comes in.

load intake.bash

setup_file() {
	line_need_root
	export REPORT
	REPORT=$(mktemp -d /tmp/deskgate-report.XXXXXX)
	chmod 0755 "$REPORT"
	python3 "$top_srcdir/tests/line/sasl.py" "$REPORT/auth" ann@example.com "open sesame" \
		>"$REPORT/sasl.log" 2>&1 3>&- &
	echo $! >"$REPORT/pid"
	wait_for 10 test -S "$REPORT/auth"
	intake_start "smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = unix:$REPORT/auth" <<'TXT'
train-rate = 6
own-networks = { "192.0.2.0/24" }
inbox "support@example.com" { }
inbox "spam@example.com" { mode = teach-spam }
inbox "ham@example.com" { mode = teach-ham }
TXT
}

teardown_file() {
	intake_stop
	[ ! -s "$REPORT/pid" ] || kill "$(cat "$REPORT/pid")"
	rm -rf "$REPORT"
}

# What people get: with fields that are folded oddly, bytes beyond ASCII, other charsets.
given() { # ID
	{
		printf 'Received: from a.example.net by mx1.example.com; Mon, 2 Nov 2026 10:00:00 +0000\n'
		printf 'From:  Someone\n\t<someone-%s@example.net>\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\n of %s\n' "$1" "$1"
		printf 'Message-ID: <%s@client.example.net>\nDate: Mon, 2 Nov 2026 10:00:00 +0000\n' "$1"
		printf 'To: ann@example.com\nContent-Type: text/plain;\n  charset=utf-8\n\n'
		printf 'Gr\xc3\xbc\xc3\x9fe, %s: an offer of today alone.\n>From the depot\n\n--not a boundary\n' "$1"
	} >"$BATS_TEST_TMPDIR/$1"
	line_note_names "$BATS_TEST_TMPDIR/$1"
}

# A forward: FILE ID ATTACHED...
forward() {
	local file=$1 id=$2 one
	shift 2
	{
		printf 'From: Ann <ann@example.com>\nTo: spam@example.com\nSubject: Fwd of %s\n' "$id"
		printf 'Message-ID: <%s@ann.example.com>\nDate: Mon, 2 Nov 2026 11:00:00 +0000\n' "$id"
		printf 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="cut here"\n\n'
		printf -- '--cut here\nContent-Type: text/plain\n\nThis came to me again.\n'
		for one; do
			printf -- '--cut here\nContent-Type: message/rfc822\nContent-Disposition: attachment\n\n'
			cat "$one"
			printf '\n'
		done
		printf -- '--cut here--\n'
	} >"$file"
}
report() { # TO FILE
	line_send --login "ann@example.com:open sesame" --from ann@example.com --to "$1" "$2"
}
lessons() { # "HAM SPAM"
	line_json '"%d %d" % (d["model"]["ham"], d["model"]["spam"])' dg stats
}
are() { [ "$(lessons)" = "$1" ]; }
told() { sed -n 's/.*lessons-by-mail //p' "$LINE/log/deskgate.log"; }
has_told() { told | grep -q -- "$1"; }
known() { # CLASS FILE
	dg train --json "$1" "$2" | grep -q '"outcome":"already known"'
}

@test "what is attached is learnt as it came, and nothing of it stays" {
	given one
	given two
	forward "$M" both "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
	run report spam@example.com "$M"
	[[ "$output" == *" 250 "* ]]
	wait_for 30 are "0 2"
	known spam "$BATS_TEST_TMPDIR/one"
	known spam "$BATS_TEST_TMPDIR/two"
	# no ticket, no message, no copy for anybody
	wait_for 20 line_settled
	[ "$(line_count tickets)" = 0 ]
	[ "$(find "$LINE/state/spool/msg" -type f | wc -l)" = 0 ]
	[ -z "$(line_box rest)" ]
	has_told 'class=spam messages=2 outcomes=learnt:2'
	[ "$(dg audit --plain | grep -c "	mail:.*	lesson	.*learnt")" -eq 2 ] || { dg audit --plain; false; }
	[[ "$(dg operator list --plain)" == *"mail:ann@example.com	"* ]]
}

@test "the other address moves it" {
	given one
	forward "$M" moved "$BATS_TEST_TMPDIR/one"
	report ham@example.com "$M"
	wait_for 30 are "1 1"
	known ham "$BATS_TEST_TMPDIR/one"
	has_told 'class=ham messages=1 outcomes=moved:1'
}

@test "who is not logged in is refused, from a network of ours too, and others get their mail" {
	given three
	forward "$M" stranger "$BATS_TEST_TMPDIR/three"
	run line_send --to spam@example.com "$M"
	[[ "$output" == *" 550 "*"logged in"* ]]
	run line_send --xclient 192.0.2.9 --to ham@example.com "$M"
	[[ "$output" == *" 550 "* ]]
	before=$(lessons)
	run line_send --to support@example.com "$M"
	[[ "$output" == *" 250 "* ]]
	wait_for 30 eval '[ "$(line_count tickets)" -eq 1 ]'
	are "$before"
	grep -q 'recipient-refused.*inbox=spam@example.com.*code=550' "$LINE/log/deskgate.log"
}

@test "the other door is closed too" {
	given three
	before=$(lessons)
	run sh -c "'$top_builddir/deskgate' -c '$LINE/deskgate.conf' accept -i spam@example.com <'$BATS_TEST_TMPDIR/three'"
	echo "$output"
	[ "$status" -eq 77 ]
	[[ "$output" == *"deskgate train"* ]]
	are "$before"
}

@test "without an attached message nothing is learnt, and the log says why" {
	before=$(lessons)
	intake_mail "$M" inline "Fwd: offer" "From: Ann <ann@example.com>" <<<"> an offer of today alone"
	report spam@example.com "$M"
	wait_for 30 has_told 'messages=0.*no message is attached'
	are "$before"
	wait_for 20 line_settled
	[ "$(find "$LINE/state/spool/new" "$LINE/state/spool/dead" -type f | wc -l)" = 0 ]
}

@test "one who reports teaches no more than train-rate" {
	for i in 1 2 3 4 5 6; do given "r$i"; done
	forward "$M" many "$BATS_TEST_TMPDIR"/r[1-6]
	report spam@example.com "$M"
	# three lessons were his before
	wait_for 30 has_told 'messages=6 outcomes=learnt:3,refused:3 text=.*train-rate'
	are "1 4"
	# what is known is known, by whomever it is told
	known spam "$BATS_TEST_TMPDIR/r1"
}

@test "a whole domain cannot teach" {
	cp "$LINE/deskgate.conf" "$BATS_TEST_TMPDIR/wrong.conf"
	echo 'inbox "@example.org" { mode = teach-spam }' >>"$BATS_TEST_TMPDIR/wrong.conf"
	run "$top_builddir/deskgate" -c "$BATS_TEST_TMPDIR/wrong.conf" check
	echo "$output"
	[ "$status" -eq 78 ]
	[[ "$output" == *"mode = teach-spam: only one address"* ]]
}
