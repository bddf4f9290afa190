/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening what mail is taken in with, in the order that its parts need.
 */
#include "tools/ground.h"

#include "lib/base/file.h"
#include "lib/base/seal.h"
#include "lib/privacy/intake.h"
#include "tools/format.h"
#include "tools/models.h"

static gboolean
open_keys(struct ground *ground, GError **error)
{
	struct ident id;
	guint8 public_key[SEAL_PUBLIC_BYTES];

	guint format;

	ground->key_dir = file_open_dir(ground->paths.keys, error);
	if (ground->key_dir < 0 ||
	    !format_look(ground->key_dir, &format, error) ||
	    !home_load_keys(ground->key_dir, FALSE, &ground->keys, error))
		return FALSE;
	if (intake_public(ground->key_dir, &id, public_key, error))
		return TRUE;
	g_prefix_error(error,
	    "the key that mail is sealed with is made by the keeper; start "
	    "deskgate-deliver: ");
	return FALSE;
}

/* While mail is taken in nobody puts another spool in its place (restore.h). */
static gboolean
lock_spool(struct ground *ground, GError **error)
{
	ground->lock = file_open_dir(ground->paths.spool, error);
	if (ground->lock < 0)
		return FALSE;
	if (file_lock_folder(ground->lock, FALSE, error))
		return TRUE;
	g_prefix_error(error, "a backup is being put back: ");
	return FALSE;
}

static gboolean
open_parts(struct ground *ground, const struct conf *conf, GError **error)
{
	if (!open_keys(ground, error))
		return FALSE;
	ground->lives = lives_open(ground->key_dir, error);
	if (ground->lives == NULL)
		return FALSE;
	ground->readers = readers_start(conf, ground->keys.feature, error);
	if (ground->readers == NULL)
		return FALSE;
	if (!lock_spool(ground, error))
		return FALSE;
	ground->spool = spool_open(ground->paths.spool, error);
	if (ground->spool == NULL)
		return FALSE;
	ground->classify =
	    classify_new(readers_pool(ground->readers), ground->paths.table);
	models_add(ground->classify, &ground->paths, conf);
	return TRUE;
}

gboolean
ground_open(struct ground *ground, const struct conf *conf, GError **error)
{
	*ground = (struct ground){ .key_dir = -1, .lock = -1 };
	paths_init(&ground->paths, conf);
	if (open_parts(ground, conf, error))
		return TRUE;
	ground_close(ground);
	return FALSE;
}

void
ground_close(struct ground *ground)
{
	classify_free(&ground->classify);
	spool_close(&ground->spool);
	readers_stop(&ground->readers);
	lives_close(&ground->lives);
	home_keys_clear(&ground->keys);
	file_close(&ground->key_dir);
	file_close(&ground->lock);
	paths_fini(&ground->paths);
}
