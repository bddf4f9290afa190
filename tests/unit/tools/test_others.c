/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What filters write into a header.  The values are of the programs of Debian
 * 12 (bogofilter 1.2.5, SpamAssassin 4.0.1, rspamd 3.4, SpamProbe 1.4d), and
 * for those that are not there of their manuals.
 */
#include "tools/others.h"

#include <math.h>
#include <string.h>

#include "classifier/canonical.h"

#define NONE NAN

static const struct {
	const char *name, *header;
	enum others_filter filter;
	gboolean said;
	enum verdict_class class;
	double score;
} cases[] = {
	{ "bogofilter ham",
	    "X-Bogosity: Ham, tests=bogofilter, spamicity=0.000000, "
	    "version=1.2.5\n",
	    OTHERS_BOGOFILTER, TRUE, VERDICT_HAM, 0 },
	{ "bogofilter spam",
	    "x-bogosity: Spam, tests=bogofilter, spamicity=1.000000, "
	    "version=1.2.5\r\n",
	    OTHERS_BOGOFILTER, TRUE, VERDICT_SPAM, 1 },
	{ "bogofilter unsure",
	    "X-Bogosity: Unsure, tests=bogofilter, "
	    "spamicity=0.520000, version=1.2.5\n",
	    OTHERS_BOGOFILTER, TRUE, VERDICT_UNSURE, .52 },
	{ "bogofilter of old", "X-Bogosity: Yes, spamicity=0.9\n",
	    OTHERS_BOGOFILTER, TRUE, VERDICT_SPAM, .9 },
	{ "spamassassin ham, folded",
	    "X-Spam-Status: No, score=-0.0 required=5.0 "
	    "tests=MSGID_SHORT,NO_RECEIVED,\n\tNO_RELAYS autolearn=ham "
	    "autolearn_force=no version=4.0.1\n",
	    OTHERS_SPAMASSASSIN, TRUE, VERDICT_HAM, 0 },
	{ "spamassassin spam",
	    "X-Spam-Flag: YES\nX-Spam-Status: Yes, score=1000.0 "
	    "required=5.0 tests=GTUBE autolearn=no version=4.0.1\n",
	    OTHERS_SPAMASSASSIN, TRUE, VERDICT_SPAM, 1000 },
	{ "spamassassin of old", "X-Spam-Status: Yes, hits=7.1 required=5.0\n",
	    OTHERS_SPAMASSASSIN, TRUE, VERDICT_SPAM, 7.1 },
	{ "rspamd ham",
	    "X-Rspamd-Action: no action\n"
	    "X-Spam-Status: No, score=3.40\nX-Spamd-Bar: +++\n"
	    "X-Spamd-Result: default: False [3.40 / 15.00];\n"
	    "\tHFILTER_HOSTNAME_UNKNOWN(2.50)[]\n",
	    OTHERS_RSPAMD, TRUE, VERDICT_HAM, 3.4 },
	{ "rspamd spam by its action",
	    "X-Spamd-Result: default: False [7.00 / 15.00]\n"
	    "X-Rspamd-Action: add header\n",
	    OTHERS_RSPAMD, TRUE, VERDICT_SPAM, 7 },
	{ "rspamd spam by X-Spam", "X-Spam: Yes\nX-Spamd-Bar: +++++++\n",
	    OTHERS_RSPAMD, TRUE, VERDICT_SPAM, 7 },
	{ "rspamd rejects", "X-Spamd-Result: default: True [15.00 / 15.00]\n",
	    OTHERS_RSPAMD, TRUE, VERDICT_SPAM, 15 },
	{ "rspamd, nothing but the bar", "X-Spamd-Bar: /\n", OTHERS_RSPAMD,
	    TRUE, VERDICT_HAM, 0 },
	{ "rspamc",
	    "X-Spam: yes\nX-Spam-Action: reject\n"
	    "X-Spam-Score: 15.00 / 15.00\n",
	    OTHERS_RSPAMD, TRUE, VERDICT_SPAM, 15 },
	{ "spamprobe",
	    "X-SpamProbe: SPAM 0.9999990 "
	    "e0599774496a4a08d05156fbcc5a7d41\n",
	    OTHERS_SPAMPROBE, TRUE, VERDICT_SPAM, .999999 },
	{ "spamprobe good", "X-SpamProbe: GOOD 0.0000010 b02b4349\n",
	    OTHERS_SPAMPROBE, TRUE, VERDICT_HAM, .000001 },
	{ "dspam", "X-DSPAM-Result: Innocent\nX-DSPAM-Probability: 0.0023\n",
	    OTHERS_DSPAM, TRUE, VERDICT_HAM, .0023 },
	{ "dspam whitelisted", "X-DSPAM-Result: Whitelisted\n", OTHERS_DSPAM,
	    TRUE, VERDICT_HAM, NONE },
	{ "crm114", "X-CRM114-Status: UNSURE (   1.20  )\n", OTHERS_CRM114,
	    TRUE, VERDICT_UNSURE, NONE },
	{ "crm114 good", "X-CRM114-Status: Good  ( pR: 29.5 )\n", OTHERS_CRM114,
	    TRUE, VERDICT_HAM, 29.5 },
	{ "spambayes", "X-Spambayes-Classification: spam; 1.00\n",
	    OTHERS_SPAMBAYES, TRUE, VERDICT_SPAM, 1 },
	{ "a flag alone", "X-Spam-Flag: YES\n", OTHERS_FLAG, TRUE, VERDICT_SPAM,
	    NONE },
	{ "a flag beside a status",
	    "X-Spam-Flag: YES\nX-Spam-Status: Yes, score=9 "
	    "required=5\n",
	    OTHERS_FLAG, FALSE, VERDICT_HAM, NONE },
	{ "our own status is nobody else's",
	    "X-Spam-Status: No, score=-6.2 verdict=ham basis=scored\n",
	    OTHERS_SPAMASSASSIN, FALSE, VERDICT_HAM, NONE },
	{ "nor rspamd's",
	    "X-Spam-Status: No, score=-6.2 verdict=ham basis=scored\n",
	    OTHERS_RSPAMD, FALSE, VERDICT_HAM, NONE },
	{ "our own flag",
	    "X-Spam-Flag: NO\nX-Spam-Status: No, score=-6.2 "
	    "verdict=ham basis=scored\n",
	    OTHERS_FLAG, FALSE, VERDICT_HAM, NONE },
	{ "ours and theirs",
	    "X-Spam-Status: No, score=-6.2 verdict=ham basis=scored\n"
	    "X-Spam-Status: Yes, score=6.2 required=5.0\n",
	    OTHERS_SPAMASSASSIN, TRUE, VERDICT_SPAM, 6.2 },
	{ "a word that only begins so", "X-Bogosity: Spammish\n",
	    OTHERS_BOGOFILTER, FALSE, VERDICT_HAM, NONE },
	{ "an empty value", "X-Bogosity:\n", OTHERS_BOGOFILTER, FALSE,
	    VERDICT_HAM, NONE },
	{ "a score that is none", "X-Bogosity: Spam, spamicity=nan\n",
	    OTHERS_BOGOFILTER, TRUE, VERDICT_SPAM, NONE },
	{ "of the body", "Subject: a\n\nX-Bogosity: Spam\n", OTHERS_BOGOFILTER,
	    FALSE, VERDICT_HAM, NONE },
};

