/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/privacy/trail.h"

static gint64
now_of(void *self)
{
	return ((struct trail *)self)->now;
}

void
trail_open(struct trail *trail)
{
	g_autoptr(GError) error = NULL;

	trail->audit =
	    audit_open(trail->folder.path, trail->key, &trail->clock, &error);
	g_assert_no_error(error);
	g_assert_nonnull(trail->audit);
}

void
trail_init(struct trail *trail, gconstpointer unused)
{
	folder_init(&trail->folder, unused);
	trail->key = secret_random(SEAL_KEY_BYTES);
	trail->now = START;
	trail->clock = (struct clock){ now_of, now_of, trail };
	trail_open(trail);
}

void
trail_fini(struct trail *trail, gconstpointer unused)
{
	audit_close(&trail->audit);
	secret_free(&trail->key);
	folder_fini(&trail->folder, unused);
}

void
trail_reopen(struct trail *trail)
{
	audit_close(&trail->audit);
	trail_open(trail);
}

void
trail_add(struct trail *trail, const char *object)
{
	const struct audit_act act = { "cli:root", "release", object, "new" };
	g_autoptr(GError) error = NULL;

	g_assert_true(audit_add(trail->audit, &act, &error));
	g_assert_no_error(error);
}
