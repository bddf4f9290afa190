/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message as digests: the same whichever way it came, and no more of them
 * than fit.
 */
#include <string.h>

#include "classifier/features_private.h"
#include "lib/base/owned.h"
#include "tests/unit/classifier/sample.h"

#define FIELDS \
	"From: Ann <ann@example.org>\nTo: support@example.com\n" \
	"Subject: broken lamp\nDate: Tue, 5 Mar 2024 08:00:00 +0100\n" \
	"Message-ID: <1@example.org>\nX-Mailer: Lampmail 2.0\n"
#define HTML(QUOTE) \
	"Content-Type: text/html; charset=utf-8\n\n" \
	"<p>Look at <a href=\"https://u@shop.example.net/sale/lamp\">it</a>" \
	"<a href=\" https://news.\nexample.net/a\n\">x</a>" \
	"<span style=\"display:none\">x</span>\n\n" QUOTE \
	"From there, done.\n"
#define MAIL FIELDS HTML("")

static void
assert_same(const struct features *a, const struct features *b)
{
	g_assert_cmpmem(a->digests, a->n * sizeof(*a->digests), b->digests,
	    b->n * sizeof(*b->digests));
}

static void
assert_settled(const struct features *features)
{
	g_assert_cmpuint(features->n, <=, FEATURES_MAX);
	for (guint i = 1; i < features->n; i++)
		g_assert_cmpuint(
		    features->digests[i - 1], <, features->digests[i]);
}

/* How many digests both have. */
static guint
common(const struct features *a, const struct features *b)
{
	guint i = 0, j = 0, both = 0;

	while (i < a->n && j < b->n) {
		if (a->digests[i] == b->digests[j]) {
			both++;
			i++;
			j++;
		} else if (a->digests[i] < b->digests[j]) {
			i++;
		} else {
			j++;
		}
	}
	return both;
}

static void
test_doors(void)
{
	static const struct {
		const char *name, *text;
	} copies[] = {
		{ "again", MAIL },
		{ "mailbox",
		    "Return-Path: <ann@example.org>\n"
		    "Delivered-To: support@example.com\n"
		    "X-Original-To: support@example.com\n"
		    "Received: from a.example.org (a.example.org [192.0.2.7])\n"
		    "\tby mx.example.com (Postfix) with ESMTP id 1; x\n"
		    "Authentication-Results: mx.example.com; dkim=none\n"
		    "X-Spam-Flag: YES\nX-Deskgate-Verdict: spam\n" FIELDS
		    "Status: RO\nX-UID: 9\n" HTML("") "\n\n" },
		{ "mbox",
		    "From ann@example.org Tue Mar  5 08:00:02 2024\n" FIELDS
			HTML(">") },
		{ "delivered twice",
		    "Return-Path: <a@example.com>\nReturn-Path: "
		    "<ann@b.example>\n"
		    "Delivered-To: a@example.com\nDelivered-To: b@example.com\n"
		    "Envelope-to: a@example.com\n"
		    "Delivery-date: Tue, 05 Mar 2024 08:00:03 +0100\n" MAIL },
	};
	struct features want OWNED(features_clear) = { 0 };

	sample_features(MAIL, &sample_rules, &want);
	assert_settled(&want);
	g_assert_cmpuint(want.n, >, 100);
	for (gsize i = 0; i < G_N_ELEMENTS(copies); i++) {
		g_autofree char *crlf = sample_crlf(copies[i].text);
		struct features lf_is OWNED(features_clear) = { 0 };
		struct features crlf_is OWNED(features_clear) = { 0 };

		g_test_message("%s", copies[i].name);
		sample_features(copies[i].text, &sample_rules, &lf_is);
		sample_features(crlf, &sample_rules, &crlf_is);
		assert_same(&lf_is, &want);
		assert_same(&crlf_is, &want);
	}
}

/* In order from the first, in whatever order a key makes them. */
static void
test_settled(void)
{
	struct features_rules rules = sample_rules;
	guint8 key[FEATURES_KEY_BYTES] = { 0 };

	rules.key = key;
	for (guint i = 0; i < 256; i++) {
		struct features features OWNED(features_clear) = { 0 };

		key[0] = i;
		sample_features(MAIL, &rules, &features);
		assert_settled(&features);
	}
}

static void
test_key(void)
{
	struct features_rules other = sample_rules;
	struct features a OWNED(features_clear) = { 0 };
	struct features b OWNED(features_clear) = { 0 };

	other.key = (const guint8 *)"another key, 16b";
	sample_features(MAIL, &sample_rules, &a);
	sample_features(MAIL, &other, &b);
	g_assert_cmpuint(a.n, ==, b.n);
	g_assert_cmpuint(common(&a, &b), ==, 0);
}

