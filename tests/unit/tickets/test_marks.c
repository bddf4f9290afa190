/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/marks.h"

#include <string.h>

#include "lib/base/owned.h"

static struct ticket *
read_marks(const char *fields, gboolean trusted)
{
	g_autofree char *text =
	    g_strdup_printf("%sFrom: a@example.org\n\nHello\n", fields);
	struct message *message OWNED(message_free) = message_parse(
	    (const guint8 *)text, strlen(text), &message_limits_default, NULL);
	struct ticket *ticket = ticket_new();

	marks_read(message, trusted, ticket);
	return ticket;
}

static void
test_priority(void)
{
	static const struct {
		const char *fields;
		gboolean trusted;
		const char *want;
	} cases[] = {
		{ "", FALSE, NULL },
		{ "X-Priority: 1\n", FALSE, "high" },
		{ "X-Priority: 1 (Highest)\n", FALSE, "high" },
		{ "X-Priority: 2 (High)\n", FALSE, "high" },
		{ "X-Priority: 3 (Normal)\n", FALSE, NULL },
		{ "X-Priority: 5\n", FALSE, "low" },
		{ "X-Priority: 15\n", FALSE, NULL },
		{ "Importance: high\n", FALSE, "high" },
		{ "Importance: Low\n", FALSE, "low" },
		{ "Importance: highest\n", FALSE, NULL },
		{ "X-MSMail-Priority: High\n", FALSE, "high" },
		{ "X-Priority: 3\nImportance: high\n", FALSE, "high" },
		{ "X-Deskgate-Priority: urgent\n", FALSE, NULL },
		{ "X-Deskgate-Priority: urgent\n", TRUE, "urgent" },
		{ "X-Deskgate-Priority:  Urgent \nX-Priority: 5\n", TRUE,
		    "urgent" },
		{ "X-Deskgate-Priority: at once\nX-Priority: 5\n", TRUE,
		    "low" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ticket *ticket OWNED(ticket_free) =
		    read_marks(cases[i].fields, cases[i].trusted);

		g_test_message("%s", cases[i].fields);
		g_assert_cmpstr(ticket->priority, ==, cases[i].want);
	}
}

static void
test_control(void)
{
	static const char fields[] = "X-Deskgate-Tags: vip, , b\xc3\xbcro,vip\n"
				     "X-Deskgate-Department: Sales\n";
	struct ticket *stranger OWNED(ticket_free) = read_marks(fields, FALSE);
	struct ticket *friend OWNED(ticket_free) = read_marks(fields, TRUE);

	g_assert_cmpuint(stranger->tags->len, ==, 0);
	g_assert_null(stranger->department);
	g_assert_cmpuint(friend->tags->len, ==, 2);
	g_assert_cmpstr(friend->tags->pdata[0], ==, "vip");
	g_assert_cmpstr(friend->tags->pdata[1], ==, "büro");
	g_assert_cmpstr(friend->department, ==, "Sales");
	g_assert_true(marks_make_sense(friend, TRUE));
	g_assert_false(marks_make_sense(friend, FALSE));
	g_assert_true(marks_make_sense(stranger, FALSE));
}

static void
test_many_tags(void)
{
	GString *fields = g_string_new("X-Deskgate-Tags: ");
	struct ticket *ticket OWNED(ticket_free) = NULL;

	for (guint i = 0; i < 200; i++)
		g_string_append_printf(fields, "tag%u,", i);
	g_string_append_c(fields, '\n');
	ticket = read_marks(fields->str, TRUE);
	g_assert_cmpuint(ticket->tags->len, ==, MARK_TAGS);
	g_assert_cmpstr(ticket->tags->pdata[19], ==, "tag19");
	g_assert_true(marks_make_sense(ticket, TRUE));
	g_string_free(fields, TRUE);
}

/* What only a reader that mail has taken over answers. */
static void
test_make_sense(void)
{
	struct ticket *ticket OWNED(ticket_free) = ticket_new();

	g_assert_true(marks_make_sense(ticket, FALSE));
	ticket->priority = g_strdup("very");
	g_assert_false(marks_make_sense(ticket, TRUE));
	g_clear_pointer(&ticket->priority, g_free);
	ticket->status = g_strdup("closed");
	g_assert_false(marks_make_sense(ticket, TRUE));
	g_clear_pointer(&ticket->status, g_free);
	g_ptr_array_add(ticket->tags, g_strdup("two\nlines"));
	g_assert_false(marks_make_sense(ticket, TRUE));
}

static void
test_trust(void)
{
	struct envelope *envelope OWNED(envelope_free) = envelope_new();

	g_assert_false(marks_trusted(envelope));
	envelope->own_network = TRUE;
	g_assert_true(marks_trusted(envelope));
	envelope->own_network = FALSE;
	envelope->authenticated = g_strdup("alice");
	g_assert_true(marks_trusted(envelope));
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/marks/priority", test_priority);
	g_test_add_func("/marks/control", test_control);
	g_test_add_func("/marks/many-tags", test_many_tags);
	g_test_add_func("/marks/make-sense", test_make_sense);
	g_test_add_func("/marks/trust", test_trust);
	return g_test_run();
}
