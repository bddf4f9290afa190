/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is the case just now, as gauges.  Each part stands alone: one that
 * cannot be looked at is missing, and the others are told.
 */
#include <sys/statvfs.h>

#include "lib/base/clock.h"
#include "lib/base/exposition.h"
#include "lib/privacy/vault.h"
#include "tools/backup.h"
#include "tools/damage.h"
#include "tools/inboxes.h"
#include "tools/privacy.h"
#include "tools/retain.h"
#include "tools/watch_private.h"

static json_t *
gauge(json_t *page, const char *name, const char *help)
{
	return exposition_family(page, name, "gauge", help);
}

static double
number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

/* --- the spool --- */

/* Not of what is done: it is there for a while yet, and nobody waits for it. */
static const enum spool_state watched[] = { SPOOL_NEW, SPOOL_BUSY, SPOOL_WAIT,
	SPOOL_HELD, SPOOL_DEAD };

static void
add_spool(struct keeper *keeper, json_t *page)
{
	json_t *count = gauge(page, "deskgate_spool_entries",
	    "Messages in the spool by state; held is the quarantine.");
	json_t *age = gauge(page, "deskgate_spool_oldest_seconds",
	    "Age of the oldest of each state; 0 when there is none.");
	gint64 now = clock_wall(&clock_system), since;

	for (gsize i = 0; i < G_N_ELEMENTS(watched); i++) {
		const char *word = spool_state_word(watched[i]);
		g_autoptr(GArray) keys =
		    spool_list(keeper->spool, watched[i], G_MAXUINT, NULL);

		if (keys == NULL)
			continue;
		exposition_add(count, keys->len, "state", word, NULL);
		if (keys->len == 0 ||
		    !spool_time(keeper->spool,
			&g_array_index(keys, struct ident, 0), &since, NULL))
			since = now;
		exposition_add(age,
		    (double)MAX(now - since, 0) / G_USEC_PER_SEC, "state", word,
		    NULL);
	}
}

static void
add_load(struct keeper *keeper, json_t *page)
{
	guint64 entries, bytes;

	if (spool_load(keeper->spool, &entries, &bytes, NULL))
		exposition_add(
		    gauge(page, "deskgate_spool_waiting_bytes",
			"Bytes of the messages that are on their way."),
		    (double)bytes, NULL);
}

/* --- the models --- */

struct models {
	json_t *labels, *learnt, *records, *bytes, *active;
};

static void
add_model(const struct models *to, const char *name, const json_t *model)
{
	static const char *const classes[] = { "ham", "spam" };
	static const char *const learnt[] = { "learnt_ham", "learnt_spam" };

	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++) {
		exposition_add(to->labels, number(model, classes[i]), "model",
		    name, "class", classes[i], NULL);
		exposition_add(to->learnt, number(model, learnt[i]), "model",
		    name, "class", classes[i], NULL);
	}
	exposition_add(
	    to->records, number(model, "records"), "model", name, NULL);
	exposition_add(to->bytes, number(model, "bytes"), "model", name, NULL);
	exposition_add(to->active,
	    json_is_true(json_object_get(model, "active")), "model", name,
	    NULL);
}

/* There are CLASSIFY_MODELS own ones at most. */
static void
add_models(struct keeper *keeper, json_t *page)
{
	const struct models to = {
		gauge(page, "deskgate_model_lessons",
		    "Labels that people and desks have given, by class."),
		gauge(page, "deskgate_model_learnt",
		    "Those of them that changed the counts."),
		gauge(page, "deskgate_model_records", "Features it counts."),
		gauge(page, "deskgate_model_bytes", "Bytes it takes on disk."),
		gauge(page, "deskgate_model_active",
		    "1 when enough was taught for it to judge."),
	};
	json_t *stats = faculty_stats(keeper->faculty, NULL), *own;
	size_t i;

	if (stats == NULL)
		return;
	add_model(&to, "installation", stats);
	json_array_foreach(json_object_get(stats, "own"), i, own) add_model(
	    &to, json_string_value(json_object_get(own, "name")), own);
	json_decref(stats);
}

/* --- people, and what is due --- */