/* Only how the body is to be read counts of the header. */
static void
test_body_only(void)
{
	static const char *const texts[] = {
		"From: a@example.org\nSubject: one\nMIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BCn\n",
		"Received: from b.example.net by c.example.net; Mon, 2 Nov "
		"2026 10:00:00 +0000\nX-Mailer: other\nMIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BCn\n",
	};
	struct features_rules body = sample_rules;
	struct features whole[2] = { 0 }, bodies[2] = { 0 };

	body.body_only = TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		sample_features(texts[i], &sample_rules, &whole[i]);
		sample_features(texts[i], &body, &bodies[i]);
		assert_settled(&bodies[i]);
	}
	g_assert_cmpuint(bodies[0].n, >, 0);
	assert_same(&bodies[0], &bodies[1]);
	g_assert_cmpuint(common(&whole[0], &whole[1]), <, whole[0].n);
	g_assert_cmpuint(common(&whole[0], &bodies[0]), ==, bodies[0].n);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		features_clear(&whole[i]);
		features_clear(&bodies[i]);
	}
}

static void
test_large(void)
{
	g_autoptr(GString) text = g_string_new(FIELDS "\n");
	struct features a OWNED(features_clear) = { 0 };
	struct features b OWNED(features_clear) = { 0 };

	for (guint i = 0; text->len < 2 << 20; i++)
		g_string_append_printf(
		    text, "w%x%s", i * 2654435761U, i % 8 == 7 ? "\n" : " ");
	sample_features(text->str, &sample_rules, &a);
	sample_features(text->str, &sample_rules, &b);
	assert_settled(&a);
	/* 1,495 grams of the text and 1,000 words. */
	g_assert_cmpuint(a.n, >, 2495);
	g_assert_cmpuint(a.n, <, 2700);
	assert_same(&a, &b);
}

/* No number of fields, links, tags or parts takes more than its room. */
static void
test_crowded(void)
{
	static const char *const lines[] = {
		"X-%u: v%u example%u.example.org\n",
		"Received: from h%u.example.org by i%u.example.net; %u\n",
		"To: a%u@b%u.example.org, c%u@example.net\n",
	};
	g_autoptr(GString) text = g_string_new(FIELDS);
	struct features features OWNED(features_clear) = { 0 };

	for (guint i = 0; i < 3000; i++) {
		const char *line = lines[i % G_N_ELEMENTS(lines)];
		g_auto(GStrv) pieces = g_strsplit(line, "%u", -1);
		g_autofree char *number = g_strdup_printf("%u", i);
		g_autofree char *filled = g_strjoinv(number, pieces);

		g_string_append(text, filled);
	}
	g_string_append(text, "Content-Type: text/html\n\n");
	for (guint i = 0; i < 20000; i++)
		g_string_append_printf(text,
		    "<t%u><a href=\"http://l%u.example.org/p%u\">k%u</a>", i, i,
		    i, i);
	sample_features(text->str, &sample_rules, &features);
	assert_settled(&features);
	g_assert_cmpuint(features.n, >, 4000);
}

/* Few features, and never a failure. */
static void
test_empty(void)
{
	static const char *const texts[] = { "\n", "\n\n", "x", "Subject:\n\n",
		"\r\n\r\n", ":\n" };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct features features OWNED(features_clear) = { 0 };

		sample_features(texts[i], &sample_rules, &features);
		assert_settled(&features);
		g_assert_cmpuint(features.n, >, 0);
		g_assert_cmpuint(features.n, <, 60);
	}
}

/* --- names --- */

struct told {
	struct features features;
	GHashTable *lines;   /* "part|lead|text" of readable kinds */
	GHashTable *digests; /* guint64 *: of all kinds */
};

/* Parts that are shown to nobody as if they were words. */
static const char *const unreadable[] = { "form", "header", "text", NULL };

static void
hear(struct told *told, const struct feature_names *names,
    const struct feature_name *name)
{
	g_autofree char *words = feature_name_words(names, name);

	g_hash_table_add(
	    told->digests, g_memdup2(&name->digest, sizeof(name->digest)));
	g_assert_cmpuint(strlen(name->part), <, 16);
	if (name->lead != NULL)
		g_hash_table_add(
		    told->lines, g_strdup_printf("%s|%s", name->part, words));
	else
		g_assert_true(g_strv_contains(unreadable, name->part));
}

static void
told_fini(struct told *told)
{
	features_clear(&told->features);
	g_hash_table_unref(told->lines);
	g_hash_table_unref(told->digests);
}

