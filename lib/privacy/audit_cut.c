/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cutting off what is past its time from the head of the trail.
 *
 * The cut is an act of the trail itself: "audit-cut", with the number and the
 * chain of the last line that goes.  It is added before anything goes; from
 * then on a trail that begins behind that line is whole (audit_read.c), and one
 * that begins anywhere else is not: lines that somebody else took off the head
 * are missed.  A crash in between leaves lines that were to go; the first cut
 * of each start ends that.
 */
#include "lib/privacy/audit_private.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

struct cut {
	struct audit *audit;
	char limit[32];       /* lines before this time go */
	gboolean all;         /* look at every line, for cuts left undone */
	gint64 oldest;        /* of the first line */
	guint64 first;        /* seq of it */
	guint64 past, undone; /* seq of the last line that goes, by time; by
			       * what was said */
	char past_chain[AUDIT_CHAIN_TEXT];
	gboolean ended; /* a line was seen that stays */
	char
	    begin[AUDIT_CHAIN_TEXT]; /* what the first line says is before it */
	gboolean anchored;           /* a line says that it was cut off there */
};

static gint64
time_of(const char *text)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);

	return time != NULL ? g_date_time_to_unix(time) * G_USEC_PER_SEC : 0;
}

/* "to 17" -> 17, of an act that says so; else 0. */
static guint64
cut_of(const struct audit_line *line)
{
	if (strcmp(line->act, AUDIT_CUT) != 0 || line->object == NULL ||
	    !g_str_has_prefix(line->object, AUDIT_CUT_TO))
		return 0;
	return g_ascii_strtoull(line->object + strlen(AUDIT_CUT_TO), NULL, 10);
}

gboolean
audit_line_cuts(
    const struct audit_line *line, guint64 first, const char *before)
{
	return first > 1 && cut_of(line) == first - 1 &&
	       g_strcmp0(line->outcome, before) == 0;
}

static void
see_line(struct cut *cut, const struct audit_line *line)
{
	if (cut->first == 0) {
		cut->first = line->seq;
		cut->oldest = time_of(line->time);
		cut->anchored =
		    line->seq == 1 || line->seq == cut->audit->first;
		g_strlcpy(cut->begin, line->prev != NULL ? line->prev : "",
		    sizeof(cut->begin));
	}
	cut->anchored |= audit_line_cuts(line, cut->first, cut->begin);
	cut->undone = MAX(cut->undone, cut_of(line));
	if (cut->ended || strcmp(line->time, cut->limit) >= 0) {
		cut->ended = TRUE;
		return;
	}
	cut->past = line->seq;
	memcpy(cut->past_chain, line->chain, sizeof(cut->past_chain));
}

static gboolean
see_file(struct cut *cut, const char *name, GError **error)
{
	g_autoptr(GBytes) bytes =
	    file_read(cut->audit->dir, name, AUDIT_FILE_MOST, error);
	struct audit_walk walk;
	struct audit_line line;
	gboolean good = TRUE;

	if (bytes == NULL)
		return FALSE;
	audit_walk_begin(&walk, bytes);
	while ((cut->all || !cut->ended) &&
	       (audit_walk_next(&walk, &line, &good) || !good)) {
		/* What follows a damaged line could not be shown to be whole
		 * behind a cut. */
		if (!good) {
			cut->ended = TRUE;
			continue;
		}
		see_line(cut, &line);
		audit_line_clear(&line);
	}
	return TRUE;
}

static gboolean
see_all(struct cut *cut, GError **error)
{
	g_autoptr(GPtrArray) names = audit_files(cut->audit, error);

	for (guint i = 0;
	     names != NULL && i < names->len && (cut->all || !cut->ended); i++)
		if (!see_file(cut, names->pdata[i], error))
			return FALSE;
	return names != NULL;
}

/* --- what goes --- */

/* The file without its lines up to `to`; NULL when none is left. */
static GString *
rest_of(GBytes *bytes, guint64 to, gboolean *changed_r)
{
	GString *rest = g_string_new(NULL);
	char chain[AUDIT_CHAIN_TEXT] = "";
	struct audit_walk walk;
	struct audit_line line;
	const char *from;
	gboolean good;

	*changed_r = FALSE;
	audit_walk_begin(&walk, bytes);
	for (from = walk.at; audit_walk_next(&walk, &line, &good);
	     from = walk.at) {
		if (line.seq <= to) {
			*changed_r = TRUE;
			memcpy(chain, line.chain, sizeof(chain));
		} else if (rest->len == 0 && chain[0] != '\0') {
			g_autofree char *text = audit_line_text(&line, chain);

			g_string_append_printf(rest, "%s\n", text);
		} else {
			g_string_append_len(rest, from, walk.at - from);
		}
		audit_line_clear(&line);
	}
	/* Behind a damaged line nothing goes. */
	g_string_append_len(rest, from, walk.end - from);
	return rest;
}

