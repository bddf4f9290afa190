#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Coming from another filter: the plan, what is done of it, and stores that the real
# programs have made, where they are installed.

load common

setup() {
	fresh </dev/null
	export HOME=$T/home
	mkdir "$HOME"
}
teardown() { done_with; }

need() { command -v "$1" >/dev/null || skip "$1 is not installed"; }

learnt() { # HAM SPAM
	dg stats --json | python3 -c 'import json, sys
model = json.load(sys.stdin)["model"]
print(model["ham"], model["spam"])'
}

@test "a plan is shown for each filter, and nothing is changed" {
	for filter in bogofilter dspam rspamd spamassassin spamprobe; do
		run deskgate migrate "$filter" --json
		echo "$output"
		[ "$status" -eq 0 ]
		python3 -c 'import json, sys
plan = json.loads(sys.argv[1])
assert plan["kind"] == sys.argv[2]
acts = {item["act"] for item in plan["items"]}
assert acts >= {"by hand", "not"}, acts
header = [i["text"] for i in plan["items"] if i["what"] == "header"]
assert len(header) == 1 and "X-" in header[0], header
assert any(i["what"] == "thresholds" and "deskgate tune" in i["better"] for i in plan["items"])
' "$output" "$filter"
		run deskgate migrate "$filter"
		[[ "$output" == *"Nothing was changed"* ]]
	done
	[ ! -e "$T/state" ]
}

@test "wrong calls are told" {
	run deskgate migrate
	[ "$status" -eq 64 ]
	[[ "$output" == *"bogofilter, dspam, rspamd, spamassassin, spamprobe"* ]]
	run deskgate migrate other
	[ "$status" -eq 64 ]
	run deskgate migrate bogofilter "$T/gone"
	[ "$status" -eq 66 ]
	run deskgate migrate bogofilter --ham - </dev/null
	[ "$status" -eq 64 ]
	run dg migrate bogofilter --apply
	[ "$status" -eq 64 ]
	[[ "$output" == *"nothing that can be done by itself"* ]]
}

@test "mail that people have sorted is taught" {
	corpus 40
	run dg migrate bogofilter --ham "$T/ham" --spam "$T/spam"
	[ "$status" -eq 0 ]
	[[ "$output" == *"taken    mail: 40 ham, 40 spam"* ]]
	[ ! -e "$T/state/model" ]
	run dg migrate bogofilter --ham "$T/ham" --spam "$T/spam" --apply
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"ham and spam: 80 messages: "* ]]
	[ "$(learnt)" = "40 40" ]
}

@test "mail without labels is sorted by the other filter's word, what it is unsure of is left" {
	corpus 20
	mkdir "$T/mail"
	for class in ham spam; do
		for i in $(seq 20); do
			{ echo "X-Bogosity: ${class^}, spamicity=0.5"; cat "$T/$class/$i"; } \
				>"$T/mail/$class$i"
		done
	done
	{ echo "X-Bogosity: Unsure, spamicity=0.5"; cat "$T/ham/1"; } >"$T/mail/unsure"
	cp "$T/ham/2" "$T/mail/none"
	run dg migrate bogofilter --mail "$T/mail" --apply
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"taken    mail: 20 ham, 20 spam"* ]]
	[[ "$output" == *"not      mail: 2 of --mail"* ]]
	[ "$(learnt)" = "20 20" ]
	# Its header is no feature, and the lesson is the message's.
	run dg train --json ham "$T/ham/1"
	[[ "$output" == *'"already known"'* || "$output" == *'"noted without need"'* ]]
}

# A report as SpamAssassin makes it by default.
report() { # FILE
	cat <<TXT
Received: from localhost by mail.example.net with SpamAssassin (version 4.0.1);
From: Someone <someone@example.org>
Subject: *****SPAM***** WIN
X-Spam-Checker-Version: SpamAssassin 4.0.1 (2024-03-25) on mail.example.net
X-Spam-Flag: YES
X-Spam-Status: Yes, score=9.0 required=5.0 tests=A autolearn=no version=4.0.1
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="----------=_6B0D8F44.371911D5"

This is a multi-part message in MIME format.

------------=_6B0D8F44.371911D5
Content-Type: text/plain; charset=UTF-8

Spam detection software has identified this incoming email as possible spam.

------------=_6B0D8F44.371911D5
Content-Type: message/rfc822; x-spam-type=original
Content-Description: original message before SpamAssassin
Content-Disposition: attachment
Content-Transfer-Encoding: 8bit

TXT
	cat "$1"
	printf '\n%s\n\n' '------------=_6B0D8F44.371911D5--'
}

