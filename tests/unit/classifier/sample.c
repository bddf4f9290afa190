/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tests of the classifier's reading side share.
 */
#include "tests/unit/classifier/sample.h"

#include <string.h>

#include "lib/base/owned.h"

static const guint8 key[FEATURES_KEY_BYTES] = "sixteen bytes ok";
static const char *const domains[] = { "example.com", NULL };

const struct features_rules sample_rules = { .key = key,
	.local_domains = domains };

struct message *
sample_parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct message *message = message_parse((const guint8 *)text,
	    strlen(text), &message_limits_default, &error);

	g_assert_no_error(error);
	return message;
}

void
sample_features(const char *text, const struct features_rules *rules,
    struct features *features_r)
{
	struct message *message OWNED(message_free) = sample_parse(text);

	features_extract(message, rules, NULL, features_r);
}

char *
sample_crlf(const char *text)
{
	GString *out = g_string_new(text);

	g_string_replace(out, "\n", "\r\n", 0);
	return g_string_free(out, FALSE);
}

void
sample_teach(struct table *table, const char *text, guint32 spam, guint32 ham)
{
	struct features features OWNED(features_clear) = { 0 };

	sample_features(text, &sample_rules, &features);
	for (guint i = 0; i < features.n; i++) {
		guint32 spam_now, ham_now;

		table_look(table, features.digests[i], &spam_now, &ham_now);
		g_assert_true(table_set(table, features.digests[i],
		    spam_now + spam, ham_now + ham, NULL));
	}
}
