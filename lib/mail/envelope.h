/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_ENVELOPE_H
#define DESKGATE_LIB_MAIL_ENVELOPE_H

#include <glib.h>
#include <jansson.h>

/*
 * The envelope of a message as the MTA told it (RFC 5321).  An open value; all
 * texts are the struct's own.  Addresses stand without angle brackets; the null
 * sender is "".
 */
struct envelope {
	char *client_address;  /* "192.0.2.7", "2001:db8::1", or NULL (local) */
	char *client_name;     /* as the MTA resolved it, or NULL */
	char *helo;            /* or NULL */
	char *sender;          /* never NULL */
	GPtrArray *recipients; /* char *, accepted ones, in order; owned */
	char *queue_id;        /* or NULL */
	char *mta_name;        /* the MTA's own host name ({j}), or NULL */
	char *authenticated;  /* login of the sender ({auth_authen}), or NULL */
	gboolean own_network; /* client is in own-networks */
	gboolean relay_network; /* client is in relay-networks */
	gint64 received;        /* wall clock, microseconds */
};

/* An empty one, of no inbox and no time. */
struct envelope *envelope_new(void);
/* Frees it and all it holds. */
void envelope_free(struct envelope **address);

/* As a JSON object and back; envelope_from_json answers NULL with BAD when a
 * member is missing or of the wrong kind.  The caller owns the result. */
json_t *envelope_to_json(const struct envelope *envelope);
/* An envelope from what envelope_to_json made. */
struct envelope *envelope_from_json(const json_t *object, GError **error);

#endif