@test "what SpamAssassin has wrapped is taught as it was" {
	corpus 20
	mkdir "$T/wrapped"
	for i in $(seq 20); do report "$T/spam/$i" >"$T/wrapped/$i"; done
	run dg migrate spamassassin --ham "$T/ham" --spam "$T/wrapped" --apply
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"20 ham, 20 spam; 20 unwrapped"* ]]
	# The original is known now, the report is not.
	run dg train --json spam "$T/spam/3"
	[[ "$output" == *'"already known"'* || "$output" == *'"noted without need"'* ]]
	[ "$(learnt)" = "20 20" ]
	run dg untrain --quiet "$T/spam/3"
	[ "$(learnt)" = "20 19" ]
}

@test "a tag in front of the subject is taken off" {
	corpus 20
	sed -i 's/^Subject: /&[SPAM] /' "$T"/spam/*
	printf 'spam_subject_tag=[SPAM]\nspam_cutoff=0.8\n' >"$T/bogofilter.cf"
	run dg migrate bogofilter --from-config "$T/bogofilter.cf" --ham "$T/ham" --spam "$T/spam"
	echo "$output"
	[[ "$output" == *'taken    subjects: "[SPAM]"'* ]]
	[[ "$output" == *"20 with their subject of before"* ]]
	[[ "$output" == *"thresholds: spam_cutoff 0.8;"* ]]
	run dg migrate bogofilter --subject-tag '[OTHER]' --ham "$T/ham" --spam "$T/spam"
	[[ "$output" == *"0 with their subject of before"* ]]
}

@test "its errors on labelled mail become a wish for tune" {
	corpus 10
	for file in "$T"/ham/*; do sed -i '1i X-SpamProbe: GOOD 0.1 a' "$file"; done
	for file in "$T"/spam/*; do sed -i '1i X-SpamProbe: SPAM 0.9 a' "$file"; done
	sed -i '1s/.*/X-SpamProbe: SPAM 0.9 a/' "$T/ham/1"
	run dg migrate spamprobe --ham "$T/ham" --spam "$T/spam"
	echo "$output"
	[[ "$output" == *"of 10 ham with its header it called 1 spam (10 %), of 10 spam 0 ham (0 %)"* ]]
	[[ "$output" == *"deskgate tune --wish-held 10% --wish-passed 0%"* ]]
}

@test "lists of SpamAssassin become settings that deskgate takes" {
	cat >"$T/local.cf" <<-'TXT'
	required_score 6.5
	whitelist_from alice@example.org *@example.com  # both
	welcomelist_auth *@*.example.net
	blacklist_from mallory@example.org spam*@example.org
	whitelist_from evil"}@example.org
	body LOCAL_RULE /offer/
	score LOCAL_RULE 2
	TXT
	run dg migrate spamassassin --from-config "$T/local.cf" --settings "$T/lists.conf"
	[ "$status" -eq 0 ]
	[ ! -e "$T/lists.conf" ]
	[[ "$output" == *"thresholds: required_score 6.5;"* ]]
	[[ "$output" == *"1 of its own in the settings"* ]]
	[[ "$output" == *"not      blacklist_from: spam*@example.org"* ]]
	[[ "$output" == *"3 senders to allow"* ]]
	run dg migrate spamassassin --from-config "$T/local.cf" --settings "$T/lists.conf" --apply
	echo "$output"
	[ "$status" -eq 0 ]
	cat "$T/lists.conf" >>"$T/dg.conf"
	grep -q '"example.com"' "$T/lists.conf"
	grep -q '".example.net"' "$T/lists.conf"
	run grep -c evil "$T/lists.conf"
	[ "$output" = 0 ]
	dg stats >/dev/null # the settings are right
	# What is there stays.
	run dg migrate spamassassin --from-config "$T/local.cf" --settings "$T/lists.conf" --apply
	[ "$status" -eq 65 ]
	[[ "$output" == *"$T/lists.conf: "* ]]
}

