/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lessons by mail: see reported.h. */
#include "tools/reported.h"

#include <string.h>

#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tools/keeper.h"
#include "tools/recall.h"
#include "tools/wayback.h"

#define KIND "mail:"
/* With its kind, as much as a verb takes of a name (verbs.c). */
#define LOGIN_MOST 35
#define DIGEST_TEXT 32

char *
reported_actor(const char *login)
{
	g_autofree char *digest = NULL;
	gsize length = strlen(login);
	gboolean plain = length > 0 && length <= LOGIN_MOST;

	for (gsize i = 0; plain && i < length; i++)
		plain = g_ascii_isgraph(login[i]);
	if (plain)
		return g_strconcat(KIND, login, NULL);
	digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, login, -1);
	digest[DIGEST_TEXT] = '\0';
	return g_strconcat(KIND, digest, NULL);
}

gboolean
reported_teach(void *self, const struct deliver_lesson *given,
    enum teacher_outcome *outcome_r, GError **error)
{
	struct keeper *keeper = self;
	g_autofree char *name = reported_actor(given->login);
	const char *actor = operators_alias(keeper->operators, name, error);
	struct teacher_lesson lesson = { .class = given->class,
		.actor = actor };
	gsize length;
	gconstpointer data = g_bytes_get_data(given->message, &length);
	int message OWNED(file_close) =
	    actor != NULL ? file_memory("message", data, length, error) : -1;
	g_autoptr(GBytes) scored = NULL;
	char key[IDENT_TEXT];

	if (message < 0)
		return FALSE;
	scored = recall_scored(keeper, message, NULL);
	lesson.scored = scored;
	if (!keeper->teacher.teach(
		keeper->teacher.self, message, &lesson, outcome_r, NULL, error))
		return FALSE;
	ident_text(given->key, key);
	wayback_tell(keeper, &(const struct audit_act){ actor, "lesson", key,
				 teacher_word(*outcome_r) });
	return TRUE;
}
