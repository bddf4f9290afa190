/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message is one lesson, whichever door it came through.
 */
#include <string.h>

#include "classifier/canonical.h"
#include "lib/base/owned.h"
#include "tests/unit/classifier/sample.h"

#define FIELDS \
	"From: Ann <Ann@example.org>\nTo: support@example.com\n" \
	"Subject: broken lamp\nDate: Tue, 5 Mar 2024 08:00:00 +0100\n" \
	"Message-ID: <1@example.org>\n"
#define BODY "The lamp is broken.\n\nFrom here it looks dead.\nAnn\n"

static void
test_local_names(void)
{
	static const struct {
		const char *name;
		gboolean local;
	} cases[] = {
		{ "Delivered-To", TRUE },
		{ "delivered-to", TRUE },
		{ "X-Original-To", TRUE },
		{ "Return-Path", TRUE },
		{ "X-Spam-Status", TRUE },
		{ "X-Spam", TRUE },
		{ "X-Deskgate-Verdict", TRUE },
		{ "Authentication-Results", TRUE },
		{ "ARC-Seal", TRUE },
		{ "Received-SPF", TRUE },
		{ "Status", TRUE },
		{ "X-Status", TRUE },
		{ "X-UID", TRUE },
		{ "X-Mozilla-Keys", TRUE },
		{ "Delivery-date", TRUE },
		{ "Content-Length", TRUE },
		{ "Received", FALSE },
		{ "From", FALSE },
		{ "X-SA-Exim-Scanned", TRUE },
		{ "X-CRM114-Status", TRUE },
		{ "Deliver-To", TRUE },
		{ "X-Rspamd-Action", TRUE },
		{ "X-SpamProbe", TRUE },
		{ "X-Spambayes-Classification", TRUE },
		{ "X-Evolution-Source", TRUE },
		{ "X-KMail-EncryptionState", TRUE },
		{ "X-Quarantine-ID", TRUE },
		{ "X-ACL-Warn", TRUE },
		{ "X-Antivirus-Status", TRUE },
		{ "DMARC-Filter", TRUE },
		{ "X-Account-Key", TRUE },
		{ "X-Account-Keys", FALSE },
		{ "X-Antivirus-Vendor", FALSE },
		{ "X-Mailer", FALSE },
		{ "Statuses", FALSE },
		{ "X-UIDs-of-ours", FALSE },
		{ "Content-Type", FALSE },
		{ "List-Id", FALSE },
		{ "DKIM-Signature", FALSE },
		{ "", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].name);
		g_assert_cmpint(
		    canonical_is_local(cases[i].name), ==, cases[i].local);
	}
}

/* The names of the fields that are left, each with a blank behind. */
static char *
walked(const char *text)
{
	struct message *message OWNED(message_free) = sample_parse(text);
	GString *names = g_string_new(NULL);
	g_autoptr(GArray) fields =
	    canonical_fields(message, sample_rules.local_domains);

	for (guint i = 0; i < fields->len; i++)
		g_string_append_printf(names, "%s ",
		    message_header_name(
			message, g_array_index(fields, guint, i)));
	return g_string_free(names, FALSE);
}

#define OTHER "Received: from c.example.net by b.example.org; x\n"

static void
test_hops(void)
{
	static const struct {
		const char *name, *fields;
		guint hops;
		const char *left;
	} cases[] = {
		{ "none", "From: a@example.org\n", 0, "From " },
		{ "other", OTHER OTHER, 0, "Received Received " },
		{ "own", "Received: from b by example.com with ESMTP\n" OTHER,
		    1, "Received " },
		{ "under", "received: by mx.EXAMPLE.com (x) id 1\n" OTHER, 1,
		    "Received " },
		{ "lookalike", "Received: by notexample.com\n" OTHER, 0,
		    "Received Received " },
		{ "localhost",
		    "Received: from x ([192.0.2.1])\n by localhost;\n"
		    "Received: from y by mx.example.com; x\n" OTHER,
		    2, "Received " },
		{ "address", "Received: by [127.0.0.1]\n" OTHER, 1,
		    "Received " },
		{ "comment",
		    "Received: from b (by example.com (by localhost)) by "
		    "b.example.org\n",
		    0, "Received " },
		{ "ours below another", OTHER "Received: by example.com\n", 0,
		    "Received Received " },
		{ "fields of delivery between",
		    "Return-Path: <a@example.org>\nDelivered-To: s\n"
		    "Received: by example.com\nX-Spam-Flag: NO\n" OTHER
		    "Subject: x\nStatus: RO\n",
		    1, "Received Subject " },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    g_strconcat(cases[i].fields, "\nx\n", NULL);
		g_autofree char *left = walked(text);
		struct message *message OWNED(message_free) =
		    sample_parse(text);

		g_test_message("%s", cases[i].name);
		g_assert_cmpuint(
		    canonical_local_hops(message, sample_rules.local_domains),
		    ==, cases[i].hops);
		g_assert_cmpstr(left, ==, cases[i].left);
	}
}

static void
test_no_domains(void)
{
	struct message *message OWNED(message_free) = sample_parse(
	    "Received: by localhost\nReceived: by example.com\n\nx\n");

	g_assert_cmpuint(canonical_local_hops(message, NULL), ==, 1);
}

