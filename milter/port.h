/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_PORT_H
#define DESKGATE_MILTER_PORT_H

#include <glib.h>

#include "milter/reply.h"

/*
 * What a conversation may ask of the MTA: libmilter behind it (port_milter.c),
 * or a test.  `macro`, and `reply` are for any time, all else for the end of
 * the message.  FALSE means that the MTA is gone.
 */
struct port {
	/* Borrowed until the callback ends; NULL when the MTA does not say. */
	const char *(*macro)(void *self, const char *name);
	/* The text that goes with the answer LATER or REFUSE. */
	void (*reply)(void *self, const struct reply *reply);
	gboolean (*add_header)(void *self, const char *name, const char *value);
	gboolean (*remove_header)(void *self, const char *name, guint index);
	gboolean (*remove_recipient)(void *self, const char *recipient);
	/* Tells the MTA that we are at work. */
	gboolean (*progress)(void *self);
	void *self;
	/* Header values come with the blanks behind the colon. */
	gboolean exact;
	/* Over TCP, writing to a peer that has closed fails only the second
	 * time. */
	gboolean late;
};

enum port_answer {
	PORT_CONTINUE,
	PORT_ACCEPT, /* this message needs nothing more from us */
	PORT_LATER,  /* 4xx */
	PORT_REFUSE  /* 5xx */
};

#endif
