/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the spool, the desks and the ledger hold of a person.
 */
#include "tickets/holders_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/privacy/subject.h"
#include "tickets/desk_local.h"
#include "tickets/ledger_expire.h"
#include "tickets/ledger_person.h"

/* --- the spool --- */

void
holders_add_count(json_t *counts, const char *kind, gint64 count)
{
	json_int_t before = json_integer_value(json_object_get(counts, kind));

	if (count > 0)
		json_object_set_new(counts, kind, json_integer(before + count));
}

/* What nobody has opened yet is its sender's. */
static gboolean
is_his(struct ticket_holders *all, const struct ident *key,
    const struct person *person)
{
	struct entry *entry OWNED(entry_free) = NULL;
	struct ident subject;

	if (vaulted_subject(&all->vaulted, key, &subject))
		return person_has(person, &subject);
	return vaulted_read(&all->vaulted, key, &entry, NULL, NULL) &&
	       subject_ident(
		   all->subject_key, entry->envelope->sender, &subject) &&
	       person_has(person, &subject);
}

static gboolean
spool_find(
    void *self, const struct person *person, json_t *counts, GError **error)
{
	struct ticket_holders *all = self;
	g_autoptr(GArray) keys = spool_keys(all->vaulted.spool, error);
	guint held[SPOOL_STATES] = { 0 };

	for (guint i = 0; keys != NULL && i < keys->len; i++) {
		const struct ident *key = &g_array_index(keys, struct ident, i);
		enum spool_state state;

		if (is_his(all, key, person) &&
		    spool_state(all->vaulted.spool, key, &state, NULL))
			held[state]++;
	}
	for (guint state = 0; state < SPOOL_STATES; state++)
		holders_add_count(counts, spool_state_word(state), held[state]);
	return keys != NULL;
}

