#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What a ticket says and has attached: rows 15 and 27-35 of contrib/doc/intake.md.

load intake.bash

setup_file() {
	intake_start <<'TXT'
inbox "support@example.com" { }
inbox "strict@example.com" {
	blocked-files = { "*.exe", "*.js" }
	blocked-types = { "application/x-dosexec", "video/*" }
}
inbox "small@example.com" { desk = "small" }
desk "small" {
	type = local
	max-files-size = 1K
}
TXT
}

teardown_file() { intake_stop; }

text_of() { intake_message "$1" | intake_get 'd["text"].strip()'; } # ID
html_of() { intake_message "$1" | intake_get 'd["html"] or "-"'; }  # ID
# "NAME TYPE SIZE", a line for each attachment
files_of() { intake_message "$1" | intake_get '"\n".join("%s %s %s" % (a["name"], a["type"], a["size"]) for a in d["attachments"])'; }

# A message of parts: FILE ID TYPE ["FIELDS" "BODY"]...
parts_mail() {
	local file=$1 id=$2 type=$3
	shift 3
	{
		while [ $# -gt 0 ]; do
			printf -- '--b\n%b\n\n%b\n' "$1" "$2"
			shift 2
		done
		printf -- '--b--\n'
	} >"$file.parts"
	intake_mail "$file" "$id" "Order" "Content-Type: $type; boundary=b" <"$file.parts"
}

HELLO=("Content-Type: text/plain" "Hello")
MIXED=multipart/mixed

@test "intake 15: an invitation is put in words and stays attached" {
	parts_mail "$M" invite multipart/alternative "${HELLO[@]}" \
		"Content-Type: text/calendar; method=REQUEST; charset=utf-8" \
		"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VTIMEZONE\nTZID:Here\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0200\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:1@example.org\nSUMMARY:Review\nDTSTART;TZID=Here:20260305T140000\nDTEND;TZID=Here:20260305T150000\nLOCATION:Room 4\nORGANIZER;CN=Ann:mailto:ann@example.org\nEND:VEVENT\nEND:VCALENDAR"
	intake_send "$M"
	[ "$(text_of invite)" = "Hello

Invitation: Review
When: 2026-03-05 14:00 to 15:00 (Here, UTC+02:00)
Where: Room 4
Organiser: Ann <ann@example.org>" ]
	[[ "$(files_of invite)" == "invitation.ics text/calendar "* ]]
}

PNG=iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
IMAGE=("Content-Type: image/png; name=logo.png\nContent-ID: <logo@example.org>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64" "$PNG")

@test "intake 27: an image of the mail stays in its place; of plain text it is an attachment" {
	parts_mail "$M.1" image-html multipart/related \
		"Content-Type: text/html" '<p>See <img src="cid:logo@example.org" alt="Logo"></p>' \
		"${IMAGE[@]}"
	parts_mail "$M.2" image-text $MIXED "${HELLO[@]}" "${IMAGE[@]}"
	intake_send "$M.1" "$M.2"
	[[ "$(html_of image-html)" == *'<img src="cid:logo@example.org" alt="Logo">'* ]]
	[ "$(intake_message image-html | intake_get 'd["attachments"][0]["content_id"]')" = logo@example.org ]
	[[ "$(files_of image-text)" == "logo.png image/png "* ]]
	[ "$(intake_message image-text | intake_get 'd["attachments"][0].get("content_id")')" = None ]
}

@test "intake 28: attachments have safe names and their own bytes; what lies is noted" {
	parts_mail "$M" names $MIXED "${HELLO[@]}" \
		"Content-Type: application/x-one; name*0*=utf-8''caf%C3%A9; name*1=.bin" "1" \
		'Content-Type: application/x-two; name="=?utf-8?q?gr=C3=BCn?=.bin"' "2" \
		"Content-Type: application/x-three; name=\"gr\xc3\xbcn.bin\"" "3" \
		'Content-Type: application/x-four; name="../../etc/passwd"' "4" \
		"Content-Type: application/x-five; name*=utf-8''a%E2%80%AEfdp.bin" "5" \
		"Content-Type: application/pdf" "%PDF-1.4" \
		"Content-Type: message/rfc822" "Subject: Re: a/b\nFrom: ann@example.org\n\nInner" \
		"Content-Type: application/x-nothing; name=none.bin" "" \
		"Content-Type: application/pdf; name=letter.pdf" "<html><body>No PDF</body></html>"
	intake_send "$M"
	files_of names
	[ "$(files_of names | sed 's/ [^ ]* [0-9]*$//')" = "café.bin
grün.bin
grün (2).bin
passwd
afdp.bin
document.pdf
Re a-b.eml
none.bin
letter.pdf" ]
	[[ "$(files_of names)" == *"none.bin application/x-nothing 0"* ]]
	[[ "$(intake_note names)" == *"letter.pdf is not what it says (application/pdf): its content is text/html"* ]]
}

# winmail.dat with a body and one file, in base64.
winmail() {
	python3 - <<'PY'
import base64, struct

def attribute(level, tag, data):
    return struct.pack('<BII', level, tag, len(data)) + data + \
        struct.pack('<H', sum(data) & 0xffff)

def value(kind, tag, data):
    return struct.pack('<HHII', kind, tag, 1, len(data)) + data + b'\0' * (-len(data) % 4)

body = 'The body of winmail.\0'.encode('utf-16-le')
out = struct.pack('<IH', 0x223e9f78, 1)
out += attribute(1, 0x69003, struct.pack('<I', 1) + value(0x1f, 0x1000, body))
for name, data in (('Angebot für Sie.txt', b'offer'), ('setup.exe', b'MZ')):
    wide = (name + '\0').encode('utf-16-le')
    out += attribute(2, 0x69002, b'\1' + b'\0' * 13)
    out += attribute(2, 0x18010, b'ANGEBO~1.TXT\0')
    out += attribute(2, 0x6800f, data)
    out += attribute(2, 0x69005, struct.pack('<I', 1) + value(0x1f, 0x3707, wide))
print(base64.encodebytes(out).decode())
PY
}

@test "intake 28: a file in the text is a file, and blocked as one" {
	local body='Look.\n\nbegin 644 run.exe\n#0V%T\n`\nend\n\nBye.\n'
	printf '%b' "$body" | intake_mail "$M.1" uu "Order"
	printf '%b' "$body" | intake_mail "$M.2" uu-strict "Order"
	intake_send "$M.1"
	intake_send --to strict@example.com "$M.2"
	[ "$(files_of uu)" = "run.exe application/octet-stream 3" ] ||
		[ "$(files_of uu)" = "run.exe text/plain 3" ]
	[[ "$(text_of uu)" == "Look."*"Bye." ]]
	[[ "$(text_of uu)" != *begin* ]]
	[ "$(files_of uu-strict)" = "" ]
	[[ "$(text_of uu-strict)" == *"[Taken out: run.exe"* ]]
}

@test "intake 29: winmail.dat is unpacked into body and files, and stays" {
	parts_mail "$M" winmail $MIXED "Content-Type: text/plain" "" \
		"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64" \
		"$(winmail)"
	intake_send "$M"
	[ "$(text_of winmail)" = "The body of winmail." ]
	[ "$(files_of winmail | sed 's/ [^ ]* [0-9]*$//')" = "Angebot für Sie.txt
setup.exe
winmail.dat" ]
}

SMIME=MIIBAQYJKoZIhvcNAQcCoIHzMIHwAgEBMQ0wCwYJYIZIAWUDBAIBMEgGCSqGSIb3DQEHAaA7BDlDb250ZW50LVR5cGU6IHRleHQvcGxhaW47IGNoYXJzZXQ9dXRmLTgNCg0KU2lnbmVkIGhlbGxvDQoxgZEwgY4CAQEwJjAOMQwwCgYDVQQDDANhbm4CFD+erTKx1SjbStfUvpAND7Njap7yMAsGCWCGSAFlAwQCATAKBggqhkjOPQQDAgRIMEYCIQDLqbTmZIXVrNCsm+O7B53M3qv6yOQMzyM/ybo9m8srGQIhAPSMO/5oUOy1rgH8SUWVRSncOZi911QooNrMMO+XO2w3
PGP='-----BEGIN PGP MESSAGE-----\n\nhQEM\n=abcd\n-----END PGP MESSAGE-----'

@test "intake 30: signed mail is readable" {
	parts_mail "$M.1" sign-mime multipart/signed "${HELLO[@]}" \
		"Content-Type: application/pgp-signature" "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----"
	intake_mail "$M.2" sign-armour "Order" <<'TXT'
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Signed in armour.
-----BEGIN PGP SIGNATURE-----

iQEz
-----END PGP SIGNATURE-----
TXT
	intake_mail "$M.3" sign-opaque "Order" \
		"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m" \
		"Content-Transfer-Encoding: base64" < <(fold -w 64 <<<"$SMIME")
	intake_send "$M.1" "$M.2" "$M.3"
	[ "$(text_of sign-mime)" = "Hello" ]
	[[ "$(files_of sign-mime)" == "signature.asc application/pgp-signature "* ]]
	[ "$(text_of sign-armour)" = "Signed in armour." ]
	[ "$(text_of sign-opaque)" = "Signed hello" ]
	[[ "$(files_of sign-opaque)" == "smime.p7m application/pkcs7-mime "* ]]
	for id in sign-mime sign-armour sign-opaque; do
		[[ "$(intake_note $id)" == *"the signature was not verified"* ]]
	done
}

@test "intake 30: encrypted mail says so, with the original attached" {
	parts_mail "$M.1" seal-mime "multipart/encrypted; protocol=\"application/pgp-encrypted\"" \
		"Content-Type: application/pgp-encrypted" "Version: 1" \
		"Content-Type: application/octet-stream; name=encrypted.asc" "$PGP"
	intake_mail "$M.2" seal-armour "Order" < <(printf -- "$PGP\n")
	intake_mail "$M.3" seal-smime "Order" \
		"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m" \
		"Content-Transfer-Encoding: base64" <<<MIIBagYJKoZIhvcNAQcDoIIBWzCCAVcCAQAxgewwgekCAQAwUjA6MRgwFgYD
	intake_send "$M.1" "$M.2" "$M.3"
	for id in seal-mime seal-armour seal-smime; do
		[[ "$(text_of $id)" == *"[This message is encrypted. It was not decrypted"* ]]
		[[ "$(files_of $id)" == *"message.eml message/rfc822 "* ]]
	done
}

@test "intake 31: without subject and body there is a ticket all the same" {
	intake_mail "$M.1" no-subject "" <<<"Hello"
	intake_mail "$M.2" no-body "Order" </dev/null
	intake_mail "$M.3" no-both "x" "Subject:" </dev/null
	intake_send "$M.1" "$M.2" "$M.3"
	[ "$(intake_ticket no-subject | intake_get 'd["subject"]')" = "(no subject)" ]
	[ "$(text_of no-body)" = "(no text)" ]
	[ "$(intake_ticket no-both | intake_get 'd["subject"]')" = "(no subject)" ]
	[ "$(text_of no-both)" = "(no text)" ]
}

EXE=("Content-Type: application/octet-stream; name=Setup.EXE\nContent-Disposition: attachment" "bytes")

@test "intake 32: blocked files are taken out and listed, the rest goes through" {
	parts_mail "$M.1" blocked $MIXED "${HELLO[@]}" "${EXE[@]}" \
		"Content-Type: text/csv; name=list.csv" "a,b" \
		"Content-Type: video/mp4; name=film.mp4" "x"
	parts_mail "$M.2" blocked-in $MIXED "${HELLO[@]}" \
		"Content-Type: message/rfc822" "Subject: inner\nContent-Type: application/x; name=a.js\nContent-Disposition: attachment\n\nx"
	parts_mail "$M.3" blocked-tnef $MIXED "${HELLO[@]}" \
		"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64" \
		"$(winmail)"
	parts_mail "$M.4" not-blocked $MIXED "${HELLO[@]}" "${EXE[@]}"
	intake_send --to strict@example.com "$M.1" "$M.2" "$M.3"
	intake_send "$M.4"
	[[ "$(text_of blocked)" == "Hello

[Taken out: Setup.EXE (application/octet-stream, 5 bytes): files with such a name are blocked]
[Taken out: film.mp4 (video/mp4, 1 byte): files of this type are blocked]" ]]
	[ "$(files_of blocked)" = "list.csv text/csv 3" ]
	[[ "$(text_of blocked-in)" == *"[Taken out: inner.eml "*"in it: files with such a name are blocked]" ]]
	[ "$(files_of blocked-in)" = "" ]
	[[ "$(text_of blocked-tnef)" == *"[Taken out: setup.exe "* ]]
	[[ "$(text_of blocked-tnef)" == *"[Taken out: winmail.dat "* ]]
	[[ "$(files_of blocked-tnef)" == "Angebot für Sie.txt "* ]]
	[[ "$(files_of not-blocked)" == "Setup.EXE "* ]]
}

@test "intake 33: over the desk's size the ticket has the text and lists what is missing" {
	parts_mail "$M" too-large $MIXED "${HELLO[@]}" \
		"Content-Type: application/x-large; name=large.bin" "$(printf 'x%.0s' $(seq 1100))" \
		"Content-Type: application/x-small; name=small.bin" "y"
	intake_send --to small@example.com "$M"
	[[ "$(text_of too-large)" == "Hello

[Left out: large.bin (application/x-large, 1.1"*"the help desk takes at most 1.0"* ]]
	[ "$(files_of too-large)" = "small.bin application/x-small 1" ]
}

date_of() { intake_message "$1" | intake_get '__import__("datetime").datetime.fromisoformat(d["sent"].replace("Z", "+00:00")).timestamp()' | cut -d . -f 1; } # ID

@test "intake 34: a date that is missing, broken or to come is the arrival's" {
	local before=$(date +%s) after id
	intake_mail "$M.1" date-none "Order" "Date:" <<<"Hello"
	intake_mail "$M.2" date-broken "Order" "Date: yesterday, I think" <<<"Hello"
	intake_mail "$M.3" date-future "Order" "Date: Thu, 01 Jan 2099 00:00:00 +0000" <<<"Hello"
	intake_mail "$M.4" date-good "Order" "Date: Mon, 2 Nov 2020 10:00:00 +0000" <<<"Hello"
	intake_send "$M.1" "$M.2" "$M.3" "$M.4"
	after=$(date +%s)
	for id in date-none date-broken date-future; do
		[ "$(date_of $id)" -ge "$before" ]
		[ "$(date_of $id)" -le "$after" ]
	done
	[ "$(date_of date-good)" = 1604311200 ]
}

@test "intake 35: HTML handed on runs nothing, fetches nothing, asks for nothing" {
	intake_mail "$M" hostile-html "Order" "Content-Type: text/html; charset=utf-8" <<'HTML'
<html><head><link rel=stylesheet href="http://example.net/x.css"><style>@import "http://example.net/y.css"</style>
<meta http-equiv=refresh content="0;url=http://example.net/"></head>
<body onload="steal()" background="http://example.net/bg.png">
<p style="background:url(http://example.net/s.png)" onclick="steal()">Hello <b>you</b></p>
<script>steal()</script><iframe src="http://example.net/f"></iframe>
<form action="http://example.net/login"><input name=password></form>
<svg onload="steal()"><script>steal()</script></svg>
<a href="javascript:steal()">one</a> <a href="https://example.org/two">two</a>
<img src="http://example.net/pixel.png" onerror="steal()" alt="Pixel">
</body></html>
HTML
	intake_send "$M"
	html=$(html_of hostile-html)
	for word in steal script onclick onload onerror style iframe '<form' '<input' '<svg' javascript '<link' '<meta' background '<img' f\" x.css; do
		[[ "$html" != *"$word"* ]] || { echo "$word in $html"; false; }
	done
	[[ "$html" == *'<p>Hello <b>you</b></p>'* ]]
	[[ "$html" == *'<a href="https://example.org/two" rel="noopener noreferrer nofollow">two</a>'* ]]
	[[ "$html" == *'<a href="http://example.net/pixel.png" rel="noopener noreferrer nofollow">[image: Pixel]</a>'* ]]
}
