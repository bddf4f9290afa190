#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Teaching, taking back, scoring, explaining.

load common

setup() { fresh </dev/null; }
teardown() { done_with; }

stat_of() { dg stats --json | sed 's/.*"'"$1"'":\([0-9a-z]*\).*/\1/'; }

@test "nothing is called ham or spam before 10 labels of each and 64 in all" {
	corpus 40
	dg train -q ham "$T/ham" 
	run dg score "$T/spam/1"
	[[ "$output" == *": unsure "* ]]
	run dg stats
	[[ "$output" == *"ham 40/10, spam 0/10, all 40/64"* ]]
	dg train -q spam "$T"/spam/[1-9]
	run dg stats
	[[ "$output" == *"ham 40/10, spam 9/10, all 49/64"* ]]
	[[ "$output" == *"learning"* ]]
	dg train -q spam "$T/spam"
	run dg stats
	[[ "$output" == *"ham 40/10, spam 40/10, all 80/64"* ]]
	[[ "$output" == *"active"* ]]
	message "$T/new" new "Cheap casino pills" <<<"Exclusive casino bonus! Cheap pills without prescription, limited offer, click http://deals.example.net/win"
	run dg score "$T/new"
	[ "$status" -eq 0 ]
	[[ "$output" == *": spam "* ]]
	message "$T/new" new2 "Question about my order" <<<"Hello, my order number 12 has not arrived yet. Could you please look into it and tell me when the parcel leaves your warehouse?"
	run dg score "$T/new"
	[[ "$output" == *": ham "* ]]
}

@test "the same lesson twice changes nothing; the other class moves it" {
	corpus 3
	run dg train ham "$T/ham"
	[ "$status" -eq 0 ]
	learnt() { dg stats --json | sed 's/"bytes":[0-9]*//; s/"kept":.*//'; }
	before=$(learnt)
	run dg train ham "$T/ham"
	[ "$status" -eq 0 ]
	[[ "$output" == *"3 already known"* ]]
	[ "$(learnt)" = "$before" ]
	run dg train --force spam "$T/ham/1"
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 moved"* ]]
	[ "$(stat_of ham)" = 2 ]
	[ "$(stat_of spam)" = 1 ]
}

@test "lessons are taken back, to the last record" {
	corpus 5
	empty=$(stat_of records)
	[ "$empty" = 0 ]
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	[ "$(stat_of records)" -gt 100 ]
	run dg untrain "$T/ham" "$T/spam"
	[ "$status" -eq 0 ]
	[[ "$output" == *"10 taken back"* ]]
	[ "$(stat_of records)" = 0 ]
	run dg untrain "$T/ham/1"
	[ "$status" -eq 65 ]
	[[ "$output" == *"$T/ham/1: "* ]]
}

@test "a copy with other local headers is the same lesson" {
	corpus 1
	dg train -q ham "$T/ham/1"
	{
		printf 'Return-Path: <someone@example.org>\nDelivered-To: support@example.com\n'
		printf 'Received: from mail.example.net by store.example.net; Mon, 2 Nov 2026 10:00:05 +0000\n'
		printf 'X-Deskgate-Verdict: unsure\nX-Spam-Status: No\nStatus: RO\n'
		sed 's/$/\r/' "$T/ham/1"
	} >"$T/copy"
	run dg train ham "$T/copy"
	[ "$status" -eq 0 ]
	[[ "$output" == *"already known"* ]]
}

@test "a label that the model strongly contradicts needs --force" {
	printf 'refuse-score = 5\n' >>"$T/dg.conf"
	corpus 40
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	before=$(stat_of all)
	message "$T/sure" sure "WIN 3 cheap casino pills" <"$T/spam/3"
	run dg train ham "$T/sure"
	[ "$status" -eq 77 ]
	[[ "$output" == *"$T/sure: refused: the model is sure it is spam "*"train --force overrides"* ]]
	[[ "$output" != *lesson-forced* ]]
	[ "$(stat_of all)" = "$before" ]
	run dg train --json ham "$T/sure"
	[ "$status" -eq 77 ]
	[[ "$output" == *'"outcome":"refused"'* ]]
	# an override is logged with its actor, once; what overrides nothing is not
	run dg train --force ham "$T/sure"
	[ "$status" -eq 0 ]
	[[ "$output" == *"lesson-forced"*"class=ham"*"actor="* ]]
	[ "$(stat_of all)" = $((before + 1)) ]
	run dg train --force ham "$T/sure" "$T/ham/1"
	[ "$status" -eq 0 ]
	[[ "$output" != *lesson-forced* ]]
}

