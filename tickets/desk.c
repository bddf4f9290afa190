/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The values all desks share.
 */
#include "tickets/desk.h"

#include "lib/base/err.h"

/* Seconds: both a date and a ticket's time are whole ones, and an answer takes
 * its time. */
#define UNTIL_SLACK 2

void
desk_ticket_clear(struct desk_ticket *ticket)
{
	g_clear_pointer(&ticket->id, g_free);
	g_clear_pointer(&ticket->code, g_free);
}

json_t *
desk_text(const char *text)
{
	g_autofree char *valid = NULL;
	json_t *value;

	if (text == NULL)
		return json_null();
	value = json_string(text);
	if (value != NULL)
		return value;
	valid = g_utf8_make_valid(text, -1);
	return json_string(valid);
}

char *
desk_dump(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT), *copy = g_strdup(text);

	free(text); /* jansson's own memory */
	json_decref(value);
	return copy;
}

gboolean
desk_change_check(const struct desk_change *change, GError **error)
{
	static const char *const words[] = { "open", "closed", "spam",
		"not-spam", NULL };

	if (change->status == NULL || g_strv_contains(words, change->status))
		return TRUE;
	return err_set(
	    error, DG_ERROR_BAD, "a status is open, closed, spam or not-spam");
}

struct desk_event *
desk_event_new(void)
{
	struct desk_event *event = g_new0(struct desk_event, 1);

	event->message_ids = g_ptr_array_new_with_free_func(g_free);
	return event;
}

void
desk_event_free(gpointer item)
{
	struct desk_event *event = item;

	if (event == NULL)
		return;
	g_free(event->id);
	g_free(event->code);
	g_free(event->who);
	g_ptr_array_unref(event->message_ids);
	g_free(event);
}

void
desk_erased_clear(struct desk_erased *erased)
{
	g_clear_pointer(&erased->words, g_free);
	g_clear_pointer(&erased->left, g_ptr_array_unref);
}

gint64
desk_until(const struct desk_whom *whom, gint64 date, const struct clock *clock)
{
	gint64 now = clock_wall(clock) / G_USEC_PER_SEC;

	if (whom->until == G_MAXINT64)
		return G_MAXINT64;
	return whom->until + (date != 0 ? date - now : 0) + UNTIL_SLACK;
}

gboolean
desk_erase_fault(GError *fault, struct desk_erased *erased_r, GError **error)
{
	if (!err_is(fault, DG_ERROR_DENIED) && !err_is(fault, DG_ERROR_BAD)) {
		g_propagate_error(error, fault);
		return FALSE;
	}
	erased_r->outcome = DESK_ERASE_REFUSED;
	erased_r->words = g_strdup(fault->message);
	g_error_free(fault);
	return TRUE;
}

const char *
desk_erasure_word(enum desk_erasure outcome)
{
	static const char *const words[] = { "done", "open", "refused" };

	return words[outcome];
}

void
desk_state_clear(struct desk_state *state)
{
	g_clear_pointer(&state->parent, g_free);
	g_clear_pointer(&state->parent_code, g_free);
}