@test "nothing of its settings acts on the terminal" {
	printf 'whitelist_from a\e[31mb*@example.org\nrequired_score \e[0m5\n' >"$T/local.cf"
	run deskgate migrate spamassassin --from-config "$T/local.cf"
	[ "$status" -eq 0 ]
	[[ "$output" != *$'\e'* ]]
}

# --- stores of the real programs ---

# Whose words the counts come of: 12 ham and 8 spam.
pair() {
	corpus 12
	rm "$T"/spam/9 "$T"/spam/1[0-2]
}

@test "bogofilter's own store" {
	need bogofilter
	pair
	mkdir "$HOME/.bogofilter"
	for file in "$T"/ham/*; do bogofilter -n -I "$file"; done
	for file in "$T"/spam/*; do bogofilter -s -I "$file"; done
	run dg migrate bogofilter
	echo "$output"
	[[ "$output" == *"found    store: $HOME/.bogofilter/wordlist.db: taught 12 ham, 8 spam"* ]]
	run dg migrate bogofilter "$HOME/.bogofilter"
	[[ "$output" == *"taught 12 ham, 8 spam"* ]]
}

@test "a plan is in the reader's language, whole sentences of it" {
	export DESKGATE_LOCALES=$top_builddir/po LC_ALL=C.UTF-8
	mkdir "$T/words"
	touch "$T/words/sp_words.hash"
	LANGUAGE=de run deskgate migrate spamprobe
	echo "$output"
	[[ "$output" == *"Terme sind Wörter und Wortpaare, und "* ]]
	LANGUAGE=es run deskgate migrate spamprobe "$T/words"
	echo "$output"
	[[ "$output" == *"términos son resúmenes, y "* ]]
	printf '#!/bin/sh\necho none\n' >"$T/rspamadm"
	chmod +x "$T/rspamadm"
	LANGUAGE=de PATH="$T:$PATH" run deskgate migrate rspamd
	echo "$output"
	[[ "$output" == *"rspamadm gibt kein JSON aus"* ]]
}

@test "SpamProbe's own store, with words and with digests" {
	need spamprobe
	pair
	for kind in '' hash:; do
		rm -rf "$T/words"
		mkdir "$T/words"
		spamprobe -d "$kind$T/words" create-db
		spamprobe -d "$kind$T/words" good "$T"/ham/*
		spamprobe -d "$kind$T/words" spam "$T"/spam/*
		run dg migrate spamprobe "$T/words"
		echo "$output"
		[[ "$output" == *"taught 12 ham, 8 spam"* ]]
	done
	[[ "$output" == *"terms are digests"* ]]
}

@test "SpamAssassin's own store, and a report of its own" {
	need sa-learn
	pair
	mkdir "$T/bayes"
	sa-learn --dbpath "$T/bayes/bayes" --ham "$T/ham" >/dev/null
	sa-learn --dbpath "$T/bayes/bayes" --spam "$T/spam" >/dev/null
	printf '%s\n' 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X' \
		>>"$T/spam/1"
	spamassassin -L -x <"$T/spam/1" >"$T/report"
	grep -q '^X-Spam-Checker-Version: ' "$T/report"
	run dg migrate spamassassin "$T/bayes" --ham "$T/ham" --spam "$T/report"
	echo "$output"
	[[ "$output" == *"taught 12 ham, 8 spam"* ]]
	[[ "$output" == *"12 ham, 1 spam; 1 unwrapped"* ]]
	dg migrate spamassassin "$T/bayes" --ham "$T/ham" --spam "$T/report" --apply
	run dg train --json spam "$T/spam/1"
	[[ "$output" == *'"already known"'* ]]
}

@test "rspamd's actions" {
	need rspamadm
	run dg migrate rspamd
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"by hand  action: reject at "* ]]
	[[ "$output" == *"by hand  action: greylist at "* ]]
}
