/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vault key's file.
 */
#include "lib/privacy/safe.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/filter_server.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

#define SEALED "deskgate-sealed-1\n"
#define WRAPPED "deskgate-wrapped-1\n"
/* Of what a command makes of 32 bytes. */
#define WRAPPED_MOST ((gsize)16 << 10)

struct safe {
	struct secret *outer;          /* of the credential, or NULL */
	struct filter_server *command; /* or NULL */
};

static char *
credential_path(const char *name)
{
	const char *folder = g_getenv("CREDENTIALS_DIRECTORY");

	return g_path_is_absolute(name) ? g_strdup(name)
	       : folder != NULL         ? g_build_filename(folder, name, NULL)
					: NULL;
}

static gboolean
load_outer(struct safe *safe, const char *name, GError **error)
{
	g_autofree char *path = credential_path(name);
	struct secret *token OWNED(secret_free) = NULL;
	struct seal_digest *digest;
	guint8 key[SEAL_KEY_BYTES];

	if (path == NULL)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "vault-credential: systemd gives \"%s\" to the service "
		    "alone (LoadCredential); by hand: systemd-run -tp "
		    "LoadCredential=%s:FILE deskgate ...",
		    name, name);
	token = secret_load_token(path, error);
	if (token == NULL) {
		g_prefix_error(error, "vault-credential: ");
		return FALSE;
	}
	digest = seal_digest_new(
	    secret_data(token), secret_length(token), "vault-credential");
	seal_digest_end(&digest, key, sizeof(key));
	safe->outer = secret_new(key, sizeof(key));
	explicit_bzero(key, sizeof(key));
	return TRUE;
}

struct safe *
safe_new(const struct safe_settings *settings, GError **error)
{
	struct safe *safe = g_new0(struct safe, 1);

	if (settings->command != NULL &&
	    (safe->command = filter_server_start(
		 settings->command, settings->seconds, error)) == NULL) {
		safe_free(&safe);
		return NULL;
	}
	if (settings->credential != NULL &&
	    !load_outer(safe, settings->credential, error))
		safe_free(&safe);
	return safe;
}

void
safe_free(struct safe **address)
{
	struct safe *safe = *address;

	*address = NULL;
	if (safe == NULL)
		return;
	secret_free(&safe->outer);
	filter_server_stop(&safe->command);
	g_free(safe);
}

/* --- forms --- */

static GBytes *
run(const struct safe *safe, const char *verb, GBytes *input, gsize most,
    GError **error)
{
	GBytes *output =
	    filter_server_run(safe->command, verb, input, most, error);

	if (output == NULL)
		g_prefix_error(error, "vault-command %s: ", verb);
	return output;
}

/* The line that names the form, and what is behind it. */
static GBytes *
with_head(const char *head, GBytes *body)
{
	GByteArray *whole = g_byte_array_new();

	g_byte_array_append(whole, (const guint8 *)head, (guint)strlen(head));
	g_byte_array_append(
	    whole, g_bytes_get_data(body, NULL), (guint)g_bytes_get_size(body));
	return g_byte_array_free_to_bytes(whole);
}

/* What stands in the file for the key. */
static GBytes *
shut(const struct safe *safe, const struct secret *key, GError **error)
{
	g_autoptr(GBytes) plain =
	    g_bytes_new_static(secret_data(key), secret_length(key));
	g_autoptr(GBytes) body = NULL;

	if (safe->outer != NULL)
		body = seal_wrap(safe->outer, key);
	else if (safe->command != NULL)
		body = run(safe, "wrap", plain, WRAPPED_MOST, error);
	else
		return g_steal_pointer(&plain);
	return body == NULL
		   ? NULL
		   : with_head(safe->outer != NULL ? SEALED : WRAPPED, body);
}

