/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever may be sent to the push listener: body, token, Authorization, time
 * and signature, with a NUL between.  Without the token nothing proves itself;
 * with it the very same body does.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tickets/push.h"
#include "tickets/webhook.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define TOKEN "0123456789abcdef-of-the-test"
#define NOW ((gint64)1795896000)

enum { BODY, OWN, AUTHORIZATION, TIME, SIGNATURE, TEXTS };

static void
check_word(const char *text)
{
	g_assert(text == NULL || strlen(text) <= PUSH_BODY_MOST);
}

/* A body that we have signed is taken, and a changed one is not. */
static void
check_signed(const struct secret *token, const char *body)
{
	static const char time[] = "1795896000";
	g_autofree char *other = g_strconcat(body, "x", NULL);
	char signature[WEBHOOK_SIGNATURE_TEXT];
	const struct webhook_signed it = { time, PUSH_EVENT, body,
		strlen(body) };

	webhook_sign(token, &it, signature);
	g_assert(push_is_signed(token, time, signature, body, NOW));
	g_assert(!push_is_signed(token, time, signature, other, NOW));
	g_assert(!push_is_signed(
	    token, time, signature, body, NOW + PUSH_WINDOW + 1));
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	g_assert(seal_init(NULL));
	return 0;
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct secret *token OWNED(secret_free) =
	    secret_new(TOKEN, strlen(TOKEN));
	/* Room for the ends of the texts that are cut. */
	g_autofree char *copy = g_malloc0(size + TEXTS);
	const char *texts[TEXTS];
	const char *at = copy;
	struct push_word word OWNED(push_word_clear) = { NULL };

	if (size > 0)
		memcpy(copy, data, size);
	for (guint i = 0; i < TEXTS; i++) {
		texts[i] = at;
		at += at < copy + size ? strlen(at) + 1 : 0;
	}
	(void)push_read(texts[BODY], &word);
	check_word(word.desk);
	check_word(word.ticket);
	check_word(word.status);
	check_word(word.who);
	if (push_has_token(token, NULL, texts[AUTHORIZATION]))
		g_assert(strlen(texts[AUTHORIZATION]) > strlen(TOKEN));
	g_assert_cmpint(push_has_token(token, texts[OWN], NULL), ==,
	    strcmp(texts[OWN], TOKEN) == 0);
	g_assert(!push_is_signed(
	    token, texts[TIME], texts[SIGNATURE], texts[BODY], 0));
	(void)push_is_signed(
	    token, texts[TIME], texts[SIGNATURE], texts[BODY], NOW);
	(void)push_is_hub_signed(token, texts[SIGNATURE], texts[BODY]);
	check_signed(token, texts[BODY]);
	return 0;
}
