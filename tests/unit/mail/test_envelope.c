/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/mail/envelope.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

static struct envelope *
full(void)
{
	struct envelope *envelope = envelope_new();

	envelope->client_address = g_strdup("2001:db8::1");
	envelope->client_name = g_strdup("mail.example.org");
	envelope->helo = g_strdup("example.org");
	g_free(envelope->sender);
	envelope->sender = g_strdup("ann@example.org");
	g_ptr_array_add(envelope->recipients, g_strdup("a@example.com"));
	g_ptr_array_add(envelope->recipients, g_strdup("b@example.com"));
	envelope->queue_id = g_strdup("4ABC");
	envelope->mta_name = g_strdup("mx.example.com");
	envelope->authenticated = g_strdup("ann");
	envelope->own_network = TRUE;
	envelope->relay_network = TRUE;
	envelope->received = G_GINT64_CONSTANT(1709629200123456);
	return envelope;
}

static void
assert_equal(const struct envelope *a, const struct envelope *b)
{
	g_assert_cmpstr(a->client_address, ==, b->client_address);
	g_assert_cmpstr(a->client_name, ==, b->client_name);
	g_assert_cmpstr(a->helo, ==, b->helo);
	g_assert_cmpstr(a->sender, ==, b->sender);
	g_assert_cmpuint(a->recipients->len, ==, b->recipients->len);
	for (guint i = 0; i < MIN(a->recipients->len, b->recipients->len); i++)
		g_assert_cmpstr(
		    a->recipients->pdata[i], ==, b->recipients->pdata[i]);
	g_assert_cmpstr(a->queue_id, ==, b->queue_id);
	g_assert_cmpstr(a->mta_name, ==, b->mta_name);
	g_assert_cmpstr(a->authenticated, ==, b->authenticated);
	g_assert_cmpint(a->own_network, ==, b->own_network);
	g_assert_cmpint(a->relay_network, ==, b->relay_network);
	g_assert_cmpint(a->received, ==, b->received);
}

static void
round_trip(const struct envelope *envelope)
{
	json_t *object = envelope_to_json(envelope);
	struct envelope *again OWNED(envelope_free) =
	    envelope_from_json(object, NULL);

	json_decref(object);
	g_assert_nonnull(again);
	if (again != NULL)
		assert_equal(envelope, again);
}

static void
test_round_trip(void)
{
	struct envelope *all OWNED(envelope_free) = full();
	struct envelope *least OWNED(envelope_free) = envelope_new();

	round_trip(all);
	round_trip(least);
	g_assert_cmpstr(least->sender, ==, "");
}

/* SMTP carries any bytes; JSON does not. */
static void
test_bytes(void)
{
	struct envelope *envelope OWNED(envelope_free) = full();
	struct envelope *again OWNED(envelope_free) = NULL;
	json_t *object;

	g_free(envelope->helo);
	envelope->helo = g_strdup("\xff\xfe");
	g_ptr_array_add(envelope->recipients, g_strdup("j\xf6@example.com"));
	object = envelope_to_json(envelope);
	again = envelope_from_json(object, NULL);
	json_decref(object);
	g_assert_nonnull(again);
	g_assert_cmpstr(again->helo, ==, "\xef\xbf\xbd\xef\xbf\xbd");
	g_assert_cmpstr(
	    again->recipients->pdata[2], ==, "j\xef\xbf\xbd@example.com");
}

static void
test_refusals(void)
{
	static const char *const bad[] = { "{}", "[]", "null", "1",
		"{\"recipients\":[],\"received\":1}",
		"{\"sender\":\"\",\"received\":1}",
		"{\"sender\":\"\",\"recipients\":[]}",
		"{\"sender\":1,\"recipients\":[],\"received\":1}",
		"{\"sender\":\"\",\"recipients\":{},\"received\":1}",
		"{\"sender\":\"\",\"recipients\":[1],\"received\":1}",
		"{\"sender\":\"\",\"recipients\":[],\"received\":\"1\"}" };

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		json_t *object = json_loads(bad[i], JSON_DECODE_ANY, NULL);
		g_autoptr(GError) error = NULL;
		struct envelope *envelope OWNED(envelope_free) =
		    envelope_from_json(object, &error);

		g_test_message("%s", bad[i]);
		g_assert_null(envelope);
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
		json_decref(object);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/envelope/round-trip", test_round_trip);
	g_test_add_func("/envelope/bytes", test_bytes);
	g_test_add_func("/envelope/refusals", test_refusals);
	return g_test_run();
}
