#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The doctor, in set-ups of which one thing is broken: he finds it, says what to do, and
# ends with 1; warnings alone are 0.

load common
load marked

setup() {
	fresh <<TXT
inbox "support@example.com" { }
TXT
	printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	mkdir "$T/postfix"
	# no MTA of this host is looked at
	printf 'Xdeskgate, S=unix:%s/state/run/milter/milter.sock, F=T\nO InputMailFilters=other,deskgate\n' "$T" >"$T/sendmail.cf"
}
teardown() {
	[ -z "${MILTER:-}" ] || { kill "$MILTER" && wait "$MILTER"; } || true
	done_with
}

milter() {
	deskgate-milter -c "$T/dg.conf" >"$T/milter.log" 2>&1 3>&- &
	MILTER=$!
	wait_for 20 grep -q ' ready' "$T/milter.log" || { cat "$T/milter.log"; false; }
}
doctor() { dg doctor --sendmail "$T/sendmail.cf" "$@"; }
# A finding of this level and word, with what was found and what to do.
finds() { # LEVEL CHECK TEXT [MEND]
	printf '%s\n' "$output" | grep -A1 -E "^$1 +$2 " | grep -A1 -F -- "$3" |
		grep -qF -- "${4:-$3}" || { echo "not found: $*"; printf '%s\n' "$output"; return 1; }
}
running() { keeper && milter && wait_for 20 grep -q ' ready' "$T/keeper.log"; }

@test "where all is well nothing has failed, and the code is 0" {
	running
	run doctor
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *$'\n0 failed, '* ]]
	for check in settings rights disk keeper stores mta queue; do finds ok "$check" ""; done
	finds ok milter "deskgate-milter listens at unix:$T/state/run/milter/milter.sock" || finds warn milter ""
	finds warn model "too little was taught" "deskgate train ham"
	doctor --json | python3 -c 'import json, sys
d = json.load(sys.stdin)
assert d["good"] is True and d["failed"] == 0, d
assert all(c["level"] in ("ok", "warn") for c in d["checks"])
assert all(c["mend"] for c in d["checks"] if c["level"] != "ok"), d'
}

@test "wrong settings are told with their line" {
	echo 'retry-min = soon' >>"$T/dg.conf"
	run doctor
	[ "$status" -eq 1 ]
	finds fail settings "$T/dg.conf:4: " "mend that line"
	run dg doctor -c "$T/none.conf"
	[ "$status" -eq 1 ]
	finds fail settings none.conf "name the file with -c"
}

@test "programs that do not run are told, and how to start them" {
	dg stats >/dev/null
	run doctor
	[ "$status" -eq 1 ]
	finds fail keeper "deskgate-deliver does not answer" "start deskgate-deliver"
	finds fail milter "deskgate-milter does not listen" "start deskgate-milter"
	finds ok stores "every store that is there is whole"
	run doctor --json
	[ "$status" -eq 1 ]
	[[ "$output" == *'"good":false'* ]]
}

@test "a socket that is missing, or shut to the MTA" {
	running
	chmod 0600 "$T/state/run/milter/milter.sock"
	run doctor
	[ "$status" -eq 1 ]
	finds fail milter "may not connect to $T/state/run/milter/milter.sock" "chmod 0660"
	rm "$T/state/run/milter/milter.sock"
	run doctor
	[ "$status" -eq 1 ]
	finds fail milter "deskgate-milter does not listen" "start deskgate-milter"
}

@test "folders and keys that are open, or another's" {
	running
	chmod 0755 "$T/state/model"
	chmod 0644 "$T/state-keys/vault.key"
	run doctor
	[ "$status" -eq 1 ]
	finds fail rights "$T/state/model is open to every user" "run \"chmod 0700 $T/state/model\""
	finds fail rights "$T/state-keys/vault.key is open to every user" "run \"chmod o= $T/state-keys/vault.key\""
	[ "$(id -u)" -eq 0 ] || return 0
	chown 0 "$T/state/ledger"
	run doctor
	finds fail rights "$T/state/ledger belongs to the user with id 0" "run \"chown "
}

@test "a desk that is down" {
	desk_away
	running
	run doctor
	[ "$status" -eq 1 ]
	finds fail desk "away: reach: " "to do: "
}

@test "a clock that went back" {
	running
	touch -d 'now + 2 days' "$T/state/spool/msg"
	run doctor
	[ "$status" -eq 1 ]
	finds fail clock "the clock is behind" "timedatectl"
}

@test "a disk with too little room" {
	running
	echo 'reserve-space = 15000G' >>"$T/dg.conf"
	run doctor
	[ "$status" -eq 1 ]
	finds fail disk "less than reserve-space" "free some room there"
}

@test "a model that is damaged, or has no score table" {
	corpus 8
	dg train ham "$T/ham" >/dev/null
	dg train spam "$T/spam" >/dev/null
	python3 - "$T/state/model/data.mdb" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(0, 2)
    size = f.tell()
    for at in range(2 * 4096, size, 4096):
        f.seek(at + 8)
        f.write(b"\xff" * 24)
PY
	run doctor
	[ "$status" -eq 1 ]
	finds fail stores "the model is damaged: " "deskgate check --deep --mend"
	running
	rm "$T/state/run/keeper/score.table"
	run doctor
	[ "$status" -eq 1 ]
	finds fail model "there is no score table" "start deskgate-deliver anew"
	finds warn stores "pieces of damaged stores are kept" "deskgate stats"
}

