#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# deskgate check, and the sample settings.

load common

setup() { fresh </dev/null; }
teardown() { done_with; }

good() { # settings that a daemon of this user would take
	printf 'state-dir = "%s/state"\n' "$T"
	[ "$(id -u)" -ne 0 ] || printf 'user = "nobody"\n'
}

@test "good settings are told so" {
	good >"$T/dg.conf"
	printf 'inbox "support@example.com" { }\n' >>"$T/dg.conf"
	run dg check
	[ "$status" -eq 0 ]
	[[ "$output" == *"nothing is wrong: 1 inboxes"* ]]
}

@test "everything wrong is told at once, with file and line" {
	good >"$T/dg.conf"
	base=$(wc -l <"$T/dg.conf")
	cat >>"$T/dg.conf" <<'TXT'
max-mesage-size = 10M
max-message-size = huge
readers = 900
log-format = xml
retry-min = 10 parsecs
inbox "support@example.com" {
	mode = tickte
	colour = "red"
}
TXT
	run dg check
	[ "$status" -eq 78 ]
	for n in 1 2 3 4 5 7 8; do
		[[ "$output" == *"$T/dg.conf:$((base + n)): "* ]] ||
			{ echo "line $n is not told: $output"; false; }
	done
	[[ "$output" == *"max-message-size"* ]]
	[[ "$output" == *"1 to 64"* ]]
	[[ "$output" == *"text, json"* || "$output" == *"text|json"* ]]
}

@test "what is wrong between settings is told at once, too" {
	good >"$T/dg.conf"
	base=$(wc -l <"$T/dg.conf")
	printf 'token' >"$T/token"
	chmod 0644 "$T/token"
	cat >>"$T/dg.conf" <<TXT
milter-socket = "smoke:signals"
own-networks = { "192.0.2.0/99" }
retry-min = 2h
retry-max = 1h
inbox "support" { }
inbox "sales@example.com" { desk = "nowhere" }
inbox "tagged@example.com" {
	mode = tag
	action-spam = quarantine
}
inbox "billing@example.com" { subject-tag = 'no group' }
inbox "strict@example.com" {
	spam-score = 7.5
	ham-score = -9
}
desk "main" {
	type = liveagent
	url = "ftp://desk.example.net"
	token-file = "$T/token"
}
desk "other" {
	type = liveagent
	url = "https://desk.example.net/api/v3"
}
TXT
	run dg check
	[ "$status" -eq 78 ]
	for n in 1 2 3 5 6 9 11 13 14 18 19; do
		[[ "$output" == *"$T/dg.conf:$((base + n)): "* ]] ||
			{ echo "line $n is not told: $output"; false; }
	done
	[[ "$output" == *"refuse-score (7)"* ]]
	[[ "$output" == *"$T/dg.conf:$((base + 21)): "*"token-file"* ]]
	[[ "$output" == *"others can read"* ]]
}

@test "a label is not to be refused for what no verdict is sure of" {
	for lines in 'spam-score = 7.5' 'ham-score = -7.5' 'refuse-score = 3.5'; do
		{ good; printf '%s\n' "$lines"; } >"$T/dg.conf"
		run dg check
		[ "$status" -eq 78 ]
		[[ "$output" == *"farther from 0 than refuse-score ("* ]]
	done
	{ good; printf 'ham-score = -7.5\nrefuse-score = 7.5\n'; } >"$T/dg.conf"
	dg check
}

@test "a token that the keeper cannot read is told, with the way to mend it" {
	[ "$(id -u)" -eq 0 ] || skip "only root can give a file to another"
	good >"$T/dg.conf"
	printf 'token\n' >"$T/token"
	chmod 0600 "$T/token"
	cat >>"$T/dg.conf" <<TXT
desk "main" {
	type = liveagent
	url = "https://desk.example.net/api/v3"
	token-file = "$T/token"
}
TXT
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"$T/dg.conf:"*"chown nobody $T/token"* ]]
	chown nobody "$T/token"
	run dg check
	[ "$status" -eq 0 ]
}

