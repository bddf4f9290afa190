/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/tickets/desk_place.h"

#include <glib/gstdio.h>

#include "lib/base/seal.h"

static gint64
now_of(void *self)
{
	return ((struct place *)self)->now;
}

void
place_open(struct place *place)
{
	struct desk_world world = { place->dir, place->vault,
		place->subject_key, &place->clock };
	g_autoptr(GError) error = NULL;

	place->desk = desk_local_ops.open(NULL, &world, &error);
	g_assert_no_error(error);
	g_assert_nonnull(place->desk);
}

void
place_close(struct place *place)
{
	if (place->desk != NULL)
		desk_local_ops.close(place->desk);
	place->desk = NULL;
}

void
place_init(struct place *place, gconstpointer unused)
{
	g_autofree char *folder = NULL;
	g_autoptr(GError) error = NULL;

	(void)unused;
	place->dir = g_dir_make_tmp("deskgate-desk-XXXXXX", NULL);
	folder = g_build_filename(place->dir, "vault", NULL);
	g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
	place->vault_key = secret_random(SEAL_KEY_BYTES);
	place->subject_key = secret_random(SEAL_KEY_BYTES);
	place->vault = vault_open(folder, place->vault_key, &error);
	g_assert_no_error(error);
	place->now = G_GINT64_CONSTANT(1795464000) * G_USEC_PER_SEC;
	place->clock = (struct clock){ now_of, now_of, place };
	place_open(place);
}

static void
remove_all(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *one = g_build_filename(path, name, NULL);

		remove_all(one);
	}
	g_remove(path);
}

void
place_fini(struct place *place, gconstpointer unused)
{
	(void)unused;
	place_close(place);
	vault_close(&place->vault);
	secret_free(&place->vault_key);
	secret_free(&place->subject_key);
	remove_all(place->dir);
	g_free(place->dir);
}

struct ident
place_key(guint8 number)
{
	struct ident key = { { 0 } };

	key.bytes[0] = number;
	return key;
}

struct ticket
place_ticket(const char *address, const char *subject, const char *text)
{
	return (struct ticket){ .inbox = (char *)"support@example.com",
		.requester_address = (char *)address,
		.requester_name = (char *)"Caröl",
		.subject = (char *)subject,
		.text = (char *)text,
		.date = 1795463000 };
}

char *
place_create(struct place *place, const struct ticket *ticket, guint8 number)
{
	struct desk_ticket made = { 0 };
	struct ident key = place_key(number);
	g_autoptr(GError) error = NULL;
	char *code;

	g_assert_true(
	    desk_local_ops.create(place->desk, ticket, &key, &made, &error));
	g_assert_no_error(error);
	code = g_strdup(made.code);
	desk_ticket_clear(&made);
	return code;
}

const char *
place_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

void
place_assert_list(struct place *place, const char *status, const char *inbox,
    const char *want)
{
	struct desk_local_filter filter = { status, inbox, 10 };
	g_autoptr(GError) error = NULL;
	json_t *list = desk_local_list(place->desk, &filter, &error), *one;
	g_autoptr(GString) codes = g_string_new(NULL);
	size_t i;

	g_assert_no_error(error);
	json_array_foreach(list, i, one) g_string_append_printf(
	    codes, "%s%s", i > 0 ? " " : "", place_text(one, "code"));
	g_assert_cmpstr(codes->str, ==, want);
	json_decref(list);
}

void
place_assert_search(struct place *place, const char *words, const char *want)
{
	g_autoptr(GError) error = NULL;
	json_t *list = desk_local_search(place->desk, words, 10, &error);
	json_t *one;
	g_autoptr(GString) codes = g_string_new(NULL);
	size_t i;

	g_test_message("%s", words);
	g_assert_no_error(error);
	json_array_foreach(list, i, one) g_string_append_printf(
	    codes, "%s%s", i > 0 ? " " : "", place_text(one, "code"));
	g_assert_cmpstr(codes->str, ==, want);
	json_decref(list);
}
