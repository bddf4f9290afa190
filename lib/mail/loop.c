/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The few header fields that make a message's identity, from raw bytes.  No
 * MIME parser: the process that speaks to the MTA reads these.
 */
#include "lib/mail/loop.h"

#include <string.h>

/* A field is cut here: identity needs no more, and a hostile one costs no more.
 */
#define FIELD_MOST 4096
/* Seconds between the MTA's clock at MAIL and ours. */
#define DATE_APART 2

/* The end of the field that starts at `at`: behind the last line that belongs
 * to it. */
static const char *
field_end(const char *at, const char *end)
{
	for (;;) {
		const char *line = memchr(at, '\n', end - at);

		if (line == NULL)
			return end;
		at = line + 1;
		if (at == end || (*at != ' ' && *at != '\t'))
			return at;
	}
}

/* Appends the value with folds as one blank and ends trimmed, `most` bytes of
 * it. */
static void
unfold(GString *text, const char *value, gsize length, gsize most)
{
	gsize begin = text->len;
	gboolean blank = FALSE;

	for (gsize i = 0; i < length && text->len - begin < most; i++) {
		if (value[i] == '\0' || strchr(" \t\r\n", value[i]) != NULL) {
			blank = text->len > begin;
			continue;
		}
		if (blank)
			g_string_append_c(text, ' ');
		blank = FALSE;
		g_string_append_c(text, value[i]);
	}
}

static void
take(char **slot, const char *value, gsize length)
{
	GString *text;

	if (*slot != NULL)
		return;
	text = g_string_sized_new(MIN(length, FIELD_MOST));
	unfold(text, value, length, FIELD_MOST);
	*slot = g_string_free(text, FALSE);
}

/* "<a@b>" to "a@b"; empty to NULL. */
static void
strip_brackets(char **id)
{
	char *open, *close;

	if (*id == NULL)
		return;
	open = strchr(*id, '<');
	close = open != NULL ? strchr(open, '>') : NULL;
	if (close != NULL) {
		*close = '\0';
		memmove(*id, open + 1, strlen(open + 1) + 1);
	}
	g_strstrip(*id);
	if (**id == '\0')
		g_clear_pointer(id, g_free);
}

static gboolean
is_name(const char *at, gsize length, const char *name)
{
	return strlen(name) == length &&
	       g_ascii_strncasecmp(at, name, length) == 0;
}

void
loop_headers_read(
    const char *block, gsize length, struct loop_headers *headers_r)
{
	const struct {
		const char *name;
		char **slot;
	} wanted[] = {
		{ "Message-ID", &headers_r->message_id },
		{ "From", &headers_r->from },
		{ "Date", &headers_r->date },
		{ "Subject", &headers_r->subject },
	};
	const char *at = block, *end = block + length;
	GString *content = g_string_new(NULL);

	*headers_r = (struct loop_headers){ 0 };
	while (at < end) {
		const char *next = field_end(at, end);
		const char *colon = memchr(at, ':', next - at);
		gsize name = colon != NULL ? colon - at : 0;
		gboolean first = headers_r->date == NULL;

		while (
		    name > 0 && (at[name - 1] == ' ' || at[name - 1] == '\t'))
			name--;
		for (gsize i = 0; name > 0 && i < G_N_ELEMENTS(wanted); i++) {
			if (is_name(at, name, wanted[i].name))
				take(wanted[i].slot, colon + 1,
				    next - colon - 1);
		}
		if (is_name(at, name, "Content-Type") ||
		    is_name(at, name, "Content-Transfer-Encoding")) {
			g_string_append_c(content, '\n');
			/* All of it: what follows a cut would not count. */
			unfold(content, colon + 1, next - colon - 1, G_MAXSIZE);
		}
		if (first)
			headers_r->date_last = headers_r->date != NULL;
		else if (!is_name(at, name, "From") && !is_name(at, name, "To"))
			headers_r->date_last = FALSE;
		at = next;
	}
	strip_brackets(&headers_r->message_id);
	headers_r->content = g_string_free(content, content->len == 0);
}

void
loop_headers_clear(struct loop_headers *headers)
{
	g_clear_pointer(&headers->message_id, g_free);
	g_clear_pointer(&headers->from, g_free);
	g_clear_pointer(&headers->date, g_free);
	g_clear_pointer(&headers->subject, g_free);
	g_clear_pointer(&headers->content, g_free);
}

