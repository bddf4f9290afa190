/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The steps of check --deep about mail: the spool, and the ledger against it.
 *
 * Mail comes and goes meanwhile, so what seems wrong is looked at once more, at
 * one moment, before it is said.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "tickets/ledger_check.h"
#include "tickets/spool_look.h"
#include "tools/damage.h"
#include "tools/deep_private.h"

/* A put marks its entry as new after its bytes, and spool_adopt does so later
 * where that failed: nothing is wrong for so long. */
#define UNMARKED ((gint64)180 * G_USEC_PER_SEC)

/* --- states --- */

/* Which of the states it is in counts: one that is delivered is done, else
 * what keeps it on its way. */
static enum spool_state
state_to_keep(struct deep *deep, const struct ident *key, guint states)
{
	static const enum spool_state order[] = { SPOOL_BUSY, SPOOL_NEW,
		SPOOL_WAIT, SPOOL_HELD, SPOOL_DEAD, SPOOL_DONE };
	struct ledger_entry record;

	if ((states & (1U << SPOOL_DONE)) != 0 &&
	    ledger_get(deep->keeper->ledger, key, &record, NULL) &&
	    record.ticket[0] != '\0')
		return SPOOL_DONE;
	for (gsize i = 0; i < G_N_ELEMENTS(order); i++)
		if ((states & (1U << order[i])) != 0)
			return order[i];
	return SPOOL_NEW;
}

static gboolean
unmark(struct deep *deep, const struct ident *key, guint states, GError **error)
{
	for (guint i = 0; i < SPOOL_STATES; i++)
		if ((states & (1U << i)) != 0 &&
		    !spool_unmark(deep->keeper->spool, key, i, error))
			return FALSE;
	return TRUE;
}

/* A state without a message.  What is kept of it is that it was there. */
static gboolean
end_orphan(struct deep *deep, const struct ident *key,
    const struct spool_look *look, GError **error)
{
	struct ledger_entry record;
	gboolean delivered =
	    ledger_get(deep->keeper->ledger, key, &record, NULL) &&
	    record.ticket[0] != '\0';
	const char *word =
	    spool_state_word(state_to_keep(deep, key, look->states));
	g_autofree char *why =
	    g_strdup_printf("it was \"%s\", and its message is gone", word);
	g_autofree char *file = NULL;
	char name[IDENT_TEXT];
	struct damage_piece piece = {
		.what = "spool entry", .why = why, .data = ""
	};

	ident_text(key, name);
	file = g_strdup_printf("entry-%s", name);
	piece.name = file;
	if (deep->mend && (!damage_keep(&deep->keeper->paths, &piece, error) ||
			      !unmark(deep, key, look->states, error)))
		return FALSE;
	deep_found(deep, deep->mend,
	    "the spool: entry %s is \"%s\", and its message is gone%s", name,
	    word,
	    delivered ? "; it was delivered"
		      : "; its sender has to send it again");
	return TRUE;
}

/* One mark of a state. */
static gboolean
look_at_mark(struct deep *deep, const struct ident *key, GError **error)
{
	struct spool_look look;
	enum spool_state keep;
	char name[IDENT_TEXT];

	ident_text(key, name);
	spool_look(deep->keeper->spool, key, &look);
	if (look.states == 0)
		return TRUE; /* gone meanwhile */
	keep = state_to_keep(deep, key, look.states);
	if (!look.bytes)
		return end_orphan(deep, key, &look, error);
	if ((look.states & (look.states - 1)) == 0)
		return TRUE;
	if (deep->mend &&
	    !unmark(deep, key, look.states & ~(1U << keep), error))
		return FALSE;
	deep_found(deep, deep->mend,
	    "the spool: entry %s is in more than one state; \"%s\" counts",
	    name, spool_state_word(keep));
	return TRUE;
}

/* --- messages --- */

/* Its bytes and its wrap go to "damaged", and then out of the spool. */
static gboolean
set_aside(
    struct deep *deep, const struct ident *key, const char *why, GError **error)
{
	struct keeper *keeper = deep->keeper;
	g_autoptr(GBytes) bytes = spool_bytes(keeper->spool, key, error);
	g_autoptr(GBytes) wrap = spool_wrap(keeper->spool, key, NULL);
	g_autofree char *file = NULL, *wrap_file = NULL;
	struct damage_piece piece = { .what = "spool entry", .why = why };
	char name[IDENT_TEXT];

	if (bytes == NULL)
		return FALSE;
	ident_text(key, name);
	file = g_strdup_printf("entry-%s", name);
	piece.name = file;
	piece.data = g_bytes_get_data(bytes, &piece.length);
	if (!damage_keep(&keeper->paths, &piece, error))
		return FALSE;
	if (wrap != NULL) {
		piece.what = "spool entry's key";
		wrap_file = g_strdup_printf("wrap-%s", name);
		piece.name = wrap_file;
		piece.data = g_bytes_get_data(wrap, &piece.length);
		if (!damage_keep(&keeper->paths, &piece, error))
			return FALSE;
	}
	return spool_drop(keeper->spool, key, error);
}

