/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate check --deep: step by step, through the keeper or as it. */
#include "tools/cmd_check_deep.h"

#include <sysexits.h>

#include "lib/base/owned.h"
#include "tools/ask.h"

static void
show(const json_t *step)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(step, "found"), i, one) cmd_print(
	    "%s: %s\n",
	    json_is_true(json_object_get(one, "mended")) ? "mended" : "FOUND",
	    cmd_member(one, "text"));
	if (json_array_size(json_object_get(step, "found")) == 0)
		cmd_print("%s: nothing is wrong (%d)\n",
		    cmd_member(step, "name"),
		    (int)json_integer_value(json_object_get(step, "looked")));
}

/* Counts what is left to do. */
static void
count(struct check_deep *deep, const json_t *step)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(step, "found"), i, one)
	{
		if (json_is_true(json_object_get(one, "mended")))
			deep->mended++;
		else
			deep->left++;
	}
}

/* One step; NULL with the error. */
static json_t *
make(struct ask *ask, guint step, gboolean mend, GError **error)
{
	json_t *answer = ask_job(ask,
	    json_pack("{s:s, s:i, s:b}", "verb", "check-deep", "step",
		(int)step, "mend", mend),
	    json_pack("{s:s}", "verb", "check-deep-status"), error);

	if (answer != NULL)
		json_object_del(answer, "busy");
	return answer;
}

int
check_deep(struct check_deep *deep, const struct conf *conf)
{
	g_autoptr(GError) error = NULL;
	struct ask *ask OWNED(ask_close) = deep->mend
					       ? ask_open_mending(conf, &error)
					       : ask_open(conf, &error);
	guint steps = 1;

	deep->steps = json_array();
	for (guint i = 0; ask != NULL && i < steps; i++) {
		json_t *step;

		cmd_progress_of(deep->context, i, steps > 1 ? steps : 0);
		step = make(ask, i, deep->mend, &error);
		cmd_progress_of(deep->context, 0, 0);
		if (step == NULL)
			return cmd_fail(error);
		steps =
		    (guint)json_integer_value(json_object_get(step, "steps"));
		if (!deep->context->json)
			show(step);
		count(deep, step);
		json_array_append_new(deep->steps, step);
	}
	if (ask == NULL)
		return cmd_fail(error);
	if (!deep->context->json && deep->left > 0 && !deep->mend)
		cmd_print("%u found: \"deskgate check --deep --mend\" mends "
			  "what can be mended\n",
		    deep->left);
	return deep->left > 0 ? EX_DATAERR : EX_OK;
}
