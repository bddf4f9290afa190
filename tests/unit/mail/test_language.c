/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/mail/language.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/message.h"

static void
test_texts(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", NULL },
		{ "OK", NULL },
		{ "Invoice 4711", NULL },
		{ "Where is my order? I have not got it.", "en" },
		{ "Wo ist das Paket? Ich habe es noch nicht.", "de" },
		{ "Bonjour, je ne trouve pas le colis.", "fr" },
		{ "Hola, no he recibido el pedido.", "es" },
		{ "Я не получил заказ.", "ru" },
		{ "Я не отримав замовлення, де воно є і коли її чекати?",
		    "uk" },
		{ "请问我的订单在哪里?", "zh" },
		{ "注文した商品がまだ届いていません。", "ja" },
		{ "주문한 상품이 아직 도착하지 않았습니다.", "ko" },
		{ "Δεν έλαβα την παραγγελία μου.", "el" },
		/* What is quoted is another's. */
		{ "> Where is the order that you have?\n> I do not see it.\n"
		  "Das ist es, ich habe es.",
		    "de" },
		/* Bytes that are none end the reading. */
		{ "Das ist ein Brief\xff and this is not of the", "de" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].text);
		g_assert_cmpstr(
		    language_guess(cases[i].text), ==, cases[i].want);
	}
	g_assert_true(language_known("de"));
	g_assert_true(language_known("uk"));
	g_assert_false(language_known("german"));
}

/* The language that a sample's name ends with: "...-de.eml"; NULL for others.
 */
static char *
language_named(const char *name)
{
	gsize length = strlen(name);

	if (length < 8 || strcmp(name + length - 4, ".eml") != 0 ||
	    name[length - 7] != '-')
		return NULL;
	return g_strndup(name + length - 6, 2);
}

static const char *
guess_file(const char *path)
{
	g_autofree char *data = NULL;
	gsize length;
	struct message *message OWNED(message_free) = NULL;

	g_assert_true(g_file_get_contents(path, &data, &length, NULL));
	message = message_parse(
	    (guint8 *)data, length, &message_limits_default, NULL);
	return language_guess(message_text(message));
}

/* The samples are named for their language. */
static void
test_samples(void)
{
	const char *top = g_getenv("top_srcdir");
	g_autofree char *folder = g_build_filename(
	    top != NULL ? top : ".", "contrib/samples/ham", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	guint right = 0, all = 0;
	const char *name;

	g_assert_nonnull(dir);
	message_prepare();
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *want = language_named(name);
		g_autofree char *path = g_build_filename(folder, name, NULL);

		if (want == NULL || !language_known(want))
			continue;
		all++;
		if (g_strcmp0(guess_file(path), want) == 0)
			right++;
		else
			g_test_message("%s: %s", name, guess_file(path));
	}
	g_test_message("%u of %u samples", right, all);
	g_assert_cmpuint(all, >, 50);
	g_assert_cmpuint(right * 100, >=, all * 95);
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/language/texts", test_texts);
	g_test_add_func("/language/samples", test_samples);
	return g_test_run();
}