gboolean
loop_id_is_mtas(
    const char *message_id, const char *queue_id, const char *mta_name)
{
	return message_id != NULL && queue_id != NULL && mta_name != NULL &&
	       *queue_id != '\0' && *mta_name != '\0' &&
	       strstr(message_id, queue_id) != NULL &&
	       strstr(message_id, mta_name) != NULL;
}

enum { DAY, MONTH, YEAR, HOUR, MINUTE, SECOND, ZONE, WORDS };

static int
number_of(const char *word)
{
	guint64 number = 0;

	return g_ascii_string_to_unsigned(word, 10, 0, 9999, &number, NULL)
		   ? (int)number
		   : -1;
}

/* Seconds east of Greenwich (RFC 5322, 3.3 and 4.3).  GLib's zones would do,
 * but it looks names up as files, and they are a stranger's here. */
static gboolean
read_zone(const char *word, int *east_r)
{
	static const struct {
		const char *name;
		int hours;
	} names[] = { { "GMT", 0 }, { "UT", 0 }, { "UTC", 0 }, { "Z", 0 },
		{ "EDT", -4 }, { "EST", -5 }, { "CDT", -5 }, { "CST", -6 },
		{ "MDT", -6 }, { "MST", -7 }, { "PDT", -7 }, { "PST", -8 } };
	int number = number_of(*word != '\0' ? word + 1 : word);

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(word, names[i].name) == 0) {
			*east_r = names[i].hours * 3600;
			return TRUE;
		}
	}
	if (strlen(word) != 5 || (*word != '+' && *word != '-') || number < 0 ||
	    number > 2359 || number % 100 > 59)
		return FALSE;
	*east_r =
	    (number / 100 * 3600 + number % 100 * 60) * (*word == '-' ? -1 : 1);
	return TRUE;
}

/* The moment of the words; NULL when there is none. */
static GDateTime *
moment_of(char **words)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *month =
	    strlen(words[MONTH]) == 3 ? strstr(months, words[MONTH]) : NULL;
	g_autoptr(GDateTime) there = NULL;
	int east;

	if (month == NULL || (month - months) % 3 != 0 ||
	    !read_zone(words[ZONE], &east))
		return NULL;
	there = g_date_time_new_utc(number_of(words[YEAR]),
	    (int)(month - months) / 3 + 1, number_of(words[DAY]),
	    number_of(words[HOUR]), number_of(words[MINUTE]),
	    number_of(words[SECOND]));
	return there != NULL ? g_date_time_add_seconds(there, -east) : NULL;
}

/* Of "29 Nov 2026 00:05:21 +0000", with or without a day before it, in UTC;
 * NULL when it is no such date. */
static GDateTime *
read_date(const char *date)
{
	const char *comma = strchr(date, ',');
	g_autofree char *text =
	    g_strstrip(g_strdup(comma != NULL ? comma + 1 : date));
	g_auto(GStrv) words = g_strsplit_set(text, " :", WORDS + 1);

	return g_strv_length(words) < WORDS ? NULL : moment_of(words);
}

static gboolean
is_of_id(GDateTime *date, const char *mtas_id)
{
	g_autofree char *digits = g_date_time_format(date, "%Y%m%d%H%M%S");
	gsize length = strspn(mtas_id, "0123456789");

	return (length == 14 || length == 12) && mtas_id[length] == '.' &&
	       strncmp(digits, mtas_id, length) == 0;
}

gboolean
loop_date_is_mtas(
    const struct loop_headers *headers, const char *mtas_id, gint64 received)
{
	g_autoptr(GDateTime) date =
	    headers->date != NULL ? read_date(headers->date) : NULL;

	if (date == NULL)
		return FALSE;
	if (mtas_id != NULL)
		return is_of_id(date, mtas_id);
	return headers->date_last && g_str_has_suffix(headers->date, ")") &&
	       ABS(g_date_time_to_unix(date) - received / G_USEC_PER_SEC) <=
		   DATE_APART;
}

gint64
loop_date_moment(const char *date)
{
	g_autoptr(GDateTime) moment = read_date(date);

	return moment != NULL ? MAX(g_date_time_to_unix(moment), 0) : 0;
}
