/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_SECRET_H
#define DESKGATE_LIB_BASE_SECRET_H

#include <glib.h>

/*
 * Secrets in memory that is locked, kept out of core dumps and wiped when
 * freed (libsodium's guarded heap).  A secret is immutable once made, so it can
 * be read from any thread.
 */
struct secret;

/* A copy of `data`.  The caller wipes its own. */
struct secret *secret_new(const void *data, gsize length);
/* `length` random bytes. */
struct secret *secret_random(gsize length);
/* Wipes and frees it. */
void secret_free(struct secret **secret);
/* Its bytes; borrowed. */
const guint8 *secret_data(const struct secret *secret);
/* How many bytes it has. */
gsize secret_length(const struct secret *secret);

/*
 * Reads the key file `name` in `dir`: exactly `length` bytes.  When it is not
 * there and `make` is set, it is made from random bytes, durably, mode 0600
 * (0640 when `group_reads`).  DENIED when others (or, without `group_reads`,
 * the group) can read it.
 */
struct secret *secret_load_key(int dir, const char *name, gsize length,
    gboolean make, gboolean group_reads, GError **error);

/* The bytes of such a file, `most` at most (FULL); DENIED likewise.  The caller
 * wipes them. */
GBytes *secret_read_file(int dir, const char *name, gsize most, GError **error);

/*
 * Reads a token from a file named in the settings: one line, without its line
 * end and surrounding blanks, 1 to 4096 bytes, no control bytes.  DENIED when
 * others can read the file.  The text is NUL-terminated within the secret.
 */
struct secret *secret_load_token(const char *path, GError **error);
/* The secret's bytes as text; borrowed. */
const char *secret_text(const struct secret *secret);

/* Constant-time comparison of two byte strings. */
gboolean secret_equal(
    const void *a, gsize a_length, const void *b, gsize b_length);

#endif
