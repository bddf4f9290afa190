/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What links a lesson to a person: his address and the message's id, as keyed
 * digests that the index holds (model.h), and who taught it; and taking back by
 * them.  When a lesson is folded into the base these go with it.
 */
#include <string.h>

#include "classifier/learn_private.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/seal.h"
#include "lib/mail/raw.h"
#include "lib/privacy/subject.h"

/* The keyed digest of a Message-ID; FALSE when it is none. */
static gboolean
id_digest(const struct secret *key, const char *id, struct ident *digest_r)
{
	struct seal_digest *digest;

	if (*id == '\0')
		return FALSE;
	digest =
	    seal_digest_new(secret_data(key), secret_length(key), "message-id");
	seal_digest_add(digest, id, strlen(id));
	seal_digest_end(&digest, digest_r->bytes, sizeof(digest_r->bytes));
	return TRUE;
}

void
links_set(const struct learn *learn, const struct classify_lesson *lesson,
    struct model_lesson *record)
{
	const struct secret *key = learn->settings.subject_key;

	if (key == NULL)
		return;
	for (guint i = 0; i < MODEL_PEOPLE; i++) {
		if (lesson->people[i] != NULL)
			(void)subject_ident(
			    key, lesson->people[i], &record->people[i]);
	}
	if (lesson->id != NULL)
		(void)id_digest(key, lesson->id, &record->id);
}

/* All can be read, so that none is taken back when one cannot. */
static gboolean
are_whole(struct learn *learn, const GArray *idents, GError **error)
{
	for (guint i = 0; i < idents->len; i++) {
		const struct ident *ident =
		    &g_array_index(idents, struct ident, i);
		g_autofree guint64 *digests = NULL;
		g_autoptr(GError) damaged = NULL;
		struct model_lesson lesson;

		if (!model_get_lesson(
			learn->txn, ident, &lesson, &digests, &damaged))
			return err_set(error, DG_ERROR_BAD, "%s",
			    damaged != NULL ? damaged->message
					    : "the journal lacks a lesson of "
					      "its index");
	}
	return TRUE;
}

