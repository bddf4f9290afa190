/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Structured tokens of the header: who sends, by which way, under what subject,
 * and which fields there are in which order.
 */
#include <stdio.h>
#include <string.h>

#include "classifier/features_private.h"

#define VALUE_WORDS 30
#define SHORT_VALUE 60
#define HOPS 4
#define ADDRESSES 10
#define NAME_MOST 36
#define ORDER_MOST 40

/* What is made of an address field. */
struct address_kinds {
	const char *header;
	struct feature_kind whole, local, domain, name, shape, count;
};

#define ADDRESS_KINDS(header, part, p, lead) \
	{ \
		header, { part, p ":", lead }, \
		    { part, p "l:", lead "mailbox " }, \
		    { part, p "@", lead "domain " }, \
		    { part, p "n:", lead "name " }, { "form", p "~", NULL }, \
		{ \
			"form", p "#", NULL \
		} \
	}

static const struct address_kinds address_fields[] = {
	ADDRESS_KINDS("From", "sender", "f", ""),
	ADDRESS_KINDS("To", "recipient", "t", ""),
	ADDRESS_KINDS("Cc", "recipient", "c", "copy to "),
	ADDRESS_KINDS("Reply-To", "sender", "rt", "reply to "),
	ADDRESS_KINDS("Sender", "sender", "sn", "sent by "),
};

static void
add_addresses(struct feature_sink *sink, const struct address_kinds *kinds)
{
	const GPtrArray *list = message_addresses(sink->message, kinds->header);

	feature_add_number(sink, &kinds->count, MIN(list->len, 9));
	for (guint i = 0; i < MIN(list->len, ADDRESSES); i++) {
		const struct addr *addr = list->pdata[i];
		g_autofree char *lower = g_ascii_strdown(addr->address, -1);
		const char *domain = addr_domain(lower);
		gsize local = strcspn(lower, "@");

		feature_add_text(sink, &kinds->whole, lower);
		feature_add(sink, &kinds->local, lower, local);
		feature_add_shape(sink, &kinds->shape, addr->address, local);
		feature_add_domain(
		    sink, &kinds->domain, domain, strlen(domain));
		feature_add_words(sink, &kinds->name, addr->name, 10);
	}
}

static void
add_subject(struct feature_sink *sink)
{
	static const struct feature_kind word = { "subject", "s:", "", TRUE },
					 shape = { "form", "s~", NULL };
	const char *subject = message_subject(sink->message);

	feature_add_words(sink, &word, subject, 60);
	feature_add_shape(sink, &shape, subject, MIN(strlen(subject), 60));
}

/* An IP address and the networks it is in. */
static void
add_network(struct feature_sink *sink, const char *at, gsize length)
{
	static const struct feature_kind whole = { "route", "i:", "address " },
					 begin = { "route",
						 "i:", "network of " };
	const char *dot = memchr(at, '.', length);

	for (guint cut = 0; dot != NULL && cut < 3; cut++) {
		feature_add(sink, &begin, at, dot - at);
		dot = memchr(dot + 1, '.', at + length - dot - 1);
	}
	feature_add(sink, &whole, at, length);
}

/* A word with a dot of a Received field: a host, whom the mail was for, or the
 * version of a mail server or cipher, which does not end as a domain does. */
static void
add_dotted(struct feature_sink *sink, const char *at, gsize length)
{
	static const struct feature_kind host = { "route", "r:", "host " },
					 person = { "route", "r:", "for " },
					 version = { "route",
						 "r:", "software " };
	const char *end = memrchr(at, '.', length);

	if (memchr(at, '@', length) != NULL)
		feature_add_domain(sink, &person, at, length);
	else if (end + 1 < at + length && !g_ascii_isalpha(end[1]))
		feature_add_version(sink, &version, at, length);
	else
		feature_add_domain(sink, &host, at, length);
}

/* Hosts and addresses of a Received field. Not by the hop's number: it shifts
 * with each host on the way. */
static void
add_hop(struct feature_sink *sink, const char *value)
{
	static const char ends[] = " \t\r\n()[];<>=\"";
	const char *at = value;

	for (guint words = 0; *at != '\0' && words < 30; words++) {
		gsize length = strcspn(at, ends);
		gsize digits = strspn(at, "0123456789.");

		if (length > 6 && digits == length)
			add_network(sink, at, length);
		else if (length > 3 && memchr(at, '.', length) != NULL)
			add_dotted(sink, at, length);
		at += length;
		at += strspn(at, ends);
	}
}

