/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_EXCHANGE_H
#define DESKGATE_CLASSIFIER_EXCHANGE_H

#include "classifier/learn.h"

/*
 * The model as text, for backups, comparisons and other installations of the
 * same feature key.  contrib/doc/model-format.md says what it looks like.
 */
enum exchange_kind {
	EXCHANGE_COUNTS, /* what is counted, without stamps */
};

/* Appends the text to `out`. */
gboolean exchange_dump(
    struct learn *learn, enum exchange_kind kind, GString *out, GError **error);

#endif
