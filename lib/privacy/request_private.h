/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_REQUEST_PRIVATE_H
#define DESKGATE_LIB_PRIVACY_REQUEST_PRIVATE_H

#include "lib/privacy/request.h"
#include "lib/store/store.h"

/*
 * What the files of the register share.
 *
 * Table `request`: the number, big-endian, to the JSON of request.h; while its
 * addresses are readable also "sealed", they (hex of seal_wrap).  Table `meta`:
 * "last", the digest of the receipt that was ended last, "untold:7" of each
 * receipt until requests_told, and once receipts were let go (request_expire.c)
 * "cut", the digest of the last that went, and "top", the highest number.
 */
enum { TABLE_REQUEST, TABLE_META };

struct requests {
	struct store *store;
	struct secret *key;
	struct vault *vault;
	const struct clock *clock;
};

/* Digits of bytes; the caller's. */
char *request_hex(const guint8 *bytes, gsize length);
/* An open one; NOTFOUND when there is none of that number, or it has ended. */
json_t *request_get_open(struct store_txn *txn, guint64 id, GError **error);
/* Puts it back. */
void request_keep(struct store_txn *txn, guint64 id, const json_t *request);
/* Destroys what opens its addresses. */
gboolean request_forget_key(
    struct requests *requests, guint64 id, GError **error);
/* Makes a receipt of it, chained to the one that was ended before. */
void request_end(
    struct requests *requests, struct store_txn *txn, json_t *request);
/* Whether the audit trail was not told of its receipt yet. */
gboolean request_is_untold(struct store_txn *txn, guint64 id);

/* --- request_expire.c */
/* What the first receipt of the chain names: "" when none was let go; NULL when
 * somebody else wrote that.  The caller frees it. */
char *request_cut(const struct requests *requests, struct store_txn *txn);
/* The highest number when receipts were last let go, or 0. */
guint64 request_top(struct store_txn *txn);

#endif