@test "an MTA that is not wired, does not wait, or has another milter behind" {
	running
	sed -i 's/F=T/F=R/; s/other,deskgate/deskgate,other/' "$T/sendmail.cf"
	run doctor
	[ "$status" -eq 1 ]
	finds fail mta "while Deskgate does not run, mail passes it by" "F=T"
	finds warn mta "another milter comes after Deskgate" "last in the list"
	sed -i '/^X/d' "$T/sendmail.cf"
	run doctor
	[ "$status" -eq 1 ]
	finds fail mta "does not hand its mail to Deskgate" "INPUT_MAIL_FILTER"
}

@test "Postfix is asked for what it does" {
	command -v postconf >/dev/null || skip "Postfix is not installed"
	running
	place="unix:$T/state/run/milter/milter.sock"
	wired() { # MILTERS ACTION
		printf 'compatibility_level = 3.6\nsmtpd_milters = %s\nmilter_default_action = %s\nmessage_size_limit = 1000000\n' "$1" "$2" >"$T/postfix/main.cf"
		printf 'smtp inet n - n - - smtpd\n' >"$T/postfix/master.cf"
		run dg doctor --postfix "$T/postfix"
	}
	wired "unix:/other, { $place, default_action=tempfail }" accept
	finds ok mta "last of its milters"
	wired "$place" accept
	[ "$status" -eq 1 ]
	finds fail mta "mail passes it by" "deskgate setup postfix"
	wired "$place.other" tempfail
	[ "$status" -eq 1 ]
	finds fail mta "does not hand its mail" "run \"deskgate setup postfix --folder $T/postfix\""
	wired "$place unix:/other" tempfail
	finds warn mta "another milter comes after" "last"
	printf 'smtp inet n - y - - smtpd\n' >"$T/postfix/master.cf"
	run dg doctor --postfix "$T/postfix"
	[ "$status" -eq 1 ]
	finds fail mta "smtp (smtpd) runs in a chroot and cannot see" "chroot=n"
}

@test "a socket below Postfix's queue is ours by its short name, also from a chroot" {
	command -v postconf >/dev/null || skip "Postfix is not installed"
	running
	printf 'compatibility_level = 3.6\nqueue_directory = %s/state\nsmtpd_milters = { unix:run/milter/milter.sock, default_action=tempfail }\nmessage_size_limit = 1000000\n' "$T" >"$T/postfix/main.cf"
	printf 'smtp inet n - y - - smtpd\ncleanup unix n - y - 0 cleanup\n' >"$T/postfix/master.cf"
	run dg doctor --postfix "$T/postfix"
	echo "$output"
	[ "$status" -eq 0 ]
	finds ok mta "last of its milters"
}

@test "a service of master.cf with milters of its own is looked at by itself" {
	command -v postconf >/dev/null || skip "Postfix is not installed"
	running
	place="unix:$T/state/run/milter/milter.sock"
	services() { # SMTPD_MILTERS: the others of master.cf follow
		printf 'compatibility_level = 3.6\nsmtpd_milters = %s\ntwo_milters = %s, unix:/other\nmilter_default_action = tempfail\nmessage_size_limit = 1000000\n' "$1" "$place" >"$T/postfix/main.cf"
		{ printf 'smtp inet n - n - - smtpd\n'; cat; } >"$T/postfix/master.cf"
		run dg doctor --postfix "$T/postfix"
		echo "$output"
	}
	services "$place" <<'TXT'
587 inet n - n - - smtpd
  -o smtpd_milters=unix:/other
10025 inet n - n - - smtpd
  -o receive_override_options=no_milters
2525 inet n - n - - smtpd
  -o smtpd_milters=$two_milters
TXT
	[ "$status" -eq 0 ]
	finds ok mta "the MTA hands its mail to Deskgate, last of its milters"
	finds warn mta "master.cf, service 587: mail that comes in there is not handed" "take smtpd_milters"
	finds warn mta "master.cf, service 10025: mail that comes in there is not handed" "no_milters"
	finds warn mta "master.cf, service 2525: another milter comes after" "last"
	services "" <<TXT
587 inet n - n - - smtpd
  -o smtpd_milters=$place
TXT
	[ "$status" -eq 0 ]
	finds warn mta "mail that comes in there is not handed" "deskgate setup postfix"
	finds ok mta "master.cf, service 587: the MTA hands its mail to Deskgate"
	services "" </dev/null
	[ "$status" -eq 1 ]
	finds fail mta "the MTA does not hand its mail to Deskgate"
	services "$place" <<'TXT'
587 inet n - n - - smtpd
  -o smtpd_milters=$smtpd_milters,unix:/other
TXT
	finds warn mta "no Postfix or Sendmail can be asked here: postconf: " "--postfix"
}
