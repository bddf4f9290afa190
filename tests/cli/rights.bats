#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The rights beside erasure: what is handed out to a person.

load common

setup() {
	fresh_held
}
teardown() { done_with; }

ANNA=someone-anna@example.org
BERT=someone-bert@example.org

tickets() { [ "$(dg tickets list --plain | wc -l)" -eq "$1" ]; }
messages_on() { [ "$(dg tickets show --json "$1" | grep -o '"author": *"customer"' | wc -l)" -eq "$2" ]; }
held() { [ "$(dg quarantine list --plain | wc -l)" -eq "$1" ]; }

# Anna's ticket with a file, on which Bert writes; a held message; a lesson.
shared_ticket() {
	message "$T/anna" anna 'Where <b>is</b> my parcel?' <<'TXT'
--x
Content-Type: text/plain

The parcel <script>alert(1)</script> & more.
--x
Content-Type: application/pdf; name="Rechnung Käse.pdf"
Content-Disposition: attachment; filename*=utf-8''Rechnung%20K%C3%A4se.pdf

%PDF-1.4 of anna
--x--
TXT
	sed -i 's#^Content-Type: text/plain; charset=utf-8#Content-Type: multipart/mixed; boundary=x#; s/^To: .*/&\nCc: '"$BERT/" "$T/anna"
	dg accept -i support@example.com -f "$ANNA" <"$T/anna"
	wait_for 20 tickets 1
	message "$T/bert" bert 'Re: Where is my parcel?' <<<"Bertram lives in Secret Street."
	sed -i 's/^MIME-Version/In-Reply-To: <anna@client.example.org>\nMIME-Version/' "$T/bert"
	dg accept -i support@example.com -f "$BERT" <"$T/bert"
	wait_for 20 messages_on 1 2
	dg tickets reply-note 1 "A difficult customer."
	message "$T/held" held 'Held of Anna' <<<"Never seen."
	sed -i "s/^From: .*/From: <$ANNA>/" "$T/held"
	dg accept -i held@example.com -f "$ANNA" <"$T/held"
	wait_for 20 held 1
	dg train ham "$T/anna"
}