/* FALSE has changed nothing. */
static gboolean
take_back(struct learn *learn, const GArray *idents, GError **error)
{
	if (!are_whole(learn, idents, error))
		return FALSE;
	for (guint i = 0; i < idents->len; i++) {
		if (!lesson_take_back(
			learn, &g_array_index(idents, struct ident, i), error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
take_back_found(struct learn *learn, enum model_kind kind,
    const struct ident *key, guint *taken_r, GError **error)
{
	g_autoptr(GArray) idents = model_find(learn->txn, kind, key);

	*taken_r = idents->len;
	if (idents->len == 0)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "nothing of it is in the journal (lessons older than "
		    "journal-keep have lost their link to a person)");
	return take_back(learn, idents, error);
}

static gboolean
take_back_all(struct learn *learn, enum model_kind kind,
    const struct ident *key, guint *taken_r, GError **error)
{
	guint taken = 0;

	if (!learn_enter(learn, error) ||
	    !learn_leave(
		learn, take_back_found(learn, kind, key, &taken, error), error))
		return FALSE;
	if (taken_r != NULL)
		*taken_r = taken;
	return TRUE;
}

gboolean
learn_take_back_person(
    struct learn *learn, const char *address, guint *taken_r, GError **error)
{
	const struct secret *key = learn->settings.subject_key;
	struct ident person;

	if (key == NULL || !subject_ident(key, address, &person))
		return err_set(
		    error, DG_ERROR_BAD, "\"%s\" is no mail address", address);
	return take_back_all(learn, MODEL_BY_PERSON, &person, taken_r, error);
}

gboolean
learn_take_back_subject(struct learn *learn, const struct ident *subject,
    guint *taken_r, GError **error)
{
	return take_back_all(learn, MODEL_BY_PERSON, subject, taken_r, error);
}

gboolean
learn_people(struct learn *learn, struct people *people, GError **error)
{
	struct learn_view view;

	if (!learn_view_begin(learn, &view, error))
		return FALSE;
	model_people(view.txn, people);
	learn_view_end(learn, &view);
	return TRUE;
}

gboolean
learn_count_person(
    struct learn *learn, const char *address, guint *lessons_r, GError **error)
{
	const struct secret *key = learn->settings.subject_key;
	g_autoptr(GArray) idents = NULL;
	struct learn_view view;
	struct ident person;

	if (key == NULL || !subject_ident(key, address, &person))
		return err_set(
		    error, DG_ERROR_BAD, "\"%s\" is no mail address", address);
	if (!learn_view_begin(learn, &view, error))
		return FALSE;
	idents = model_find(view.txn, MODEL_BY_PERSON, &person);
	learn_view_end(learn, &view);
	*lessons_r = idents->len;
	return TRUE;
}

/* Who taught, by his kind: an agent's name is not the sender's to have. */
static json_t *
lesson_row(const struct model_lesson *lesson)
{
	g_autofree char *taught = clock_text(lesson->taught);
	g_autofree char *by =
	    g_strndup(lesson->actor, strcspn(lesson->actor, ":"));

	return json_pack("{s:s, s:s, s:b, s:s}", "taught", taught, "class",
	    verdict_word(lesson->class), "counted", lesson->trained != 0, "by",
	    by);
}

gboolean
learn_list_person(
    struct learn *learn, const char *address, json_t *list, GError **error)
{
	const struct secret *key = learn->settings.subject_key;
	g_autoptr(GArray) idents = NULL;
	struct learn_view view;
	struct ident person;
	g_autoptr(GError) fault = NULL;

	if (key == NULL || !subject_ident(key, address, &person))
		return err_set(
		    error, DG_ERROR_BAD, "\"%s\" is no mail address", address);
	if (!learn_view_begin(learn, &view, error))
		return FALSE;
	idents = model_find(view.txn, MODEL_BY_PERSON, &person);
	for (guint i = 0; fault == NULL && i < idents->len; i++) {
		g_autofree guint64 *digests = NULL;
		struct model_lesson lesson;

		if (model_get_lesson(view.txn,
			&g_array_index(idents, struct ident, i), &lesson,
			&digests, &fault))
			json_array_append_new(list, lesson_row(&lesson));
	}
	learn_view_end(learn, &view);
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* What a person gives, as the reader of the message has it: the field's value,
 * with brackets, blanks and comments, or the id alone.  NULL: none. */
static char *
plain_id(const char *text)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	if (strpbrk(text, "< \t\r\n") == NULL)
		return g_strdup(text);
	raw_ids(text, 1, ids);
	return ids->len > 0 ? g_strdup(ids->pdata[0]) : NULL;
}

gboolean
learn_take_back_id(
    struct learn *learn, const char *id, guint *taken_r, GError **error)
{
	const struct secret *key = learn->settings.subject_key;
	g_autofree char *plain = plain_id(id);
	struct ident digest;

	if (key == NULL || plain == NULL || !id_digest(key, plain, &digest))
		return err_set(
		    error, DG_ERROR_BAD, "\"%s\" is no Message-ID", id);
	return take_back_all(learn, MODEL_BY_ID, &digest, taken_r, error);
}

/* One more is looked for, to know whether there is more. */
static gboolean
take_back_actor(struct learn *learn, const char *actor, guint most,
    guint *taken_r, gboolean *more_r, GError **error)
{
	g_autoptr(GArray) idents =
	    model_find_actor(learn->txn, actor, most + 1);

	if (idents->len == 0)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "no lesson of the journal is his (those older than "
		    "journal-keep are nobody's any more)");
	if (idents->len > most) {
		*more_r = TRUE;
		g_array_set_size(idents, most);
	}
	*taken_r = idents->len;
	return take_back(learn, idents, error);
}

gboolean
learn_take_back_actor(struct learn *learn, const char *actor, guint most,
    guint *taken_r, gboolean *more_r, GError **error)
{
	*taken_r = 0;
	if (strlen(actor) >= MODEL_ACTOR_BYTES)
		return err_set(error, DG_ERROR_BAD,
		    "\"%s\": the journal keeps %d bytes of who taught, so he "
		    "cannot be told from others",
		    actor, MODEL_ACTOR_BYTES - 1);
	return learn_enter(learn, error) &&
	       learn_leave(learn,
		   take_back_actor(learn, actor, most, taken_r, more_r, error),
		   error);
}
