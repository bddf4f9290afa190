/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What mail to inboxes is answered that take none. */
#include "milter/closed.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tests/unit/milter/talk.h"

#define BOTH \
	"reject-contact = \"call 555\"\n" \
	"inbox \"support@example.com\" { end-text = \"Gone.\" }\n" \
	"inbox \"sales@example.com\" { }\n"

static gboolean
put(void *self, struct life *life, GError **error)
{
	(void)error;
	*life = *(const struct life *)self;
	return TRUE;
}

static void
set(struct talk *talk, enum life_state state, enum life_answer answer)
{
	struct life life = { .state = state, .answer = answer, .since = 1 };
	const struct lives_change change = { put, &life };
	g_autoptr(GError) error = NULL;

	g_assert_true(lives_edit(
	    talk->world.lives, "support@example.com", &change, NULL, &error));
	g_assert_no_error(error);
}

static void
open_talk(struct talk *talk)
{
	g_autoptr(GError) error = NULL;

	talk_init(talk, BOTH);
	talk->world.lives = lives_open(talk->fixture.key_dir, &error);
	g_assert_no_error(error);
}

static void
close_talk(struct talk *talk)
{
	lives_close(&talk->world.lives);
	talk_fini(talk);
}

static const struct {
	enum life_state state;
	enum life_answer answer;
	const char *word, *told, *text;
} cases[] = {
	{ LIFE_ACTIVE, LIFE_TEMPFAIL, "c", "", NULL },
	{ LIFE_SUSPENDED, LIFE_TEMPFAIL, "t", "reply 450 4.2.1\n",
	    "This address takes no mail at the moment; please try again "
	    "later" },
	{ LIFE_SUSPENDED, LIFE_REJECT, "r", "reply 550 5.2.1\n",
	    "This address takes no mail at the moment (call 555)" },
	{ LIFE_ENDED, LIFE_TEMPFAIL, "r", "reply 550 5.2.1\n",
	    "Gone. (call 555)" },
	{ LIFE_ERASING, LIFE_TEMPFAIL, "r", "reply 550 5.2.1\n",
	    "Gone. (call 555)" },
	{ LIFE_ERASED, LIFE_TEMPFAIL, "r", "reply 550 5.2.1\n",
	    "Gone. (call 555)" },
	{ LIFE_PAST, LIFE_TEMPFAIL, "r", "reply 550 5.2.1\n",
	    "Gone. (call 555)" },
};

static void
test_states(void)
{
	struct terms *terms OWNED(terms_unref) = talk_terms(BOTH);
	struct talk talk;

	open_talk(&talk);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *told = NULL;
		struct reply reply;

		g_test_message("%s", life_word(cases[i].state));
		set(&talk, cases[i].state, cases[i].answer);
		talk_mail(&talk, "<a@example.org>");
		g_assert_cmpstr(talk_rcpt(&talk, "<support+x@example.com>"), ==,
		    cases[i].word);
		told = talk_told(&talk);
		g_assert_cmpstr(told, ==, cases[i].told);
		session_abort(talk.session);
		if (cases[i].text == NULL)
			continue;
		closed_ask(talk.world.lives, terms,
		    terms_inbox(terms, "support@example.com"), &reply);
		g_assert_cmpstr(reply.text, ==, cases[i].text);
	}
	close_talk(&talk);
}

/* The other inbox of a message gets it, and the one that is closed does not. */
static void
test_others(void)
{
	struct talk talk;
	struct entry *entry OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL;

	open_talk(&talk);
	set(&talk, LIFE_ENDED, LIFE_TEMPFAIL);
	talk_mail(&talk, "<a@example.org>");
	g_assert_cmpstr(talk_rcpt(&talk, "<support@example.com>"), ==, "r");
	g_assert_cmpstr(talk_rcpt(&talk, "<sales@example.com>"), ==, "c");
	g_assert_cmpstr(talk_data(&talk, "1@example.org", "x"), ==, "a");
	entry = talk_entry(&talk, &message);
	g_assert_nonnull(entry);
	g_assert_cmpstr(entry->inbox, ==, "sales@example.com");
	close_talk(&talk);
}

/* What cannot be read refuses nobody for good, and takes nothing in. */
static void
test_unknown(void)
{
	struct talk talk;
	g_autofree char *told = NULL;
	g_autoptr(GError) error = NULL;

	open_talk(&talk);
	g_assert_true(file_replace(
	    talk.fixture.key_dir, "inboxes.json", "{", 1, 0644, &error));
	talk_mail(&talk, "<a@example.org>");
	g_assert_cmpstr(talk_rcpt(&talk, "<support@example.com>"), ==, "t");
	told = talk_told(&talk);
	g_assert_cmpstr(told, ==, "reply 451 4.3.0\n");
	/* Nobody of ours: nothing is asked. */
	g_assert_cmpstr(talk_rcpt(&talk, "<colleague@example.com>"), ==, "c");
	close_talk(&talk);
}

/* To one that teaches writes whoever is logged in, and nobody else: not from a
 * network of ours either. */
static void
test_login(void)
{
	static const struct {
		const char *login, *recipient, *want;
	} logins[] = {
		{ NULL, "<spam@example.com>", "r" },
		{ "", "<spam@example.com>", "r" },
		{ NULL, "<ham@example.com>", "r" },
		{ "ann", "<spam@example.com>", "c" },
		{ "ann", "<ham@example.com>", "c" },
		{ NULL, "<support@example.com>", "c" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(logins); i++) {
		struct talk talk;
		g_autofree char *told = NULL;

		g_test_message("%s by %s", logins[i].recipient,
		    logins[i].login != NULL ? logins[i].login : "nobody");
		talk_init(&talk,
		    "own-networks = { \"192.0.2.0/24\" }\n"
		    "inbox \"spam@example.com\" { mode = teach-spam }\n"
		    "inbox \"ham@example.com\" { mode = teach-ham }\n"
		    "inbox \"support@example.com\" { }");
		talk.authenticated = logins[i].login;
		talk_mail(&talk, "<a@example.org>");
		g_assert_cmpstr(
		    talk_rcpt(&talk, logins[i].recipient), ==, logins[i].want);
		told = talk_told(&talk);
		g_assert_cmpstr(told, ==,
		    logins[i].want[0] == 'r' ? "reply 550 5.7.1\n" : "");
		talk_fini(&talk);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/milter/closed/states", test_states);
	g_test_add_func("/milter/closed/others", test_others);
	g_test_add_func("/milter/closed/unknown", test_unknown);
	g_test_add_func("/milter/closed/login", test_login);
	return g_test_run();
}
