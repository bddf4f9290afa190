/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is shown of the looks: a page, a line, JSON. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "lib/base/exposition.h"
#include "lib/base/translate.h"
#include "lib/mail/verdict.h"
#include "tools/chart.h"
#include "tools/top_private.h"

#define LABEL 13 /* columns of the names at the left */
#define FIGURES 30
#define BAR_MOST 40
#define DESKS_MOST 8
/* A milter that was not heard of for so long has ended or hangs. */
#define SILENT_SECONDS 60

struct page {
	const struct top *top;
	const struct top_sample *now;
	guint last;    /* number of the newest look */
	guint columns; /* for a chart */
	gboolean unicode;
	GString *text;
};

/* --- pieces --- */

/* "3d 4h", "12m 5s" */
static char *
duration(double seconds)
{
	guint64 all = seconds > 0 ? (guint64)seconds : 0;

	if (all >= 86400)
		return g_strdup_printf(
		    "%ud %uh", (guint)(all / 86400), (guint)(all / 3600 % 24));
	if (all >= 3600)
		return g_strdup_printf(
		    "%uh %um", (guint)(all / 3600), (guint)(all / 60 % 60));
	return all >= 60 ? g_strdup_printf(
			       "%um %us", (guint)(all / 60), (guint)(all % 60))
			 : g_strdup_printf("%us", (guint)all);
}

/* "  12.0 a minute"; a first look has nothing to go by. */
static char *
rate_text(double rate)
{
	return isnan(rate) ? g_strdup("")
			   : g_strdup_printf(translate("%.1f/min"), rate);
}

/* A text, and blanks up to so many characters: printf counts bytes. */
static void
add_cell(struct page *page, const char *text, glong width)
{
	glong blanks = MAX(1, width - g_utf8_strlen(text, -1));

	g_string_append_printf(page->text, "%s%*s", text, (int)blanks, "");
}

/* A name, figures, and a chart as wide as there is room. */
static void
add_row(
    struct page *page, const char *name, const char *figures, const char *chart)
{
	add_cell(page, name, LABEL);
	if (chart != NULL)
		add_cell(page, figures, FIGURES);
	g_string_append_printf(
	    page->text, "%s\n", chart != NULL ? chart : figures);
}

/* The newest looks, as many as there is room for. */
static char *
history(const struct page *page,
    double (*value)(const struct top *top, guint index))
{
	double values[TOP_LOOKS];
	guint n = MIN(page->last + 1, MIN(page->columns, TOP_LOOKS));

	for (guint i = 0; i < n; i++)
		values[i] = value(page->top, page->last + 1 - n + i);
	return chart_spark(values, n, page->unicode);
}

/* --- parts of the page --- */

static void
add_program(struct page *page, guint program, const char *name)
{
	double now = (double)page->now->at / G_USEC_PER_SEC;
	double heard = page->now->heard_of[program];
	g_autofree char *up = duration(now - page->now->started[program]);
	g_autofree char *ago = duration(now - heard);

	if (heard == 0)
		g_string_append_printf(
		    page->text, translate("   %s: no word"), name);
	else if (now - heard > SILENT_SECONDS)
		g_string_append_printf(
		    page->text, translate("   %s: SILENT for %s"), name, ago);
	else
		g_string_append_printf(
		    page->text, translate("   %s up %s"), name, up);
}

static void
add_title(struct page *page)
{
	g_autoptr(GDateTime) at =
	    g_date_time_new_from_unix_local(page->now->at / G_USEC_PER_SEC);
	g_autofree char *time = g_date_time_format(at, "%F %T");

	g_string_append_printf(page->text, "deskgate  %s", time);
	add_program(page, 0, "deliver");
	add_program(page, 1, "milter");
	g_string_append(page->text, "\n\n");
}

