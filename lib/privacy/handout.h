/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_HANDOUT_H
#define DESKGATE_LIB_PRIVACY_HANDOUT_H

#include <glib.h>
#include <jansson.h>

/*
 * What is handed out to a person: where each holder puts what it has of him.
 */
struct handout {
	json_t *data;   /* the holder's own object */
	gboolean notes; /* what agents wrote about him too */
	/* Takes a file; NULL: none are wanted. */
	gboolean (*put)(
	    void *self, const char *path, GBytes *bytes, GError **error);
	void *self;
};

/* Hands a file out, and says so in the row that it belongs to: {"file":
 * "messages/0a1b.eml"}. */
gboolean handout_put(const struct handout *handout, json_t *row,
    const char *path, GBytes *bytes, GError **error);

/* A path below `folder` by number and name: letters outside ASCII, and what a
 * path cannot have, become "_".  The caller frees it. */
char *handout_path(const char *folder, gint64 number, const char *name);

/* The data as a page for people: all of it escaped, no script, nothing from
 * elsewhere. */
GBytes *handout_page(const char *title, const json_t *data);

#endif