static void
tell(const char *text, struct told *told_r)
{
	struct message *message OWNED(message_free) = sample_parse(text);
	struct feature_names names OWNED(feature_names_clear) = { 0 };

	told_r->lines =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	told_r->digests =
	    g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	feature_names_init(&names, TRUE);
	features_extract(message, &sample_rules, &names, &told_r->features);
	for (guint i = 0; i < names.n; i++)
		hear(told_r, &names, &names.list[i]);
}

static void
test_names(void)
{
	static const char text[] =
	    "Received: from x (mail.example.org [192.0.2.7])\n\tby "
	    "mx.example.net with ESMTP (Exim 4.96) for <s@example.net>; "
	    "x\nX-Empty:\n" MAIL "<a href=mailto:s@example.net>write</a>";
	static const char *const lines[] = { "subject|lamp",
		"sender|ann@example.org", "sender|domain example.org",
		"sender|name ann", "recipient|support@example.com",
		"field|mail program: Lampmail 2.0", "field|has X-Mailer",
		"route|host mail.example.org", "route|address 192.0.2.7",
		"route|network of 192.0", "route|software 4.96",
		"route|for s@example.net", "links|link to shop.example.net",
		"links|link to news.example.net", "links|word in a link: sale",
		"links|link of kind mailto", "wording|look", "wording|done",
		"structure|hidden text", "structure|HTML tag p" };
	struct features plain OWNED(features_clear) = { 0 };
	struct told told OWNED(told_fini) = { 0 };

	tell(text, &told);
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_test_message("%s", lines[i]);
		g_assert_true(g_hash_table_contains(told.lines, lines[i]));
	}
	/* Each feature has its name, and to ask for names changes none. */
	for (guint i = 0; i < told.features.n; i++)
		g_assert_true(g_hash_table_contains(
		    told.digests, &told.features.digests[i]));
	g_assert_cmpuint(g_hash_table_size(told.digests), ==, told.features.n);
	g_assert_false(g_hash_table_contains(told.lines, "route|software 96"));
	sample_features(text, &sample_rules, &plain);
	assert_same(&plain, &told.features);
}

/* Those for people alone have no grams and no forms, and are the same. */
static void
test_readable_names(void)
{
	g_autoptr(GString) text = g_string_new(MAIL);
	struct feature_names all OWNED(feature_names_clear) = { 0 };
	struct feature_names readable OWNED(feature_names_clear) = { 0 };
	struct features features[2] = { { 0 }, { 0 } };
	struct message *message OWNED(message_free) = NULL;
	guint at = 0;

	/* More than there is room for at first. */
	for (guint i = 0; i < 4000; i++)
		g_string_append_printf(text, "word%u ", i);
	message = sample_parse(text->str);
	feature_names_init(&all, TRUE);
	feature_names_init(&readable, FALSE);
	features_extract(message, &sample_rules, &all, &features[0]);
	features_extract(message, &sample_rules, &readable, &features[1]);
	assert_same(&features[0], &features[1]);
	g_assert_cmpuint(readable.n, >, 1024);
	for (guint i = 0; i < all.n; i++) {
		const struct feature_name *name = &all.list[i];
		g_autofree char *words = feature_name_words(&all, name);
		g_autofree char *same = NULL;

		if (name->lead == NULL)
			continue;
		g_assert_cmpuint(name->text, ==, 0);
		g_assert_cmpuint(at, <, readable.n);
		same = feature_name_words(&readable, &readable.list[at]);
		g_assert_cmpuint(name->digest, ==, readable.list[at++].digest);
		g_assert_cmpstr(words, ==, same);
	}
	g_assert_cmpuint(at, ==, readable.n);
	features_clear(&features[0]);
	features_clear(&features[1]);
}

