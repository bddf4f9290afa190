/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_HOME_H
#define DESKGATE_TOOLS_HOME_H

#include <glib.h>
#include <sys/types.h>

#include "lib/base/conf.h"
#include "lib/base/secret.h"
#include "lib/privacy/safe.h"
#include "tools/paths.h"

/*
 * The folders and keys that the programs live in, and who owns them.
 *
 *   state-dir 0750 keeper:group; spool/ and its parts 2770 keeper:group (the
 * milter writes there too); model, ledger, audit, desk 0700 keeper; key-dir
 * 0750 keeper:group, in it keys that the milter reads 0640 and the others 0600;
 * runtime-dir 0755 with keeper/ 0750 keeper:group, milter/ 0750
 * milter:(milter-group or group) and watch/ 0750 milter:group.
 */
struct home_owners {
	uid_t keeper;
	gid_t group; /* shared by milter and keeper */
	uid_t milter;
	gid_t mta_group; /* who may connect to the milter's socket */
	const char
	    *keeper_name; /* NULL: whoever runs; borrowed from the conf */
	const char *milter_name;
};

/*
 * Finds the users named in the settings.  BAD when one does not exist.  Root
 * without a user: DENIED for a daemon, and for a command when the state is
 * another's; else the command works as root, so that settings with a state-dir
 * alone are enough for it.
 */
gboolean home_owners(const struct conf *conf, gboolean daemon,
    struct home_owners *owners_r, GError **error);

/* The folders but the spool's, as they are made: an owner or group that is not
 * told, (uid_t)-1 and (gid_t)-1, is the caller's. */
#define HOME_FOLDERS 15
struct home_folder {
	const char *path; /* borrowed from the paths */
	mode_t mode;
	uid_t owner;
	gid_t group;
};
guint home_folders(const struct paths *paths, const struct home_owners *owners,
    struct home_folder folders_r[HOME_FOLDERS]);

/* Makes what is missing.  As root it gives each part to its owner; otherwise
 * all is the caller's. */
gboolean home_prepare(const struct paths *paths,
    const struct home_owners *owners, GError **error);

/* The keys both daemons hold. */
struct home_keys {
	struct secret *entry;   /* names of spool entries */
	struct secret *feature; /* features' digests */
	struct secret *log;     /* addresses in logs */
};
/* The keys of the keeper alone. */
struct home_keeper_keys {
	struct secret *subject;
	struct secret *vault;
	struct secret *ledger;
};

/* Whether keys may still be made: neither the vault nor the ledger, opened
 * after all of them, is there yet.  With a state that others made, keys made
 * anew would silently take its place from all it holds: lessons, tickets, what
 * was delivered. */
gboolean home_is_new(const struct paths *paths);

/* Loads them; the keeper of a new home (`make`) makes what is missing. NOTFOUND
 * when the keeper was never started, or a key is lost. */
gboolean home_load_keys(
    int key_dir, gboolean make, struct home_keys *keys_r, GError **error);
/* Frees them. */
void home_keys_clear(struct home_keys *keys);
/* The keys that the keeper alone reads; likewise. */
gboolean home_load_keeper_keys(int key_dir, const struct safe *safe,
    gboolean make, struct home_keeper_keys *keys_r, GError **error);
/* Frees them. */
void home_keeper_keys_clear(struct home_keeper_keys *keys);

#endif
