/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/vaulted.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/tickets/fixture.h"

#define DAY ((gint64)24 * 60 * 60)
#define TEXT "Subject: x\r\n\r\nbody\r\n"

static const struct ident anna = { { 0xa } }, bert = { { 0xb } };

static void
put(struct fixture *fixture, guint number)
{
	struct entry *entry OWNED(entry_free) =
	    fixture_entry(number, ENTRY_TICKET);
	enum spool_put result;

	g_assert_true(fixture_put(fixture, entry, TEXT, &result, NULL));
	g_assert_cmpint(result, ==, SPOOL_STORED);
}

/* -1: it opens and is whole; else the code of the error. */
static int
reads(struct fixture *fixture, guint number)
{
	const struct ident key = fixture_ident(number);
	struct entry *entry OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL;
	g_autoptr(GError) error = NULL;

	/* What is not wanted need not be taken. */
	g_assert_cmpint(vaulted_read(&fixture->vaulted, &key, NULL, NULL, NULL),
	    ==, vaulted_read(&fixture->vaulted, &key, NULL, &message, NULL));
	g_clear_pointer(&message, g_bytes_unref);
	if (!vaulted_read(&fixture->vaulted, &key, &entry, &message, &error))
		return error->code;
	g_assert_cmpmem(g_bytes_get_data(message, NULL),
	    g_bytes_get_size(message), TEXT, strlen(TEXT));
	g_assert_cmpstr(entry->inbox, ==, "support@example.com");
	return -1;
}

/* What was scored is kept beside the message, and neither is in the other. */
static void
test_scored(void)
{
	static const guint8 scored[] = { 'D', 0, '\n', 0xff, 0, '{' };
	struct entry *entry OWNED(entry_free) = fixture_entry(1, ENTRY_TICKET);
	struct entry *again OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL;
	const struct ident key = fixture_ident(1);
	struct fixture fixture;
	enum spool_put result;

	fixture_init(&fixture);
	entry->scored = g_bytes_new(scored, sizeof(scored));
	g_assert_true(fixture_put(&fixture, entry, TEXT, &result, NULL));
	g_assert_cmpint(reads(&fixture, 1), ==, -1);
	g_assert_true(
	    vaulted_read(&fixture.vaulted, &key, &again, &message, NULL));
	g_assert_cmpmem(g_bytes_get_data(again->scored, NULL),
	    g_bytes_get_size(again->scored), scored, sizeof(scored));
	fixture_fini(&fixture);
}

static void
wrap(struct fixture *fixture, guint number, const struct ident *subject)
{
	const struct ident key = fixture_ident(number);
	g_autoptr(GError) error = NULL;

	g_assert_true(vaulted_wrap(&fixture->vaulted, &key, subject, &error));
	g_assert_no_error(error);
}

static gboolean
needs_intake(void *self, const struct ident *id)
{
	return vaulted_needs_intake(self, id);
}

/* Makes the intake key of the first entries unknown. */
static void
lose_intake(struct fixture *fixture)
{
	const gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	struct ident old = fixture->intake_id;

	g_assert_true(intake_rotate(fixture->intake, now + 1, 0, NULL));
	g_assert_false(vaulted_needs_intake(&fixture->vaulted, &old));
	g_assert_true(intake_destroy_unused(fixture->intake, now + 3 * DAY,
	    needs_intake, &fixture->vaulted, NULL));
	g_assert_null(intake_secret(fixture->intake, &old, NULL));
}

static void
test_wrap(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	put(&fixture, 1);
	g_assert_cmpint(reads(&fixture, 1), ==, -1);
	g_assert_true(
	    vaulted_needs_intake(&fixture.vaulted, &fixture.intake_id));
	wrap(&fixture, 1, &anna);
	wrap(&fixture, 1, &anna);
	g_assert_false(
	    vaulted_needs_intake(&fixture.vaulted, &fixture.intake_id));
	g_assert_cmpint(reads(&fixture, 1), ==, -1);
	lose_intake(&fixture);
	g_assert_cmpint(reads(&fixture, 1), ==, -1);
	wrap(&fixture, 1, &bert); /* to another person, without the intake */
	g_assert_true(vault_forget(fixture.vault, &anna, NULL));
	g_assert_cmpint(reads(&fixture, 1), ==, -1);
	fixture_fini(&fixture);
}

/* Erased means erased, even while the intake key still is there. */
static void
test_erased(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	put(&fixture, 1);
	wrap(&fixture, 1, &anna);
	g_assert_true(vault_forget(fixture.vault, &anna, NULL));
	g_assert_cmpint(reads(&fixture, 1), ==, DG_ERROR_NOTFOUND);
	fixture_fini(&fixture);
}