@test "each outcome has its word, its reason and its exit code" {
	printf 'refuse-score = 5\n' >>"$T/dg.conf"
	corpus 40
	run dg train --json ham "$T/ham/1"
	[ "$status" -eq 0 ]
	[[ "$output" == *'"outcome":"learnt"'*'"text":"the model was not sure enough of it (score '* ]]
	run dg train ham "$T/ham/1"
	[ "$status" -eq 0 ]
	[[ "$output" == *"$T/ham/1: already known"*"1 messages: 1 already known"* ]]
	run dg train --json ham "$T/ham/1"
	[ "$status" -eq 0 ]
	[[ "$output" == *'"outcome":"already known"'*'"text":"the same was taught before"'* ]]
	run dg train --json spam "$T/ham/1"
	[ "$status" -eq 0 ]
	[[ "$output" == *'"outcome":"moved"'*'"text":"it was taught as ham before"'* ]]
	run dg train ham "$T/ham/1"
	[ "$status" -eq 0 ]
	[[ "$output" == *"$T/ham/1: moved"* ]]
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	# a margin that is always reached: nothing needs to be learnt
	printf 'training-margin = 0.01\n' >>"$T/dg.conf"
	message "$T/sure" sure "WIN 99 cheap casino pills" <"$T/spam/3"
	run dg train --json spam "$T/sure"
	[ "$status" -eq 0 ]
	[[ "$output" == *'"outcome":"noted without need"'*'"text":"the model was sure of it already (score +'* ]]
	message "$T/sure2" sure2 "WIN 98 cheap casino pills" <"$T/spam/4"
	run dg train ham "$T/sure2"
	[ "$status" -eq 77 ]
	[[ "$output" == *"$T/sure2: refused: the model is sure it is spam (score +"*"); train --force overrides"*"1 refused"* ]]
	run dg train --json ham "$T/sure2"
	[ "$status" -eq 77 ]
	[[ "$output" == *'"outcome":"refused"'*'"text":"the model is sure it is spam (score +'*'"wait":0'* ]]
	# one refusal among others does not hide them, and is told by the code
	message "$T/new" new "Question about my order" <<<"Hello, where is my order?"
	run dg train ham "$T/sure2" "$T/new"
	[ "$status" -eq 77 ]
	[[ "$output" == *"2 messages: "*"1 refused"* ]]
}

@test "one actor teaches no faster than train-rate; the administrator does" {
	printf 'train-rate = 3\n' >>"$T/dg.conf"
	corpus 6
	run dg train --as imap:ann ham "$T/ham"
	[ "$status" -eq 77 ]
	[[ "$output" == *"$T/ham/4: refused: as many lessons as train-rate allows"*"teach it again in "*"6 messages: "*", 3 refused"* ]]
	[[ "$output" == *"lesson-put-off"*"class=ham"*"actor=imap:~"*"wait="* ]]
	[ "$(stat_of ham)" = 3 ]
	# A keeper that begins anew counts on: from the journal.
	keeper
	run dg train --as imap:ann spam "$T/spam"
	[[ "$output" == *"6 messages: 6 refused"* ]]
	run dg train --as imap:eve spam "$T/spam"
	[[ "$output" == *"6 messages: "*", 3 refused"* ]]
	run dg train --json --as imap:ann spam "$T/spam/6"
	[ "$status" -eq 77 ]
	[[ "$output" == *'"outcome":"refused"'*'"wait":1'* ]]
	run dg train --as imap:bob spam "$T/spam/6"
	[ "$status" -eq 0 ]
	run dg train ham "$T/ham"
	[ "$status" -eq 0 ]
	[ "$(stat_of ham)" = 6 ]
	grep -q "lesson-put-off.*actor=imap:~" "$T/keeper.log"
	for name in cli:root ann "imap:a b" "imap:$(printf %050d 1)"; do
		run dg train --as "$name" spam "$T/spam/1"
		[ "$status" -eq 65 ]
		[[ "$output" == *"KIND:NAME"* ]]
	done
}

