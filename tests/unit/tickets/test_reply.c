/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/reply.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/html.h"
#include "tickets/forward.h"
#include "tickets/reply_tables.h"
#include "tickets/reply_words.h"

#define ANN "Ann Ex <ann@example.org>"

static struct reply *
trim(const char *text)
{
	return reply_trim(text, NULL);
}

/* Of each text only "Thank you." is new. */
static const char *const answers[] = {
	/* One line above the quote. */
	"On Fri, May 1, 2020 at 10:02 AM " ANN " wrote:\n\n> Hello\n> Ann\n",
	"On 01/05/2020 10:02, Ann Ex wrote:\n> Hello\n",
	"On 1 May 2020, at 10:02, Ann Ex <\nann@example.org> wrote:\n\n> "
	"Hello\n",
	"On Fri, 1 May 2020 at 10:02, A. Very Long Name Indeed\n"
	"<averylongname@example.org>\nwrote:\n\n> Hello\n",
	ANN " wrote:\n\nHello\n",
	"Am 01.05.20 um 10:02 schrieb Ann Ex:\n> Hallo\n",
	"Am Fr., 1. Mai 2020 um 10:02 Uhr schrieb Ann Ex <\n"
	"ann@example.org>:\n\n> Hallo\n",
	ANN " schrieb am Fr., 1. Mai 2020,\n10:02:\n\n> Hallo\n",
	"Ann Ex hat am 01.05.2020 10:02 geschrieben:\n\n> Hallo\n",
	"El vie, 1 may 2020 a las 10:02, Ann Ex (<ann@example.org>)\n"
	"escribió:\n\n> Hola\n",
	"El 01/05/2020 a las 10:02, Ann Ex escribió:\n> Hola\n",
	"Le ven. 1 mai 2020 à 10:02, " ANN " a écrit :\n\n> Bonjour\n",
	"Le 01/05/2020 à 10:02, Ann Ex a écrit\xc2\xa0:\n> Bonjour\n",
	"Op vr 1 mei 2020 om 10:02 schreef " ANN ":\n\n> Hallo\n",
	"Op 1 mei 2020 om 10:02 heeft " ANN "\nhet volgende geschreven:\n"
	"\n> Hallo\n",
	"Il giorno ven 1 mag 2020 alle ore 10:02 Ann Ex <\n"
	"ann@example.org> ha scritto:\n\n> Ciao\n",
	"Em sex., 1 de mai. de 2020 às 10:02, " ANN "\nescreveu:\n\n> Olá\n",
	"pt., 1 maj 2020 o 10:02 " ANN " napisał(a):\n\n> Witam\n",
	"W dniu 01.05.2020 o 10:02, Ann Ex pisze:\n> Witam\n",
	"pá 1. 5. 2020 v 10:02 odesílatel " ANN "\nnapsal:\n\n> Ahoj\n",
	"Dne 1. 5. 2020 v 10:02 Ann Ex napsal(a):\n> Ahoj\n",
	"pi 1. 5. 2020 o 10:02 " ANN " napísal(a):\n\n> Ahoj\n",
	"Den fre 1 maj 2020 kl 10:02 skrev " ANN ":\n\n> Hej\n",
	"Den fre. 1. maj 2020 kl. 10.02 skrev " ANN ":\n\n> Hej\n",
	"fre. 1. mai 2020 kl. 10:02 skrev " ANN ":\n\n> Hei\n",
	"pe 1. toukok. 2020 klo 10.02 Ann Ex (ann@example.org) kirjoitti:\n"
	"\n> Hei\n",
	ANN " ezt írta (időpont: 2020. máj. 1., P, 10:02):\n\n> Szia\n",
	"În vin., 1 mai 2020 la 10:02, " ANN " a scris:\n\n> Salut\n",
	"пт, 1 мая 2020 г. в 10:02, " ANN ":\n\n> Привет\n",
	"01.05.2020 10:02, Анна Экс пишет:\n> Привет\n",
	"пт, 1 трав. 2020 р. о 10:02 " ANN " пише:\n\n> Вітаю\n",
	"Στις Παρ, 1 Μαΐ 2020 στις 10:02 π.μ., ο χρήστης " ANN "\nέγραψε:\n"
	"\n> Γεια\n",
	ANN ", 1 May 2020 Cum, 10:02 tarihinde şunu yazdı:\n\n> Selam\n",
	"Ann Ex <ann@example.org> 于2020年5月1日周五 上午10:02写道：\n\n> "
	"你好\n",
	"Ann Ex <ann@example.org> 於 2020年5月1日 週五 上午10:02寫道：\n\n> "
	"你好\n",
	"2020年5月1日(金) 10:02 " ANN ":\n\n> こんにちは\n",
	"2020年5月1日 10:02、Ann Ex <ann@example.org>のメール:\n\n> "
	"こんにちは\n",
	"2020년 5월 1일 (금) 오전 10:02, " ANN "님이 작성:\n\n> 안녕하세요\n",
	"Vào Th 6, 1 thg 5, 2020 vào lúc 10:02 " ANN " đã viết:\n\n> Chào\n",
	/* A line between dashes. */
	"-----Original Message-----\nFrom: Ann\nSent: 1 May 2020\nSubject: x\n"
	"\nHello\n",
	"-----Ursprüngliche Nachricht-----\nVon: Ann\n\nHallo\n",
	"-------- Message original --------\nDe : Ann\n\nBonjour\n",
	"-----Mensaje original-----\nDe: Ann\n\nHola\n",
	"-----Messaggio originale-----\nDa: Ann\n\nCiao\n",
	"-----Oorspronkelijk bericht-----\nVan: Ann\n\nHallo\n",
	"-----Mensagem original-----\nDe: Ann\n\nOlá\n",
	"-----Původní zpráva-----\nOd: Ann\n\nAhoj\n",
	"-----Исходное сообщение-----\nОт: Ann\n\nПривет\n",
	"------------------ 原始邮件 ------------------\n发件人: Ann\n\n你好\n",
	/* Outlook's header, its rule above. */
	"________________________________\nFrom: " ANN "\nSent: Friday, May 1\n"
	"To: Support\nSubject: Order\n\nHello\n",
	"Von: " ANN " \nGesendet: Freitag, 1. Mai 2020 10:02\nAn: Support\n"
	"Betreff: Bestellung\n\nHallo\n",
	"De : " ANN "\nEnvoyé : vendredi 1 mai 2020\nÀ : Support\n"
	"Objet : Commande\n\nBonjour\n",
	"De: Ann\nEnviado el: viernes\nPara: Support\nAsunto: Pedido\n\nHola\n",
	"Da: Ann\nInviato: venerdì\nA: Support\nOggetto: Ordine\n\nCiao\n",
	"Van: Ann\nVerzonden: vrijdag\nAan: Support\nOnderwerp: Order\n\nHoi\n",
	"Från: Ann\nSkickat: den 1 maj\nTill: Support\nÄmne: Order\n\nHej\n",
	"Od: Ann\nOdesláno: pátek\nKomu: Support\nPředmět: "
	"Objednávka\n\nAhoj\n",
	"От: Ann\nОтправлено: пятница\nКому: Support\nТема: Заказ\n\nПривет\n",
	"发件人: Ann\n发送时间: 2020年5月1日\n收件人: Support\n主题: "
	"订单\n\n你好\n",
	"差出人: Ann\n送信日時: 2020年5月1日\n宛先: Support\n件名: "
	"注文\n\nはい\n",
	"*From:* Ann\n*Sent:* Friday\n*To:* Support <support@example.com>;\n"
	"Bob <bob@example.com>\n*Subject:* Order\n\nHello\n",
	/* Signatures and devices. */
	"-- \nAnn Ex\nExample Ltd\n",
	"--\nAnn\n\nOn 1 May 2020, at 10:02, " ANN " wrote:\n\n> Hello\n",
	"_____________________\nAnn Ex, Example Ltd\n",
	"Sent from my iPhone\n",
	"Sent from my Galaxy\n\n-------- Original message --------\nFrom: x\n",
	"Von meinem iPhone gesendet\n",
	"Envoyé de mon iPhone\n",
	"Enviado desde mi iPhone\n",
	"Enviado do meu iPhone\n",
	"Inviato da iPhone\n",
	"Verstuurd vanaf mijn iPhone\n",
	"Sendt fra min iPhone\n",
	"Skickat från min iPhone\n",
	"Lähetetty iPhonesta\n",
	"Wysłane z iPhone'a\n",
	"Odesláno z iPhonu\n",
	"Odoslané z iPhonu\n",
	"Отправлено с iPhone\n",
	"iPhone'umdan gönderildi\n",
	"从我的 iPhone 发送\n",
	"從我的 iPhone 傳送\n",
	"iPhoneから送信\n",
	"나의 iPhone에서 보냄\n",
	"Στάλθηκε από το iPhone μου\n",
	"Get Outlook for Android<https://example.com>\n",
	/* A quote without introduction. */
	"> Hello\n> there\n",
};

