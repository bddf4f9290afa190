/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail by the second door.
 */
#include "milter/door.h"

#include <string.h>

#include "milter/path.h"

static void
set_action(struct door_result *result, enum policy_action action,
    enum entry_action *entry_r)
{
	result->action = action;
	*entry_r =
	    action == POLICY_QUARANTINE ? ENTRY_QUARANTINE : ENTRY_TICKET;
}

/* FALSE when it is not to be stored. */
static gboolean
decide(const struct door_mail *mail, struct door_result *result,
    enum entry_action *entry_r)
{
	const struct policy_case why = { .verdict = &result->verdict,
		.relayed = TRUE };
	struct policy_fate fate;

	policy_decide(&mail->inbox, 1, &why, &fate);
	result->verdict.class = fate.class;
	result->action = fate.action;
	*entry_r = fate.entry;
	if (fate.action == POLICY_TAG)
		set_action(result,
		    result->verdict.class == VERDICT_SPAM ? POLICY_QUARANTINE
							  : POLICY_MAKE_TICKET,
		    entry_r);
	return result->action != POLICY_DISCARD;
}

/* As the inbox's own model has it, if it has one. */
static void
judge(const struct door *door, const struct terms *terms,
    const struct door_mail *mail, struct verdict *verdict_r, GBytes **scored_r)
{
	const char *const models[] = { mail->inbox->model, NULL };
	struct verdict verdicts[G_N_ELEMENTS(models)];
	const struct judge_case of = { terms, mail->envelope, mail->letter->fd,
		terms->timeout, models };

	judge_message(&door->judge, &of, verdicts, scored_r);
	*verdict_r = verdicts[models[0] != NULL];
}

static gboolean
put(const struct door *door, const struct terms *terms,
    const struct door_mail *mail, struct door_result *result, GError **error)
{
	struct parcel parcel;
	struct handover_item item = {
		.inbox = mail->inbox->title,
		.recipient = mail->recipient,
		.verdict = &result->verdict,
	};
	gboolean done = TRUE;

	parcel_init(&parcel, mail->envelope, mail->letter);
	judge(door, terms, mail, &result->verdict, &parcel.scored);
	handover_key(&door->handover, &parcel, mail->inbox->title,
	    terms->window, &item.key);
	result->key = item.key;
	if (decide(mail, result, &item.action))
		done = handover_put(
		    &door->handover, &parcel, &item, &result->put, error);
	parcel_clear(&parcel);
	return done;
}

gboolean
door_take(const struct door *door, const struct terms *terms,
    const struct door_mail *mail, struct door_result *result_r, GError **error)
{
	if (!gauge_room(door->gauge, terms, error))
		return FALSE;
	return put(door, terms, mail, result_r, error);
}

/* The field at `at`: its end, folds included; `at` when there is none. */
static gsize
field_end(const char *data, gsize length, gsize at)
{
	while (at < length) {
		const char *line = memchr(data + at, '\n', length - at);

		at = line != NULL ? (gsize)(line - data) + 1 : length;
		if (at == length || (data[at] != ' ' && data[at] != '\t'))
			break;
	}
	return at;
}

/* The size of the name, with its colon, of a field that belongs to the delivery
 * and not to the message; 0 for any other. */
static gsize
trace_name(const char *data, gsize length)
{
	static const char *const names[] = {
		"Return-Path:", "Delivered-To:", "X-Original-To:"
	};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		gsize size = strlen(names[i]);

		if (length >= size &&
		    g_ascii_strncasecmp(data, names[i], size) == 0)
			return size;
	}
	return 0;
}

gsize
door_skip_trace(const char *data, gsize length, char **sender_r)
{
	gsize at = 0, size;

	*sender_r = NULL;
	if (length >= 5 && memcmp(data, "From ", 5) == 0)
		at = field_end(data, length, 0);
	while ((size = trace_name(data + at, length - at)) > 0) {
		gsize end = field_end(data, length, at);
		g_autofree char *value =
		    g_strndup(data + at + size, end - at - size);

		if (g_ascii_toupper(data[at]) == 'R' && *sender_r == NULL)
			*sender_r = path_address(value);
		at = end;
	}
	return at;
}
