/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who has contradicted the model of late.
 */
#include "classifier/doubt.h"

#include <string.h>

gboolean
doubt_is_agent(const char *actor)
{
	return actor != NULL && *actor != '\0' &&
	       !g_str_has_prefix(actor, "cli:");
}

/* Two agents of one number are one for this: both then count for less. */
static guint32
number_of(const char *actor)
{
	guint32 hash = doubt_is_agent(actor) ? g_str_hash(actor) : 0;

	return doubt_is_agent(actor) ? MAX(hash, 1) : 0;
}

guint
doubt_of(const struct doubt *doubt, guint32 bits, const char *actor)
{
	guint32 number = number_of(actor);
	guint count = 0;

	for (guint i = 0; number != 0 && i < G_N_ELEMENTS(doubt->whose); i++)
		if ((bits >> i & 1) != 0 && doubt->whose[i] == number)
			count++;
	return count;
}

guint32
doubt_add(
    struct doubt *doubt, guint32 bits, gboolean contradicted, const char *actor)
{
	memmove(doubt->whose + 1, doubt->whose,
	    sizeof(doubt->whose) - sizeof(doubt->whose[0]));
	doubt->whose[0] = contradicted ? number_of(actor) : 0;
	return bits << 1 | (contradicted ? 1 : 0);
}