/* What is being delivered just now holds up nothing else. */
static gboolean
spool_erase(void *self, const struct person *person, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	struct ticket_holders *all = self;
	g_autoptr(GError) fault = NULL;
	guint dropped = 0;

	erased_r->outcome = HOLDER_DONE;
	if (!deliver_forget(all->deliver,
		&g_array_index(person->subjects, struct ident, 0),
		person->subjects->len, &dropped, &fault)) {
		if (!err_is(fault, DG_ERROR_AGAIN)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		erased_r->outcome = HOLDER_OPEN;
		erased_r->words = g_strdup(fault->message);
	}
	holders_add_count(counts, "messages", dropped);
	return TRUE;
}

/* --- desks --- */

/* What a desk of another maker holds is there to be looked at; it may hang, so
 * it is not waited for. */
static gboolean
desk_find(
    void *self, const struct person *person, json_t *counts, GError **error)
{
	struct place *place = self;
	gboolean good = TRUE;
	struct desk *desk;

	if (!place->local) {
		json_object_set_new(counts, "words",
		    json_string("what it holds is to be looked at there"));
		return TRUE;
	}
	desk = place_lock(place, error);
	if (desk == NULL)
		return FALSE;
	for (guint i = 0; good && i < person->addresses->len; i++) {
		struct desk_local_person held = { 0 };

		good = desk_local_person(
		    desk, person->addresses->pdata[i], &held, error);
		holders_add_count(counts, "tickets", held.tickets);
		holders_add_count(counts, "messages", held.messages);
	}
	place_unlock(place, desk);
	return good;
}

/* --- the ledger --- */

static void
add_ledger(json_t *counts, const struct ledger_person *held)
{
	holders_add_count(counts, "tickets", held->tickets);
	holders_add_count(counts, "records", held->marks);
}

static gboolean
ledger_find(
    void *self, const struct person *person, json_t *counts, GError **error)
{
	struct ticket_holders *all = self;
	struct ledger_person held;

	if (!ledger_person_find(all->ledger, person, &held, error))
		return FALSE;
	add_ledger(counts, &held);
	return TRUE;
}

static gboolean
ledger_erase(void *self, const struct person *person, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	struct ticket_holders *all = self;
	struct ledger_person gone;

	if (!ledger_person_forget(all->ledger, person, &gone, error))
		return FALSE;
	add_ledger(counts, &gone);
	erased_r->outcome = HOLDER_DONE;
	return TRUE;
}

/* --- what is past its time --- */

static gboolean
spool_expire(void *self, const struct holder_expiry *expiry, json_t *rows,
    GError **error)
{
	struct ticket_holders *all = self;

	return deliver_expire(all->deliver, expiry, rows, error);
}

static gboolean
desk_expire(void *self, const struct holder_expiry *expiry, json_t *rows,
    GError **error)
{
	struct place *place = self;
	struct desk *desk = place_lock(place, error);
	gboolean good;

	if (desk == NULL)
		return FALSE;
	good = desk_local_expire(desk, expiry, rows, error);
	place_unlock(place, desk);
	return good;
}

struct ledger_ask {
	struct ticket_holders *all;
	const struct holder_expiry *expiry;
};

/* What is past its time goes before its record is looked at. */
static gboolean
is_in_spool(void *self, const struct ident *key, const char *inbox)
{
	const struct ledger_ask *ask = self;
	const struct holder_expiry *expiry = ask->expiry;

	return deliver_keeps(ask->all->deliver, key, inbox, expiry);
}

static gboolean
ledger_expire_all(void *self, const struct holder_expiry *expiry, json_t *rows,
    GError **error)
{
	struct ticket_holders *all = self;
	struct ledger_ask ask = { all, expiry };

	return ledger_expire(all->ledger,
	    &(struct ledger_expiry){ expiry, is_in_spool, &ask }, rows, error);
}

/* --- all of them --- */

static const char *const mail_kinds[] = { "addresses and names",
	"subjects, texts and attachments of mail",
	"header fields, network addresses of mail servers among them",
	"verdicts of the filter", NULL };
static const char *const desk_kinds[] = { "addresses and names",
	"subjects, texts and attachments of mail", "notes of agents", NULL };
static const char *const away_kinds[] = {
	"what was delivered there: look there", NULL
};
static const char *const ledger_kinds[] = {
	"keyed digests of people: which tickets are theirs, when they wrote",
	NULL
};

static void
add_desk(struct registry *registry, struct place *place)
{
	const gboolean local = place->local;
	static const char *const here[] = { "desk.sqlite:desk",
		"desk.sqlite:contact", "desk.sqlite:ticket", "desk.sqlite:tag",
		"desk.sqlite:message", "desk.sqlite:attachment",
		"desk.sqlite:event", "desk.sqlite:sqlite_sequence",
		"desk.sqlite-wal", "desk.sqlite-shm", "desk-index.sqlite",
		"desk-index.sqlite-wal", "desk-index.sqlite-shm", NULL };
	static const char *const nothing[] = { NULL };

	registry_add(
	    registry, &(struct holder){ .name = place->name,
			  .self = place,
			  .claims = local ? here : nothing,
			  .kinds = local ? desk_kinds : away_kinds,
			  .people = local ? holders_people_desk : NULL,
			  .rectify = local ? holders_rectify_desk : NULL,
			  .remote = !local,
			  .find = desk_find,
			  .subjects = holders_subjects_desk,
			  .export = holders_export_desk,
			  .erase = holders_erase_desk,
			  .expire = local ? desk_expire : NULL,
			  .erase_inbox = holders_inbox_desk });
}

static void
add_desks(struct registry *registry, struct ticket_holders *all,
    const char *state_dir)
{
	struct place *left;
	const char *name;

	for (guint i = 0; (name = deliver_desk_name(all->deliver, i)) != NULL;
	     i++) {
		struct desk *desk =
		    deliver_lock_desk(all->deliver, name, NULL, NULL);
		gboolean local = desk_local_is(desk);

		deliver_unlock_desk(all->deliver, desk);
		add_desk(registry, place_new(all, name, local));
	}
	left = place_left_behind(all, state_dir);
	if (left != NULL)
		add_desk(registry, left);
}

struct ticket_holders *
ticket_holders_new(struct registry *registry, struct deliver *deliver,
    const struct vaulted *vaulted, struct ledger *ledger,
    const struct secret *subject_key, const char *state_dir)
{
	static const char *const spool[] = { "spool/new/", "spool/busy/",
		"spool/wait/", "spool/held/", "spool/dead/", "spool/done/",
		"spool/msg/", "spool/wrap/", "spool/tmp/", "spool/milder/",
		NULL };
	static const char *const tables[] = { "ledger/data.mdb:entry",
		"ledger/data.mdb:thread", "ledger/data.mdb:member",
		"ledger/data.mdb:mark", "ledger/data.mdb:trust",
		"ledger/data.mdb:sender", "ledger/data.mdb:own",
		"ledger/data.mdb:undeliverable", "ledger/data.mdb:cursor",
		"ledger/data.mdb:tally", "ledger/lock.mdb", "ledger/compact/",
		NULL };
	struct ticket_holders *all = g_new(struct ticket_holders, 1);

	*all = (struct ticket_holders){ deliver, *vaulted, ledger, subject_key,
		g_ptr_array_new_with_free_func(place_free), FALSE };
	registry_add(registry, &(struct holder){ .name = "spool",
				   .self = all,
				   .claims = spool,
				   .kinds = mail_kinds,
				   .people = holders_people_spool,
				   .find = spool_find,
				   .subjects = holders_subjects_spool,
				   .export = holders_export_spool,
				   .erase = spool_erase,
				   .expire = spool_expire,
				   .erase_inbox = holders_inbox_spool });
	add_desks(registry, all, state_dir);
	registry_add(registry, &(struct holder){ .name = "ledger",
				   .self = all,
				   .claims = tables,
				   .kinds = ledger_kinds,
				   .find = ledger_find,
				   .subjects = holders_subjects_ledger,
				   .export = holders_export_ledger,
				   .erase = ledger_erase,
				   .expire = ledger_expire_all,
				   .erase_inbox = holders_inbox_ledger });
	return all;
}

void
ticket_holders_free(struct ticket_holders **holders)
{
	struct ticket_holders *old = *holders;

	*holders = NULL;
	if (old == NULL)
		return;
	g_ptr_array_unref(old->places);
	g_free(old);
}