@test "export hands out what every holder has, and nothing of others" {
	keeper
	shared_ticket
	umask 0022
	run dg privacy export -o "$T/out.tar" --identity known-address "$ANNA"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(stat -c %a "$T/out.tar")" = 600 ]
	mkdir "$T/out"
	tar -xf "$T/out.tar" -C "$T/out"
	cd "$T/out"
	[ "$(ls)" = "attachments
data.json
index.html
messages" ]
	ls messages | sed 's/\..*//' >"$T/keys"
	[ "$(wc -l <"$T/keys")" -eq 2 ]
	cmp "messages/$(dg quarantine list --plain | cut -f 1).eml" "$T/held"
	[ "$(cat attachments/*-Rechnung_K_se.pdf)" = "%PDF-1.4 of anna" ]
	python3 - "$top_srcdir/contrib/doc/export.schema.json" <<'PY'
import json, sys, jsonschema
data = json.load(open("data.json"))
jsonschema.validate(data, json.load(open(sys.argv[1])))
(ticket,) = data["holders"]["desk local"]["tickets"]
assert ticket["messages_of_others_left_out"] >= 1, ticket
assert ticket["notes_left_out"] == 1, ticket
assert len(data["holders"]["spool"]["messages"]) == 2
(lesson,) = data["holders"]["model"]["lessons"]
assert lesson["class"] == "ham" and lesson["by"] == "cli", lesson
assert data["holders"]["ledger"]["opened"][0]["ticket"] == "1"
PY
	# Whom she wrote to stands in her own message.
	run grep -rliE "bert|secret street|difficult" data.json index.html
	[ "$output" = "" ]
	grep -q '&lt;script&gt;' index.html
	run grep -ciE '<script|<b>|src=|http://|https://' index.html
	[ "$output" = 0 ]

	dg privacy export --json --with-notes "$BERT" >"$T/bert.json"
	grep -q "Secret Street" "$T/bert.json"
	run grep -ciE "anna|difficult" "$T/bert.json"
	[ "$output" = 0 ]
	dg privacy export --json --with-notes "$ANNA" | grep -q difficult
}

@test "an export is a request with a receipt, and the audit knows" {
	keeper
	shared_ticket
	dg privacy export -o "$T/out.tar" "$ANNA"
	run dg privacy receipt 1
	[[ "$output" == *"kind       access"* && "$output" == *verified* ]]
	[[ "$output" == *"desk local"*"tickets 1"* ]]
	digest=$(awk '/^digest/ { print $2 }' <<<"$output")
	dg audit | grep -q "access *request 1 *$digest"
	[ "$(dg privacy requests)" = "no request is open" ]
}

@test "an export goes into an empty folder, and overwrites nothing" {
	mkdir "$T/folder"
	dg privacy export -o "$T/folder" "$ANNA"
	[ "$(ls "$T/folder")" = "data.json
index.html" ]
	[ "$(stat -c %a "$T/folder/data.json")" = 600 ]
	run dg privacy export -o "$T/folder" "$ANNA"
	[ "$status" -eq 65 ]
	[[ "$output" == *"not empty"* ]]
	echo mine >"$T/mine"
	run dg privacy export -o "$T/mine" "$ANNA"
	[ "$status" -eq 65 ]
	[ "$(cat "$T/mine")" = mine ]
	run dg privacy export -o "$T/new.tar" anna
	[ "$status" -eq 65 ]
	[ ! -e "$T/new.tar" ]
	run dg privacy export -o "$T/new.tar" --identity hunch "$ANNA"
	[ "$status" -eq 65 ]
	[ ! -e "$T/new.tar" ]
	run dg privacy export
	[ "$status" -eq 64 ]
	[ "$(dg privacy requests --all --plain | wc -l)" -eq 1 ]
}

lessons() { dg privacy find --plain "$1" | awk -F '\t' '$1 == "model" { print $2 }'; }

@test "what is restricted is hidden and not used until it is lifted" {
	keeper
	shared_ticket
	dg model dump >"$T/with"
	run dg privacy restrict --identity known-address "$ANNA"
	[ "$status" -eq 0 ]
	[ "$(lessons "$ANNA")" = nothing ]
	[[ "$(dg tickets list)" == *"(restricted)"* ]]
	run dg tickets show 1
	[[ "$output" == *"(restricted)"* ]]
	[[ "$output" != *parcel* && "$output" != *anna* && "$output" != *difficult* ]]
	[[ "$output" == *"Secret Street"* ]]
	[[ "$(dg tickets show --restricted 1)" == *parcel* ]]
	[ "$(dg tickets search parcel)" = "no tickets" ]
	[[ "$(dg tickets search --restricted parcel)" == *parcel* ]]
	file=$(dg tickets show --restricted 1 | sed -n 's/^attachment \([0-9]*\): Rechnung.*/\1/p')
	run dg tickets file "$file"
	[ "$status" -eq 77 ]
	[ "$(dg tickets file --restricted "$file")" = "%PDF-1.4 of anna" ]
	id=$(dg quarantine list --plain | cut -f 1)
	run dg quarantine list
	[[ "$output" == *"--restricted shows it"* && "$output" != *anna* ]]
	[[ "$(dg quarantine list --restricted)" == *"$ANNA"* ]]
	run dg quarantine show "$id"
	[ "$status" -eq 77 ]
	dg quarantine show --raw --restricted "$id" | cmp - "$T/held"
	run dg queue list --all
	[[ "$output" != *anna* && "$output" == *"$BERT"* ]]

	# No lesson by any door, and the refusal says why.
	run dg train --force ham "$T/anna"
	dg tickets spam 1
	dg quarantine release "$id"
	[ "$(lessons "$ANNA")" = nothing ]
	dg train --json ham "$T/anna" | grep -q "restricted the use"
	wait_for 20 tickets 1 # that of the release; the other is spam

	run dg privacy restrict --lift "$ANNA"
	[[ "$output" == *lifted* ]]
	[[ "$(dg tickets show 1)" == *parcel* ]]
	dg train ham "$T/anna"
	[ "$(lessons "$ANNA")" = "lessons 1" ]
	[ "$(dg privacy requests --all --plain | cut -f 2,3)" = "restrict	done
restrict	done" ]
}

# The model's writes fail as on a full disk, as long as the tracer runs.
full_disk() {
	strace -qq -f -o "$T/trace" -P "$T/state/model/data.mdb" \
		-e trace=pwrite64,pwritev,fdatasync \
		-e inject=pwrite64,pwritev,fdatasync:error=ENOSPC -p "$(worker_of "$KEEPER")" 3>&- &
	TRACER=$!
	wait_for 20 grep -q 'TracerPid:[^0]*[1-9]' "/proc/$(worker_of "$KEEPER")/status"
}
state_of() { dg privacy requests --all --plain | awk -F '\t' -v id="$1" '$1 == id { print $3 }'; }

@test "a restriction is done when its lessons are gone from the disk, not before" {
	command -v strace >/dev/null || skip "strace is not installed"
	keeper
	shared_ticket
	full_disk
	run dg privacy restrict "$ANNA"
	[ "$status" -eq 0 ]
	[[ "$output" == *"it stands; lessons are yet to be taken back"* ]]
	[ "$(state_of 1)" = open ]
	! dg privacy receipt 1 | grep '^digest' || false
	kill "$TRACER"
	wait "$TRACER" || true
	kill "$KEEPER"
	wait "$KEEPER" || true
	keeper
	is_done() { [ "$(state_of 1)" = "done" ]; }
	wait_for 20 is_done
	[ "$(lessons "$ANNA")" = nothing ]
	dg privacy receipt 1 | grep -q '^model *.*done.*lessons 1'
}

new_mail() { # NUMBER
	message "$T/new-$1" "new-$1" "Another matter $1" <<<"Please help with matter $1."
	sed -i "s/^From: .*/From: <$ANNA>/" "$T/new-$1"
	dg accept -i support@example.com -f "$ANNA" <"$T/new-$1"
}

@test "new mail of who restricted becomes a marked ticket, or is held" {
	keeper
	dg privacy restrict "$ANNA"
	new_mail 1
	wait_for 20 tickets 1
	[[ "$(dg tickets show 1)" == *"tag        restricted"* ]]
	[[ "$(dg tickets show --restricted 1)" == *"has restricted the use of his data"* ]]
	dg privacy restrict --new-mail hold "$ANNA"
	new_mail 2
	wait_for 20 held 1
	dg quarantine release "$(dg quarantine list --plain | cut -f 1)"
	wait_for 20 tickets 2
	run dg privacy restrict --new-mail perhaps "$ANNA"
	[ "$status" -eq 64 ]
	run dg privacy restrict --lift --new-mail hold "$ANNA"
	[ "$status" -eq 64 ]
}

@test "who objects gives no lessons, and is not hidden" {
	keeper
	shared_ticket
	corpus 2
	dg train spam "$T/spam" >/dev/null
	dg privacy object "$ANNA"
	[ "$(lessons "$ANNA")" = nothing ]
	[ "$(lessons someone-spam1@example.org)" = "lessons 1" ]
	dg train --json --force ham "$T/anna" | grep -q "objected to lessons"
	[ "$(lessons "$ANNA")" = nothing ]
	[[ "$(dg tickets show 1)" == *parcel* ]]
	dg privacy export --json "$ANNA" | grep -q '"objected": "20'
	dg privacy object --lift "$ANNA"
	dg train ham "$T/anna"
	[ "$(lessons "$ANNA")" = "lessons 1" ]
}

@test "what stands of one address is left alone when another's is lifted" {
	keeper
	dg privacy restrict b@example.org
	dg privacy object a@example.org
	dg privacy object --lift a@example.org b@example.org
	standing() { dg privacy export --json "$1" | python3 -c 'import json, sys
print(sorted(k for k, v in json.load(sys.stdin)["holders"]["standing"].items() if v))'; }
	[[ "$(standing b@example.org)" == *restricted* ]]
	[[ "$(standing a@example.org)" != *objected* ]]
}

@test "erasing forgets what stood, of that person alone" {
	keeper
	dg privacy restrict "$ANNA"
	dg privacy object "$ANNA" "$BERT"
	[[ "$(dg privacy find "$ANNA")" == *"restrictions 1, objections 1"* ]]
	dg privacy erase "$ANNA"
	[[ "$(dg privacy find "$ANNA")" != *restrictions* ]]
	[[ "$(dg privacy find "$BERT")" == *"objections 1"* ]]
}

@test "a wrong name is corrected where it is a datum, and said where it is not" {
	cat >>"$T/dg.conf" <<TXT
desk "local" { type = local }
desk "away" {
	type = webhook
	url = "http://127.0.0.1:9/"
	token-file = "$T/secret"
	allow-private = true
}
inbox "away@example.com" { desk = "away" }
TXT
	echo "a secret of the desk" >"$T/secret"
	chmod 0600 "$T/secret"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/secret"
	keeper
	shared_ticket
	[[ "$(dg tickets show 1)" != *"Anna Newname"* ]]
	run dg privacy rectify --name "Anna Newname" "$ANNA"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"desk local: done"*"desk away: refused, change the name there"* ]]
	[[ "$(dg tickets show 1)" == *"Anna Newname <$ANNA>"* ]]
	[[ "$(dg tickets search --plain newname)" == 1* ]]
	[[ "$(dg tickets show 1)" == *"$BERT"* ]]
	dg privacy receipt 1 | grep -q "verified"
	[ "$(dg privacy requests --all --plain | cut -f 2,3)" = "rectify	done" ]
	# The wrong name does not come back with mail under it; a third one does.
	old=$(sed -n 's/^From: *//p' "$T/anna" | head -n 1)
	again() { # NUMBER FROM
		message "$T/again" "again-$1" "Again $1" <<<"Hello again."
		sed -i "s/^From: .*/From: $2/" "$T/again"
		dg accept -i support@example.com -f "$ANNA" <"$T/again"
		wait_for 20 tickets $(($1 + 1))
	}
	again 1 "$old"
	[[ "$(dg tickets show 1)" == *"Anna Newname <$ANNA>"* ]]
	again 2 "Anna Married <$ANNA>"
	[[ "$(dg tickets show 1)" == *"Anna Married <$ANNA>"* ]]
	run dg privacy rectify "$ANNA"
	[ "$status" -eq 64 ]
	run dg privacy rectify --name "" "$ANNA"
	[ "$status" -eq 65 ]
}

@test "requests by hand are written down, extended, met and refused" {
	keeper
	run dg privacy request add rectify "$ANNA" --identity agent
	[ "$status" -eq 0 ]
	[[ "$output" == "request 1: open, due "* ]]
	dg privacy request add erase "$BERT"
	[[ "$(dg stats)" == *"requests 2 open, 0 overdue"* ]]
	run dg privacy request extend 1
	[ "$status" -eq 65 ]
	run dg privacy request extend 1 --reason "many requests"
	[[ "$output" == *"12(3)"* ]]
	run dg privacy request refuse 2 --reason "invoices are kept by law"
	[[ "$output" == *"12(4)"* ]]
	dg privacy request done 1 --reason "name changed"
	run dg privacy request done 1
	[ "$status" -eq 66 ]
	run dg privacy receipt 2
	[[ "$output" == *"refused    invoices"* && "$output" == *verified* ]]
	[ "$(dg privacy requests --all --plain | cut -f 2,3)" = "rectify	done
erase	refused" ]
	dg audit | grep -q "rectify *request 1"
	for wrong in "add" "add tea $ANNA" "add rectify anna" "done x" "refuse 7 --reason x"; do
		run dg privacy request $wrong
		[ "$status" -ge 64 ]
		[ -n "$output" ]
	done
}

# A daemon whose clock is ahead: answers the question once as $1 says.
late_keeper() {
	mkdir -p "$T/state/run/keeper"
	python3 - "$T/state/run/keeper/control.sock" "$1" 3>&- <<'PY' &
import socket, struct, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
server.settimeout(20)
client, _ = server.accept()
length, = struct.unpack(">I", client.recv(4))
client.recv(length)
answer = sys.argv[2].encode()
client.sendall(struct.pack(">I", len(answer)) + answer)
PY
	LATE=$!
	wait_for 10 test -S "$T/state/run/keeper/control.sock"
}

@test "what is overdue is seen in the list, and check warns of it" {
	[ "$(id -u)" -ne 0 ] || printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	late_keeper '{"ok": true, "requests": {"open": 3, "overdue": 2}}'
	run dg check
	wait "$LATE"
	[ "$status" -eq 0 ]
	[[ "$output" == *"2 requests of people are overdue"* ]]
	rm "$T/state/run/keeper/control.sock"
	late_keeper '{"ok": true, "requests": [{"id": 7, "kind": "access", "state": "open", "overdue": true}]}'
	run dg privacy requests
	wait "$LATE"
	[[ "$output" == *OVERDUE* ]]
	run dg check # nobody listens
	[ "$status" -eq 0 ]
	[[ "$output" != *overdue* ]]
}

@test "an inbox whose lessons need consent learns with it alone" {
	cat >>"$T/dg.conf" <<'TXT'
inbox "asks@example.com" { learn-needs-consent = yes }
TXT
	keeper
	message "$T/anna" anna 'My parcel' <<<"It is late."
	dg train --json --inbox asks@example.com ham "$T/anna" | grep -q "need its sender's consent"
	[ "$(lessons "$ANNA")" = nothing ]
	run dg privacy consent grant "$ANNA"
	[ "$status" -eq 65 ]
	[[ "$output" == *--inbox* ]]
	run dg privacy consent grant --inbox tea@example.com "$ANNA"
	[ "$status" -eq 65 ]
	dg privacy consent grant --inbox ASKS@example.com --version 2026-1 "$ANNA"
	dg train --inbox asks@example.com ham "$T/anna"
	[ "$(lessons "$ANNA")" = "lessons 1" ]
	dg accept -i asks@example.com -f "$ANNA" <"$T/anna"
	wait_for 20 tickets 1
	[[ "$(dg tickets show 1)" == *"Consent: granted at 20"*"version 2026-1"* ]]
	run dg privacy consent withdraw --inbox asks@example.com "$ANNA"
	[[ "$output" == *withdrawn* ]]
	[ "$(lessons "$ANNA")" = nothing ]
	[[ "$(dg privacy consent show "$ANNA")" == *"2026-1"* ]]
	[ "$(dg privacy consent show "$BERT")" = "nothing was said" ]
	dg audit | grep -q consent-withdraw
}
