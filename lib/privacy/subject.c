/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From an address to the pseudonym under which stores know the person.  The
 * digest is keyed, so that a list of addresses cannot be tried out against a
 * store without the key; the address is made canonical first, so that
 * "A@Example.COM" and "a@example.com" are one person.
 */
#include "lib/privacy/subject.h"

#include <string.h>

#include "lib/base/seal.h"
#include "lib/mail/addr.h"

gboolean
subject_ident(
    const struct secret *key, const char *address, struct ident *ident_r)
{
	g_autofree char *canonical = addr_canonical(address);
	struct seal_digest *digest;

	if (canonical == NULL)
		return FALSE;
	digest =
	    seal_digest_new(secret_data(key), secret_length(key), "subject");
	seal_digest_add(digest, canonical, strlen(canonical));
	seal_digest_end(&digest, ident_r->bytes, sizeof(ident_r->bytes));
	return TRUE;
}
