/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forgetting people's mail: whatever the spool holds of it, on its way, in
 * quarantine, or as the raw source of a ticket.
 *
 * Mail belongs to whom its entry is wrapped to.  It is wrapped when it is
 * claimed, so what came in a moment ago is nobody's yet: it is read here as
 * delivery reads it, and wrapped.  What no reader can make a ticket of belongs
 * to the envelope's sender.
 */
#include "tickets/deliver_private.h"

#include "lib/base/err.h"
#include "lib/privacy/subject.h"

/* What is being delivered is waited for so long, and so long is read at most;
 * then who asks has to come again. */
#define BUSY_USEC ((gint64)2 * G_USEC_PER_SEC)
#define BUSY_LOOK ((gulong)50000)
#define READ_USEC ((gint64)10 * G_USEC_PER_SEC)

struct forgetting {
	struct deliver *deliver;
	const struct ident *subjects;
	guint n_subjects;
	guint dropped;
	GArray *busy; /* struct ident */
	gint64 read_until;
};

static gboolean
is_theirs(const struct forgetting *forgetting, const struct ident *subject)
{
	for (guint i = 0; i < forgetting->n_subjects; i++)
		if (ident_equal(&forgetting->subjects[i], subject))
			return TRUE;
	return FALSE;
}

/* One that has gone meanwhile is no fault. */
static gboolean
drop(struct forgetting *forgetting, const struct ident *key, GError **error)
{
	g_autoptr(GError) fault = NULL;

	if (deliver_drop(forgetting->deliver, key, &fault)) {
		forgetting->dropped++;
		return TRUE;
	}
	if (err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	if (err_is(fault, DG_ERROR_AGAIN)) {
		g_array_append_vals(forgetting->busy, key, 1);
		return TRUE;
	}
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* Of what cannot be read. */
static gboolean
wrap_to_sender(struct delivery *delivery, GError **error)
{
	const struct secret *key = delivery->deliver->world.subject_key;

	if (!subject_ident(
		key, delivery->entry->envelope->sender, &delivery->subject) &&
	    !subject_ident(key, TICKET_NOBODY, &delivery->subject))
		return err_set(error, DG_ERROR_IO, "no subject");
	return vaulted_wrap(&delivery->deliver->vaulted, &delivery->key,
	    &delivery->subject, error);
}

/* Whose it is, when its bytes were opened. */
static gboolean
find_owner(struct forgetting *forgetting, struct delivery *delivery,
    gboolean *theirs_r, GError **error)
{
	g_autoptr(GError) fault = NULL;

	if (delivery_convert(delivery, &fault)) {
		if (!delivery_wrap(delivery, error))
			return FALSE;
		*theirs_r = is_theirs(forgetting, &delivery->subject);
		return TRUE;
	}
	/* There may be a reader for it later. */
	if (!err_is(fault, DG_ERROR_BAD)) {
		g_array_append_vals(forgetting->busy, &delivery->key, 1);
		return TRUE;
	}
	if (!wrap_to_sender(delivery, error))
		return FALSE;
	*theirs_r = is_theirs(forgetting, &delivery->subject);
	return TRUE;
}

/* Of an entry that nobody else works at.  What nobody can open is nobody's. */
static gboolean
read_owner(struct forgetting *forgetting, const struct ident *key,
    gboolean *theirs_r, GError **error)
{
	struct deliver *deliver = forgetting->deliver;
	struct delivery delivery = { .deliver = deliver, .key = *key };
	g_autoptr(GError) fault = NULL;
	gboolean good = TRUE;

	*theirs_r = FALSE;
	if (vaulted_read(&deliver->vaulted, key, &delivery.entry,
		&delivery.message, &fault))
		good = find_owner(forgetting, &delivery, theirs_r, error);
	else if (!err_is(fault, DG_ERROR_BAD) &&
		 !err_is(fault, DG_ERROR_NOTFOUND))
		g_array_append_vals(forgetting->busy, key, 1);
	delivery_clear(&delivery);
	return good;
}

/* One that is wrapped to nobody. */
static gboolean
forget_unread(
    struct forgetting *forgetting, const struct ident *key, GError **error)
{
	struct deliver *deliver = forgetting->deliver;
	g_autoptr(GError) fault = NULL;
	gboolean theirs, good;
	enum spool_state from;

	/* Without a state: the milter is about to give it one. */
	if (!spool_state(deliver->world.spool, key, &from, &fault) ||
	    from == SPOOL_BUSY ||
	    clock_mono(&clock_system) > forgetting->read_until ||
	    !deliver_take(deliver, key, from, &fault)) {
		if (fault != NULL && !err_is(fault, DG_ERROR_NOTFOUND)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		g_array_append_vals(forgetting->busy, key, 1);
		return TRUE;
	}
	good = read_owner(forgetting, key, &theirs, error);
	if (good && theirs)
		good = deliver_remove(deliver, key, from != SPOOL_DONE, error);
	(void)deliver_give_back(deliver, key, from, good && theirs);
	forgetting->dropped += good && theirs;
	return good;
}

static gboolean
forget_one(
    struct forgetting *forgetting, const struct ident *key, GError **error)
{
	const struct vaulted *vaulted = &forgetting->deliver->vaulted;
	struct ident holder;

	if (!vaulted_subject(vaulted, key, &holder))
		return forget_unread(forgetting, key, error);
	return !is_theirs(forgetting, &holder) || drop(forgetting, key, error);
}

static gboolean
forget_all(struct forgetting *forgetting, const GArray *keys, GError **error)
{
	for (guint i = 0; i < keys->len; i++)
		if (!forget_one(forgetting,
			&g_array_index(keys, struct ident, i), error))
			return FALSE;
	return TRUE;
}

/* Those that were busy, once more, until none is or the time is over.  What has
 * gone altogether is not busy any more. */
static gboolean
forget_busy(struct forgetting *forgetting, GError **error)
{
	gint64 until = clock_mono(&clock_system) + BUSY_USEC;

	while (forgetting->busy->len > 0 && clock_mono(&clock_system) < until) {
		g_autoptr(GArray) keys = forgetting->busy;

		forgetting->busy = g_array_new(FALSE, FALSE, IDENT_BYTES);
		for (guint i = keys->len; i-- > 0;) {
			g_autoptr(GBytes) head =
			    spool_head(forgetting->deliver->world.spool,
				&g_array_index(keys, struct ident, i), NULL);

			if (head == NULL)
				g_array_remove_index(keys, i);
		}
		if (!forget_all(forgetting, keys, error))
			return FALSE;
		if (forgetting->busy->len > 0)
			g_usleep(BUSY_LOOK);
	}
	return forgetting->busy->len == 0 ||
	       err_set(error, DG_ERROR_AGAIN,
		   "%u messages are being delivered just now, or are yet to be "
		   "read",
		   forgetting->busy->len);
}

static gboolean
forget_keys(struct forgetting *forgetting, GError **error)
{
	struct spool *spool = forgetting->deliver->world.spool;
	g_autoptr(GArray) keys = spool_keys(spool, error);

	forgetting->read_until = clock_mono(&clock_system) + READ_USEC;
	forgetting->busy = g_array_new(FALSE, FALSE, IDENT_BYTES);
	return keys != NULL && forget_all(forgetting, keys, error) &&
	       forget_busy(forgetting, error);
}

gboolean
deliver_forget(struct deliver *deliver, const struct ident *subjects,
    guint n_subjects, guint *dropped_r, GError **error)
{
	struct forgetting forgetting = { .deliver = deliver,
		.subjects = subjects,
		.n_subjects = n_subjects };
	gboolean done = forget_keys(&forgetting, error);

	g_array_unref(forgetting.busy);
	*dropped_r = forgetting.dropped;
	return done;
}

/* To forget nobody's mail is to wrap what is wrapped to nobody. */
gboolean
deliver_wrap_all(struct deliver *deliver, guint *left_r, GError **error)
{
	struct forgetting forgetting = { .deliver = deliver };
	g_autoptr(GError) fault = NULL;
	gboolean done = forget_keys(&forgetting, &fault);

	*left_r = forgetting.busy->len;
	g_array_unref(forgetting.busy);
	if (done || err_is(fault, DG_ERROR_AGAIN))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}
