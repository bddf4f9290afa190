/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_SAFE_H
#define DESKGATE_LIB_PRIVACY_SAFE_H

#include "lib/base/secret.h"

/*
 * How the vault key stands in its file (key-dir/vault.key): as it is, sealed by
 * a secret that comes from elsewhere (a systemd credential), or as a command of
 * a key management system has wrapped it.  With one of the latter whoever gets
 * hold of key-dir has a vault that does not open.
 *
 * The file is 32 bytes, the key; or a line that names the form, and what it
 * was sealed or wrapped to.  One that stands as it is is sealed at the first
 * start that is told how.
 */
struct safe;

struct safe_settings {
	/* A file with a secret: the name of a credential in
	 * $CREDENTIALS_DIRECTORY, or a whole path. */
	const char *credential;
	/* A program and its words; run with one more, "wrap" or "unwrap", it
	 * turns the key on its standard input (32 bytes) into what is kept, and
	 * back.  NULL-ended; FILTER_WORDS_MOST words at most. */
	const char *const *command;
	guint seconds; /* that the command may take */
};

/* Both NULL: the key stands as it is.  With a command no thread may exist: a
 * process of its own runs it (filter_server.h). */
struct safe *safe_new(const struct safe_settings *settings, GError **error);
/* Accepts NULL. */
void safe_free(struct safe **address);

/*
 * The key in the file; made when it is not there and `make` is set.  DENIED
 * when others can read the file, BAD when it is damaged, or sealed in another
 * way than the settings say.
 */
struct secret *safe_load(const struct safe *safe, int dir, const char *name,
    gboolean make, GError **error);
/* Writes a file that is not there, durably, mode 0600. */
gboolean safe_store(const struct safe *safe, int dir, const char *name,
    const struct secret *key, GError **error);

#endif
