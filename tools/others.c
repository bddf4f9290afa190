/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table of fields, each with how its value is read.  X-Spam-Status has
 * several rows, since several filters write it: each reads only its own form.
 */
#include "tools/others.h"

#include <math.h>
#include <string.h>

#include "lib/base/unicode.h"
#include "lib/mail/message.h"
#include "lib/mail/raw.h"

/* Bytes of a value that are looked at: verdict and score stand in front. */
#define VALUE_MOST 1000
#define ID_MOST 250

/* What a row may be about beside the filters. */
enum { OURS = OTHERS_COUNT, OUR_STATUS };

/* FALSE: the value is not of this form, and says nothing. */
typedef gboolean (*read_value)(
    const char *text, enum verdict_class *class_r, double *score_r);

/* --- values --- */

/* Behind the word when the text begins with it, in whatever case; or NULL. */
static const char *
behind(const char *text, const char *word)
{
	gsize length = strlen(word);

	if (g_ascii_strncasecmp(text, word, length) != 0 ||
	    g_ascii_isalnum(text[length]))
		return NULL;
	return text + length;
}

struct word_class {
	const char *word;
	enum verdict_class class;
};

/* By the first word; a NULL ends the table.  What follows it, or NULL. */
static const char *
read_word(const char *text, const struct word_class *words,
    enum verdict_class *class_r)
{
	const char *rest = NULL;

	for (; words->word != NULL && rest == NULL; words++) {
		rest = behind(text, words->word);
		*class_r = words->class;
	}
	return rest;
}

/* The number at `text`, or NAN. */
static double
read_number(const char *text)
{
	char *end;
	double number = g_ascii_strtod(text, &end);

	return end == text || !isfinite(number) ? NAN : number;
}

/* The number behind "name", or NAN. */
static double
read_named(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at != NULL ? read_number(at + strlen(name)) : NAN;
}

static const struct word_class yes_no[] = { { "Yes", VERDICT_SPAM },
	{ "No", VERDICT_HAM }, { NULL, VERDICT_UNSURE } };

static gboolean
read_bogosity(const char *text, enum verdict_class *class_r, double *score_r)
{
	static const struct word_class words[] = { { "Spam", VERDICT_SPAM },
		{ "Ham", VERDICT_HAM }, { "Unsure", VERDICT_UNSURE },
		{ "Yes", VERDICT_SPAM }, { "No", VERDICT_HAM },
		{ NULL, VERDICT_UNSURE } };

	*score_r = read_named(text, "spamicity=");
	return read_word(text, words, class_r) != NULL;
}

static gboolean
is_our_status(const char *text)
{
	return strstr(text, " verdict=") != NULL &&
	       strstr(text, " basis=") != NULL;
}

static gboolean
read_our_status(const char *text, enum verdict_class *class_r, double *score_r)
{
	*score_r = NAN;
	return is_our_status(text) && read_word(text, yes_no, class_r) != NULL;
}

static gboolean
read_sa_status(const char *text, enum verdict_class *class_r, double *score_r)
{
	if (is_our_status(text) || strstr(text, "required=") == NULL)
		return FALSE;
	*score_r = read_named(text, "score=");
	if (isnan(*score_r))
		*score_r = read_named(text, "hits=");
	return read_word(text, yes_no, class_r) != NULL;
}

static gboolean
read_rspamd_status(
    const char *text, enum verdict_class *class_r, double *score_r)
{
	if (is_our_status(text) || strstr(text, "required=") != NULL)
		return FALSE;
	*score_r = read_named(text, "score=");
	return !isnan(*score_r) && read_word(text, yes_no, class_r) != NULL;
}

/* "default: False [1.20 / 15.00]" */
static gboolean
read_spamd_result(
    const char *text, enum verdict_class *class_r, double *score_r)
{
	static const struct word_class words[] = { { "True", VERDICT_SPAM },
		{ "False", VERDICT_HAM }, { NULL, VERDICT_UNSURE } };
	const char *at = strchr(text, ':');

	if (at == NULL)
		return FALSE;
	at++;
	*score_r = read_named(at, "[");
	return read_word(at + strspn(at, " "), words, class_r) != NULL;
}

/* "++++", "--" or "/". */
static gboolean
read_bar(const char *text, enum verdict_class *class_r, double *score_r)
{
	gsize plus = strspn(text, "+"), minus = strspn(text, "-");

	*class_r = VERDICT_HAM; /* as long as nothing else says more */
	*score_r = (double)plus - (double)minus;
	return plus + minus > 0 || *text == '/';
}

