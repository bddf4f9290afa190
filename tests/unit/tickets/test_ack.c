/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/ack.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/owned.h"
#include "tickets/options.h"

static const struct conf_option *const none[] = { NULL };
static const struct conf_option *const inbox_tables[] = { tickets_inbox_options,
	NULL };
static const struct conf_kind kinds[] = {
	{ "", NULL, "", none },
	{ "inbox", "a@example.com", "", inbox_tables },
	{ NULL },
};

static struct conf *
settings(const char *inside)
{
	g_autofree char *text =
	    g_strdup_printf("inbox \"support@example.com\" { %s }\n", inside);

	return conf_parse("test.conf", text, kinds);
}

struct letter {
	struct entry *entry;
	struct ticket *ticket;
};

/* One that is acknowledged. */
static struct letter
good_letter(void)
{
	struct letter letter = { entry_new(), ticket_new() };

	letter.entry->inbox = g_strdup("support@example.com");
	letter.entry->envelope = envelope_new();
	g_free(letter.entry->envelope->sender);
	letter.entry->envelope->sender = g_strdup("a@example.org");
	letter.entry->verdict.class = VERDICT_HAM;
	return letter;
}

static void
letter_clear(struct letter *letter)
{
	entry_free(&letter->entry);
	ticket_free(&letter->ticket);
}

static void
spoil(struct letter *letter, guint how)
{
	switch (how) {
	case 0:
		letter->ticket->automatic = TRUE;
		break;
	case 1:
		letter->ticket->origin.kind = TICKET_ABSENCE;
		break;
	case 2:
		letter->ticket->origin.loop = g_strdup("");
		break;
	case 3:
		letter->entry->verdict.class = VERDICT_UNSURE;
		break;
	case 4:
		letter->ticket->spam = TRUE;
		break;
	case 5:
		letter->ticket->unread = TRUE;
		break;
	case 6:
		letter->ticket->origin.auth = ORIGIN_FAILED;
		break;
	case 7:
		g_free(letter->entry->envelope->sender);
		letter->entry->envelope->sender = g_strdup("");
		break;
	case 8:
		letter->entry->imported = TRUE;
		break;
	default:
		g_free(letter->entry->envelope->sender);
		letter->entry->envelope->sender =
		    g_strdup("support+x@example.com");
		break;
	}
}

static void
test_refusal(void)
{
	static const char *const wants[] = { "automatic", "automatic", "loop",
		"not ham", "not ham", "unread", "forged", "no sender",
		"imported", "ourselves" };
	struct conf *on OWNED(conf_free) = settings("acknowledge = yes");
	struct conf *off OWNED(conf_free) = settings("");
	struct letter letter = good_letter();

	g_assert_null(
	    ack_refusal(conf_at(on, "inbox", 0), letter.entry, letter.ticket));
	g_assert_cmpstr(
	    ack_refusal(conf_at(off, "inbox", 0), letter.entry, letter.ticket),
	    ==, "off");
	g_assert_cmpstr(
	    ack_refusal(NULL, letter.entry, letter.ticket), ==, "off");
	letter_clear(&letter);
	for (guint i = 0; i < G_N_ELEMENTS(wants); i++) {
		letter = good_letter();
		spoil(&letter, i);
		g_test_message("%s", wants[i]);
		g_assert_cmpstr(ack_refusal(conf_at(on, "inbox", 0),
				    letter.entry, letter.ticket),
		    ==, wants[i]);
		letter_clear(&letter);
	}
}

static const struct ack_words words = { "ABC-1", "My {ticket}",
	"support@example.com", "Anna" };

static void
test_fill(void)
{
	static const struct {
		const char *template, *want;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "{name}: {ticket}, {ticket}", "Anna: ABC-1, ABC-1" },
		{ "{inbox}{nothing} {", "support@example.com{nothing} {" },
		/* What the sender wrote is not a template. */
		{ "Re: {subject}", "Re: My {ticket}" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = ack_fill(cases[i].template, &words);

		g_assert_cmpstr(got, ==, cases[i].want);
	}
}

static void
test_text(void)
{
	g_autofree char *folder = g_dir_make_tmp("dg.XXXXXX", NULL);
	g_autofree char *text = g_build_filename(folder, "text", NULL);
	g_autofree char *inside =
	    g_strdup_printf("ack-text-file = \"%s\"", text);
	struct conf *plain OWNED(conf_free) = settings("");
	struct conf *files OWNED(conf_free) = settings(inside);
	g_autofree char *usual =
	    ack_text(conf_at(plain, "inbox", 0), &words, NULL, NULL);
	g_autofree char *own = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(strstr(usual, "number is ABC-1"));
	g_assert_null(
	    ack_text(conf_at(files, "inbox", 0), &words, NULL, &error));
	g_assert_nonnull(strstr(error->message, "ack-text-file"));
	g_assert_true(g_file_set_contents(text, "Nr. {ticket}\n", -1, NULL));
	own = ack_text(
	    conf_at(files, "inbox", 0), &words, "Privacy {ticket}\n", NULL);
	g_assert_cmpstr(own, ==, "Nr. ABC-1\n\n-- \nPrivacy {ticket}\n");
	g_assert_cmpint(unlink(text) | rmdir(folder), ==, 0);
}

static void
check_notice(const char *inside, const char *want, const char *want_version)
{
	struct conf *conf OWNED(conf_free) = settings(inside);
	g_autofree char *text = NULL;
	g_autofree char *version = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    ack_notice(conf_at(conf, "inbox", 0), &text, &version, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(text, ==, want);
	g_assert_cmpstr(version, ==, want_version);
}

/* Another text is another version, unless it is called the same. */
static void
test_notice(void)
{
	g_autofree char *folder = g_dir_make_tmp("dg.XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "notice", NULL);
	g_autofree char *file =
	    g_strdup_printf("ack-notice-file = \"%s\"", path);
	g_autofree char *named =
	    g_strdup_printf("%s ack-notice-version = \"2026-11\"", file);
	struct conf *conf OWNED(conf_free) = settings(file);
	char *text = NULL, *version = NULL;
	g_autoptr(GError) error = NULL;

	check_notice("", NULL, NULL);
	g_assert_false(
	    ack_notice(conf_at(conf, "inbox", 0), &text, &version, &error));
	g_assert_nonnull(strstr(error->message, "ack-notice-file"));
	g_assert_true(g_file_set_contents(path, "Privacy.\n", -1, NULL));
	check_notice(file, "Privacy.\n", "6dfea24acd14");
	check_notice(named, "Privacy.\n", "2026-11");
	g_assert_true(g_file_set_contents(path, "Privacy!\n", -1, NULL));
	check_notice(file, "Privacy!\n", "70e5f2132a34");
	g_assert_cmpint(unlink(path) | rmdir(folder), ==, 0);
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/ack/refusal", test_refusal);
	g_test_add_func("/ack/fill", test_fill);
	g_test_add_func("/ack/text", test_text);
	g_test_add_func("/ack/notice", test_notice);
	return g_test_run();
}
