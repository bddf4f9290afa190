/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/setup_probe.h"

#include <string.h>

#include "lib/base/err.h"
#include "milter/terms.h"
#include "tests/unit/base/folder.h"

#define TOKEN "0123456789abcdef0123456789abcdef"

static void
finding_free(gpointer pointer)
{
	struct setup_finding *finding = pointer;

	g_free(finding->text);
	g_free(finding);
}

/* The message without the lines that hold one of the words, "|" between. */
static char *
without(const char *message, const char *words)
{
	g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
	g_auto(GStrv) list = g_strsplit(words, "|", -1);
	g_autoptr(GString) rest = g_string_new(NULL);

	for (char **line = lines; *line != NULL; line++) {
		gboolean has = FALSE;

		for (char **word = list; *word != NULL; word++)
			has |= strstr(*line, *word) != NULL;
		if (!has)
			g_string_append_printf(rest, "%s\n", *line);
	}
	return g_string_free(g_steal_pointer(&rest), FALSE);
}

/* What is taken out on the way, and what is seen. */
static void
test_judge(void)
{
	static const struct {
		const char *name, *id;
		gboolean strip;
		const char *gone;  /* words of lines that are taken out */
		const char *added; /* on top */
		enum setup_finding_kind kinds[3];
		guint count;
	} cases[] = {
		{ "as it should be", "mx.example.net", TRUE,
		    "probe-verdict|probe-top|probe-other|probe-below",
		    "X-Deskgate-Verdict: unsure\n", { SETUP_GOOD, SETUP_GOOD },
		    2 },
		{ "nobody checks mail", NULL, TRUE, "probe-verdict",
		    "X-Deskgate-Verdict: ham\n", { SETUP_GOOD, SETUP_NOTE },
		    2 },
		{ "they may stay", "mx.example.net", FALSE,
		    "probe-verdict|probe-top", "X-Deskgate-Verdict: ham\n",
		    { SETUP_GOOD, SETUP_NOTE }, 2 },
		{ "past the milter", NULL, TRUE, "nothing", "",
		    { SETUP_BAD, SETUP_NOTE }, 2 },
		{ "no verdict", NULL, TRUE, "probe-verdict", "",
		    { SETUP_BAD, SETUP_NOTE }, 2 },
		{ "another's results", "mx.example.net", TRUE,
		    "probe-verdict|probe-top|probe-below",
		    "X-Deskgate-Verdict: ham\n", { SETUP_GOOD, SETUP_BAD }, 2 },
		{ "ours from below", "mx.example.net", TRUE,
		    "probe-verdict|probe-top|probe-other",
		    "X-Deskgate-Verdict: ham\n", { SETUP_GOOD, SETUP_BAD }, 2 },
		{ "ours on top", "mx.example.net", TRUE,
		    "probe-verdict|probe-other|probe-below",
		    "X-Deskgate-Verdict: ham\n",
		    { SETUP_GOOD, SETUP_GOOD, SETUP_BAD }, 3 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct setup_probe probe = { .authserv_id = cases[i].id,
			.strip_results = cases[i].strip };
		g_autofree char *sent = setup_probe_message(&probe, TOKEN);
		g_autofree char *left = without(sent, cases[i].gone);
		g_autofree char *back = g_strconcat(cases[i].added, left, NULL);
		g_autoptr(GPtrArray) findings =
		    g_ptr_array_new_with_free_func(finding_free);

		g_test_message("%s", cases[i].name);
		setup_probe_judge(&probe, back, findings);
		g_assert_cmpuint(findings->len, ==, cases[i].count);
		for (guint j = 0; j < MIN(findings->len, cases[i].count); j++) {
			const struct setup_finding *one = findings->pdata[j];

			g_assert_cmpint(one->kind, ==, cases[i].kinds[j]);
		}
	}
}

/* Only who waits, by a token that is one, is handed anything. */
static void
test_hand_back(struct folder *folder, gconstpointer unused)
{
	static const char *const recipients[] = { NULL, "", "@",
		"../x@" TERMS_PROBE_DOMAIN, TOKEN "@" TERMS_PROBE_DOMAIN };
	g_autoptr(GBytes) message = g_bytes_new_static("hello", 5);
	g_autofree char *place =
	    g_build_filename(folder->path, "probe-" TOKEN, NULL);
	g_autofree char *text = NULL;

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(recipients); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(setup_probe_hand_back(
		    folder->path, recipients[i], message, &error));
		g_assert_true(err_is(error, DG_ERROR_NOTFOUND));
		g_assert_false(g_file_test(place, G_FILE_TEST_EXISTS));
	}
	g_assert_true(g_file_set_contents(place, "", 0, NULL));
	g_assert_true(setup_probe_hand_back(
	    folder->path, TOKEN "@" TERMS_PROBE_DOMAIN, message, NULL));
	g_assert_true(g_file_get_contents(place, &text, NULL, NULL));
	g_assert_cmpstr(text, ==, "hello");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/setup_probe/judge", test_judge);
	g_test_add("/setup_probe/hand back", struct folder, NULL, folder_init,
	    test_hand_back, folder_fini);
	return g_test_run();
}