static gboolean
read_action(const char *text, enum verdict_class *class_r, double *score_r)
{
	static const struct word_class words[] = { { "no action", VERDICT_HAM },
		{ "greylist", VERDICT_HAM }, { "add header", VERDICT_SPAM },
		{ "rewrite subject", VERDICT_SPAM }, { "reject", VERDICT_SPAM },
		{ NULL, VERDICT_UNSURE } };

	*score_r = NAN;
	return read_word(text, words, class_r) != NULL;
}

static gboolean
read_yes_no(const char *text, enum verdict_class *class_r, double *score_r)
{
	*score_r = NAN;
	return read_word(text, yes_no, class_r) != NULL;
}

static gboolean
read_spamprobe(const char *text, enum verdict_class *class_r, double *score_r)
{
	static const struct word_class words[] = { { "SPAM", VERDICT_SPAM },
		{ "GOOD", VERDICT_HAM }, { NULL, VERDICT_UNSURE } };
	const char *rest = read_word(text, words, class_r);

	*score_r = rest != NULL ? read_number(rest) : NAN;
	return rest != NULL;
}

static gboolean
read_dspam(const char *text, enum verdict_class *class_r, double *score_r)
{
	static const struct word_class words[] = { { "Spam", VERDICT_SPAM },
		{ "Innocent", VERDICT_HAM }, { "Whitelisted", VERDICT_HAM },
		{ "Blacklisted", VERDICT_SPAM },
		{ "Blocklisted", VERDICT_SPAM }, { "Virus", VERDICT_SPAM },
		{ NULL, VERDICT_UNSURE } };

	*score_r = NAN;
	return read_word(text, words, class_r) != NULL;
}

static gboolean
read_crm114(const char *text, enum verdict_class *class_r, double *score_r)
{
	static const struct word_class words[] = { { "SPAM", VERDICT_SPAM },
		{ "Good", VERDICT_HAM }, { "UNSURE", VERDICT_UNSURE },
		{ NULL, VERDICT_UNSURE } };

	*score_r = read_named(text, "pR:");
	return read_word(text, words, class_r) != NULL;
}

/* "ham; 0.03", and ours, which has no number. */
static gboolean
read_class(const char *text, enum verdict_class *class_r, double *score_r)
{
	static const struct word_class words[] = { { "ham", VERDICT_HAM },
		{ "unsure", VERDICT_UNSURE }, { "spam", VERDICT_SPAM },
		{ NULL, VERDICT_UNSURE } };

	*score_r = read_named(text, ";");
	return read_word(text, words, class_r) != NULL;
}

/* --- the table --- */

static const struct row {
	const char *field;
	guint about;
	read_value read; /* NULL: a number that goes with the others */
} rows[] = {
	{ "X-Deskgate-Verdict", OURS, read_class },
	{ "X-Deskgate-Score", OURS, NULL },
	{ "X-Bogosity", OTHERS_BOGOFILTER, read_bogosity },
	{ "X-Spam-Status", OUR_STATUS, read_our_status },
	{ "X-Spam-Status", OTHERS_SPAMASSASSIN, read_sa_status },
	{ "X-Spam-Status", OTHERS_RSPAMD, read_rspamd_status },
	{ "X-Spamd-Result", OTHERS_RSPAMD, read_spamd_result },
	{ "X-Rspamd-Action", OTHERS_RSPAMD, read_action },
	{ "X-Spam-Action", OTHERS_RSPAMD, read_action },
	{ "X-Spam", OTHERS_RSPAMD, read_yes_no },
	{ "X-Spam-Score", OTHERS_RSPAMD, NULL },
	{ "X-Spamd-Bar", OTHERS_RSPAMD, read_bar },
	{ "X-SpamProbe", OTHERS_SPAMPROBE, read_spamprobe },
	{ "X-DSPAM-Result", OTHERS_DSPAM, read_dspam },
	{ "X-DSPAM-Probability", OTHERS_DSPAM, NULL },
	{ "X-CRM114-Status", OTHERS_CRM114, read_crm114 },
	{ "X-Spambayes-Classification", OTHERS_SPAMBAYES, read_class },
	{ "X-Spam-Flag", OTHERS_FLAG, read_yes_no },
};

/* What the fields of one row have said. */
struct said {
	gboolean class_known, differs;
	enum verdict_class class;
	double score;
};

static gboolean
is_named(const struct raw_field *field, const char *name)
{
	return field->name_length == strlen(name) &&
	       g_ascii_strncasecmp(field->name, name, field->name_length) == 0;
}

/* The value as one line; the caller frees it. */
static char *
value_text(const struct raw_field *field, gsize most)
{
	char *text = unicode_repair(
	    field->value, (gssize)MIN(field->value_length, most));

	for (char *at = text; *at != '\0'; at++) {
		if (g_ascii_iscntrl(*at))
			*at = ' ';
	}
	return g_strstrip(text);
}