/* An old message's wrap under the same name does not hide the new message. */
static void
test_stale_wrap(void)
{
	struct fixture fixture;
	const struct ident key = fixture_ident(1);
	g_autoptr(GBytes) wrapped = NULL;

	fixture_init(&fixture);
	put(&fixture, 1);
	wrap(&fixture, 1, &anna);
	wrapped = spool_wrap(fixture.spool, &key, NULL);
	g_assert_true(spool_drop(fixture.spool, &key, NULL));
	put(&fixture, 1);
	g_assert_true(spool_set_wrap(fixture.spool, &key,
	    g_bytes_get_data(wrapped, NULL), g_bytes_get_size(wrapped), NULL));
	g_assert_cmpint(reads(&fixture, 1), ==, -1);
	wrap(&fixture, 1, &anna);
	lose_intake(&fixture);
	g_assert_cmpint(reads(&fixture, 1), ==, -1);
	g_assert_true(spool_set_wrap(fixture.spool, &key, "junk", 4, NULL));
	g_assert_cmpint(reads(&fixture, 1), ==, DG_ERROR_NOTFOUND);
	fixture_fini(&fixture);
}

static void
test_damaged(void)
{
	static const struct {
		const char *name;
		off_t cut; /* to this length; below 0: so much less */
		gssize flip;
	} cases[] = {
		{ "empty", 0, -1 },
		{ "half a head", 50, -1 },
		{ "head alone", SPOOL_HEAD_BYTES, -1 },
		{ "last byte missing", -1, -1 },
		{ "mark", -100000, 0 },
		{ "box", -100000, 30 },
		{ "stream", -100000, SPOOL_HEAD_BYTES + 40 },
	};
	struct fixture fixture;

	fixture_init(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *part = g_strdup_printf(
		    "spool/msg/%08x0000000000000000000000aa", i);
		g_autofree char *path = fixture_path(&fixture, part);
		g_autofree char *data = NULL;
		gsize length;

		g_test_message("%s", cases[i].name);
		put(&fixture, i);
		g_assert_true(g_file_get_contents(path, &data, &length, NULL));
		if (cases[i].flip >= 0)
			data[cases[i].flip] ^= 1;
		else if (cases[i].cut < 0)
			length -= 1;
		else
			length = (gsize)cases[i].cut;
		g_assert_true(
		    g_file_set_contents(path, data, (gssize)length, NULL));
		g_assert_cmpint(reads(&fixture, i), ==, DG_ERROR_BAD);
	}
	g_assert_cmpint(reads(&fixture, 99), ==, DG_ERROR_NOTFOUND);
	fixture_fini(&fixture);
}

/* The bytes of one entry under another's name are refused. */
static void
test_swapped(void)
{
	struct fixture fixture;
	g_autofree char *one = NULL, *two = NULL;

	fixture_init(&fixture);
	put(&fixture, 1);
	one = fixture_path(
	    &fixture, "spool/msg/000000010000000000000000000000aa");
	two = fixture_path(
	    &fixture, "spool/msg/000000020000000000000000000000aa");
	g_assert_cmpint(link(one, two), ==, 0);
	g_assert_cmpint(reads(&fixture, 2), ==, DG_ERROR_BAD);
	fixture_fini(&fixture);
}

/* Each half alone. */
static void
test_halves(void)
{
	struct fixture fixture;
	const struct ident key = fixture_ident(1);
	struct entry *entry OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL;

	fixture_init(&fixture);
	put(&fixture, 1);
	g_assert_true(
	    vaulted_read(&fixture.vaulted, &key, NULL, &message, NULL));
	g_assert_cmpuint(g_bytes_get_size(message), ==, strlen(TEXT));
	g_assert_true(vaulted_read(&fixture.vaulted, &key, &entry, NULL, NULL));
	g_assert_nonnull(entry);
	fixture_fini(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/vaulted/scored", test_scored);
	g_test_add_func("/tickets/vaulted/wrap", test_wrap);
	g_test_add_func("/tickets/vaulted/erased", test_erased);
	g_test_add_func("/tickets/vaulted/stale-wrap", test_stale_wrap);
	g_test_add_func("/tickets/vaulted/damaged", test_damaged);
	g_test_add_func("/tickets/vaulted/halves", test_halves);
	g_test_add_func("/tickets/vaulted/swapped", test_swapped);
	return g_test_run();
}
