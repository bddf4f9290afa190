/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DESK_H
#define DESKGATE_TICKETS_DESK_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/clock.h"
#include "lib/base/conf.h"
#include "lib/base/ident.h"
#include "lib/privacy/vault.h"
#include "tickets/ticket.h"

/*
 * One interface to every help desk; each adapter is one file.  All calls may
 * block for the desk's `timeout`; one thread at a time uses a desk.
 *
 * Errors say what to do next:
 *   AGAIN   nothing was created: try later (connection refused, 429, 408, 425)
 *   IO      maybe created (cut, time-out, 5xx): call find before trying again
 *   BAD     the desk refused it for good; the message carries its own words
 *   DENIED  credentials or rights: parked until the administrator has mended it
 *   NOTFOUND  no such ticket
 *   FULL    no room at our side (embedded desk)
 */
struct desk;

struct desk_ticket {
	char *id;   /* the desk's internal id */
	char *code; /* what people call it: "7", "ABC-12345-678" */
};
/* Frees what it holds. */
void desk_ticket_clear(struct desk_ticket *ticket);

/* A JSON string of any text, made valid where it is not UTF-8; null for NULL.
 */
json_t *desk_text(const char *text);

/* What an adapter may use of its surroundings. */
struct desk_world {
	const char *state_dir;
	struct vault *vault; /* the embedded desk seals message text */
	const struct secret *subject_key;
	const struct clock *clock; /* NULL: the machine's */
};

struct desk_ops {
	const char *type; /* "local", "liveagent" */
	struct desk *(*open)(const struct conf_section *settings,
	    const struct desk_world *world, GError **error);
	void (*close)(struct desk *desk);
	/* `key` names the entry: a desk with an idempotency key uses it. */
	gboolean (*create)(struct desk *desk, const struct ticket *ticket,
	    const struct ident *key, struct desk_ticket *made_r,
	    GError **error);
	/* Adds the message to a ticket as its customer; NULL: the desk cannot.
	 */
	gboolean (*append)(struct desk *desk, const char *id,
	    const struct ticket *ticket, const struct ident *key,
	    GError **error);
	/* Was this message made into a ticket (by key or Message-ID)? NOTFOUND:
	 * no. */
	gboolean (*find)(struct desk *desk, const struct ticket *ticket,
	    const struct ident *key, struct desk_ticket *found_r,
	    GError **error);
	gboolean (*set_spam)(
	    struct desk *desk, const char *id, gboolean spam, GError **error);
	/* Is it reachable and are the credentials good? */
	gboolean (*health)(struct desk *desk, GError **error);
};

extern const struct desk_ops desk_local_ops;
extern const struct desk_ops desk_liveagent_ops;
/* All of them, ended by NULL. */
extern const struct desk_ops *const desk_types[];
/* The one of this type, or NULL. */
const struct desk_ops *desk_type(const char *type);

/* First member of every adapter's struct. */
struct desk {
	const struct desk_ops *ops;
	char *name;
	gint64 retry_after; /* after AGAIN: the seconds the desk asked for, else
			       0 */
};

#endif