static void
add_message_id(struct feature_sink *sink)
{
	static const struct feature_kind none = { "structure", "mid-",
		"no Message-ID" },
					 shape = { "form", "mid~", NULL },
					 domain = { "route", "mid@",
						 "Message-ID of " };
	const char *id = message_id(sink->message);

	if (id == NULL) {
		feature_add_text(sink, &none, "");
		return;
	}
	feature_add_shape(sink, &shape, id, strcspn(id, "@"));
	feature_add_domain(
	    sink, &domain, addr_domain(id), strlen(addr_domain(id)));
}

static void
add_date(struct feature_sink *sink)
{
	static const struct feature_kind none = { "structure", "date-",
		"no Date" },
					 shape = { "form", "date~", NULL },
					 zone = { "route",
						 "zone:", "time zone " };
	const char *date = message_header(sink->message, "Date");
	char text[16];
	gint minutes;

	if (date == NULL) {
		feature_add_text(sink, &none, "");
		return;
	}
	message_date(sink->message, &minutes);
	snprintf(text, sizeof(text), "%c%02d%02d", minutes < 0 ? '-' : '+',
	    ABS(minutes) / 60, ABS(minutes) % 60);
	feature_add_text(sink, &zone, text);
	feature_add_shape(sink, &shape, date, strlen(date));
}

/* Fields whose words are covered elsewhere, or are noise. */
static gboolean
is_covered(const char *name)
{
	static const char *const names[] = { "Received", "From", "To", "Cc",
		"Subject", "Date", "Message-ID", "Reply-To", "Sender",
		"References", "In-Reply-To", "DKIM-Signature" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if ((*name | 0x20) == (*names[i] | 0x20) &&
		    g_ascii_strcasecmp(name, names[i]) == 0)
			return TRUE;
	}
	return FALSE;
}

/* What a person calls the field. */
static const char *
field_title(const char *name)
{
	static const char *const programs[] = { "X-Mailer", "User-Agent",
		"X-MimeOLE" };

	for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
		if (g_ascii_strcasecmp(name, programs[i]) == 0)
			return "mail program";
	}
	return name;
}

/* "x-mailer: the bat" whole when it is short, and its words. */
static void
add_other(struct feature_sink *sink, const char *name, const char *value)
{
	char prefix[40] = "==";
	/* Only who asks for names reads it. */
	const char *lead = sink->names != NULL ? feature_names_lead(sink->names,
						     field_title(name))
					       : "";
	gboolean empty = *value == '\0';
	const struct feature_kind whole = { empty ? "form" : "field", prefix,
		empty ? NULL : lead },
				  word = { "field", prefix + 1, lead };

	for (gsize i = 0; i < NAME_MOST && name[i] != '\0'; i++)
		prefix[2 + i] = g_ascii_tolower(name[i]);
	if (strlen(value) < SHORT_VALUE)
		feature_add_text(sink, &whole, value);
	feature_add_words(sink, &word, value, VALUE_WORDS);
}

/* Which field stands behind which. */
static void
add_order(struct feature_sink *sink, const char *before, const char *name)
{
	static const struct feature_kind order = { "form", "o:", NULL };
	char pair[2 * ORDER_MOST + 1];
	gsize first = strnlen(before, ORDER_MOST);
	gsize second = strnlen(name, ORDER_MOST);

	memcpy(pair, before, first);
	pair[first] = '>';
	memcpy(pair + first + 1, name, second);
	feature_add(sink, &order, pair, first + 1 + second);
}

static void
add_fields(struct feature_sink *sink)
{
	static const struct feature_kind field = { "field", "h:", "has " },
					 hops = { "form", "hops", NULL };
	const struct message *message = sink->message;
	const char *before = "^";
	guint hop = 0;

	for (guint f = 0; f < sink->fields->len; f++) {
		guint i = g_array_index(sink->fields, guint, f);
		const char *name = message_header_name(message, i);

		feature_add_text(sink, &field, name);
		add_order(sink, before, name);
		before = name;
		if (g_ascii_strcasecmp(name, "Received") == 0) {
			if (hop++ < HOPS)
				add_hop(sink, message_header_raw(message, i));
		} else if (!is_covered(name)) {
			add_other(sink, name, message_header_value(message, i));
		}
	}
	feature_add_number(sink, &hops, MIN(hop, 9));
}

void
tokens_header(struct feature_sink *sink)
{
	static const struct feature_kind reply = { "history", "reply",
		"answers a message" };

	add_subject(sink);
	for (gsize i = 0; i < G_N_ELEMENTS(address_fields); i++)
		add_addresses(sink, &address_fields[i]);
	add_message_id(sink);
	add_date(sink);
	if (message_references(sink->message)->len > 0)
		feature_add_text(sink, &reply, "");
	add_fields(sink);
}
