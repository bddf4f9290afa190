/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mail is gone through twice: once for the dates, once to be taught.  To
 * read a file twice is cheap beside what a lesson costs, and a mailbox of many
 * gigabytes needs no more memory than its list of places.
 */
#include "tools/bulk.h"

#include <string.h>

#include "lib/mail/message.h"
#include "tools/cmd.h"

struct item {
	struct source_place place;
	gint64 date;
	enum verdict_class class;
};

struct bulk {
	GPtrArray *piles[2]; /* struct item *; [1]: spam */
	gint64 last[2];      /* the date before, for those without */
	GPtrArray *order;    /* struct item *, borrowed */
	guint given;
};

static void
free_item(gpointer data)
{
	struct item *item = data;

	g_free(item->place.path);
	g_free(item);
}

struct bulk *
bulk_new(void)
{
	struct bulk *bulk = g_new0(struct bulk, 1);

	for (gsize i = 0; i < G_N_ELEMENTS(bulk->piles); i++)
		bulk->piles[i] = g_ptr_array_new_with_free_func(free_item);
	bulk->order = g_ptr_array_new();
	return bulk;
}

void
bulk_free(struct bulk **address)
{
	struct bulk *bulk = *address;

	if (bulk == NULL)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(bulk->piles); i++)
		g_ptr_array_unref(bulk->piles[i]);
	g_ptr_array_unref(bulk->order);
	g_clear_pointer(address, g_free);
}

/* --- dates --- */

/* The end of the line at `at`: behind its LF. */
static const char *
next_line(const char *at, const char *end)
{
	const char *line_end = memchr(at, '\n', end - at);

	return line_end != NULL ? line_end + 1 : end;
}

gint64
bulk_date(GBytes *message)
{
	gsize length;
	const char *at = g_bytes_get_data(message, &length);
	const char *end = at + length;

	while (at < end && *at != '\n' && *at != '\r') {
		const char *next = next_line(at, end);
		g_autofree char *value = NULL;
		gint zone;

		if (next - at < 5 || g_ascii_strncasecmp(at, "Date:", 5) != 0) {
			at = next;
			continue;
		}
		/* A folded one goes on. */
		while (next < end && (*next == ' ' || *next == '\t'))
			next = next_line(next, end);
		value = g_strndup(at + 5, next - at - 5);
		g_strdelimit(value, "\r\n", ' ');
		return message_decode_date(value, &zone);
	}
	return 0;
}

/* --- the order --- */

void
bulk_put(struct bulk *bulk, const struct source *source, GBytes *message,
    enum verdict_class class)
{
	gboolean spam = class == VERDICT_SPAM;
	struct item *item = g_new0(struct item, 1);

	source_where(source, &item->place);
	item->class = class;
	item->date = bulk_date(message);
	if (item->date == 0)
		item->date = bulk->last[spam];
	bulk->last[spam] = item->date;
	g_ptr_array_add(bulk->piles[spam], item);
}

gboolean
bulk_add(struct bulk *bulk, struct source *source, enum verdict_class class,
    char **name_r, GError **error)
{
	g_autoptr(GBytes) message = NULL;

	if (!source_next(source, &message, name_r, error))
		return FALSE;
	bulk_put(bulk, source, message, class);
	return TRUE;
}

static gint
by_date(gconstpointer a, gconstpointer b)
{
	const struct item *one = *(struct item *const *)a;
	const struct item *other = *(struct item *const *)b;

	return one->date < other->date ? -1 : one->date > other->date;
}

void
bulk_arrange(struct bulk *bulk)
{
	guint64 n[2] = { bulk->piles[0]->len, bulk->piles[1]->len };
	guint64 at[2] = { 0 };

	/* A merge sort: what has one date stays as it was given. */
	for (gsize i = 0; i < G_N_ELEMENTS(bulk->piles); i++)
		g_ptr_array_sort(bulk->piles[i], by_date);
	while (at[0] + at[1] < n[0] + n[1]) {
		/* Whose middle of the next share comes first. */
		gboolean spam = (2 * at[1] + 1) * n[0] < (2 * at[0] + 1) * n[1];

		if (at[spam] == n[spam])
			spam = !spam;
		g_ptr_array_add(
		    bulk->order, bulk->piles[spam]->pdata[at[spam]++]);
	}
}

guint
bulk_count(const struct bulk *bulk)
{
	return bulk->order->len;
}

gboolean
bulk_next(struct bulk *bulk, GBytes **message_r, char **name_r,
    enum verdict_class *class_r, GError **error)
{
	const struct item *item;

	*message_r = NULL;
	*name_r = NULL;
	if (bulk->given >= bulk->order->len)
		return FALSE;
	item = bulk->order->pdata[bulk->given++];
	*class_r = item->class;
	return source_read(
	    &item->place, CMD_MESSAGE_MOST, message_r, name_r, error);
}
