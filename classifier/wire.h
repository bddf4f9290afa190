/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_WIRE_H
#define DESKGATE_CLASSIFIER_WIRE_H

#include <glib.h>

#include "classifier/classify.h"
#include "classifier/features.h"

/*
 * A lesson as bytes: as a reader answers, and as it is kept with a message that
 * was scored, so that a label given later teaches what was judged then.  In
 * native order: neither leaves this host.
 *
 *   lesson   ident (16), n (guint32), n digests (guint64), then JSON: the
 *            verdict, "people" (addresses of From and Reply-To), "id"
 *            (Message-ID)
 *   scored   "DGL1", FEATURES_VERSION (guint32), check of the feature key (16),
 *            lesson
 *   verdict  struct verdict as it lies in memory: a reader's answer alone,
 *            which both ends of one program know; JSON takes ten times as long
 */
struct wire_lesson {
	const struct message *message; /* whose it is */
	const guint8 *key;             /* FEATURES_KEY_BYTES */
	const struct features *features;
	const struct verdict *verdict;
};

/* Appends a verdict of WIRE_VERDICT_BYTES. */
#define WIRE_VERDICT_BYTES sizeof(struct verdict)
void wire_put_verdict(GByteArray *record, const struct verdict *verdict);
/* From so many bytes; BAD unless they are one, with its texts made fit for a
 * line as verdict_from_json does: who wrote them is not trusted. */
gboolean wire_get_verdict(
    const guint8 *data, struct verdict *verdict_r, GError **error);

/* Append to `record`. */
void wire_put_lesson(GByteArray *record, const struct wire_lesson *lesson);
/* Likewise, as it is kept. */
void wire_put_scored(GByteArray *record, const struct wire_lesson *lesson);

/* BAD unless the bytes are a lesson of sorted digests, each once: who wrote
 * them is not trusted.  The caller clears *lesson_r. */
gboolean wire_get_lesson(const guint8 *data, gsize length,
    struct classify_lesson *lesson_r, GError **error);
/* The same; BAD also when it is of another version of features, or of another
 * key than `key`, as model_key_check has it. */
gboolean wire_get_scored(GBytes *scored, const struct ident *key,
    struct classify_lesson *lesson_r, GError **error);

#endif