@test "ham and spam are imported in turn, and the sum is told" {
	corpus 30
	run dg train --ham "$T/ham" --spam "$T/spam/1" --spam "$T/spam/2" --spam "$T/none"
	[ "$status" -eq 65 ]
	[[ "$output" == *"$T/none: "* ]]
	[[ "$output" == *"ham and spam: 32 messages: "*" learnt"*", 1 not read"* ]]
	[ "$(stat_of ham)" = 30 ]
	[ "$(stat_of spam)" = 2 ]
	run dg train --json --ham "$T/ham" --spam "$T/spam"
	[ "$status" -eq 0 ]
	# in turn, from first to last
	[[ "${lines[0]}" == *'"class":"ham"'* && "${lines[1]}" == *'"class":"spam"'* ]]
	[[ "${lines[58]}" == *'"class":"ham"'* && "${lines[59]}" == *'"class":"spam"'* ]]
	[[ "${lines[60]}" == '{"messages":60,"failed":0,"outcomes":{'* ]]
	[ "$(stat_of spam)" = 30 ]
	run dg train --json --ham "$T/ham" --spam "$T/spam"
	[[ "${lines[60]}" == *'"already known":60'* ]]
	# what the model contradicts is refused here, too
	message "$T/sure" sure "WIN 3 cheap casino pills" <"$T/spam/3"
	printf 'activation-total = 20\nrefuse-score = 4\n' >>"$T/dg.conf"
	run dg train --ham "$T/sure" --spam "$T/spam"
	[ "$status" -eq 77 ]
	[[ "$output" == *"$T/sure: refused: the model is sure it is spam"* ]]
}

@test "an import says what it needs" {
	corpus 1
	for words in "--ham $T/ham" "--spam $T/spam" "--ham - --spam $T/spam" \
		"--ham $T/ham --spam $T/spam $T/spam" "ham" "eggs $T/ham"; do
		# shellcheck disable=SC2086
		run dg train $words </dev/null
		[ "$status" -eq 64 ]
	done
}

@test "an import that was killed goes on where it was" {
	corpus 300
	mkfifo "$T/rows"
	# the pipe fills before the import ends, and holds it up in its midst
	deskgate -c "$T/dg.conf" train --json --ham "$T/ham" --spam "$T/spam" >"$T/rows" 3>&- &
	import=$!
	exec 7<"$T/rows"
	for _ in $(seq 150); do read -r row <&7; done
	[[ "$row" == *'"outcome":'* ]]
	kill -9 $import
	wait $import || true
	exec 7<&-
	run dg train --ham "$T/ham" --spam "$T/spam"
	[ "$status" -eq 0 ]
	[[ "$output" =~ "ham and spam: 600 messages: "(.*", ")?([0-9]+)" already known" ]]
	# what was told as taught is kept, and not all had been taught
	known=${BASH_REMATCH[2]}
	[ "$known" -ge 150 ]
	[ "$known" -lt 600 ]
	[ "$(stat_of ham)" = 300 ]
	[ "$(stat_of spam)" = 300 ]
	run dg model verify
	[ "$status" -eq 0 ]
}

@test "a terminal shows how far an import is, and nothing else does" {
	corpus 20
	run dg train --ham "$T/ham" --spam "$T/spam"
	[[ "$output" != *"["* ]]
	command -v script >/dev/null || skip "no script(1)"
	run script -qec "deskgate -c '$T/dg.conf' train --ham '$T/ham' --spam '$T/spam'" /dev/null </dev/null
	[ "$status" -eq 0 ]
	[[ "$output" == *"[########################################] 40 of 40 messages"* ]]
	[[ "$output" == *"ham and spam: 40 messages: 40 already known"* ]]
}

@test "files, folders, mboxes, Maildirs and standard input are read" {
	corpus 4
	mkdir -p "$T/maildir/cur" "$T/maildir/new" "$T/maildir/tmp"
	cp "$T/ham/1" "$T/maildir/cur/1:2,S"
	cp "$T/ham/2" "$T/maildir/new/2"
	cp "$T/ham/3" "$T/maildir/tmp/3"
	run dg train ham "$T/maildir"
	[[ "$output" == *"2 messages"* ]]
	for i in 1 2 3 4; do
		printf 'From someone@example.org Mon Nov  2 10:00:00 2026\n'
		cat "$T/ham/$i"
		printf '>From the depot\n\n'
	done >"$T/mbox"
	run dg score "$T/mbox"
	[ "$status" -eq 0 ]
	[ "$(wc -l <<<"$output")" -eq 4 ]
	[[ "$output" == *"mbox:4: "* ]]
	run sh -c "deskgate -c '$T/dg.conf' train ham - <'$T/ham/4'"
	[ "$status" -eq 0 ]
	[[ "$output" == *"1 messages"* ]]
}

