/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was sent in to be taught: which of it is, and what becomes of the rest.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/tickets/fake.h"
#include "tickets/deliver_private.h"

#define SOURCE "the message itself"

struct lesson_world {
	struct fixture fixture;
	struct conf *conf;
	struct deliver *deliver;
	GString *taught; /* "spam one ann|" */
};

/* "unread", "partial", "NAME=CONTENT" of an attached file, each once or more,
 * between them "|". */
static const char **
wanted_files(void)
{
	static const char *files;

	return &files;
}

static gboolean
convert(const struct entry *entry, GBytes *message,
    const struct convert_terms *terms, struct ticket **ticket_r, GError **error)
{
	g_auto(GStrv) words = g_strsplit(*wanted_files(), "|", -1);
	struct ticket *ticket = ticket_new();

	(void)message;
	(void)error;
	g_assert_null(terms->blocked_files);
	ticket->inbox = g_strdup(entry->inbox);
	ticket->requester_address = g_strdup("ann@example.com");
	for (char **word = words; *word != NULL; word++) {
		char *content = strchr(*word, '=');
		g_autoptr(GBytes) bytes = NULL;

		ticket->unread |= strcmp(*word, "unread") == 0;
		ticket->partial |= strcmp(*word, "partial") == 0;
		if (content == NULL)
			continue;
		*content++ = '\0';
		bytes = g_bytes_new(content, strlen(content));
		g_ptr_array_add(ticket->files,
		    ticket_file_new(*word, "message/rfc822", bytes));
	}
	*ticket_r = ticket;
	return TRUE;
}

/* What is called "bad" can never be taught, "later" cannot now. */
static gboolean
teach(void *self, const struct deliver_lesson *lesson,
    enum teacher_outcome *outcome_r, GError **error)
{
	struct lesson_world *world = self;
	gsize length;
	const char *text = g_bytes_get_data(lesson->message, &length);

	if (length == 3 && memcmp(text, "bad", 3) == 0)
		return err_set(error, DG_ERROR_BAD, "no message");
	if (length == 5 && memcmp(text, "later", 5) == 0)
		return err_set(error, DG_ERROR_AGAIN, "not now");
	g_string_append_printf(world->taught, "%s %.*s %s|",
	    verdict_word(lesson->class), (int)length, text, lesson->login);
	*outcome_r = TEACHER_LEARNT;
	return TRUE;
}

static void
set_up(struct lesson_world *world, gconstpointer unused)
{
	(void)unused;
	*fake_now() = (struct fake){ .mode = FAKE_GOOD };
	fixture_init(&world->fixture);
	world->conf = fake_conf(NULL);
	world->deliver = fake_deliver(&world->fixture, world->conf);
	world->deliver->world.convert = convert;
	world->deliver->world.lesson = teach;
	world->deliver->world.lesson_self = world;
	world->taught = g_string_new(NULL);
}

static void
tear_down(struct lesson_world *world, gconstpointer unused)
{
	(void)unused;
	deliver_close(&world->deliver);
	conf_free(&world->conf);
	fixture_fini(&world->fixture);
	g_string_free(world->taught, TRUE);
}

static gboolean
deliver(struct lesson_world *world, guint number, enum entry_action action,
    const char *login)
{
	struct entry *entry OWNED(entry_free) = fixture_entry(number, action);
	struct ident key = fixture_ident(number);
	enum spool_put result;

	entry->envelope->authenticated = g_strdup(login);
	g_assert_true(
	    fixture_put(&world->fixture, entry, SOURCE, &result, NULL));
	return deliver_one(world->deliver, &key, NULL);
}

static void
test_cases(struct lesson_world *world, gconstpointer unused)
{
	static const struct {
		const char *name;
		enum entry_action action;
		const char *login, *files, *want;
	} cases[] = {
		{ "one", ENTRY_TEACH_SPAM, "ann", "1.eml=one",
		    "spam one ann|" },
		{ "several, as ham", ENTRY_TEACH_HAM, "ann",
		    "1.eml=one|2.EML=two", "ham one ann|ham two ann|" },
		{ "files that are no messages", ENTRY_TEACH_SPAM, "ann",
		    "logo.png=png|1.eml=one|.eml=x|eml=y", "spam one ann|" },
		{ "one that cannot be taught among others", ENTRY_TEACH_SPAM,
		    "ann", "0.eml=bad|1.eml=one", "spam one ann|" },
		{ "his own message, which could not be read", ENTRY_TEACH_SPAM,
		    "ann", "unread|message.eml=" SOURCE, "" },
		{ "not wholly read", ENTRY_TEACH_SPAM, "ann",
		    "partial|1.eml=one|message.eml=" SOURCE, "spam one ann|" },
		{ "nothing attached", ENTRY_TEACH_SPAM, "ann", "", "" },
		{ "nobody logged in", ENTRY_TEACH_SPAM, NULL, "1.eml=one", "" },
	};

	(void)unused;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ident key = fixture_ident(i + 1);
		struct ledger_entry record;
		g_autoptr(GError) fault = NULL;

		g_test_message("%s", cases[i].name);
		*wanted_files() = cases[i].files;
		g_string_truncate(world->taught, 0);
		g_assert_true(
		    deliver(world, i + 1, cases[i].action, cases[i].login));
		g_assert_cmpstr(world->taught->str, ==, cases[i].want);
		/* Nothing of it stays, and no desk heard of it. */
		g_assert_cmpint(
		    fixture_state(&world->fixture, i + 1), ==, SPOOL_STATES);
		g_assert_false(
		    ledger_get(world->fixture.ledger, &key, &record, &fault));
	}
	g_assert_cmpuint(fake_now()->calls, ==, 0);
}

/* It waits with all that is in it, and is taught when it can be. */
static void
test_later(struct lesson_world *world, gconstpointer unused)
{
	struct ident key = fixture_ident(1);

	(void)unused;
	*wanted_files() = "1.eml=one|2.eml=later";
	g_assert_false(deliver(world, 1, ENTRY_TEACH_SPAM, "ann"));
	g_assert_cmpint(fixture_state(&world->fixture, 1), ==, SPOOL_WAIT);
	*wanted_files() = "1.eml=one|2.eml=two";
	g_assert_true(deliver_one(world->deliver, &key, NULL));
	g_assert_cmpstr(
	    world->taught->str, ==, "spam one ann|spam one ann|spam two ann|");
	g_assert_cmpint(fixture_state(&world->fixture, 1), ==, SPOOL_STATES);
}

#define TEST(name, function) \
	g_test_add("/tickets/deliver-teach/" name, struct lesson_world, NULL, \
	    set_up, function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	TEST("cases", test_cases);
	TEST("later", test_later);
	return g_test_run();
}