static void
add_messages(struct page *page)
{
	const double *verdicts = page->now->verdicts;
	double all = verdicts[0] + verdicts[1] + verdicts[2];
	g_autofree char *rate =
	    rate_text(top_message_rate(page->top, page->last));
	g_autofree char *figures = g_strdup_printf("%8.0f  %s", all, rate);
	g_autofree char *chart = history(page, top_message_rate);

	add_row(page, translate("messages"), figures, chart);
	for (guint i = 0; i < G_N_ELEMENTS(page->now->verdicts); i++) {
		g_autofree char *own_rate =
		    rate_text(top_verdict_rate(page->top, page->last, i));
		g_autofree char *own =
		    g_strdup_printf("%8.0f  %s", verdicts[i], own_rate);
		g_autofree char *name =
		    g_strdup_printf("  %s", verdict_word(i));
		g_autofree char *bar =
		    chart_bar(all > 0 ? verdicts[i] / all : 0,
			MIN(page->columns, BAR_MOST), page->unicode);

		add_row(page, name, own, bar);
	}
}

static void
add_tickets(struct page *page)
{
	g_autofree char *rate =
	    rate_text(top_ticket_rate(page->top, page->last));
	g_autofree char *figures = g_strdup_printf(
	    "%8.0f  %s", page->now->made + page->now->joined, rate);
	g_autofree char *chart = history(page, top_ticket_rate);
	g_autofree char *answers =
	    g_strdup_printf(translate("accept %.0f, reject %.0f, later %.0f"),
		page->now->answers[0], page->now->answers[1],
		page->now->answers[2]);

	add_row(page, translate("tickets"), figures, chart);
	add_row(page, translate("answers"), answers, NULL);
}

static void
add_spool(struct page *page)
{
	const double *spool = page->now->spool;
	g_autofree char *oldest = duration(page->now->oldest);
	double waiting = top_on_its_way(page->top, page->last);
	g_autofree char *figures =
	    page->now->oldest > 0
		? g_strdup_printf(
		      translate("%8.0f  oldest %s"), waiting, oldest)
		: g_strdup_printf("%8.0f", waiting);
	g_autofree char *rest = g_strdup_printf(
	    translate("new %.0f, busy %.0f, wait %.0f; held %.0f, dead %.0f"),
	    spool[TOP_NEW], spool[TOP_BUSY], spool[TOP_WAIT], spool[TOP_HELD],
	    spool[TOP_DEAD]);
	g_autofree char *chart = history(page, top_on_its_way);

	add_row(page, translate("on its way"), figures, chart);
	add_row(page, translate("spool"), rest, NULL);
}

/* Names are titles of the settings. */
static void
add_desks(struct page *page)
{
	const json_t *family, *sample;
	size_t i, j;

	json_array_foreach(page->top->families, i, family)
	{
		const char *name =
		    json_string_value(json_object_get(family, "name"));

		if (g_strcmp0(name, "deskgate_desk_faults") != 0)
			continue;
		json_array_foreach(
		    json_object_get(family, "samples"), j, sample)
		{
			const char *desk = json_string_value(json_object_get(
			    json_object_get(sample, "labels"), "desk"));
			double faults =
			    json_number_value(json_object_get(sample, "value"));
			double queued = exposition_sum(page->top->families,
			    "deskgate_desk_queue_entries", "desk", desk);
			g_autofree char *text = g_strdup_printf(
			    faults > 0
				? translate("%s: FAILS, %.0f in its queue")
				: translate("%s: %.0f in its queue"),
			    desk, queued);

			if (desk != NULL && j < DESKS_MOST)
				add_row(page, j == 0 ? translate("desks") : "",
				    text, NULL);
		}
	}
}

static void
add_rest(struct page *page)
{
	const struct top_sample *now = page->now;
	g_autofree char *model = g_strdup_printf(
	    now->active ? translate("judges; %.0f ham, %.0f spam")
			: translate("learns still; %.0f ham, %.0f spam"),
	    now->labels[0], now->labels[1]);
	g_autofree char *share = g_strdup_printf("%8.0f %%", 100 * now->disk);
	g_autofree char *bar =
	    chart_bar(now->disk, MIN(page->columns, BAR_MOST), page->unicode);
	g_autofree char *requests = g_strdup_printf(
	    translate("%.0f open, %.0f overdue"), now->requests, now->overdue);

	add_row(page, translate("model"), model, NULL);
	add_row(page, translate("disk"), share, bar);
	add_row(page, translate("requests"), requests, NULL);
	if (now->stale)
		add_row(page, translate("backup"),
		    translate("WANTED: none is new enough"), NULL);
	if (now->damaged > 0)
		add_row(page, translate("damaged"),
		    translate("see \"deskgate stats\""), NULL);
}

