/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail to an inbox that teaches (mode teach-spam, teach-ham): somebody who was
 * logged in forwards what he got, as attachments, and each is taught as it came
 * to him.  The milter lets nobody else in; what has no login all the same
 * teaches nothing.
 *
 * It is read like any mail: in a jailed reader, whose files are the attached
 * messages, byte by byte.  Of a message that could not be read, or not wholly,
 * the source stands among them: that is his own, and is no lesson.
 *
 * Nothing is kept of it.  A kill in its midst begins it anew, and what was
 * taught before is known then.
 */
#include "tickets/deliver_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"

struct lessons {
	guint given;  /* messages that were attached */
	guint unread; /* of them: no lesson can be made of it */
	guint outcomes[TEACHER_UNTAUGHT];
};

gboolean
entry_teaches(const struct entry *entry)
{
	return entry->action == ENTRY_TEACH_SPAM ||
	       entry->action == ENTRY_TEACH_HAM;
}

/* Who is logged in; NULL: nobody. */
static const char *
login_of(const struct delivery *delivery)
{
	const char *login = delivery->entry->envelope->authenticated;

	return login != NULL && login[0] != '\0' ? login : NULL;
}

/* A message in a message is named as one, whatever it was called. */
static gboolean
is_given(const struct delivery *delivery, const struct ticket_file *file)
{
	gsize length = strlen(file->name);

	return length > 4 &&
	       g_ascii_strcasecmp(file->name + length - 4, ".eml") == 0 &&
	       !g_bytes_equal(file->bytes, delivery->message);
}

static gboolean
teach_file(const struct delivery *delivery, GBytes *message,
    struct lessons *lessons, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;
	const struct deliver_lesson lesson = {
		.message = message,
		.class = delivery->entry->action == ENTRY_TEACH_SPAM
			     ? VERDICT_SPAM
			     : VERDICT_HAM,
		.login = login_of(delivery),
		.key = &delivery->key,
	};
	enum teacher_outcome outcome;
	g_autoptr(GError) fault = NULL;

	lessons->given++;
	if (world->lesson(world->lesson_self, &lesson, &outcome, &fault)) {
		if (outcome < TEACHER_UNTAUGHT)
			lessons->outcomes[outcome]++;
		return TRUE;
	}
	if (!err_is(fault, DG_ERROR_BAD)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	lessons->unread++;
	return TRUE;
}

/* What is to be looked at; NULL: nothing. */
static const char *
complaint(const struct delivery *delivery, const struct lessons *lessons)
{
	if (login_of(delivery) == NULL)
		return "nobody was logged in: nothing is taught";
	if (delivery->ticket->unread || delivery->ticket->partial)
		return "it could not be read, or not wholly";
	if (lessons->given == 0)
		return "no message is attached: it is to be forwarded as an "
		       "attachment";
	return lessons->outcomes[TEACHER_REFUSED] > 0
		   ? "some were refused: train-rate, or the model is sure of "
		     "the contrary"
		   : NULL;
}

static void
log_lessons(const struct delivery *delivery, const struct lessons *lessons)
{
	static const char *const names[TEACHER_UNTAUGHT] = { "learnt", "known",
		"moved", "noted", "refused" };
	const char *text = complaint(delivery, lessons);
	g_autoptr(GString) words = g_string_new(NULL);
	g_autofree char *given = g_strdup_printf("%u", lessons->given);
	g_autofree char *unread = g_strdup_printf("%u", lessons->unread);
	char key[IDENT_TEXT];

	for (guint i = 0; i < TEACHER_UNTAUGHT; i++)
		if (lessons->outcomes[i] > 0)
			g_string_append_printf(words, "%s%s:%u",
			    words->len > 0 ? "," : "", names[i],
			    lessons->outcomes[i]);
	ident_text(&delivery->key, key);
	log_event(text != NULL ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
	    "lessons-by-mail", "id", key, "inbox", delivery->entry->inbox,
	    "class",
	    delivery->entry->action == ENTRY_TEACH_SPAM ? "spam" : "ham",
	    "messages", given, "outcomes", words->len > 0 ? words->str : NULL,
	    "unread", lessons->unread > 0 ? unread : NULL, "text", text, NULL);
}

gboolean
delivery_teach(struct delivery *delivery, GError **error)
{
	struct deliver *deliver = delivery->deliver;
	const GPtrArray *files = delivery->ticket->files;
	const char *login = login_of(delivery);
	struct lessons lessons = { 0 };

	for (guint i = 0; i < files->len; i++) {
		const struct ticket_file *file = files->pdata[i];

		if (login != NULL && deliver->world.lesson != NULL &&
		    is_given(delivery, file) &&
		    !teach_file(delivery, file->bytes, &lessons, error))
			return FALSE;
	}
	log_lessons(delivery, &lessons);
	return deliver_remove(deliver, &delivery->key, TRUE, error);
}
