/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/tickets/fixture.h"

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"

#define MAP_BYTES ((guint64)64 << 20)

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

char *
fixture_path(const struct fixture *fixture, const char *part)
{
	return g_build_filename(fixture->folder, part, NULL);
}

static void
make_folder(const struct fixture *fixture, const char *part)
{
	g_autofree char *path = fixture_path(fixture, part);

	g_assert_cmpint(g_mkdir_with_parents(path, 0700), ==, 0);
}

static void
fixture_open(struct fixture *fixture)
{
	g_autofree char *spool = fixture_path(fixture, "spool");
	g_autofree char *keys = fixture_path(fixture, "keys");
	g_autofree char *vault = fixture_path(fixture, "keys/vault");
	g_autofree char *ledger = fixture_path(fixture, "ledger");
	g_autoptr(GError) error = NULL;

	fixture->key_dir = file_open_dir(keys, &error);
	g_assert_no_error(error);
	fixture->spool = spool_open(spool, &error);
	g_assert_no_error(error);
	fixture->vault = vault_open(vault, fixture->key, &error);
	g_assert_no_error(error);
	fixture->intake = intake_open(fixture->key_dir, &error);
	g_assert_no_error(error);
	fixture->ledger = ledger_open(ledger, fixture->key, MAP_BYTES, &error);
	g_assert_no_error(error);
	g_assert_true(intake_public(fixture->key_dir, &fixture->intake_id,
	    fixture->intake_public, &error));
	fixture->vaulted =
	    (struct vaulted){ fixture->spool, fixture->vault, fixture->intake };
}

void
fixture_init(struct fixture *fixture)
{
	const guint8 bytes[SEAL_KEY_BYTES] = { 1, 2, 3 };
	const char *const *name;

	memset(fixture, 0, sizeof(*fixture));
	g_assert_true(seal_init(NULL));
	fixture->folder = g_dir_make_tmp("deskgate-XXXXXX", NULL);
	g_assert_nonnull(fixture->folder);
	fixture->key = secret_new(bytes, sizeof(bytes));
	for (name = spool_folders(); *name != NULL; name++) {
		g_autofree char *part = g_build_filename("spool", *name, NULL);

		make_folder(fixture, part);
	}
	make_folder(fixture, "keys/vault");
	make_folder(fixture, "ledger");
	make_folder(fixture, "state");
	fixture_open(fixture);
}

void
fixture_close(struct fixture *fixture)
{
	ledger_close(&fixture->ledger);
	intake_close(&fixture->intake);
	vault_close(&fixture->vault);
	spool_close(&fixture->spool);
	file_close(&fixture->key_dir);
}

void
fixture_reopen(struct fixture *fixture)
{
	fixture_close(fixture);
	fixture_open(fixture);
}

void
fixture_fini(struct fixture *fixture)
{
	fixture_close(fixture);
	secret_free(&fixture->key);
	(void)nftw(fixture->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	g_free(fixture->folder);
}

struct ident
fixture_ident(guint number)
{
	struct ident ident = { { 0 } };
	guint32 ordered = GUINT32_TO_BE(number);

	memcpy(ident.bytes, &ordered, sizeof(ordered));
	ident.bytes[15] = 0xaa;
	return ident;
}

struct entry *
fixture_entry(guint number, enum entry_action action)
{
	struct entry *entry = entry_new();

	entry->key = fixture_ident(number);
	entry->inbox = g_strdup("support@example.com");
	entry->recipient = g_strdup("Support@Example.com");
	entry->action = action;
	entry->envelope = envelope_new();
	g_free(entry->envelope->sender);
	entry->envelope->sender = g_strdup("anna@example.org");
	verdict_init(&entry->verdict,
	    action == ENTRY_QUARANTINE ? VERDICT_SPAM : VERDICT_HAM,
	    VERDICT_SCORED, NULL);
	entry->received = 1700000000 * (gint64)G_USEC_PER_SEC + number;
	return entry;
}

gboolean
fixture_put(struct fixture *fixture, const struct entry *entry,
    const char *message, enum spool_put *result_r, GError **error)
{
	const struct spool_offer offer = {
		.entry = entry,
		.message = (const guint8 *)message,
		.length = strlen(message),
		.intake_id = &fixture->intake_id,
		.intake_public = fixture->intake_public,
	};

	return spool_put(fixture->spool, &offer, result_r, error);
}

enum spool_state
fixture_state(struct fixture *fixture, guint number)
{
	const struct ident key = fixture_ident(number);
	enum spool_state state;

	if (!spool_state(fixture->spool, &key, &state, NULL))
		return SPOOL_STATES;
	return state;
}

guint
fixture_count(const struct fixture *fixture, const char *part)
{
	g_autofree char *path = fixture_path(fixture, part);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	guint count = 0;

	while (dir != NULL && g_dir_read_name(dir) != NULL)
		count++;
	return count;
}