static void
test_forms(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    g_strconcat(cases[i].header, "\nbody\n", NULL);
		struct others others;
		const struct others_word *word;

		g_test_message("%s", cases[i].name);
		others_read((const guint8 *)text, strlen(text), &others);
		word = &others.theirs[cases[i].filter];
		g_assert_cmpint(word->said, ==, cases[i].said);
		g_assert_false(word->differs);
		if (cases[i].said)
			g_assert_cmpint(word->class, ==, cases[i].class);
		if (isnan(cases[i].score))
			g_assert_true(isnan(word->score));
		else
			g_assert_cmpfloat_with_epsilon(
			    word->score, cases[i].score, 1e-9);
		others_clear(&others);
	}
}

/* A second field that says something else: one of them is forged. */
static void
test_twice(void)
{
	static const char text[] =
	    "X-Bogosity: Spam, spamicity=1.0\n"
	    "X-SpamProbe: GOOD 0.1 a\nX-SpamProbe: GOOD 0.1 a\n"
	    "X-Deskgate-Verdict: ham\nX-Deskgate-Verdict: spam\n"
	    "X-Bogosity: Ham, spamicity=0.0\n\n";
	struct others others;

	others_read((const guint8 *)text, strlen(text), &others);
	g_assert_false(others.theirs[OTHERS_BOGOFILTER].said);
	g_assert_true(others.theirs[OTHERS_BOGOFILTER].differs);
	g_assert_true(others.theirs[OTHERS_SPAMPROBE].said);
	g_assert_false(others.ours.said);
	g_assert_true(others.ours.differs);
	others_clear(&others);
}

static void
test_ours(void)
{
	static const char text[] =
	    "Message-ID:\n <one@example.org>\nX-Deskgate-Verdict: unsure\n"
	    "X-Deskgate-Score: +0.42\nX-Deskgate-Id: 4f0c\n\n";
	struct others others;

	others_read((const guint8 *)text, strlen(text), &others);
	g_assert_true(others.ours.said);
	g_assert_cmpint(others.ours.class, ==, VERDICT_UNSURE);
	g_assert_cmpfloat_with_epsilon(others.ours.score, .42, 1e-9);
	g_assert_cmpstr(others.id, ==, "<one@example.org>");
	for (guint i = 0; i < OTHERS_COUNT; i++)
		g_assert_false(others.theirs[i].said);
	others_clear(&others);
	others_read((const guint8 *)"", 0, &others);
	g_assert_false(others.ours.said);
	g_assert_cmpstr(others.id, ==, "");
	others_clear(&others);
}

/* What a filter writes never becomes a feature. */
static void
test_left_out(void)
{
	for (guint i = 0; i < OTHERS_COUNT; i++) {
		const char *const *fields = others_fields(i);

		g_assert_nonnull(fields[0]);
		for (; *fields != NULL; fields++) {
			g_test_message("%s of %s", *fields, others_name(i));
			g_assert_true(canonical_is_local(*fields));
		}
	}
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(GStrv) lines = g_strsplit(cases[i].header, "\n", -1);

		for (char **line = lines; *line != NULL; line++) {
			(*line)[strcspn(*line, ":")] = '\0';
			if (g_ascii_strncasecmp(*line, "X-", 2) == 0)
				g_assert_true(canonical_is_local(*line));
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/others/forms", test_forms);
	g_test_add_func("/others/twice", test_twice);
	g_test_add_func("/others/ours", test_ours);
	g_test_add_func("/others/left-out", test_left_out);
	return g_test_run();
}