static gboolean
cut_file(struct audit *audit, const char *name, guint64 to, gboolean *reached_r,
    GError **error)
{
	g_autoptr(GBytes) bytes =
	    file_read(audit->dir, name, AUDIT_FILE_MOST, error);
	gboolean current = g_strcmp0(name, audit->name) == 0, changed, done;
	GString *rest;

	if (bytes == NULL)
		return FALSE;
	rest = rest_of(bytes, to, &changed);
	*reached_r = rest->len > 0;
	if (!changed)
		done = TRUE;
	else if (rest->len > 0 || current)
		done = file_replace(audit->dir, name, rest->str, rest->len,
			   0600, error) &&
		       (!current || audit_open_file(audit, name, error));
	else
		done = unlinkat(audit->dir, name, 0) == 0 ||
		       err_errno(error, errno, "audit: remove");
	g_string_free(rest, TRUE);
	return done;
}

static gboolean
cut_files(struct audit *audit, guint64 to, GError **error)
{
	g_autoptr(GPtrArray) names = audit_files(audit, error);
	gboolean reached = FALSE;

	for (guint i = 0; names != NULL && i < names->len && !reached; i++)
		if (!cut_file(audit, names->pdata[i], to, &reached, error))
			return FALSE;
	return names != NULL && file_sync(audit->dir, error);
}

static gboolean
cut_locked(struct cut *cut, guint64 *gone_r, GError **error)
{
	g_autofree char *object = NULL;
	const struct audit_act act = { "keeper", AUDIT_CUT, NULL, NULL };
	struct audit_act said = act;
	guint64 to = MAX(cut->past, cut->undone);

	*gone_r = 0;
	if (cut->first == 0)
		return TRUE;
	if (!cut->anchored) {
		log_event(LOG_LEVEL_ERROR, "audit-broken", "where",
		    "the beginning is missing: nothing is cut off", NULL);
		return TRUE;
	}
	if (to < cut->first) {
		cut->audit->first = cut->first;
		return TRUE;
	}
	if (cut->past > cut->undone) {
		object = g_strdup_printf(
		    AUDIT_CUT_TO "%" G_GUINT64_FORMAT, cut->past);
		said.object = object;
		said.outcome = cut->past_chain;
		if (!audit_add_locked(cut->audit, &said, error))
			return FALSE;
	}
	if (!cut_files(cut->audit, to, error))
		return FALSE;
	*gone_r = to - cut->first + 1;
	cut->audit->first = to + 1;
	return TRUE;
}

/* --- as a holder --- */

static void
fill(const struct cut *cut, guint64 gone, gboolean run, struct kept *kept)
{
	guint64 last = cut->audit->seq;

	kept->oldest = kept->first = cut->oldest;
	if (cut->first == 0)
		return;
	kept->count = last - cut->first + 1 - gone;
	kept->gone = gone;
	if (!run && cut->past >= cut->first)
		kept->past = cut->past - cut->first + 1;
}

gboolean
audit_expire(struct audit *audit, gint64 now, gboolean run, struct kept *kept,
    GError **error)
{
	g_autofree char *limit = clock_text(now - kept->keep * G_USEC_PER_SEC);
	struct cut cut = { .audit = audit };
	guint64 gone = 0;
	gboolean done;

	g_strlcpy(cut.limit, limit, sizeof(cut.limit));
	pthread_mutex_lock(&audit->lock);
	cut.all = run && !audit->healed;
	done = see_all(&cut, error) && (!run || cut_locked(&cut, &gone, error));
	audit->healed |= run && done;
	if (done)
		fill(&cut, gone, run, kept);
	/* The oldest that is left, once some are gone. */
	if (done && gone > 0) {
		struct cut rest = { .audit = audit };

		done = see_all(&rest, error);
		kept->oldest = kept->first = rest.oldest;
	}
	pthread_mutex_unlock(&audit->lock);
	return done;
}

static gboolean
expire(void *self, const struct holder_expiry *expiry, json_t *rows,
    GError **error)
{
	struct kept kept = { .kind = "audit",
		.setting = "audit-retention",
		.keep = kept_setting(expiry->conf, NULL, "audit-retention") };

	if (!audit_expire(self, expiry->now, expiry->run, &kept, error))
		return FALSE;
	kept_row(&kept, rows);
	return TRUE;
}

void
audit_add_holder(struct registry *registry, struct audit *audit)
{
	static const char *const claims[] = { "audit/", NULL };
	static const char *const kinds[] = {
		"what operators did, under aliases", NULL
	};

	registry_add(registry, &(struct holder){ .name = "audit",
				   .self = audit,
				   .claims = claims,
				   .kinds = kinds,
				   .find = holder_find_nothing,
				   .erase = holder_erase_nothing,
				   .expire = expire });
}
