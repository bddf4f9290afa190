#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Mail of our own through a real Postfix that wants TLS and a login: it is sent so, and
# where it cannot be, the log says what to mend and it is sent once that is done.

load intake.bash

setup_file() {
	line_need_root
	command -v openssl >/dev/null || skip "openssl is not installed"
	export RELAY
	RELAY=$(mktemp -d /tmp/deskgate-relay.XXXXXX)
	chmod 0755 "$RELAY"
	certificates >"$RELAY/openssl.log" 2>&1
	printf 'open sesame\n' >"$RELAY/password"
	printf 'open barley\n' >"$RELAY/wrong"
	chmod 0600 "$RELAY/password" "$RELAY/wrong"
	chown "$LINE_USER" "$RELAY/password" "$RELAY/wrong"
	python3 "$top_srcdir/tests/line/sasl.py" "$RELAY/auth" deskgate "open sesame" \
		>"$RELAY/sasl.log" 2>&1 3>&- &
	echo $! >"$RELAY/pid"
	wait_for 10 test -S "$RELAY/auth"
	intake_start "smtpd_tls_security_level = may
smtpd_tls_chain_files = $RELAY/server.key, $RELAY/server.pem
smtpd_tls_received_header = yes
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = unix:$RELAY/auth
smtpd_sasl_authenticated_header = yes
smtpd_sender_restrictions = check_sender_access inline:{ {<> = permit_sasl_authenticated, reject} }" <<'TXT'
own-networks = { "192.0.2.0/24" }
inbox "support@example.com" {
	acknowledge = yes
}
TXT
	cp "$LINE/deskgate.conf" "$RELAY/plain.conf"
	wrapped
	line_teach
}

# A second port of the same Postfix, with TLS from the first byte.
wrapped() {
	export RELAY_PORT
	RELAY_PORT=$(line_port)
	cat >>"$LINE/postfix/etc/master.cf" <<TXT
127.0.0.1:$RELAY_PORT inet n - n - 100 smtpd
  -o smtpd_tls_wrappermode=yes
TXT
	postfix -c "$LINE/postfix/etc" reload >"$RELAY/reload.log" 2>&1 3>&-
	wait_for 20 line_listens "$RELAY_PORT"
}

teardown_file() {
	intake_stop
	[ ! -s "$RELAY/pid" ] || kill "$(cat "$RELAY/pid")"
	rm -rf "$RELAY"
}

certificates() { # a CA of our own, and a server's for 127.0.0.1 alone
	cd "$RELAY" || return 1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj "/CN=CA of this test" -keyout ca.key -out ca.pem
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-subj "/CN=mail.example.net" -keyout server.key -out server.csr
	openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
		-extfile <(echo "subjectAltName = IP:127.0.0.1") -out server.pem
	cd - >/dev/null
}

# Deskgate anew with these settings of the relay; the log from here on is `since`.
relay() { # LINE...
	line_end_deskgate
	printf '%s\n' "mail-relay-tls = must" "$@" | cat - "$RELAY/plain.conf" >"$LINE/deskgate.conf"
	wc -l <"$LINE/log/deskgate.log" >"$RELAY/since"
	line_deskgate
}
since() { tail -n "+$(($(cat "$RELAY/since") + 1))" "$LINE/log/deskgate.log"; }
said() { since | grep -q -- "$1"; } # PATTERN

ask() { # ID: somebody whose mailbox is here opens a ticket
	intake_mail "$M" "$1" "Relay $1" "From: Anna <$1@example.com>" <<<"Where is it?"
	intake_send --xclient 192.0.2.9 "$M"
}
answer() { # ID
	local file
	for file in $(line_box rest); do
		grep -q "^In-Reply-To: <$1@" "$file" && cat "$file" && return
	done
	return 1
}
answered() { answer "$1" >/dev/null; }
login=('mail-relay-user = "deskgate"')

@test "a certificate of an unknown CA is refused, and the log names the setting" {
	relay "mail-relay = \"smtp://127.0.0.1:$LINE_PORT\""
	ask relay-ca
	wait_for 30 said "not-acknowledged.*certificate.*mail-relay-ca-file"
	said "again=yes"
	! answered relay-ca
}