@test "mail of our own that nobody would get is told" {
	good >"$T/dg.conf"
	base=$(wc -l <"$T/dg.conf")
	head -c 70000 /dev/zero | tr '\0' x >"$T/long"
	cat >>"$T/dg.conf" <<TXT
operator-address = "ops@mine.example.com"
inbox "@mine.example.com" { digest-to = "Help+x@example.net" }
inbox "help@example.net" { ack-text-file = "$T/long" }
inbox "read@example.net" {
	mode = ticket-and-deliver
	digest-to = "read@example.net"
}
TXT
	run dg check
	echo "$output"
	[ "$status" -eq 78 ]
	[[ "$output" == *"$T/dg.conf:$((base + 1)): operator-address: ops@mine.example.com comes to inbox"* ]]
	[[ "$output" == *"$T/dg.conf:$((base + 2)): digest-to: Help+x@example.net comes to inbox"* ]]
	[[ "$output" == *"$T/dg.conf:$((base + 3)): ack-text-file: $T/long is longer than 65536 bytes"* ]]
	[[ "$output" != *read@example.net* ]]
}

@test "folders that cannot be are told" {
	touch "$T/file"
	printf 'state-dir = "%s/file"\nkey-dir = "%s/file/keys"\n' "$T" "$T" >"$T/dg.conf"
	[ "$(id -u)" -ne 0 ] || printf 'user = "nobody"\n' >>"$T/dg.conf"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"$T/dg.conf:1: "*"not a folder"* ]]
	[[ "$output" == *"$T/dg.conf:2: "* ]]
	good >"$T/dg.conf"
	printf 'key-dir = "%s/state/keys"\n' "$T" >>"$T/dg.conf"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"key-dir"*"backup"* ]]
	good >"$T/dg.conf"
	mkdir -m 0777 "$T/state-keys"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"others"* ]]
}

@test "a folder for backups that is no whole path is told, with its line" {
	{ good; echo 'backup-to = { "/var/backups", "backups", "../there" }'; } >"$T/dg.conf"
	printf 'inbox "support@example.com" { }\n' >>"$T/dg.conf"
	run dg check
	[ "$status" -eq 78 ]
	line=$(grep -n backup-to "$T/dg.conf" | cut -d : -f 1)
	for folder in backups ../there; do
		[[ "$output" == *"$T/dg.conf:$line: backup-to: \"$folder\" is no whole path"* ]]
	done
	[[ "$output" != *"/var/backups\" is"* ]]
	sed -i 's/"backups", "..\/there"/"\/srv\/backups"/' "$T/dg.conf"
	run dg check
	[ "$status" -eq 0 ]
}

@test "an unknown user is told" {
	printf 'state-dir = "%s/state"\nuser = "nobody-of-that-name"\n' "$T" >"$T/dg.conf"
	[ "$(id -u)" -eq 0 ] || skip "users matter to root alone"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *'no user "nobody-of-that-name"'* ]]
}

@test "check answers in JSON" {
	printf 'nonsense = 1\n' >>"$T/dg.conf"
	run dg check --json
	[ "$status" -eq 78 ]
	[[ "$output" == *'"good":false'* ]]
	[[ "$output" == *"$T/dg.conf:2: "* ]]
}

@test "files of conf.d are read in order, and named in faults" {
	good >"$T/dg.conf"
	mkdir "$T/conf.d"
	printf 'inbox "support@example.com" { }\n' >"$T/conf.d/10-inbox.conf"
	printf '\nreaders = none\n' >"$T/conf.d/20-wrong.conf"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"$T/conf.d/20-wrong.conf:2: "* ]]
	rm "$T/conf.d/20-wrong.conf"
	run dg check
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 inboxes"* ]]
}

@test "the sample names every setting, and is itself right" {
	deskgate settings sample >"$T/sample.conf"
	grep -q 'state-dir' "$T/sample.conf"
	grep -q 'action-spam' "$T/sample.conf"
	good >>"$T/sample.conf"
	run deskgate -c "$T/sample.conf" check
	[ "$status" -eq 0 ]
	# Each line that is a setting with its default can be switched on.
	good >"$T/dg.conf"
	sed -n 's/^# \{0,1\}\([a-z-]* = .*\)/\1/p' "$T/sample.conf" |
		sed '/^state-dir/d; /^user/d; / = ""$/d' | head -n 40 >>"$T/dg.conf"
	run dg check
	echo "$output"
	[ "$status" -eq 0 ]
}
