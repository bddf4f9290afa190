/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks, what has changed between them, and what is shown of it. */
#include "tools/top_private.h"

#include <math.h>

#include "lib/base/exposition.h"
#include "lib/mail/verdict.h"

#define STATE_OF "state"
#define SECONDS_A_MINUTE 60

static const char *const spool_words[] = { "new", "busy", "wait", "held",
	"dead" };
static const char *const answer_words[] = { "accept", "reject", "later" };

/* --- reading --- */

static double
sum(const json_t *page, const char *name, const char *label, const char *value)
{
	return exposition_sum(page, name, label, value);
}

/* The first sample with both labels. */
static double
labelled(const json_t *page, const char *name, const char *class)
{
	const json_t *family, *sample;
	size_t i, j;

	json_array_foreach(page, i, family)
	{
		const char *own =
		    json_string_value(json_object_get(family, "name"));

		if (g_strcmp0(own, name) != 0)
			continue;
		json_array_foreach(
		    json_object_get(family, "samples"), j, sample)
		{
			const json_t *labels =
			    json_object_get(sample, "labels");

			if (g_strcmp0(json_string_value(
					  json_object_get(labels, "model")),
				"installation") == 0 &&
			    g_strcmp0(json_string_value(
					  json_object_get(labels, "class")),
				class) == 0)
				return json_number_value(
				    json_object_get(sample, "value"));
		}
	}
	return 0;
}

static void
read_spool(const json_t *page, struct top_sample *sample)
{
	for (guint i = 0; i < TOP_SPOOL; i++) {
		sample->spool[i] = sum(
		    page, "deskgate_spool_entries", "state", spool_words[i]);
		if (i <= TOP_WAIT)
			sample->oldest = MAX(sample->oldest,
			    sum(page, "deskgate_spool_oldest_seconds", "state",
				spool_words[i]));
	}
}

static void
read_disk(const json_t *page, struct top_sample *sample)
{
	double size =
	    sum(page, "deskgate_filesystem_size_bytes", "folder", STATE_OF);
	double left =
	    sum(page, "deskgate_filesystem_free_bytes", "folder", STATE_OF);

	sample->disk = size > 0 ? 1 - left / size : 0;
}

void
top_read(const json_t *page, gint64 at, struct top_sample *sample_r)
{
	static const char *const programs[] = { "deliver", "milter" };

	*sample_r = (struct top_sample){ .at = at };
	for (guint i = 0; i < G_N_ELEMENTS(sample_r->verdicts); i++) {
		sample_r->verdicts[i] = sum(page, "deskgate_messages_total",
		    "verdict", verdict_word(i));
		sample_r->answers[i] = sum(page,
		    "deskgate_milter_answers_total", "answer", answer_words[i]);
	}
	sample_r->made = sum(page, "deskgate_tickets_total", "how", "made");
	sample_r->joined = sum(page, "deskgate_tickets_total", "how", "joined");
	read_spool(page, sample_r);
	read_disk(page, sample_r);
	sample_r->labels[0] = labelled(page, "deskgate_model_lessons", "ham");
	sample_r->labels[1] = labelled(page, "deskgate_model_lessons", "spam");
	sample_r->active =
	    sum(page, "deskgate_model_active", "model", "installation") > 0;
	sample_r->stale = sum(page, "deskgate_backup_stale", NULL, NULL) > 0;
	sample_r->requests = sum(page, "deskgate_requests_open", NULL, NULL);
	sample_r->overdue = sum(page, "deskgate_requests_overdue", NULL, NULL);
	sample_r->damaged = sum(page, "deskgate_damaged_stores", NULL, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(programs); i++) {
		sample_r->started[i] = sum(page, "deskgate_start_time_seconds",
		    "program", programs[i]);
		sample_r->heard_of[i] = sum(page, "deskgate_alive_time_seconds",
		    "program", programs[i]);
	}
}

/* --- looks --- */

struct top *
top_new(void)
{
	struct top *top = g_new0(struct top, 1);

	top->looks = g_array_new(FALSE, FALSE, sizeof(struct top_sample));
	return top;
}

void
top_free(struct top **address)
{
	if (*address == NULL)
		return;
	g_array_unref((*address)->looks);
	json_decref((*address)->families);
	g_clear_pointer(address, g_free);
}

void
top_take(struct top *top, json_t *families, gint64 at)
{
	struct top_sample sample;

	top_read(families, at, &sample);
	json_decref(top->families);
	top->families = json_incref(families);
	if (top->looks->len == TOP_LOOKS)
		g_array_remove_index(top->looks, 0);
	g_array_append_val(top->looks, sample);
}

const struct top_sample *
top_look(const struct top *top, guint index)
{
	return &g_array_index(top->looks, struct top_sample, index);
}

/* What a counter has grown by; one that fell began anew. */
static double
grown(double before, double now)
{
	return now >= before ? now - before : now;
}

static double
minutes(const struct top_sample *before, const struct top_sample *now)
{
	double usec = (double)(now->at - before->at);

	return usec > 0 ? usec / G_USEC_PER_SEC / SECONDS_A_MINUTE : NAN;
}

/* Messages of a class a minute, between a look and the one before. */
double
top_verdict_rate(const struct top *top, guint index, guint class)
{
	const struct top_sample *now = top_look(top, index), *before;

	if (index == 0)
		return NAN;
	before = top_look(top, index - 1);
	return grown(before->verdicts[class], now->verdicts[class]) /
	       minutes(before, now);
}

double
top_message_rate(const struct top *top, guint index)
{
	return top_verdict_rate(top, index, VERDICT_HAM) +
	       top_verdict_rate(top, index, VERDICT_UNSURE) +
	       top_verdict_rate(top, index, VERDICT_SPAM);
}

double
top_ticket_rate(const struct top *top, guint index)
{
	const struct top_sample *now = top_look(top, index), *before;

	if (index == 0)
		return NAN;
	before = top_look(top, index - 1);
	return (grown(before->made, now->made) +
		   grown(before->joined, now->joined)) /
	       minutes(before, now);
}

double
top_on_its_way(const struct top *top, guint index)
{
	const struct top_sample *sample = top_look(top, index);

	return sample->spool[TOP_NEW] + sample->spool[TOP_BUSY] +
	       sample->spool[TOP_WAIT];
}