static void
test_answers(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autofree char *text =
		    g_strconcat("Thank you.\n\n", answers[i], NULL);
		g_autofree char *cut = g_strchomp(g_strdup(answers[i]));
		struct reply *reply OWNED(reply_free) = trim(text);

		g_test_message("%s", answers[i]);
		g_assert_cmpstr(reply->text, ==, "Thank you.");
		g_assert_cmpstr(reply->quoted, ==, cut);
	}
}

static const char forwarded[] =
    "---------- Forwarded message ----------\nFrom: " ANN "\n"
    "Date: 1 May 2020\nSubject: Order\nTo: support@example.com\n\nHello";

static const char quoted_alone[] =
    "On 1 May 2020, at 10:02, " ANN " wrote:\n\n> Hello";

/* Nothing is cut of these. */
static const char *const whole[] = {
	"",
	"\n\n",
	"Hello",
	"> Hello\n> there",
	"-- \nAnn",
	"Sent from my iPhone",
	quoted_alone,
	forwarded,
	/* Who answers what. */
	"> Is it red?\n\nYes.\n\n> Is it big?\n\nNo.",
	"> Is it red?\n\nYes.",
	/* Sentences, lists and code of the letter. */
	"Am 1.5. schrieb ich Ihnen:\nBitte melden Sie sich.",
	"The manual says:\nPress the red button.",
	"We tried this:\n\n- on\n- off\n\nNothing helps.",
	"Look:\n```\n> quoted in code\n-- \nFrom: a\nTo: b\nDate: c\n```\nOdd.",
	"From: the shop\nTo: the house\nIt was broken.",
	"A form:\nFrom: Ann\nDate: today\nTo: you\nSubject: red\nIt is red.",
	"Its header:\n\nReceived: from a\nFrom: b\nTo: c\nSubject: d\nDate: e",
	"Log:\n2020-05-01 10:02:11 smtp <ann@example.org>\nlost",
	"A table:\n-----\none\ntwo",
	"We sent from the office.\nSent from there, it came late.\nWhy?",
};

