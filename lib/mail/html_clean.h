/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_HTML_CLEAN_H
#define DESKGATE_LIB_MAIL_HTML_CLEAN_H

#include <glib.h>

/*
 * HTML of a stranger made fit for an agent's browser: tags and attributes of a
 * list and no others, so no script, handler, form, frame, style or anything
 * that is fetched.  A remote image becomes a link to it; an image that came
 * with the mail (`cid:`) stays where it is.  Everything stands in one
 * <div class="mail">.  Nothing is fetched, nothing fails; time grows with the
 * length alone.
 *
 * Made clean again it is the same text: what was written is read back, and
 * where it would be read as something else, only its text is given.
 */
struct html_clean_limits {
	gsize bytes; /* of the result, but for what closes it */
	guint links; /* more stay as text */
	guint tags;  /* more are left out, their text stays */
	guint depth; /* deeper tags are left out, their text stays */
};
extern const struct html_clean_limits html_clean_limits_default;

struct html_clean {
	char *html;
	GPtrArray *images; /* char *: Content-IDs that are shown in it */
	gboolean cut;      /* the source was larger than the limits allow */
};

/*
 * `source` is valid UTF-8.  `known`: the Content-IDs of the mail's images (char
 * *, without <>); an image that is none of them is shown by its alternative
 * text.  The caller frees the result with html_clean_free.
 */
struct html_clean *html_clean_read(const char *source, gsize length,
    const GPtrArray *known, const struct html_clean_limits *limits);
/* Frees it and all it holds. */
void html_clean_free(struct html_clean **clean);

/* `text` with & < > " ' as entities and without control characters, appended.
 */
void html_clean_escape(GString *out, const char *text, gsize length);

#endif
