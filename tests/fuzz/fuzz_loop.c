/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a header block, from which the process that speaks to the MTA
 * takes a message's identity: what it finds stands in the block, on one line.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/loop.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check(const char *value, gsize size)
{
	if (value == NULL)
		return;
	g_assert_cmpuint(strlen(value), <=, size);
	g_assert_null(strpbrk(value, "\r\n"));
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	/* A copy of just this length: what is read behind it is found. */
	g_autofree char *block = g_malloc(MAX(size, 1));
	struct loop_headers headers OWNED(loop_headers_clear) = { 0 };
	g_autofree char *text = g_strndup((const char *)data, size);

	if (size > 0)
		memcpy(block, data, size);
	loop_headers_read(block, size, &headers);
	check(headers.message_id, size);
	check(headers.from, size);
	check(headers.date, size);
	check(headers.subject, size);
	if (headers.message_id != NULL)
		(void)loop_id_is_mtas(headers.message_id, "4ABCDEF", "mail");
	(void)loop_date_is_mtas(&headers, headers.message_id, 0);
	(void)loop_date_is_mtas(&headers, NULL, G_GINT64_CONSTANT(1795896000));
	(void)loop_date_moment(text);
	return 0;
}
