# SPDX-License-Identifier: GPL-3.0-or-later
# Messages for tests in shell, and waiting.

wait_for() { # SECONDS COMMAND...
	local left=$(($1 * 10)); shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ $left -gt 0 ] || { echo "gave up waiting for: $*"; return 1; }
		sleep 0.1
	done
}

# FOLDER PACKAGE...: Debian packages' files, below FOLDER/root: for those that conflict
# with another, or would start a daemon.
unpacked() {
	local folder=$1 deb
	shift
	mkdir -p "$folder/debs" "$folder/root"
	(cd "$folder/debs" && apt-get -q download "$@") || return 1
	for deb in "$folder"/debs/*.deb; do
		dpkg -x "$deb" "$folder/root" || return 1
	done
}

# A daemon of ours, by its pid, is the porter; its child does the work, and has a fork
# server, whose children are the readers.
worker_of() { pgrep -o -P "$1"; }
servers_of() { pgrep -P "$(worker_of "$1")"; }
readers_of() { local server; for server in $(servers_of "$1"); do pgrep -P "$server"; done; }

# One message: FILE ID SUBJECT, the body from standard input.
message() {
	{
		cat <<TXT
Received: from client.example.org ([192.0.2.7]) by mail.example.net; Mon, 2 Nov 2026 10:00:00 +0000
From: Someone <someone-$2@example.org>
To: Support <support@example.com>
Subject: $3
Message-ID: <$2@client.example.org>
Date: Mon, 2 Nov 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

TXT
		cat
	} >"$1"
}

# N ham and N spam that are easily told apart: $T/ham/1 ..., $T/spam/1 ...
corpus() { # N
	mkdir -p "$T/ham" "$T/spam"
	for i in $(seq "$1"); do
		message "$T/ham/$i" "ham$i" "Question $i about my order" <<TXT
Hello, my order number $((i * 7919)) has not arrived yet. Could you please look
into it and tell me when the parcel leaves your warehouse? Regards, customer $i
TXT
		message "$T/spam/$i" "spam$i" "WIN $i cheap casino pills" <<TXT
Exclusive casino bonus $i! Cheap pills without prescription, click
http://deals$i.example.net/win now, limited offer, unsubscribe never $((i * 104729))
TXT
	done
}
