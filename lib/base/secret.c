/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Secrets: bytes in locked memory, and the key files they come from.  A file
 * that others could read is refused, since then it is no secret.
 */
#include "lib/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

#define TOKEN_MOST 4096

struct secret {
	gsize length;
	guint8 *data; /* locked; one NUL byte follows */
};

struct secret *
secret_new(const void *data, gsize length)
{
	struct secret *secret = g_new(struct secret, 1);

	secret->length = length;
	secret->data = seal_locked(length + 1);
	memcpy(secret->data, data, length);
	secret->data[length] = '\0';
	return secret;
}

struct secret *
secret_random(gsize length)
{
	struct secret *secret = g_new(struct secret, 1);

	secret->length = length;
	secret->data = seal_locked(length + 1);
	seal_random(secret->data, length);
	secret->data[length] = '\0';
	return secret;
}

void
secret_free(struct secret **secret)
{
	if (*secret == NULL)
		return;
	seal_locked_free((*secret)->data);
	g_clear_pointer(secret, g_free);
}

const guint8 *
secret_data(const struct secret *secret)
{
	return secret->data;
}

gsize
secret_length(const struct secret *secret)
{
	return secret->length;
}

const char *
secret_text(const struct secret *secret)
{
	return (const char *)secret->data;
}

gboolean
secret_equal(const void *a, gsize a_length, const void *b, gsize b_length)
{
	return a_length == b_length && seal_equal(a, b, a_length);
}

/* Opens a secret's file and refuses one that more people can read than may. */
static int
open_private(int dir, const char *name, mode_t forbidden, GError **error)
{
	struct stat status;
	/* O_NONBLOCK: a pipe in a file's place is not waited for. */
	int fd OWNED(file_close) =
	    openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		err_errno(error, errno, "cannot open %s", name);
		return -1;
	}
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		err_set(error, DG_ERROR_BAD, "%s is not a file", name);
		return -1;
	}
	if ((status.st_mode & forbidden) != 0) {
		err_set(error, DG_ERROR_DENIED,
		    "%s holds a secret and others can read it; \"chmod %s\" it",
		    name, (forbidden & S_IRGRP) != 0 ? "600" : "640");
		return -1;
	}
	return g_steal_fd(&fd);
}

static struct secret *
read_key(
    int dir, const char *name, gsize length, mode_t forbidden, GError **error)
{
	struct secret *secret;
	guint8 *bytes;
	gssize got;
	int fd OWNED(file_close) = open_private(dir, name, forbidden, error);

	if (fd < 0)
		return NULL;
	bytes = seal_locked(length + 1);
	got = read(fd, bytes, length + 1);
	secret = got == (gssize)length ? secret_new(bytes, length) : NULL;
	seal_locked_free(bytes);
	if (secret == NULL)
		err_set(error, DG_ERROR_BAD,
		    "%s is damaged: a key has %zu bytes", name, length);
	return secret;
}

GBytes *
secret_read_file(int dir, const char *name, gsize most, GError **error)
{
	int fd OWNED(file_close) =
	    open_private(dir, name, S_IRWXO | S_IRWXG, error);

	return fd < 0 ? NULL : file_read_fd(fd, most, error);
}

struct secret *
secret_load_key(int dir, const char *name, gsize length, gboolean make,
    gboolean group_reads, GError **error)
{
	mode_t forbidden = S_IRWXO | S_IWGRP | (group_reads ? 0 : S_IRGRP);
	g_autoptr(GError) fault = NULL;
	struct secret *secret = read_key(dir, name, length, forbidden, &fault);

	if (secret != NULL)
		return secret;
	if (!make || !err_is(fault, DG_ERROR_NOTFOUND)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	g_clear_error(&fault);
	secret = secret_random(length);
	if (file_create(dir, name, secret->data, length,
		group_reads ? 0640 : 0600, &fault))
		return secret;
	secret_free(&secret);
	/* Made by another process meanwhile: that one counts. */
	if (err_is(fault, DG_ERROR_BAD))
		return read_key(dir, name, length, forbidden, error);
	g_propagate_error(error, g_steal_pointer(&fault));
	return NULL;
}

/* Cuts blanks and line ends around the token; TRUE when what is left is one. */
static gboolean
trim_token(guint8 *text, gsize length, gsize *start_r, gsize *length_r)
{
	gsize start = 0;

	while (length > 0 && g_ascii_isspace(text[length - 1]))
		length--;
	while (start < length && g_ascii_isspace(text[start]))
		start++;
	for (gsize i = start; i < length; i++) {
		if (g_ascii_iscntrl(text[i]))
			return FALSE;
	}
	*start_r = start;
	*length_r = length - start;
	return *length_r > 0;
}

struct secret *
secret_load_token(const char *path, GError **error)
{
	struct secret *secret = NULL;
	guint8 *bytes;
	gsize start, length;
	gssize got;
	int fd OWNED(file_close) =
	    open_private(AT_FDCWD, path, S_IRWXO | S_IWGRP, error);

	if (fd < 0)
		return NULL;
	bytes = seal_locked(TOKEN_MOST + 1);
	got = read(fd, bytes, TOKEN_MOST + 1);
	if (got > 0 && got <= TOKEN_MOST &&
	    trim_token(bytes, got, &start, &length))
		secret = secret_new(bytes + start, length);
	seal_locked_free(bytes);
	if (secret == NULL)
		err_set(error, DG_ERROR_BAD,
		    "%s holds no token: one line of 1 to %d bytes is wanted",
		    path, TOKEN_MOST);
	return secret;
}