static void
test_whole(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(whole); i++) {
		g_autofree char *want = g_strchug(g_strdup(whole[i]));
		struct reply *reply OWNED(reply_free) = trim(whole[i]);

		g_test_message("%s", whole[i]);
		g_assert_cmpstr(reply->text, ==, want);
		g_assert_null(reply->quoted);
		g_assert_null(reply->signature);
	}
}

static const struct {
	const char *text, *want, *quoted, *signature;
} pieces[] = {
	/* Below the quote. */
	{ "On 1 May 2020, Ann wrote:\n> Hello\n\nThank you.", "Thank you.",
	    "On 1 May 2020, Ann wrote:\n> Hello", NULL },
	/* Between the lines: only who wrote is cut. */
	{ "On 1 May 2020, Ann wrote:\n> Red?\n\nYes.\n\n> Big?\n\nNo.",
	    "> Red?\n\nYes.\n\n> Big?\n\nNo.",
	    "On 1 May 2020, Ann wrote:", NULL },
	{ "Hi\nOn 1 May 2020, Ann wrote:\n> Red?\n\nYes.\n\n-- \nBob",
	    "Hi\n> Red?\n\nYes.", "On 1 May 2020, Ann wrote:\n\n-- \nBob",
	    "-- \nBob" },
	{ "Ann Ex wrote:\n\n>Red?\n\nYes.", "Yes.", "Ann Ex wrote:\n\n>Red?",
	    NULL },
	{ "It says what Ann wrote:\n\nRed.\n\n> x\n\nNo.",
	    "It says what Ann wrote:\n\nRed.\n\n> x\n\nNo.", NULL, NULL },
	/* By initials, and with something left out. */
	{ "Hi,\n\nOn 1 May 2020, Ann Ex wrote:\n\n[...]\n\nAE> Red?\n\nYes.",
	    "Hi,\n\n\n[...]\n\nAE> Red?\n\nYes.",
	    "On 1 May 2020, Ann Ex wrote:", NULL },
	/* The quote below the last answer goes. */
	{ "On 1 May 2020, Ann wrote:\n> Red?\nYes.\n> Regards", "Yes.",
	    "On 1 May 2020, Ann wrote:\n> Red?\n> Regards", NULL },
	/* The first introduction ends it, not the last. */
	{ "New.\n\nOn 2 May 2020, Ann wrote:\n\nOld.\n\nOn 1 May 2020, Bob "
	  "wrote:\n\nOlder.",
	    "New.",
	    "On 2 May 2020, Ann wrote:\n\nOld.\n\nOn 1 May 2020, Bob wrote:\n"
	    "\nOlder.",
	    NULL },
	{ "Yes.\n-- \nBob\n\nSent from my iPhone\n\nOn 1 May 2020, Ann wrote:\n"
	  "> Red?",
	    "Yes.",
	    "-- \nBob\n\nSent from my iPhone\n\nOn 1 May 2020, Ann wrote:\n"
	    "> Red?",
	    "-- \nBob\n\nSent from my iPhone" },
};