static struct secret *
open_wrapped(const struct safe *safe, GBytes *body, GError **error)
{
	g_autoptr(GBytes) plain =
	    run(safe, "unwrap", body, SEAL_KEY_BYTES, error);
	struct secret *key = NULL;

	if (plain == NULL)
		return NULL;
	if (g_bytes_get_size(plain) == SEAL_KEY_BYTES)
		key = secret_new(g_bytes_get_data(plain, NULL), SEAL_KEY_BYTES);
	else
		err_set(error, DG_ERROR_BAD,
		    "vault-command unwrap: it gave another thing than the key");
	explicit_bzero(
	    (void *)g_bytes_get_data(plain, NULL), g_bytes_get_size(plain));
	return key;
}

static struct secret *
open_sealed(const struct safe *safe, GBytes *body, GError **error)
{
	struct secret *key = seal_unwrap(safe->outer,
	    g_bytes_get_data(body, NULL), g_bytes_get_size(body), error);

	if (key != NULL && secret_length(key) == SEAL_KEY_BYTES)
		return key;
	secret_free(&key);
	g_prefix_error(error, "vault-credential: ");
	return NULL;
}

/* Behind this head, or NULL. */
static GBytes *
body_of(GBytes *file, const char *head)
{
	gsize length = g_bytes_get_size(file), skip = strlen(head);

	return length > skip &&
		       memcmp(g_bytes_get_data(file, NULL), head, skip) == 0
		   ? g_bytes_new_from_bytes(file, skip, length - skip)
		   : NULL;
}

/* One that is not as it is. */
static struct secret *
open_shut(
    const struct safe *safe, GBytes *file, const char *name, GError **error)
{
	g_autoptr(GBytes) sealed = body_of(file, SEALED);
	g_autoptr(GBytes) wrapped = body_of(file, WRAPPED);

	if (sealed != NULL && safe->outer != NULL)
		return open_sealed(safe, sealed, error);
	if (wrapped != NULL && safe->command != NULL)
		return open_wrapped(safe, wrapped, error);
	if (sealed != NULL || wrapped != NULL)
		err_set(error, DG_ERROR_BAD,
		    "%s is %s: set %s to what it was when that was done", name,
		    sealed != NULL ? "sealed by a credential"
				   : "wrapped by a command",
		    sealed != NULL ? "vault-credential" : "vault-command");
	else
		err_set(error, DG_ERROR_BAD,
		    "%s is damaged: a key has %d bytes", name, SEAL_KEY_BYTES);
	return NULL;
}

/* --- the file --- */

static struct secret *
make_new(const struct safe *safe, int dir, const char *name, GError **error)
{
	struct secret *key = secret_random(SEAL_KEY_BYTES);

	if (!safe_store(safe, dir, name, key, error))
		secret_free(&key);
	return key;
}

/* From the first start on that is told how. */
static gboolean
shut_later(const struct safe *safe, int dir, const char *name,
    const struct secret *key, GError **error)
{
	g_autoptr(GBytes) file = shut(safe, key, error);

	return file != NULL &&
	       file_replace(dir, name, g_bytes_get_data(file, NULL),
		   g_bytes_get_size(file), 0600, error);
}

struct secret *
safe_load(const struct safe *safe, int dir, const char *name, gboolean make,
    GError **error)
{
	gboolean plain = safe->outer == NULL && safe->command == NULL;
	g_autoptr(GError) fault = NULL;
	g_autoptr(GBytes) file =
	    secret_read_file(dir, name, WRAPPED_MOST + 64, &fault);
	struct secret *key;

	if (file == NULL && make && err_is(fault, DG_ERROR_NOTFOUND))
		return make_new(safe, dir, name, error);
	if (file == NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	if (g_bytes_get_size(file) != SEAL_KEY_BYTES)
		return open_shut(safe, file, name, error);
	key = secret_new(g_bytes_get_data(file, NULL), SEAL_KEY_BYTES);
	explicit_bzero(
	    (void *)g_bytes_get_data(file, NULL), g_bytes_get_size(file));
	if (!plain && !shut_later(safe, dir, name, key, error))
		secret_free(&key);
	return key;
}

gboolean
safe_store(const struct safe *safe, int dir, const char *name,
    const struct secret *key, GError **error)
{
	g_autoptr(GBytes) file = shut(safe, key, error);

	return file != NULL &&
	       file_create(dir, name, g_bytes_get_data(file, NULL),
		   g_bytes_get_size(file), 0600, error);
}
