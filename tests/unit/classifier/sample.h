/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_UNIT_CLASSIFIER_SAMPLE_H
#define DESKGATE_TESTS_UNIT_CLASSIFIER_SAMPLE_H

#include "classifier/features.h"
#include "classifier/table.h"
#include "lib/mail/message.h"

/* What the tests of the classifier's reading side share. */

/* A key, and example.com as our own domain. */
extern const struct features_rules sample_rules;

/* Reads a message; `text` outlives it. */
struct message *sample_parse(const char *text);

/* The features of a message, by `rules`. */
void sample_features(const char *text, const struct features_rules *rules,
    struct features *features_r);

/* `text` with CRLF in the place of LF; the caller frees it. */
char *sample_crlf(const char *text);

/* Adds lessons of the message's features to the table. */
void sample_teach(
    struct table *table, const char *text, guint32 spam, guint32 ham);

#endif