static void
hear(struct said *said, const struct row *row, const char *text)
{
	enum verdict_class class;
	double score;

	if (row->read == NULL) {
		said->score = read_number(text);
		return;
	}
	if (!row->read(text, &class, &score))
		return;
	said->differs |= said->class_known && class != said->class;
	if (!said->class_known)
		said->score = score;
	said->class = class;
	said->class_known = TRUE;
}

/* All rows about one filter: the gravest word counts. */
static struct others_word
combine(const struct said *all, guint about)
{
	struct others_word word = { .class = VERDICT_HAM, .score = NAN };

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct said *said = &all[i];

		if (rows[i].about != about)
			continue;
		word.said |= said->class_known;
		word.differs |= said->differs;
		if (said->class_known)
			word.class = MAX(word.class, said->class);
		if (isnan(word.score))
			word.score = said->score;
	}
	word.said = word.said && !word.differs;
	return word;
}

const char *
others_name(enum others_filter filter)
{
	static const char *const names[] = { "bogofilter", "spamassassin",
		"rspamd", "spamprobe", "dspam", "crm114", "spambayes",
		"x-spam-flag" };

	G_STATIC_ASSERT(G_N_ELEMENTS(names) == OTHERS_COUNT);
	return names[filter];
}

const char *const *
others_fields(enum others_filter filter)
{
	static const char *const fields[OTHERS_COUNT][12] = {
		[OTHERS_BOGOFILTER] = { "X-Bogosity" },
		[OTHERS_SPAMASSASSIN] = { "X-Spam-Status", "X-Spam-Flag",
		    "X-Spam-Level", "X-Spam-Checker-Version", "X-Spam-Report",
		    "X-Spam-Score", "X-Spam-Prev-Subject",
		    "X-Spam-Relay-Country", "X-Spam-ASN" },
		[OTHERS_RSPAMD] = { "X-Spamd-Result", "X-Spamd-Bar", "X-Spam",
		    "X-Spam-Status", "X-Spam-Action", "X-Spam-Score",
		    "X-Spam-Symbols", "X-Rspamd-Action", "X-Rspamd-Server",
		    "X-Rspamd-Queue-Id", "Deliver-To" },
		[OTHERS_SPAMPROBE] = { "X-SpamProbe" },
		[OTHERS_DSPAM] = { "X-DSPAM-Result", "X-DSPAM-Probability",
		    "X-DSPAM-Confidence", "X-DSPAM-Improbability",
		    "X-DSPAM-Processed", "X-DSPAM-Signature", "X-DSPAM-Factors",
		    "X-DSPAM-User", "X-DSPAM-Class", "X-DSPAM-Reclassified" },
		[OTHERS_CRM114] = { "X-CRM114-Status", "X-CRM114-Version",
		    "X-CRM114-CacheID", "X-CRM114-Notice" },
		[OTHERS_SPAMBAYES] = { "X-Spambayes-Classification",
		    "X-Spambayes-Evidence", "X-Spambayes-MailId",
		    "X-Spambayes-Spam-Probability", "X-Spambayes-Trained" },
		[OTHERS_FLAG] = { "X-Spam-Flag" },
	};

	return fields[filter];
}

/* A flag that may be ours, or goes with a status that says more. */
static void
drop_flag(struct others *others, const struct others_word *our_status)
{
	struct others_word *flag = &others->theirs[OTHERS_FLAG];

	if (our_status->said || our_status->differs ||
	    others->theirs[OTHERS_SPAMASSASSIN].said ||
	    others->theirs[OTHERS_RSPAMD].said)
		*flag = (struct others_word){ .score = NAN };
}

void
others_read(const guint8 *data, gsize length, struct others *others_r)
{
	struct said all[G_N_ELEMENTS(rows)];
	struct others_word our_status;
	struct raw raw;

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		all[i] = (struct said){ .score = NAN };
	*others_r = (struct others){ 0 };
	raw_read(data, length, &message_limits_default, &raw);
	for (guint f = 0; f < raw.fields->len; f++) {
		const struct raw_field *field =
		    &g_array_index(raw.fields, struct raw_field, f);

		if (others_r->id == NULL && is_named(field, "Message-ID"))
			others_r->id = value_text(field, ID_MOST);
		for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
			g_autofree char *text = NULL;

			if (!is_named(field, rows[i].field))
				continue;
			text = value_text(field, VALUE_MOST);
			hear(&all[i], &rows[i], text);
		}
	}
	raw_clear(&raw);
	others_r->ours = combine(all, OURS);
	our_status = combine(all, OUR_STATUS);
	for (guint i = 0; i < OTHERS_COUNT; i++)
		others_r->theirs[i] = combine(all, i);
	drop_flag(others_r, &our_status);
	if (others_r->id == NULL)
		others_r->id = g_strdup("");
}

void
others_clear(struct others *others)
{
	g_clear_pointer(&others->id, g_free);
}