char *
top_page(const struct top *top, guint columns, gboolean unicode)
{
	struct page page = { .top = top,
		.unicode = unicode,
		.columns =
		    columns > LABEL + FIGURES ? columns - LABEL - FIGURES : 0,
		.text = g_string_new(NULL) };

	if (top->looks->len == 0)
		return g_string_free(page.text, FALSE);
	page.last = top->looks->len - 1;
	page.now = top_look(top, page.last);
	add_title(&page);
	add_messages(&page);
	add_tickets(&page);
	add_spool(&page);
	add_desks(&page);
	add_rest(&page);
	return g_string_free(page.text, FALSE);
}

/* --- a line --- */

const char *
top_head(void)
{
	return translate(
	    "time     messages  /min   ham unsure  spam tickets  /min "
	    "on-its-way held dead");
}

/* A rate of a first look is not known. */
static char *
short_rate(double rate)
{
	return isnan(rate) ? g_strdup("-") : g_strdup_printf("%.1f", rate);
}

char *
top_line(const struct top *top)
{
	guint last = top->looks->len - 1;
	const struct top_sample *now = top_look(top, last);
	g_autoptr(GDateTime) at =
	    g_date_time_new_from_unix_local(now->at / G_USEC_PER_SEC);
	g_autofree char *time = g_date_time_format(at, "%T");
	g_autofree char *messages = short_rate(top_message_rate(top, last));
	g_autofree char *tickets = short_rate(top_ticket_rate(top, last));

	return g_strdup_printf(
	    "%s %8.0f %5s %5.0f %6.0f %5.0f %7.0f %5s %10.0f %4.0f %4.0f", time,
	    now->verdicts[VERDICT_HAM] + now->verdicts[VERDICT_UNSURE] +
		now->verdicts[VERDICT_SPAM],
	    messages, now->verdicts[VERDICT_HAM], now->verdicts[VERDICT_UNSURE],
	    now->verdicts[VERDICT_SPAM], now->made + now->joined, tickets,
	    top_on_its_way(top, last), now->spool[TOP_HELD],
	    now->spool[TOP_DEAD]);
}

/* --- JSON --- */

static json_t *
rate_json(double rate)
{
	return isnan(rate) ? json_null() : json_real(rate);
}

json_t *
top_json(const struct top *top)
{
	guint last = top->looks->len - 1;
	const struct top_sample *now = top_look(top, last);
	const double *spool = now->spool;
	json_t *messages = json_pack("{s:f, s:f, s:f, s:o}", "ham",
	    now->verdicts[VERDICT_HAM], "unsure", now->verdicts[VERDICT_UNSURE],
	    "spam", now->verdicts[VERDICT_SPAM], "a_minute",
	    rate_json(top_message_rate(top, last)));
	json_t *tickets =
	    json_pack("{s:f, s:f, s:o}", "made", now->made, "joined",
		now->joined, "a_minute", rate_json(top_ticket_rate(top, last)));
	json_t *entries = json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "new",
	    spool[TOP_NEW], "busy", spool[TOP_BUSY], "wait", spool[TOP_WAIT],
	    "held", spool[TOP_HELD], "dead", spool[TOP_DEAD], "oldest_seconds",
	    now->oldest);
	json_t *answers =
	    json_pack("{s:f, s:f, s:f}", "accept", now->answers[0], "reject",
		now->answers[1], "later", now->answers[2]);

	return json_pack(
	    "{s:f, s:o, s:o, s:o, s:o, s:b, s:f, s:f, s:f, s:b, s:f}", "time",
	    (double)now->at / G_USEC_PER_SEC, "messages", messages, "answers",
	    answers, "tickets", tickets, "spool", entries, "active",
	    now->active, "disk", now->disk, "requests_open", now->requests,
	    "requests_overdue", now->overdue, "backup_stale", now->stale,
	    "damaged", now->damaged);
}