static void
test_pieces(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++) {
		struct reply *reply OWNED(reply_free) = trim(pieces[i].text);

		g_test_message("%s", pieces[i].text);
		g_assert_cmpstr(reply->text, ==, pieces[i].want);
		g_assert_cmpstr(reply->quoted, ==, pieces[i].quoted);
		g_assert_cmpstr(reply->signature, ==, pieces[i].signature);
	}
}

/* What the HTML says, where the words say nothing. */
static const struct {
	const char *source, *want;
} pages[] = {
	{ "<div>Yes.</div><div class=\"gmail_quote\"><div dir=ltr "
	  "class=\"x gmail_attr\">Ann sagde:<br></div><blockquote "
	  "class=\"gmail_quote\">Red?</blockquote></div>",
	    "Yes." },
	{ "<div>Ann asked</div><blockquote type=\"cite\">Red?</blockquote>"
	  "<div>Yes.</div><blockquote type=\"cite\">Big?</blockquote>"
	  "<div>No.</div>",
	    "Ann asked\n\nRed?\n\nYes.\n\nBig?\n\nNo." },
	{ "<p>Yes.</p><div id=\"appendonsend\"></div><hr>"
	  "<div id=\"divRplyFwdMsg\"><b>Frm</b> Ann</div><p>Red?</p>",
	    "Yes." },
	{ "<p>Yes.</p><div><div style=\"border:none;border-top:solid #E1E1E1 "
	  "1.0pt;padding:3.0pt 0cm 0cm 0cm\"><p>Ann</p></div></div><p>Red?</p>",
	    "Yes." },
	{ "<p>Yes.</p><div class=\"moz-cite-prefix\">Ann ütles:<br></div>"
	  "<blockquote type=\"cite\"><p>Red?</p></blockquote>",
	    "Yes." },
	{ "<div>Yes.</div><div id=\"ydp1\" class=\"yahoo_quoted\"><div>Ann"
	  "</div><div>Red?</div></div>",
	    "Yes." },
	/* Indented, not quoted. */
	{ "<p>It says</p><blockquote>Press it.</blockquote>",
	    "It says\n\nPress it." },
};

