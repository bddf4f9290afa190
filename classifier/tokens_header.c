/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Structured tokens of the header: who sends, by which way, under what subject,
 * and which fields there are in which order.
 */
#include <string.h>

#include "classifier/features_private.h"

#define VALUE_WORDS 30
#define SHORT_VALUE 60
#define HOPS 4

/* "Ab12-x" to "Aa0-a": letters, digits and signs, runs cut to two. */
static void
add_shape(struct feature_sink *sink, const char *part, const char *prefix,
    const char *text, gsize length)
{
	char shape[48];
	gsize n = 0;

	for (gsize i = 0; i < length && n < sizeof(shape); i++) {
		char c = g_ascii_isupper(text[i])   ? 'A'
			 : g_ascii_islower(text[i]) ? 'a'
			 : g_ascii_isdigit(text[i]) ? '0'
						    : text[i];

		if (n >= 2 && shape[n - 1] == c && shape[n - 2] == c)
			continue;
		shape[n++] = c;
	}
	feature_add(sink, part, prefix, shape, n);
}

static void
add_text(struct feature_sink *sink, const char *part, const char *prefix,
    const char *text)
{
	feature_add(sink, part, prefix, text, strlen(text));
}

static void
add_addresses(struct feature_sink *sink, const struct message *message,
    const char *header, const char *prefix)
{
	const GPtrArray *list = message_addresses(message, header);
	g_autofree char *count = g_strdup_printf("%u", MIN(list->len, 9));
	g_autofree char *count_prefix = g_strconcat(prefix, "#", NULL);
	g_autofree char *local_prefix = g_strconcat(prefix, "l:", NULL);
	g_autofree char *shape_prefix = g_strconcat(prefix, "~", NULL);
	g_autofree char *domain_prefix = g_strconcat(prefix, "@", NULL);
	g_autofree char *name_prefix = g_strconcat(prefix, "n:", NULL);

	add_text(sink, "sender", count_prefix, count);
	for (guint i = 0; i < MIN(list->len, 10); i++) {
		const struct addr *addr = list->pdata[i];
		g_autofree char *lower = g_ascii_strdown(addr->address, -1);
		const char *domain = addr_domain(lower);
		gsize local = MAX(domain - lower - 1, 0);

		add_text(sink, "sender", prefix, lower);
		feature_add(sink, "sender", local_prefix, lower, local);
		add_shape(
		    sink, "structure", shape_prefix, addr->address, local);
		feature_add_domain(
		    sink, "sender", domain_prefix, domain, strlen(domain));
		feature_add_words(sink, "sender", name_prefix, addr->name, 10);
	}
}

/* Hosts and addresses of a Received line. */
static void
add_hop(struct feature_sink *sink, const char *value, guint hop)
{
	char prefix[8] = "r0:", net[8] = "i0:";
	const char *at = value;

	prefix[1] = net[1] = '0' + hop;
	for (guint words = 0; *at != '\0' && words < 30; words++) {
		gsize length = strcspn(at, " \t()[];<>=\"");
		gsize digits = strspn(at, "0123456789.");

		if (length > 6 && digits == length) {
			const char *dot = memchr(at, '.', length);

			for (guint cut = 0; dot != NULL && cut < 3; cut++) {
				feature_add(sink, "route", net, at, dot - at);
				dot =
				    memchr(dot + 1, '.', at + length - dot - 1);
			}
			feature_add(sink, "route", net, at, length);
		} else if (length > 3 && memchr(at, '.', length) != NULL) {
			feature_add_domain(sink, "route", prefix, at, length);
		}
		at += length;
		at += strspn(at, " \t()[];<>=\"");
	}
}

static void
add_message_id(struct feature_sink *sink, const struct message *message)
{
	const char *id = message_id(message);

	if (id == NULL) {
		add_text(sink, "structure", "mid", "-");
		return;
	}
	add_shape(sink, "structure", "mid~", id, strcspn(id, "@"));
	feature_add_domain(
	    sink, "route", "mid@", addr_domain(id), strlen(addr_domain(id)));
}

static void
add_date(struct feature_sink *sink, const struct message *message)
{
	const char *date = message_header(message, "Date");
	g_autofree char *zone_text = NULL;
	gint zone;

	if (date == NULL) {
		add_text(sink, "structure", "date", "-");
		return;
	}
	message_date(message, &zone);
	zone_text = g_strdup_printf("%d", zone);
	add_text(sink, "route", "zone:", zone_text);
	add_shape(sink, "structure", "date~", date, strlen(date));
}

/* Fields whose words are covered elsewhere. */
static gboolean
is_covered(const char *name)
{
	static const char *const names[] = { "Received", "From", "To", "Cc",
		"Subject", "Date", "Message-ID", "Reply-To", "Sender",
		"References", "In-Reply-To", "DKIM-Signature" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (g_ascii_strcasecmp(name, names[i]) == 0)
			return TRUE;
	}
	return FALSE;
}

static void
add_other(struct feature_sink *sink, const char *name, const char *value)
{
	g_autofree char *lower = g_ascii_strdown(name, -1);
	g_autofree char *whole =
	    g_strdup_printf("%.40s=%.*s", lower, SHORT_VALUE, value);
	g_autofree char *prefix = g_strdup_printf("%.14s:", lower);

	if (strlen(value) < SHORT_VALUE)
		add_text(sink, "structure", "=", whole);
	feature_add_words(sink, "structure", prefix, value, VALUE_WORDS);
}

static void
add_fields(struct feature_sink *sink, const struct message *message)
{
	const char *before = "^";
	guint hop = 0;

	for (guint i = 0; i < message_header_count(message); i++) {
		const char *name = message_header_name(message, i);
		g_autofree char *pair = NULL;

		if (feature_is_local(name))
			continue;
		add_text(sink, "structure", "h:", name);
		pair = g_strdup_printf("%.40s>%.40s", before, name);
		add_text(sink, "structure", "o:", pair);
		before = name;
		if (g_ascii_strcasecmp(name, "Received") == 0) {
			if (hop < HOPS)
				add_hop(sink, message_header_raw(message, i),
				    hop++);
		} else if (!is_covered(name)) {
			add_other(sink, name, message_header_value(message, i));
		}
	}
}

void
tokens_header(struct feature_sink *sink, struct message *message)
{
	const char *subject = message_subject(message);

	feature_add_words(sink, "subject", "s:", subject, 60);
	add_shape(sink, "structure", "s~", subject, MIN(strlen(subject), 60));
	add_addresses(sink, message, "From", "f:");
	add_addresses(sink, message, "To", "t:");
	add_addresses(sink, message, "Cc", "c:");
	add_addresses(sink, message, "Reply-To", "rt:");
	add_addresses(sink, message, "Sender", "sn:");
	add_message_id(sink, message);
	add_date(sink, message);
	if (message_references(message)->len > 0)
		add_text(sink, "history", "reply", "reply");
	add_fields(sink, message);
}
