/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate untrain --id, --person and --by.  Exit codes as with files: 0 when
 * each word had lessons that were taken back, 65 when one had none or was none.
 */
#include <sysexits.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tools/ask.h"
#include "tools/cmd.h"

static void
show_taken(const struct cmd_context *context, const char *member,
    const char *word, const json_t *answer)
{
	json_int_t taken = json_integer_value(json_object_get(answer, "taken"));

	if (context->json)
		cmd_json_line(json_pack("{s:s, s:s, s:I}", member, word,
		    "outcome", cmd_member(answer, "word"), "taken", taken));
	else
		cmd_print("%s: %d %s\n", word, (int)taken,
		    cmd_member(answer, "word"));
}

static void
show_fault(const struct cmd_context *context, const char *member,
    const char *word, const GError *fault)
{
	if (context->json)
		cmd_json_line(json_pack("{s:s, s:s, s:s}", member, word,
		    "error", err_word(fault), "text", fault->message));
	else
		cmd_complain("%s: %s", word, fault->message);
}

/* The answer, with all that was taken; NULL with the error. */
static json_t *
take_back(struct ask *ask, const char *member, const char *word, GError **error)
{
	json_int_t taken = 0;
	gboolean more = TRUE;
	json_t *answer = NULL;

	while (more) {
		json_decref(answer);
		answer = ask_call(ask,
		    json_pack("{s:s, s:s}", "verb", "untrain", member, word),
		    -1, NULL, error);
		if (answer == NULL)
			return NULL;
		taken += json_integer_value(json_object_get(answer, "taken"));
		more = json_is_true(json_object_get(answer, "more"));
	}
	json_object_set_new(answer, "taken", json_integer(taken));
	return answer;
}

int
cmd_untrain_named(struct cmd_context *context, const char *member, char **words)
{
	struct conf *conf OWNED(conf_free) = NULL;
	struct ask *ask OWNED(ask_close) = NULL;
	g_autoptr(GError) error = NULL;
	int code = EX_OK;

	for (char **word = words; *word != NULL; word++) {
		if (!g_utf8_validate(*word, -1, NULL))
			return cmd_usage(context, "that is no UTF-8");
	}
	code = cmd_settings(context, &conf);
	if (code != EX_OK)
		return code;
	ask = ask_open(conf, &error);
	if (ask == NULL)
		return cmd_fail(error);
	for (; *words != NULL; words++) {
		g_autoptr(GError) fault = NULL;
		json_t *answer = take_back(ask, member, *words, &fault);

		if (answer != NULL) {
			show_taken(context, member, *words, answer);
			json_decref(answer);
		} else if (ask_lost(ask)) {
			return cmd_fail(fault);
		} else {
			show_fault(context, member, *words, fault);
			code = EX_DATAERR;
		}
	}
	return code;
}