/* Scripts without blanks give their characters, singly and in pairs. */
static void
test_dense(void)
{
	static const struct {
		const char *name, *word, *want[4];
	} cases[] = {
		{ "chinese", "中文字", { "中", "中文", "文字", NULL } },
		{ "japanese", "カナだ", { "カ", "カナ", "ナだ", NULL } },
		{ "korean", "한국", { "한", "한국", NULL } },
		{ "thai", "ไทย", { "ไ", "ทย", NULL } },
		{ "mixed", "5G手机", { "5g", "手机", NULL } },
		{ "cyrillic", "Лампа тут", { "лампа", "тут", NULL } },
		{ "accents", "CAFÉ", { "café", NULL } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    g_strconcat("Content-Type: text/plain; charset=utf-8\n\n",
			cases[i].word, "\n", NULL);
		struct told told OWNED(told_fini) = { 0 };

		tell(text, &told);
		for (guint w = 0; cases[i].want[w] != NULL; w++) {
			g_autofree char *line =
			    g_strconcat("wording|", cases[i].want[w], NULL);

			g_test_message("%s: %s", cases[i].name, line);
			g_assert_true(g_hash_table_contains(told.lines, line));
		}
	}
}

/* The same words in the subject and in the text are not the same features. */
static void
test_namespaces(void)
{
	static const char words[] = "the brass lampshade flickers nightly";
	g_autofree char *head = g_strconcat("Subject: ", words, "\n\n", NULL);
	g_autofree char *body = g_strconcat("\n", words, "\n", NULL);
	g_autofree char *both =
	    g_strconcat("Subject: ", words, "\n\n", words, "\n", NULL);
	struct features none OWNED(features_clear) = { 0 };
	struct features in_head OWNED(features_clear) = { 0 };
	struct features in_body OWNED(features_clear) = { 0 };
	struct features in_both OWNED(features_clear) = { 0 };

	sample_features("\n", &sample_rules, &none);
	sample_features(head, &sample_rules, &in_head);
	sample_features(body, &sample_rules, &in_body);
	sample_features(both, &sample_rules, &in_both);
	/* Only what an empty message has, too. */
	g_assert_cmpuint(common(&in_head, &in_body), <=, none.n);
	g_assert_cmpuint(common(&in_head, &in_both), >, strlen(words));
	g_assert_cmpuint(common(&in_body, &in_both), >, strlen(words));
}

#define ALTERNATIVE(plain, html) \
	"Content-Type: multipart/alternative; boundary=b\n\n" \
	"--b\nContent-Type: text/plain\n\n" plain \
	"\n--b\nContent-Type: text/html\n\n<p>" html "</p>\n--b--\n"

/* What a mail program shows counts, not only the plain text beside it. */
static void
test_alternative(void)
{
	struct features shown OWNED(features_clear) = { 0 };
	struct features other OWNED(features_clear) = { 0 };
	struct features alike OWNED(features_clear) = { 0 };
	struct told told OWNED(told_fini) = { 0 };

	tell(ALTERNATIVE("minutes of the meeting", "lottery winner"), &told);
	g_assert_true(g_hash_table_contains(told.lines, "wording|meeting"));
	g_assert_true(g_hash_table_contains(told.lines, "wording|lottery"));
	sample_features(ALTERNATIVE("a plain word", "lottery winner"),
	    &sample_rules, &shown);
	sample_features(ALTERNATIVE("a plain word", "weather report"),
	    &sample_rules, &other);
	sample_features(
	    ALTERNATIVE("a plain word", "a plain word"), &sample_rules, &alike);
	/* Two words, and the grams of both. */
	g_assert_cmpuint(common(&shown, &other), <, shown.n - 8);
	g_assert_cmpuint(alike.n, <, shown.n - 8);
}

/* An encoded subject has the grams of the plain one, which are one less than
 * 6 from its letters and the blank before it. */
static void
test_encoded(void)
{
	static const char words[] = "the brass lampshade flickers";
	g_autofree char *head = g_strconcat("Subject: ", words, "\n\n", NULL);
	struct features none OWNED(features_clear) = { 0 };
	struct features plain OWNED(features_clear) = { 0 };
	struct features encoded OWNED(features_clear) = { 0 };

	sample_features("Subject: zz\n\n", &sample_rules, &none);
	sample_features(head, &sample_rules, &plain);
	sample_features(
	    "Subject: =?utf-8?B?dGhlIGJyYXNzIGxhbXBzaGFkZSBmbGlja2Vy"
	    "cw==?=\n\n",
	    &sample_rules, &encoded);
	g_assert_cmpuint(common(&plain, &encoded), >=,
	    common(&plain, &none) + strlen(words) - 5);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/features/doors", test_doors);
	g_test_add_func("/features/settled", test_settled);
	g_test_add_func("/features/key", test_key);
	g_test_add_func("/features/body-only", test_body_only);
	g_test_add_func("/features/large", test_large);
	g_test_add_func("/features/crowded", test_crowded);
	g_test_add_func("/features/empty", test_empty);
	g_test_add_func("/features/names", test_names);
	g_test_add_func("/features/readable names", test_readable_names);
	g_test_add_func("/features/dense", test_dense);
	g_test_add_func("/features/namespaces", test_namespaces);
	g_test_add_func("/features/alternative", test_alternative);
	g_test_add_func("/features/encoded", test_encoded);
	return g_test_run();
}
