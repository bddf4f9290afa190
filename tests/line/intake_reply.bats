#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What a ticket says: rows 24-26 of contrib/doc/intake.md.

load intake.bash

setup_file() {
	intake_start <<'TXT'
inbox "support@example.com" { }
inbox "whole@example.com" { quote-trim = no }
TXT
}

teardown_file() { intake_stop; }

text_of() { intake_message "$1" | intake_get 'd["text"].strip()'; }     # ID
quoted_of() { intake_message "$1" | intake_get 'd["quoted"] or "-"'; } # ID

# A body of plain text and HTML side by side: PLAIN HTML
alternative() {
	printf -- '--b\nContent-Type: text/plain; charset=utf-8\n\n%s\n--b\n' "$1"
	printf 'Content-Type: text/html; charset=utf-8\n\n%s\n--b--\n' "$2"
}

@test "intake 24: plain text where it has content, else HTML as text; the HTML stays" {
	local type="Content-Type: multipart/alternative; boundary=b"
	intake_mail "$M.1" best-plain "Order" "$type" \
		< <(alternative "In plain words." "<p>In <b>rich</b> words.</p>")
	intake_mail "$M.2" best-html "Order" "$type" \
		< <(alternative "  " "<p>In <b>rich</b> words.</p>")
	intake_mail "$M.3" best-only "Order" "Content-Type: text/html; charset=utf-8" <<'HTML'
<html><head><style>p { color: red }</style><script>alert(1)</script></head><body>
<p>First.</p><ul><li>one</li><li>two</li></ul>
<table><tr><td>Red</td><td>5</td></tr></table>
<p>See <a href="https://example.org/order?n=1">your order</a>.</p></body></html>
HTML
	intake_send "$M.1" "$M.2" "$M.3"
	[ "$(text_of best-plain)" = "In plain words." ]
	[ "$(text_of best-html)" = "In rich words." ]
	[ "$(text_of best-only)" = "First.

- one
- two
Red 5

See your order <https://example.org/order?n=1>." ]
	[[ "$(intake_message best-only | intake_get 'd["html"]')" == *"your order"* ]]
	[[ "$(intake_message best-plain | intake_get 'd["html"]')" == *"rich"* ]]
}

# Mail whose charset is CHARSET ("" for none declared), its body made of TEXT in ENCODING.
charset_mail() { # FILE ID CHARSET ENCODING TEXT
	local field="Content-Type: text/plain"
	[ -z "$3" ] || field+="; charset=$3"
	intake_mail "$1" "$2" "Order" "$field" "Content-Transfer-Encoding: 8bit" \
		"MIME-Version: 1.0" < <(printf '%s\n' "$5" | iconv -f utf-8 -t "$4")
}

@test "intake 25: charsets as declared, else UTF-8, else windows-1252; vendors' names for more" {
	charset_mail "$M.1" set-latin iso-8859-1 latin1 "Grüße aus Köln"
	charset_mail "$M.2" set-none "" windows-1252 "Über 5 € – “so”"
	charset_mail "$M.3" set-utf8 "" utf-8 "Žluťoučký kůň"
	charset_mail "$M.4" set-wrong us-ascii utf-8 "Žluťoučký kůň"
	charset_mail "$M.5" set-gb gb2312 gb18030 "朱镕基与囧"
	charset_mail "$M.6" set-ks ks_c_5601-1987 cp949 "똠방각하 펲시콜라"
	charset_mail "$M.7" set-sjis x-sjis cp932 "ご注文 ①"
	charset_mail "$M.8" set-jp iso-2022-jp iso-2022-jp "ご注文ありがとう"
	charset_mail "$M.9" set-strange x-unheard-of utf-8 "Žluťoučký kůň"
	intake_send "$M".[1-9]
	[ "$(text_of set-latin)" = "Grüße aus Köln" ]
	[ "$(text_of set-none)" = "Über 5 € – “so”" ]
	[ "$(text_of set-utf8)" = "Žluťoučký kůň" ]
	[ "$(text_of set-wrong)" = "Žluťoučký kůň" ]
	[ "$(text_of set-gb)" = "朱镕基与囧" ]
	[ "$(text_of set-ks)" = "똠방각하 펲시콜라" ]
	[ "$(text_of set-sjis)" = "ご注文 ①" ]
	[ "$(text_of set-jp)" = "ご注文ありがとう" ]
	[ "$(text_of set-strange)" = "Žluťoučký kůň" ]
}

@test "intake 25: one bad byte loses one character" {
	intake_mail "$M" set-bad "Order" "Content-Type: text/plain; charset=utf-8" \
		"Content-Transfer-Encoding: 8bit" < <(printf 'Before \xff after, Žluťoučký kůň\n')
	intake_send "$M"
	[[ "$(text_of set-bad)" == "Before "?*" after, Žluťoučký kůň" ]]
}

@test "intake 26: quotes and signatures of common programs are cut, and kept" {
	local n=0 quote
	while IFS= read -r quote; do
		n=$((n + 1))
		intake_mail "$M.$n" "cut-$n" "Re: Order" < <(printf "It has come.\n\n$quote\n")
	done <<'TXT'
On Fri, 1 May 2020 at 10:02, Ann <ann@example.com>\nwrote:\n\n> Where is it?
Am 01.05.20 um 10:02 schrieb Ann:\n> Wo ist es?
El vie, 1 may 2020 a las 10:02, Ann (<ann@example.com>) escribió:\n\n> ¿Dónde?
Le ven. 1 mai 2020 à 10:02, Ann <ann@example.com> a écrit :\n\n> Où ?
2020年5月1日(金) 10:02 Ann <ann@example.com>:\n\n> どこ
-----Original Message-----\nFrom: Ann\nSent: Friday\n\nWhere is it?
Von: Ann <ann@example.com>\nGesendet: Freitag\nAn: Bob\nBetreff: Order\n\nWo ist es?
-- \nBob\nExample Ltd
Sent from my iPhone
Envoyé de mon iPhone
TXT
	intake_send "$M".*
	for ((; n > 0; n--)); do
		[ "$(text_of "cut-$n")" = "It has come." ]
		[ "$(quoted_of "cut-$n")" != - ]
	done
	[[ "$(quoted_of cut-1)" == "On Fri, 1 May 2020"*"> Where is it?" ]]
	[ "$(quoted_of cut-8)" = $'-- \nBob\nExample Ltd' ]
	code=$(intake_ticket cut-2 | intake_get 'd["code"]')
	run dg tickets show "$code"
	[[ "$output" == *"quoted text and signature:"*"| > Wo ist es?"* ]]
}

@test "intake 26: HTML quotes are cut by their marks" {
	local type="Content-Type: text/html; charset=utf-8"
	intake_mail "$M.1" cut-gmail "Re: Order" "$type" <<'HTML'
<div dir="ltr">It has come.</div><br><div class="gmail_quote"><div dir="ltr"
class="gmail_attr">Ann hat am Freitag gefragt<br></div><blockquote class="gmail_quote"
style="border-left:1px solid rgb(204,204,204)">Where is it?</blockquote></div>
HTML
	intake_mail "$M.2" cut-outlook "Re: Order" "$type" <<'HTML'
<div>It has come.</div><div id="appendonsend"></div><hr>
<div id="divRplyFwdMsg"><b>Absender</b> Ann<br></div><div>Where is it?</div>
HTML
	intake_send "$M.1" "$M.2"
	for id in cut-gmail cut-outlook; do
		[ "$(text_of "$id")" = "It has come." ]
		[[ "$(quoted_of "$id")" == *"Where is it?" ]]
	done
}

@test "intake 26: answers between the lines stay with what they answer" {
	intake_mail "$M" between "Re: Order" <<'TXT'
On 1 May 2020, at 10:02, Ann <ann@example.com> wrote:

> Is it red?

Yes.

> Is it big?

No.
TXT
	intake_send "$M"
	[ "$(text_of between)" = $'> Is it red?\n\nYes.\n\n> Is it big?\n\nNo.' ]
}

@test "intake 26: nothing is cut where nothing would be left, of forwarded and of automatic mail" {
	local all=$'On 1 May 2020, Ann wrote:\n> Where is it?'
	intake_mail "$M.1" uncut-all "Re: Order" <<<"$all"
	intake_mail "$M.2" uncut-fwd "Fwd: Order" <<<$'See below.\n\n'"$all"
	intake_mail "$M.3" uncut-auto "Report" "Auto-Submitted: auto-generated" \
		<<<$'All is well.\n-- \nhost'
	intake_send "$M.1" "$M.2" "$M.3"
	[ "$(text_of uncut-all)" = "$all" ]
	[ "$(text_of uncut-fwd)" = $'See below.\n\n'"$all" ]
	[ "$(text_of uncut-auto)" = $'All is well.\n-- \nhost' ]
}

@test "intake 26: quote-trim = no leaves all in the text" {
	intake_mail "$M" uncut-inbox "Re: Order" <<<$'Yes.\n\nOn 1 May 2020, Ann wrote:\n> Red?'
	intake_send --to whole@example.com "$M"
	[ "$(text_of uncut-inbox)" = $'Yes.\n\nOn 1 May 2020, Ann wrote:\n> Red?' ]
	[ "$(quoted_of uncut-inbox)" = - ]
}