static void
add_requests(struct keeper *keeper, json_t *page)
{
	json_t *counts = json_object();

	if (privacy_count(keeper, counts, NULL)) {
		exposition_add(gauge(page, "deskgate_requests_open",
				   "Requests of people (erasures and others) "
				   "that are not done with."),
		    number(counts, "open"), NULL);
		exposition_add(gauge(page, "deskgate_requests_overdue",
				   "Those past the time the law gives."),
		    number(counts, "overdue"), NULL);
	}
	json_decref(counts);
}

static void
add_kept(struct keeper *keeper, json_t *page)
{
	json_t *past = gauge(page, "deskgate_kept_overdue",
	    "What is kept past its time, by kind: to be erased.");
	json_t *kept, *row;
	const char *kind;

	if (keeper->retain == NULL)
		return;
	kept = retain_oldest(keeper->retain);
	json_object_foreach(json_object_get(kept, "kinds"), kind, row)
	    exposition_add(past, number(row, "past"), "kind", kind, NULL);
	json_decref(kept);
}

static void
add_people(struct keeper *keeper, json_t *page)
{
	guint64 keys;

	if (vault_count(keeper->vault, &keys, NULL))
		exposition_add(gauge(page, "deskgate_data_keys",
				   "People with a data key in the vault."),
		    (double)keys, NULL);
}

static void
add_inboxes(struct keeper *keeper, json_t *page)
{
	json_t *family =
	    gauge(page, "deskgate_inboxes", "Inboxes by their state.");
	json_t *counts = inboxes_count(keeper, NULL), *count;
	const char *state;

	json_object_foreach(counts, state, count) exposition_add(
	    family, (double)json_integer_value(count), "state", state, NULL);
	json_decref(counts);
}

/* --- the machine --- */

static void
add_backup(struct keeper *keeper, json_t *page)
{
	json_t *known = backup_known(&keeper->paths, NULL);
	json_t *damaged = damage_list(&keeper->paths);

	if (known != NULL)
		exposition_add(
		    gauge(page, "deskgate_backup_stale",
			"1 when the newest copy of the vault would undo an "
			"erasure, or there is none."),
		    json_is_true(json_object_get(known, "stale")), NULL);
	exposition_add(gauge(page, "deskgate_damaged_stores",
			   "Pieces of damaged stores that were set aside."),
	    (double)json_array_size(damaged), NULL);
	json_decref(known);
	json_decref(damaged);
}

static void
add_disk(struct keeper *keeper, json_t *page)
{
	const char *const places[][2] = { { "state", keeper->paths.state },
		{ "keys", keeper->paths.keys },
		{ "runtime", keeper->paths.runtime } };
	json_t *free = gauge(page, "deskgate_filesystem_free_bytes",
	    "Bytes that are free where a folder of ours is.");
	json_t *size = gauge(
	    page, "deskgate_filesystem_size_bytes", "Bytes there are in all.");
	struct statvfs state;

	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		if (statvfs(places[i][1], &state) != 0)
			continue;
		exposition_add(free,
		    (double)state.f_bavail * (double)state.f_frsize, "folder",
		    places[i][0], NULL);
		exposition_add(size,
		    (double)state.f_blocks * (double)state.f_frsize, "folder",
		    places[i][0], NULL);
	}
}

/* --- desks --- */

static void
add_desks(struct keeper *keeper, json_t *page)
{
	json_t *faults = gauge(page, "deskgate_desk_faults",
	    "Calls of a desk that failed in a row; 0 when it answers.");
	json_t *waiting = gauge(page, "deskgate_desk_queue_entries",
	    "Messages that stand in a desk's queue.");
	const char *name;

	for (guint i = 0;
	     (name = deliver_desk_name(keeper->deliver, i)) != NULL; i++) {
		const struct deliver_health health =
		    deliver_desk_health(keeper->deliver, i);

		exposition_add(faults, health.faults, "desk", name, NULL);
		exposition_add(waiting, health.queued, "desk", name, NULL);
	}
}

void
watch_state(struct keeper *keeper, json_t *page)
{
	add_spool(keeper, page);
	add_load(keeper, page);
	add_desks(keeper, page);
	add_models(keeper, page);
	add_requests(keeper, page);
	add_kept(keeper, page);
	add_people(keeper, page);
	add_inboxes(keeper, page);
	add_backup(keeper, page);
	add_disk(keeper, page);
}