static void
test_pages(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(pages); i++) {
		struct html *html OWNED(html_free) = html_read(pages[i].source,
		    strlen(pages[i].source), &html_limits_default);
		struct reply *reply OWNED(reply_free) =
		    reply_trim(html->text, html->marks);

		g_test_message("%s", pages[i].source);
		g_assert_cmpstr(reply->text, ==, pages[i].want);
	}
}

static void
test_subjects(void)
{
	static const char *const replies[] = { "Re: Order", "RE : Order",
		"re[2]: Order", "AW: Bestellung", "Sv: Order", "回复：订单",
		"Odp: Zamówienie", "RIF: Ordine" };
	static const char *const others[] = { "Order", "Rebate: 5 %",
		"Fwd: Re: x", "Regarding: x", "" };
	static const char *const forwards[] = { "Fwd: Order", "FW: Re: Order",
		"WG: Bestellung", "TR: Commande", "VB: Order", "转发: 订单" };

	for (gsize i = 0; i < G_N_ELEMENTS(replies); i++) {
		g_assert_true(reply_is(replies[i], FALSE));
		g_assert_false(forward_subject(replies[i]));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
		g_assert_false(reply_is(others[i], FALSE));
		g_assert_true(reply_is(others[i], TRUE));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(forwards); i++)
		g_assert_true(forward_subject(forwards[i]));
}

/* A word that is not written as lines are folded would never be found. */
static void
test_tables(void)
{
	static const char *const *const tables[] = { reply_tables_from,
		reply_tables_date, reply_tables_to, reply_tables_subject,
		reply_tables_copy, reply_tables_other, reply_tables_original,
		reply_tables_forwarded, reply_tables_begins, reply_tables_leads,
		reply_tables_verbs_last, reply_tables_verbs,
		reply_tables_devices, reply_tables_replies,
		reply_tables_forwards };

	for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
		for (gsize j = 0; tables[i][j] != NULL; j++) {
			g_autofree char *word =
			    g_strchomp(g_strdup(tables[i][j]));
			g_autofree char *folded =
			    reply_words_fold(word, strlen(word));

			g_assert_cmpstr(word, ==, folded);
		}
	}
}

static char *
repeat(const char *piece, gsize bytes)
{
	GString *out = g_string_sized_new(bytes);

	while (out->len < bytes)
		g_string_append(out, piece);
	return g_string_free(out, FALSE);
}

/* A megabyte of whatever costs most takes a moment. */
static void
test_hostile(void)
{
	static const char *const piece[] = { "\n", ">", "> \n", "-- \n",
		"From: a\n", "To: a\n", "x 1:00 @ wrote:\n", "a@b.c> wrote:\n",
		"On 1 May 2020, Ann wrote:\n",
		"On 1 May 2020, Ann wrote:\n> x\ny\n", "-- \n> q\n", "```\n",
		"- ", "wrote ", "Sent from my iPhone\n",
		"-----Original Message-----\n",
		"1:00 2020 a@example.org x:\n" };

	for (gsize i = 0; i < G_N_ELEMENTS(piece); i++) {
		g_autofree char *text = repeat(piece[i], 1 << 20);
		g_autofree char *below = g_strconcat("New.\n", text, NULL);
		struct reply *reply OWNED(reply_free) = NULL;
		struct forward *forward OWNED(forward_free) = NULL;
		gint64 start = g_get_monotonic_time();

		reply = trim(below);
		forward = forward_find(below);
		g_test_message("%s: %" G_GINT64_FORMAT " us", piece[i],
		    g_get_monotonic_time() - start);
		g_assert_cmpint(
		    g_get_monotonic_time() - start, <, 5 * G_USEC_PER_SEC);
		g_assert_cmpstr(reply->text, !=, "");
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/reply/answers", test_answers);
	g_test_add_func("/reply/whole", test_whole);
	g_test_add_func("/reply/pieces", test_pieces);
	g_test_add_func("/reply/pages", test_pages);
	g_test_add_func("/reply/subjects", test_subjects);
	g_test_add_func("/reply/tables", test_tables);
	g_test_add_func("/reply/hostile", test_hostile);
	return g_test_run();
}