@test "with its CA and a login it is sent, once, by TLS" {
	relay "mail-relay = \"smtp://127.0.0.1:$LINE_PORT\"" \
		"mail-relay-ca-file = \"$RELAY/ca.pem\"" \
		"${login[@]}" "mail-relay-password-file = \"$RELAY/password\""
	ask relay-good
	wait_for 30 answered relay-good
	answer relay-good >"$M.got"
	grep -q 'using TLSv1' "$M.got"
	grep -q 'Authenticated sender: deskgate' "$M.got"
	[ "$(grep -c 'event=acknowledged\| acknowledged ' <(since))" -eq 1 ]
}

@test "smtps: TLS from the first byte, the CA and a login looked at as well" {
	relay "mail-relay = \"smtps://127.0.0.1:$RELAY_PORT\""
	ask relay-wrapped-ca
	wait_for 30 said "not-acknowledged.*certificate.*mail-relay-ca-file"
	! answered relay-wrapped-ca
	relay "mail-relay = \"smtps://127.0.0.1:$RELAY_PORT\"" \
		"mail-relay-ca-file = \"$RELAY/ca.pem\"" \
		"${login[@]}" "mail-relay-password-file = \"$RELAY/password\""
	ask relay-wrapped
	wait_for 30 answered relay-wrapped
	answer relay-wrapped >"$M.got"
	grep -q 'using TLSv1' "$M.got"
	grep -q 'Authenticated sender: deskgate' "$M.got"
}

@test "smtps: a port that begins in the clear gets nothing" {
	relay "mail-relay = \"smtps://127.0.0.1:$LINE_PORT\"" \
		"mail-relay-ca-file = \"$RELAY/ca.pem\"" \
		"${login[@]}" "mail-relay-password-file = \"$RELAY/password\""
	ask relay-clear
	wait_for 30 said "not-acknowledged"
	said "again=yes"
	! answered relay-clear
}

@test "a server of another name is refused" {
	relay "mail-relay = \"smtp://localhost:$LINE_PORT\"" \
		"mail-relay-ca-file = \"$RELAY/ca.pem\""
	ask relay-name
	wait_for 30 said "not-acknowledged.*certificate.*mail-relay"
	! answered relay-name
}

@test "a wrong login is told with the server's words, and tried again" {
	relay "mail-relay = \"smtp://127.0.0.1:$LINE_PORT\"" \
		"mail-relay-ca-file = \"$RELAY/ca.pem\"" \
		"${login[@]}" "mail-relay-password-file = \"$RELAY/wrong\""
	ask relay-login
	wait_for 30 said "not-acknowledged.*login: 535"
	said "mail-relay-password-file"
	said "again=yes"
	! answered relay-login
}

@test "without a login the server's refusal is told" {
	relay "mail-relay = \"smtp://127.0.0.1:$LINE_PORT\"" \
		"mail-relay-ca-file = \"$RELAY/ca.pem\""
	ask relay-none
	wait_for 30 said "not-acknowledged.*refused it: 554"
	! answered relay-none
}

@test "a CA file that holds no certificate is told" {
	printf 'nothing\n' >"$RELAY/none.pem"
	relay "mail-relay = \"smtp://127.0.0.1:$LINE_PORT\"" \
		"mail-relay-ca-file = \"$RELAY/none.pem\""
	ask relay-file-none
	wait_for 30 said "not-acknowledged.*mail-relay-ca-file"
}

@test "what was due when a backup was made is not sent after a restore, and new mail is answered" {
	relay 'mail-relay = "smtp://127.0.0.1:1"'
	ask relay-due
	wait_for 30 said "not-acknowledged.*again=yes"
	install -d -o "$LINE_USER" -m 0700 "$RELAY/backup" "$RELAY/vault"
	dg backup "$RELAY/backup/one" --vault "$RELAY/vault"
	line_end_deskgate
	run dg restore "$RELAY/backup/one" --vault "$RELAY/vault" --replace
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *" due then and may have been sent since: "*" not sent"* ]]
	relay "mail-relay = \"smtp://127.0.0.1:$LINE_PORT\"" \
		"mail-relay-ca-file = \"$RELAY/ca.pem\"" \
		"${login[@]}" "mail-relay-password-file = \"$RELAY/password\""
	ask relay-new
	wait_for 30 answered relay-new
	[ "$(grep -c 'event=acknowledged\| acknowledged ' <(since))" -eq 1 ]
}

@test "a CA file that is not there stops the start" {
	! relay "mail-relay = \"smtp://127.0.0.1:$LINE_PORT\"" \
		"mail-relay-ca-file = \"$RELAY/absent.pem\""
	said "mail-relay-ca-file: cannot read $RELAY/absent.pem"
}
