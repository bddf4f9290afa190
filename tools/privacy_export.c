/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handing out, put together: data.json of what each holder has, index.html of
 * the same to read, and the files that belong to it.  The request is written
 * down when all is there: who gets an error has got nothing.
 */
#include "tools/privacy_export.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/pack.h"
#include "tools/privacy.h"

#define TITLE "What is held of you"

static gboolean
put(void *self, const char *path, GBytes *bytes, GError **error)
{
	return pack_add(self, path, bytes, error);
}

static json_t *
collect(struct keeper *keeper, const struct export_wish *wish,
    const struct handout *handout, GError **error)
{
	const struct person *person = wish->request.person;
	g_autofree char *made = clock_text(clock_wall(&clock_system));
	json_t *holders =
	    registry_export(keeper->registry, person, handout, error);

	if (holders == NULL)
		return NULL;
	return json_pack("{s:s, s:i, s:s, s:o, s:b, s:o}", "format",
	    "deskgate-export", "version", 1, "made", made, "addresses",
	    person_json(person), "notes", wish->notes, "holders", holders);
}

static GBytes *
text_of(const json_t *data)
{
	char *text = json_dumps(data, JSON_INDENT(2));

	g_assert(text != NULL);
	return g_bytes_new_with_free_func(text, strlen(text), free, text);
}

static int
export_data(
    struct keeper *keeper, const struct export_wish *wish, GError **error)
{
	const struct handout handout = { .notes = wish->notes };
	json_t *data = collect(keeper, wish, &handout, error);
	g_autoptr(GBytes) text = NULL;
	const void *bytes;
	gsize length;

	if (data == NULL)
		return -1;
	text = text_of(data);
	json_decref(data);
	bytes = g_bytes_get_data(text, &length);
	return file_memory("data", bytes, length, error);
}

static int
export_archive(
    struct keeper *keeper, const struct export_wish *wish, GError **error)
{
	struct pack *pack OWNED(pack_free) =
	    pack_new(clock_wall(&clock_system) / G_USEC_PER_SEC, error);
	const struct handout handout = {
		.notes = wish->notes, .put = put, .self = pack
	};
	json_t *data =
	    pack == NULL ? NULL : collect(keeper, wish, &handout, error);
	g_autoptr(GBytes) text = NULL;
	g_autoptr(GBytes) page = NULL;

	if (data == NULL)
		return -1;
	text = text_of(data);
	page = handout_page(TITLE, data);
	json_decref(data);
	if (!pack_add(pack, "data.json", text, error) ||
	    !pack_add(pack, "index.html", page, error))
		return -1;
	return pack_end(&pack, error);
}

/* How much each holder has, as the receipt tells it. */
static json_t *
counts_of(struct keeper *keeper, const struct person *person, GError **error)
{
	json_t *counts = registry_find(keeper->registry, person, error);
	json_t *one;
	size_t i;

	json_array_foreach(counts, i, one)
	{
		json_object_set_new(one, "outcome",
		    json_string(holder_outcome_word(HOLDER_DONE)));
	}
	return counts;
}

int
privacy_export(struct keeper *keeper, const struct export_wish *wish,
    json_t **receipt_r, GError **error)
{
	json_t *counts = counts_of(keeper, wish->request.person, error);
	int fd OWNED(file_close) = -1;

	if (counts != NULL)
		fd = wish->data_only ? export_data(keeper, wish, error)
				     : export_archive(keeper, wish, error);
	if (fd >= 0)
		*receipt_r =
		    privacy_record(keeper, &wish->request, counts, error);
	json_decref(counts);
	return fd < 0 || *receipt_r == NULL ? -1 : g_steal_fd(&fd);
}