@test "of a Maildir only mail is taught, without what is trashed or a draft" {
	corpus 9
	box=$T/Maildir
	mkdir -p "$box/cur" "$box/new" "$box/tmp" "$box/.Junk/cur" "$box/.Junk/new" \
		"$box/Sub/cur" "$box/Sub/new" "$box/sieve"
	cp "$T/ham/1" "$box/cur/1.a.mx:2,S"
	cp "$T/ham/2" "$box/cur/2.a.mx:2,FRS"
	cp "$T/ham/3" "$box/cur/3.a.mx:2,ST"
	cp "$T/ham/4" "$box/cur/4.a.mx:2,D"
	cp "$T/ham/5" "$box/new/5.a.mx"
	cp "$T/ham/6" "$box/tmp/6.a.mx"
	cp "$T/ham/7" "$box/Sub/cur/7.a.mx,S=700:2,PSab"
	cp "$T/spam/8" "$box/.Junk/cur/8.a.mx:2,S"
	printf '3 V1 N9 G1\n' | tee "$box/dovecot-uidlist" >"$box/subscriptions"
	cp "$T/spam/9" "$box/sieve/9"
	run dg train ham "$box"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"ham: 4 messages: "*" learnt"*", 2 left out (trashed, or a draft)" ]]
	run dg train --json --ham "$box/" --spam "$box/.Junk"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "${lines[5]}" == *'"messages":5,'*'"already known":4'*'"left":2}' ]]
	# one that is named is meant
	run dg train ham "$box/cur/3.a.mx:2,ST"
	[[ "$output" == *"ham: 1 messages: 1 "* ]]
	# and all is taken back, trashed or not
	run dg untrain "$box"
	echo "$output"
	[[ "$output" == *"5 taken back, 1 not read"* ]] || [[ "$output" == *"5 taken back"* ]]
	[ "$(stat_of ham)" = 0 ]
}

@test "a pile of many files is taught at once, with a bar on a terminal alone" {
	corpus 40
	run dg train -q ham "$T/ham"
	[[ "$output" != *"["* ]]
	command -v script >/dev/null || skip "no script(1)"
	run script -qec "deskgate -c '$T/dg.conf' train -q spam '$T/spam'" /dev/null </dev/null
	echo "$output" | cat -v
	[ "$status" -eq 0 ]
	[[ "$output" == *"[########################################] 40 messages"* ]]
	[[ "$output" == *"spam: 40 messages: "*" learnt"* ]]
	# lines of each message and a bar would stand in each other
	run script -qec "deskgate -c '$T/dg.conf' train spam '$T/spam'" /dev/null </dev/null
	[[ "$output" != *"###"* ]]
	# of what comes through a pipe nobody knows how much there is
	run script -qec "cat '$T/spam/1' | deskgate -c '$T/dg.conf' train -q spam -" /dev/null </dev/null
	[ "$status" -eq 0 ]
	[[ "$output" != *"###"* ]]
}

@test "what cannot be read is told, the rest goes on, exit 65" {
	corpus 2
	: >"$T/empty"
	run dg score "$T/ham/1" "$T/none" "$T/empty" "$T/ham/2"
	[ "$status" -eq 65 ]
	[[ "$output" == *"$T/none: "* ]]
	[[ "$output" == *"$T/empty: "* ]]
	[[ "$output" == *"$T/ham/2: unsure"* ]]
}

