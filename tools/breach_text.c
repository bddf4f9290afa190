/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drafts of what is told of a breach: to the authority what Article 33(3) asks
 * for, to the people what Article 34(2) does, in plain words.
 */
#include "tools/breach.h"

#include <inttypes.h>
#include <string.h>

static const char *
text(const json_t *object, const char *name, const char *gap)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value != NULL ? value : gap;
}

static gint64
number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* Each kind once, though several holders have it; of `people` alone what stands
 * of them by name. */
static void
add_kinds(GString *out, const json_t *breach, gboolean people)
{
	g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
	const json_t *holder, *kind;
	size_t i, k;

	json_array_foreach(json_object_get(breach, "holders"), i, holder)
	{
		if (people && number(holder, "people") == 0)
			continue;
		json_array_foreach(json_object_get(holder, "kinds"), k, kind)
		{
			const char *word = json_string_value(kind);

			if (g_hash_table_add(told, (gpointer)word))
				g_string_append_printf(out, "  - %s\n", word);
		}
	}
}

static void
add_holders(GString *out, const json_t *breach)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(breach, "holders"), i, one)
	{
		if (number(one, "people") > 0)
			g_string_append_printf(out,
			    "  - %s: %" PRId64 " people, %" PRId64 " records\n",
			    text(one, "holder", ""), number(one, "people"),
			    number(one, "records"));
	}
}

char *
breach_for_authority(const json_t *breach)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out,
	    "To: %s\nNotification of a personal data breach (GDPR Article "
	    "33)\n\n"
	    "Controller: %s\nContact for more information: %s\n"
	    "It became known at %s; to be notified until %s. [If later: the "
	    "reasons for the delay.]\n\n"
	    "(a) Nature of the breach\n"
	    "Between %s and %s somebody could read [what, and by which way].\n"
	    "Affected are about %" PRId64 " people: who wrote to "
	    "the support desk.\n",
	    text(breach, "authority", "[supervisory authority]"),
	    text(breach, "controller", "[controller]"),
	    text(breach, "protection_officer", "[name and contact]"),
	    text(breach, "known", ""), text(breach, "due", ""),
	    text(breach, "since", ""), text(breach, "until", ""),
	    number(breach, "count"));
	add_holders(out, breach);
	if (number(breach, "erased_since") > 0)
		g_string_append_printf(out,
		    "%" PRId64 " of those whose data lay there were "
		    "erased since and cannot be named.\n",
		    number(breach, "erased_since"));
	if (number(breach, "inboxes_erased_since") > 0)
		g_string_append_printf(out,
		    "%" PRId64 " inboxes with all who wrote to them "
		    "were erased since.\n",
		    number(breach, "inboxes_erased_since"));
	g_string_append(out,
	    "What went since because its time was over is not counted.\n"
	    "Kinds of data:\n");
	add_kinds(out, breach, FALSE);
	g_string_append(out,
	    "\n(b) Contact: as above.\n\n"
	    "(c) Likely consequences\n[Which.] Mail is kept sealed; where the "
	    "keys were not read too, its content was not readable.\n\n"
	    "(d) Measures taken or proposed\n[Which.]\n");
	return g_string_free(out, FALSE);
}

char *
breach_for_people(const json_t *breach)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out,
	    "Subject: Somebody else may have read what you wrote to us\n\n"
	    "Between %s and %s somebody could read data that we keep of you "
	    "because you wrote to our support desk. [What happened.]\n\n"
	    "It is about:\n",
	    text(breach, "since", ""), text(breach, "until", ""));
	add_kinds(out, breach, TRUE);
	g_string_append_printf(out,
	    "\nWhat this can mean for you: [likely consequences].\n"
	    "What we have done and do: [measures].\n"
	    "What you can do: [advice, such as changing a password that you "
	    "wrote to us].\n\n"
	    "Ask us: %s\nYou can complain to: %s\n\n%s\n",
	    text(breach, "protection_officer", "[name and contact]"),
	    text(breach, "authority", "[supervisory authority]"),
	    text(breach, "controller", "[controller]"));
	return g_string_free(out, FALSE);
}

/* In quotes; what a spreadsheet would take for a formula gets a "'" before it.
 */
static void
add_cell(GString *out, const char *cell)
{
	g_string_append_c(out, '"');
	if (cell[0] != '\0' && strchr("=+-@\t\r", cell[0]) != NULL)
		g_string_append_c(out, '\'');
	for (; *cell != '\0'; cell++) {
		if (*cell == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *cell);
	}
	g_string_append_c(out, '"');
}

char *
breach_table(const json_t *breach)
{
	GString *out =
	    g_string_new("\"address\",\"records\",\"first\",\"last\"\r\n");
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(breach, "people"), i, one)
	{
		add_cell(out, text(one, "address", ""));
		g_string_append_printf(
		    out, ",%" PRId64 ",", number(one, "records"));
		add_cell(out, text(one, "first", ""));
		g_string_append_c(out, ',');
		add_cell(out, text(one, "last", ""));
		g_string_append(out, "\r\n");
	}
	return g_string_free(out, FALSE);
}