static gboolean
look_at_message(struct deep *deep, const struct ident *key, GError **error)
{
	struct keeper *keeper = deep->keeper;
	g_autoptr(GError) fault = NULL;
	struct spool_look look;
	gint64 came = 0;
	char name[IDENT_TEXT];

	ident_text(key, name);
	deep->looked++;
	spool_look(keeper->spool, key, &look);
	if (look.bytes && look.states == 0 &&
	    spool_time(keeper->spool, key, &came, NULL) &&
	    came < clock_wall(&clock_system) - UNMARKED) {
		guint adopted;

		if (deep->mend && !spool_adopt(keeper->spool, &adopted, error))
			return FALSE;
		deep_found(deep, deep->mend,
		    "the spool: entry %s has no state, so it is new", name);
	}
	/* An erased person's is not to be opened: NOTFOUND. */
	if (vaulted_read(&keeper->vaulted, key, NULL, NULL, &fault) ||
	    !err_is(fault, DG_ERROR_BAD))
		return TRUE;
	spool_look(keeper->spool, key, &look);
	if (!look.bytes || (look.states & (1U << SPOOL_BUSY)) != 0)
		return TRUE;
	if (deep->mend && !set_aside(deep, key, fault->message, error))
		return FALSE;
	deep_found(deep, deep->mend,
	    "the spool: entry %s cannot be opened (%s)%s", name, fault->message,
	    deep->mend ? "; its bytes are kept in \"damaged\"" : "");
	return TRUE;
}

static gint
by_key(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct ident));
}

gboolean
deep_spool(struct deep *deep, GError **error)
{
	struct spool *spool = deep->keeper->spool;
	g_autoptr(GPtrArray) strangers = spool_strangers(spool, error);
	g_autoptr(GArray) marks = NULL;
	g_autoptr(GArray) keys = NULL;

	if (strangers == NULL || (marks = spool_marks(spool, error)) == NULL ||
	    (keys = spool_keys(spool, error)) == NULL)
		return FALSE;
	for (guint i = 0; i < strangers->len; i++)
		deep_found(deep, FALSE,
		    "the spool: %s is no entry: nobody made it here, take it "
		    "away",
		    (const char *)strangers->pdata[i]);
	g_array_sort(marks, by_key);
	for (guint i = 0; i < marks->len; i++) {
		const struct ident *mark =
		    &g_array_index(marks, struct ident, i);

		if ((i == 0 || !ident_equal(mark, mark - 1)) &&
		    !look_at_mark(deep, mark, error))
			return FALSE;
	}
	for (guint i = 0; i < keys->len; i++)
		if (!look_at_message(
			deep, &g_array_index(keys, struct ident, i), error))
			return FALSE;
	return TRUE;
}

/* --- the ledger --- */

/* Of an entry that the spool has, one that is in doubt takes its place at once:
 * without any, what was delivered would be delivered again. */
static gboolean
replace_record(
    struct deep *deep, const struct ledger_broken *broken, GError **error)
{
	struct keeper *keeper = deep->keeper;
	g_autoptr(GError) fault = NULL;
	struct spool_look look = { 0 };

	if (!ident_is_zero(&broken->entry)) {
		if (deliver_seek(keeper->deliver, &broken->entry, &fault))
			return TRUE;
		spool_look(keeper->spool, &broken->entry, &look);
	}
	if (look.bytes || look.states != 0 ||
	    (fault != NULL && !err_is(fault, DG_ERROR_NOTFOUND))) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	return ledger_remove_broken(keeper->ledger, broken, error);
}

static gboolean
mend_record(
    struct deep *deep, const struct ledger_broken *broken, GError **error)
{
	g_autofree char *name =
	    g_strdup_printf("ledger-record-%s", broken->table);
	struct damage_piece piece = { .what = "ledger record",
		.name = name,
		.why = "it cannot be read" };

	piece.data = g_bytes_get_data(broken->value, &piece.length);
	return damage_keep(&deep->keeper->paths, &piece, error) &&
	       replace_record(deep, broken, error);
}

static gboolean
look_at_records(struct deep *deep, GError **error)
{
	g_autoptr(GPtrArray) list =
	    ledger_check(deep->keeper->ledger, &deep->looked, error);

	for (guint i = 0; list != NULL && i < list->len; i++) {
		const struct ledger_broken *broken = list->pdata[i];

		if (deep->mend && !mend_record(deep, broken, error))
			return FALSE;
		deep_found(deep, deep->mend,
		    "the ledger: a record of \"%s\" is damaged", broken->table);
	}
	return list != NULL;
}

/* What was delivered is known there. */
static gboolean
look_at_done(struct deep *deep, const struct ident *key, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct ledger_entry record;
	enum spool_state state;
	char name[IDENT_TEXT];

	if (ledger_get(deep->keeper->ledger, key, &record, &fault) ||
	    !err_is(fault, DG_ERROR_NOTFOUND) ||
	    !spool_state(deep->keeper->spool, key, &state, NULL) ||
	    state != SPOOL_DONE)
		return TRUE;
	if (deep->mend && !deliver_seek(deep->keeper->deliver, key, error))
		return FALSE;
	ident_text(key, name);
	deep_found(deep, deep->mend,
	    "the ledger does not know entry %s, which was delivered%s", name,
	    deep->mend ? "; its desk is asked for it" : "");
	return TRUE;
}

gboolean
deep_ledger(struct deep *deep, GError **error)
{
	g_autoptr(GArray) done = NULL;

	if (!look_at_records(deep, error))
		return FALSE;
	done = spool_list(deep->keeper->spool, SPOOL_DONE, G_MAXUINT, error);
	for (guint i = 0; done != NULL && i < done->len; i++)
		if (!look_at_done(
			deep, &g_array_index(done, struct ident, i), error))
			return FALSE;
	return done != NULL;
}