@test "the exit code is the verdict where a script asks for it" {
	corpus 40
	verdict() { dg score --exit-verdict "$@" >/dev/null; }
	# too little is taught: unsure
	run verdict "$T/spam/1"
	[ "$status" -eq 2 ]
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	for words in "0 $T/spam/1" "1 $T/ham/1" "0 $T/spam" "1 $T/ham" "2 $T/ham $T/spam/1" \
		"3 $T/none" "3 $T/spam/1 $T/none" "64"; do
		read -r code files <<<"$words"
		# shellcheck disable=SC2086
		run verdict $files
		echo "$words: $status"
		[ "$status" -eq "$code" ]
	done
	run sh -c "deskgate -c '$T/dg.conf' score -e - <'$T/spam/2'"
	[ "$status" -eq 0 ]
	[[ "$output" == *": spam "* ]]
	run dg score --json -e "$T/ham/2"
	[ "$status" -eq 1 ]
	[[ "$output" == *'"class":"ham"'* ]]
	run dg explain -e "$T/ham/2"
	[ "$status" -eq 1 ]
	# what cannot be asked is never a verdict
	run sh -c "deskgate -c '$T/dg.conf' score -e - </dev/null"
	[ "$status" -eq 3 ]
	run deskgate -c "$T/absent.conf" score -e "$T/spam/1"
	[ "$status" -eq 3 ]
	# and without the option the code says that all went well
	run dg score "$T/ham/1" "$T/spam/1"
	[ "$status" -eq 0 ]
}

@test "any bytes are scored" {
	head -c 100000 /dev/urandom >"$T/noise"
	run dg score "$T/noise"
	[ "$status" -eq 0 ]
	[[ "$output" == *"unsure"* ]]
	printf '\033]0;owned\007: x\n\n' >"$T/$(printf 'na\033me')"
	run dg score "$T/$(printf 'na\033me')"
	[[ "$output" != *$'\033'* ]]
}

@test "explain says why, in words and in JSON" {
	corpus 40
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	run dg explain "$T/spam/5"
	[ "$status" -eq 0 ]
	[[ "$output" == *"spam lessons"* || "$output" == *"spam and"* ]]
	[[ "$output" == *"seen in"* ]]
	run dg explain --json "$T/spam/5"
	[ "$status" -eq 0 ]
	[[ "$output" == *'"reasons":[{'* ]]
	run dg explain -n 2 "$T/spam/5"
	[ "$(grep -c 'seen in' <<<"$output")" -eq 2 ]
}

@test "the same model and message give the same score" {
	corpus 40
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	one=$(dg score --json "$T/ham" "$T/spam")
	[ "$one" = "$(dg score --json "$T/ham" "$T/spam")" ]
	keeper
	[ "$one" = "$(dg score --json "$T/ham" "$T/spam")" ]
}

@test "a copy from a mailbox is the message that was scored at the door" {
	printf 'inbox "support@example.com" { }\n' >>"$T/dg.conf"
	corpus 8
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	message "$T/door" door "Cheap pills" <<<"Cheap pills without prescription, limited offer"
	{
		echo "Return-Path: <someone@example.net>"
		echo "Delivered-To: support@example.com"
		echo "Received: from a.example.net by mx1.example.com (Postfix) with ESMTP id 4711; x"
		echo "X-Spam-Status: No, score=0.1"
		cat "$T/door"
	} >"$T/mailbox"
	what() { dg explain --json "$1" | sed 's/.*"features": *\([0-9]*\).*/\1/'; }
	[[ "$(what "$T/door")" =~ ^[1-9][0-9]*$ ]]
	[ "$(what "$T/mailbox")" = "$(what "$T/door")" ]
}

@test "a file whose name is no UTF-8 is answered like any other" {
	message "$T/odd" odd "a name of bytes" <<<"Good day."
	mv "$T/odd" "$T/"$'bad\xff'
	run dg train --json ham "$T/"$'bad\xff'
	[ "$status" -eq 0 ]
	[[ "$output" == *'"outcome":"learnt"'* ]]
	run dg score --json "$T/"$'bad\xff'
	[ "$status" -eq 0 ]
	[[ "$output" == *'"verdict"'* ]]
	run dg untrain --id $'\xff'
	[ "$status" -eq 64 ]
	run dg model forget $'\xff'
	[ "$status" -eq 64 ]
}

@test "explain tells the part with the largest share first" {
	corpus 40
	dg train -q ham "$T/ham"
	dg train -q spam "$T/spam"
	dg explain "$T/spam/3" | sed -n 's/^ *\([0-9]*\) %  .*/\1/p' >"$T/shares"
	[ "$(wc -l <"$T/shares")" -gt 2 ]
	sort -rn -c "$T/shares"
}
