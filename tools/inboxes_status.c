/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the lives of inboxes stand.
 */
#include "lib/base/clock.h"
#include "tools/inboxes.h"
#include "tools/inboxes_private.h"

static void
put_time(json_t *object, const char *name, gint64 time)
{
	g_autofree char *text = clock_text(time);

	json_object_set_new(object, name, json_string(text));
}

static json_t *
next_json(const struct life *life, const struct life_plan *plan)
{
	struct life_step step;
	json_t *next, *then;

	if (!life_next(life, plan, &step))
		return NULL;
	next = json_pack("{s:s, s:b}", "to", life_word(step.to), "announced",
	    life->told_when != 0 && life->told.to == step.to);
	if (life_waits(life, plan, clock_wall(&clock_system)))
		json_object_set_new(next, "waits", json_true());
	put_time(next, "at", step.at);
	if (!life_then(life, plan, &step))
		return next;
	then = json_pack("{s:s}", "to", life_word(step.to));
	put_time(then, "at", step.at);
	json_object_set_new(next, "then", then);
	return next;
}

static json_t *
status_of(struct keeper *keeper, const char *inbox, const struct life *life)
{
	json_t *status = json_pack(
	    "{s:s, s:s}", "inbox", inbox, "state", life_word(life->state));
	struct life_plan plan;
	json_t *next;

	inboxes_plan(keeper, inbox, &plan);
	next = next_json(life, &plan);
	if (life->since != 0)
		put_time(status, "since", life->since);
	if (life->state == LIFE_SUSPENDED)
		json_object_set_new(status, "answer",
		    json_string(life_answer_word(life->answer)));
	if (life->reason[0] != '\0')
		json_object_set_new(
		    status, "reason", json_string(life->reason));
	if (life->request != 0)
		json_object_set_new(
		    status, "request", json_integer((json_int_t)life->request));
	if (next != NULL)
		json_object_set_new(status, "next", next);
	if (conf_find(keeper->conf, "inbox", inbox) == NULL)
		json_object_set_new(status, "left", json_true());
	return status;
}

static void
add_load(struct keeper *keeper, const char *inbox, json_t *status)
{
	guint waiting, aside;

	if (!deliver_inbox_load(keeper->deliver, inbox, &waiting, &aside, NULL))
		return;
	json_object_set_new(status, "waiting", json_integer(waiting));
	json_object_set_new(status, "aside", json_integer(aside));
}

json_t *
inboxes_status(struct keeper *keeper, const char *inbox, GError **error)
{
	g_autoptr(GPtrArray) names = NULL;
	json_t *list;

	if (inbox != NULL && !inboxes_known(keeper, inbox, error))
		return NULL;
	names = inboxes_names(keeper, error);
	if (names == NULL)
		return NULL;
	list = json_array();
	for (guint i = 0; i < names->len; i++) {
		const char *name = names->pdata[i];
		struct life life;

		if (inbox != NULL && g_ascii_strcasecmp(name, inbox) != 0)
			continue;
		if (!lives_get(keeper->lives, name, &life, error)) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, status_of(keeper, name, &life));
		if (inbox != NULL)
			add_load(keeper, name, json_array_get(list, 0));
	}
	return list;
}

json_t *
inboxes_count(struct keeper *keeper, GError **error)
{
	json_t *all = inboxes_status(keeper, NULL, error), *one;
	json_t *counts = all == NULL ? NULL : json_object();
	gint64 counted[LIFE_STATES] = { 0 }, announced = 0;
	enum life_state state;
	size_t i;

	json_array_foreach(all, i, one)
	{
		const json_t *next = json_object_get(one, "next");

		if (life_parse(json_string_value(json_object_get(one, "state")),
			&state))
			counted[state]++;
		announced += json_is_true(json_object_get(next, "announced"));
	}
	for (guint s = 0; counts != NULL && s < LIFE_STATES; s++)
		json_object_set_new(
		    counts, life_word(s), json_integer(counted[s]));
	if (counts != NULL)
		json_object_set_new(
		    counts, "announced", json_integer(announced));
	json_decref(all);
	return counts;
}
