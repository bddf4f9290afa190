# SPDX-License-Identifier: GPL-3.0-or-later
# Mail whose every part bears a marker that is looked for afterwards, delivered,
# held and waiting.

marked_setup() {
	fresh <<'TXT'
retry-min = 1h
inbox "support@example.com" { }
inbox "held@example.com" {
	action-ham = quarantine
	action-unsure = quarantine
}
inbox "waiting@example.com" { desk = "away" }
desk "local" { type = local }
TXT
	mkdir -m 1777 "$T/tmp"
	desk_away
}
# A desk more, at which nobody listens.
desk_away() {
	echo "a secret of the desk" >"$T/secret"
	chmod 0600 "$T/secret"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/secret"
	cat >>"$T/dg.conf" <<TXT
desk "away" {
	type = webhook
	url = "http://127.0.0.1:9/"
	token-file = "$T/secret"
	allow-private = true
	events = { "create" }
}
TXT
}
# A message to inbox $2 of whom and what stands in $3, into file $1.
marked() { # FILE INBOX PREFIX
	local p=$3
	cat >"$1" <<TXT
Received: from client.example.org ([192.0.2.7]) by mail.example.net; Mon, 2 Nov 2026 10:00:00 +0000
From: "${p}display${p} Jones" <${p}address${p}@example.org>
To: Support <$2>
Subject: Where is ${p}subject${p} of mine
Message-ID: <${p}messageid${p}-$2>
X-Thing: ${p}header${p}
Date: Mon, 2 Nov 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

It was sent a week ago, the ${p}body${p} that I ordered.
--b
Content-Type: text/plain; name="${p}file${p}.txt"
Content-Disposition: attachment; filename="${p}file${p}.txt"
Content-Transfer-Encoding: base64

$(printf 'The file has a %s within.' "${p}content$p" | base64)
--b--
TXT
}

markers() { # PREFIX
	printf "$1%s$1\n" display address subject messageid header body file content
}

settled() {
	[ "$(dg tickets list --plain | wc -l)" -eq 2 ] &&
		[ "$(dg quarantine list --plain | wc -l)" -eq 2 ] &&
		[ "$(dg queue list --plain | wc -l)" -eq 2 ]
}

two_people() {
	for who in qxanna zybert; do
		for inbox in support held waiting; do
			marked "$T/mail" "$inbox@example.com" $who
			dg accept -i "$inbox@example.com" -f "${who}address${who}@example.org" <"$T/mail"
			[ $inbox != support ] || dg train ham "$T/mail"
		done
	done
	rm "$T/mail"
	wait_for 20 settled
}

# Keys and wrapped keys of the vault, one a line.
vault_records() {
	mdb_dump -s person "$T/state-keys/vault" |
		sed -n '/^HEADER=END/,/^DATA=END/s/^ //p' | sort
}

traces() {
	local keeper_log=
	[ ! -e "$T/keeper.log" ] || keeper_log=$T/keeper.log
	run python3 "$top_srcdir/tests/traces.py" "$1" "$T/state" "$T/state-keys" "$T/tmp" $keeper_log
}
