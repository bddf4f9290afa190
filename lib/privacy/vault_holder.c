/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A person's keys, found and destroyed.
 */
#include "lib/privacy/vault_holder.h"

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"

/* Whether there is a key; FALSE with *error on a fault. */
static gboolean
has_key(struct vault *vault, const struct ident *subject, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct secret *key OWNED(secret_free) =
	    vault_key(vault, subject, FALSE, &fault);

	if (key == NULL && !err_is(fault, DG_ERROR_NOTFOUND))
		g_propagate_error(error, g_steal_pointer(&fault));
	return key != NULL;
}

static gboolean
visit(struct vault *vault, const struct person *person, gboolean forget,
    json_t *counts, GError **error)
{
	int keys = 0;

	for (guint i = 0; i < person->subjects->len; i++) {
		const struct ident *subject =
		    &g_array_index(person->subjects, struct ident, i);
		g_autoptr(GError) fault = NULL;
		gboolean there = has_key(vault, subject, &fault);

		if (fault != NULL) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		if (there && forget && !vault_forget(vault, subject, error))
			return FALSE;
		keys += there;
	}
	if (keys > 0)
		json_object_set_new(counts, "keys", json_integer(keys));
	return TRUE;
}

static gboolean
find(void *self, const struct person *person, json_t *counts, GError **error)
{
	return visit(self, person, FALSE, counts, error);
}

static gboolean
subjects(void *self, struct people *people, GError **error)
{
	return vault_people(self, people, error);
}

static gboolean
erase(void *self, const struct person *person, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	erased_r->outcome = HOLDER_DONE;
	return visit(self, person, TRUE, counts, error);
}

/* A key has no time of its own. */
static gboolean
expire(void *self, const struct holder_expiry *expiry, json_t *rows,
    GError **error)
{
	struct kept kept = { .kind = "keys",
		.until = "nothing of the person is left" };
	guint64 unused;

	if (expiry->run && !vault_prune(self, clock_mono(&clock_system),
			       &kept.gone, &unused, error))
		return FALSE;
	if (!vault_count(self, &kept.count, error))
		return FALSE;
	kept_row(&kept, rows);
	return TRUE;
}

void
vault_holder_add(struct registry *registry, struct vault *vault)
{
	static const char *const kinds[] = {
		"keyed digests of people, and the keys that open their mail, "
		"sealed",
		NULL
	};
	static const char *const claims[] = { "keys:vault/data.mdb:meta",
		"keys:vault/data.mdb:person", "keys:vault/lock.mdb",
		"keys:vault/compact/", NULL };

	registry_add(registry, &(struct holder){ .name = "vault",
				   .self = vault,
				   .claims = claims,
				   .kinds = kinds,
				   .find = find,
				   .subjects = subjects,
				   .erase = erase,
				   .expire = expire });
}