static void
test_body(void)
{
	static const struct {
		const char *name, *body;
		gsize most;
		const char *want;
	} cases[] = {
		{ "plain", "a\nb\n", 100, "a\nb" },
		{ "crlf", "a\r\nb\r\n\r\n\r\n", 100, "a\nb" },
		{ "bare cr", "a\rb\r\rc\n", 100, "abc" },
		{ "quotes behind a cr", "\r>From me\na\r>From\r\n>From you",
		    100, ">From me\na>From\nFrom you" },
		{ "quotes within a line", "a>From me\n>a >From\n>>\n>\n", 100,
		    "a>From me\n>a >From\n>>\n>" },
		{ "at most, in front of quotes", "ab\n>From me\n", 3, "ab" },
		{ "at most, behind quotes", "ab\n>From me\n", 5, "ab\nFr" },
		{ "ends in quotes", "a\n>>From", 100, "a\n>>From" },
		{ "quoted From", ">From me\n>>From you\n> From x\n>Fromage\n",
		    100, "From me\nFrom you\n> From x\n>Fromage" },
		{ "inner lines stay", "a\n\n\nb\n\n", 100, "a\n\n\nb" },
		{ "at most", "abcdef\n", 4, "abcd" },
		{ "at most, within ends", "ab\n\n\ncd", 4, "ab" },
		{ "no end", "abc", 100, "abc" },
		{ "only blank", "\r\n\n\r\n", 100, "" },
		{ "empty", "", 100, "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    g_strconcat("Subject: x\n\n", cases[i].body, NULL);
		g_autoptr(GByteArray) out = g_byte_array_new();
		struct message *message OWNED(message_free) =
		    sample_parse(text);

		g_test_message("%s", cases[i].name);
		g_byte_array_append(out, (const guint8 *)"|", 1);
		canonical_body(message, cases[i].most, out);
		g_byte_array_append(out, (const guint8 *)"", 1);
		g_assert_cmpstr((char *)out->data + 1, ==, cases[i].want);
		g_assert_cmpuint(out->data[0], ==, '|');
		g_assert_cmpuint(canonical_body_length(message, cases[i].most),
		    ==, strlen(cases[i].want));
	}
}

static void
name_of(const char *text, const guint8 *key, char name_r[IDENT_TEXT])
{
	struct message *message OWNED(message_free) = sample_parse(text);
	struct ident ident;

	canonical_ident(message, key, &ident);
	g_assert_false(ident_is_zero(&ident));
	ident_text(&ident, name_r);
}

static const struct {
	const char *name, *text;
} copies[] = {
	{ "delivered",
	    "Return-Path: <ann@example.org>\nX-Original-To: s@example.com\n"
	    "Delivered-To: support@example.com\n"
	    "Authentication-Results: mx.example.com; spf=pass\n"
	    "Received: from b.example.org by mx.example.com; x\n"
	    "X-Spam-Status: No\nX-Deskgate-Verdict: ham\n" FIELDS
	    "Status: RO\nX-UID: 7\nContent-Length: 99\n\n" BODY },
	{ "mbox",
	    "From ann@example.org Tue Mar  5 08:00:02 2024\n" FIELDS
	    "\nThe lamp is broken.\n\n>From here it looks dead.\nAnn\n\n" },
	{ "other name of the sender",
	    "From: \"A. Nonym\" <ann@EXAMPLE.org>\n"
	    "Date: Tue, 5 Mar 2024 08:00:00 +0100\n"
	    "Message-ID: <1@example.org>\nSubject: [list] lamp\n\n" BODY },
}, others[] = {
	{ "Message-ID", "From: ann@example.org\nSubject: broken lamp\n"
			"Date: Tue, 5 Mar 2024 08:00:00 +0100\n"
			"Message-ID: <2@example.org>\n\n" BODY },
	{ "no Message-ID", "From: ann@example.org\nSubject: broken lamp\n"
			   "Date: Tue, 5 Mar 2024 08:00:00 +0100\n\n" BODY },
	{ "no Message-ID, other Subject",
	    "From: ann@example.org\nSubject: broken light\n"
	    "Date: Tue, 5 Mar 2024 08:00:00 +0100\n\n" BODY },
	{ "From", "From: bob@example.org\nSubject: broken lamp\n"
		  "Date: Tue, 5 Mar 2024 08:00:00 +0100\n"
		  "Message-ID: <1@example.org>\n\n" BODY },
	{ "Date", "From: ann@example.org\nSubject: broken lamp\n"
		  "Date: Tue, 5 Mar 2024 08:00:01 +0100\n"
		  "Message-ID: <1@example.org>\n\n" BODY },
	{ "body", FIELDS "\nThe lamp is fine.\n" },
	{ "no body", FIELDS "\n" },
};

static void
test_copies(void)
{
	char want[IDENT_TEXT], name[IDENT_TEXT];

	name_of(FIELDS "\n" BODY, sample_rules.key, want);
	for (gsize i = 0; i < G_N_ELEMENTS(copies); i++) {
		g_autofree char *crlf = sample_crlf(copies[i].text);

		g_test_message("%s", copies[i].name);
		name_of(copies[i].text, sample_rules.key, name);
		g_assert_cmpstr(name, ==, want);
		name_of(crlf, sample_rules.key, name);
		g_assert_cmpstr(name, ==, want);
	}
}

static void
test_others(void)
{
	g_autoptr(GHashTable) seen =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	char name[IDENT_TEXT];

	name_of(FIELDS "\n" BODY, sample_rules.key, name);
	g_hash_table_add(seen, g_strdup(name));
	name_of(FIELDS "\n" BODY, (const guint8 *)"another key, 16b", name);
	g_assert_true(g_hash_table_add(seen, g_strdup(name)));
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
		g_test_message("%s", others[i].name);
		name_of(others[i].text, sample_rules.key, name);
		g_assert_true(g_hash_table_add(seen, g_strdup(name)));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/canonical/local-names", test_local_names);
	g_test_add_func("/canonical/hops", test_hops);
	g_test_add_func("/canonical/no-domains", test_no_domains);
	g_test_add_func("/canonical/body", test_body);
	g_test_add_func("/canonical/copies", test_copies);
	g_test_add_func("/canonical/others", test_others);
	return g_test_run();
}
