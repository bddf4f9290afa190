/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Erasing a person from Zammad: by its own data privacy tasks, which it works
 * off within some minutes.  One for the customer takes all his tickets with
 * him; where some came after the erasure, each ticket of before gets one, and
 * the customer stays.
 */
#include "tickets/desk_zammad_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/zammad.h"

#define PAGES_MOST 200 /* of 50 tickets: nobody has more */
#define USER "user "
#define TICKET "ticket "
#define KEPT "kept "
#define STAYS \
	"The customer stays: tickets that came after the erasure need him."

struct erasing {
	struct zammad *zammad;
	const struct desk_whom *whom;
	struct desk_erased *erased;
	gboolean asked, kept;
};

static gboolean
find_owned(struct erasing *erasing, struct zammad_owned *owned, GError **error)
{
	const struct desk_whom *whom = erasing->whom;

	owned->full = TRUE;
	for (guint page = 1; owned->full && page <= PAGES_MOST; page++) {
		struct http_answer answer OWNED(http_answer_clear) = { 0 };
		g_autofree char *path =
		    zammad_customer_path(whom->address, page);

		if (!zammad_get(erasing->zammad, path, &answer, error))
			return FALSE;
		owned->until =
		    desk_until(whom, answer.date, erasing->zammad->clock);
		if (!zammad_read_owned(answer.body, owned, error))
			return FALSE;
	}
	return TRUE;
}

static void
add_left(struct erasing *erasing, const char *prefix, gint64 id)
{
	g_ptr_array_add(erasing->erased->left,
	    g_strdup_printf("%s%" G_GINT64_FORMAT, prefix, id));
}

/* Zammad refuses a second task for what has one: it was asked for. */
static gboolean
ask_task(struct erasing *erasing, const char *type, const char *prefix,
    gint64 id, GError **error)
{
	g_autofree char *json = zammad_erase_json(type, id);
	g_autoptr(GError) fault = NULL;

	if (!zammad_order(
		erasing->zammad, "POST", "/data_privacy_tasks", json, &fault) &&
	    strstr(fault->message, "already queued") == NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	erasing->asked = TRUE;
	add_left(erasing, prefix, id);
	return TRUE;
}

static gboolean
erase_user(struct erasing *erasing, gint64 user, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct zammad_owned owned = { .user = user, .ids = ids };

	if (!find_owned(erasing, &owned, error))
		return FALSE;
	if (owned.later == 0)
		return ask_task(erasing, "User", USER, user, error);
	for (guint i = 0; i < ids->len; i++)
		if (!ask_task(erasing, "Ticket", TICKET,
			g_array_index(ids, gint64, i), error))
			return FALSE;
	erasing->kept = TRUE;
	add_left(erasing, KEPT, user);
	return TRUE;
}

static gboolean
erase_users(struct erasing *erasing, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = zammad_users_path(erasing->whom->address);
	g_autoptr(GArray) ids = NULL;

	if (!zammad_get(erasing->zammad, path, &answer, error))
		return FALSE;
	ids = zammad_read_users(answer.body, erasing->whom->address, error);
	for (guint i = 0; ids != NULL && i < ids->len; i++)
		if (!erase_user(erasing, g_array_index(ids, gint64, i), error))
			return FALSE;
	return ids != NULL;
}

static char *
what_remains(const struct erasing *erasing)
{
	if (!erasing->kept)
		return g_strdup("Zammad deletes the customer with all tickets "
				"within some minutes (System, Data Privacy)");
	return g_strconcat(erasing->asked ? "Zammad deletes the tickets within "
					    "some minutes (System, Data "
					    "Privacy). "
					  : "",
	    STAYS, NULL);
}

gboolean
zammad_erase(struct desk *desk, const struct desk_whom *whom,
    struct desk_erased *erased_r, GError **error)
{
	struct erasing erasing = {
		.zammad = zammad_of(desk), .whom = whom, .erased = erased_r
	};
	g_autoptr(GError) fault = NULL;

	*erased_r =
	    (struct desk_erased){ .left =
				      g_ptr_array_new_with_free_func(g_free) };
	if (!erase_users(&erasing, &fault))
		return desk_erase_fault(
		    g_steal_pointer(&fault), erased_r, error);
	if (erasing.asked)
		erased_r->outcome = DESK_ERASE_OPEN;
	else /* nothing to wait for */
		g_clear_pointer(&erased_r->left, g_ptr_array_unref);
	if (erasing.asked || erasing.kept)
		erased_r->words = what_remains(&erasing);
	return TRUE;
}

/* Whether its task is done. */
gboolean
zammad_purged(struct desk *desk, const char *left, struct desk_erased *now_r,
    GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path =
	    g_str_has_prefix(left, USER)
		? g_strconcat("/users/", left + strlen(USER), NULL)
	    : g_str_has_prefix(left, TICKET)
		? g_strconcat("/tickets/", left + strlen(TICKET), NULL)
		: NULL;
	g_autoptr(GError) fault = NULL;

	*now_r = (struct desk_erased){ 0 };
	if (path == NULL) {
		now_r->words = g_strdup(STAYS);
		return TRUE;
	}
	if (zammad_get(zammad_of(desk), path, &answer, &fault)) {
		now_r->outcome = DESK_ERASE_OPEN;
		now_r->words = g_strdup(
		    "Zammad has not deleted all yet (System, Data Privacy)");
		return TRUE;
	}
	if (err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}
