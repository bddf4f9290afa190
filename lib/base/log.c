/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logging by GLib's structured log: an event becomes fields, and the writer
 * that log_install gave to GLib makes one line of them.  The settings live in
 * GLib's hands (the writer's user data), which is why this file has no state; a
 * reload installs new settings in place of the old, which are kept until the
 * process ends, since a thread may be reading them.
 */
#include "lib/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <jansson.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/seal.h"

#define VALUE_MOST 1024
#define FIELDS_MOST 40

struct installed {
	struct log_settings settings;
	char program[64];
};

/* Bidirectional controls as UTF-8: U+061C, U+200E-F, U+202A-E, U+2066-9. */
static gboolean
harmful(gunichar c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c ||
	       c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static void
append_escaped(GString *out, const char *bytes, gsize length)
{
	for (gsize i = 0; i < length; i++)
		g_string_append_printf(out, "\\x%02x", (guint8)bytes[i]);
}

char *
log_neuter(const char *text, gsize max)
{
	GString *out = g_string_new(NULL);

	while (*text != '\0') {
		gunichar c = g_utf8_get_char_validated(text, -1);
		gsize before = out->len, length = 1;

		if (c == (gunichar)-1 || c == (gunichar)-2) {
			append_escaped(out, text, 1);
		} else {
			length = g_utf8_next_char(text) - text;
			if (harmful(c))
				append_escaped(out, text, length);
			else
				g_string_append_len(out, text, length);
		}
		if (out->len > max) {
			g_string_truncate(out, before);
			break;
		}
		text += length;
	}
	return g_string_free(out, FALSE);
}

char *
log_neuter_json(const char *json)
{
	GString *out = g_string_new(NULL);

	for (; *json != '\0'; json = g_utf8_next_char(json)) {
		gunichar c = g_utf8_get_char(json);

		if (c >= 0x7f && harmful(c))
			g_string_append_printf(out, "\\u%04x", c);
		else
			g_string_append_unichar(out, c);
	}
	return g_string_free(out, FALSE);
}

/* key=value, in quotes when the value has a blank, a quote or an equals sign.
 */
static void
append_pair(void *out, const char *key, const char *value)
{
	GString *line = out;
	g_autofree char *clean = log_neuter(value, VALUE_MOST);

	g_string_append_printf(line, " %s=", key);
	if (*clean != '\0' && strpbrk(clean, " \"=") == NULL) {
		g_string_append(line, clean);
		return;
	}
	g_string_append_c(line, '"');
	for (const char *at = clean; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\')
			g_string_append_c(line, '\\');
		g_string_append_c(line, *at);
	}
	g_string_append_c(line, '"');
}

/* Our levels are GLib's user levels, so that no fatal mask of GLib's (tests set
 * one) ever makes an event of ours end the program. */
static GLogLevelFlags
flags_of(enum log_level level)
{
	return (GLogLevelFlags)(1 << (G_LOG_LEVEL_USER_SHIFT + level));
}

static enum log_level
level_of(GLogLevelFlags flags)
{
	for (int level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_ERROR; level++) {
		if ((flags & flags_of(level)) != 0)
			return level;
	}
	if ((flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) != 0)
		return LOG_LEVEL_ERROR;
	if ((flags & G_LOG_LEVEL_WARNING) != 0)
		return LOG_LEVEL_WARN;
	return (flags & G_LOG_LEVEL_DEBUG) != 0 ? LOG_LEVEL_DEBUG
						: LOG_LEVEL_INFO;
}

/* Our own keys are lower case, those of addresses begin with an @; GLib's
 * fields (MESSAGE, PRIORITY...) are upper case. */
static gboolean
is_pair(const GLogField *field)
{
	return g_ascii_islower(field->key[0]) || field->key[0] == '@';
}

/* An address as the settings allow it. */
static char *
allowed_address(const struct log_settings *settings, const char *address)
{
	if (settings->addresses == LOG_ADDRESSES_FULL)
		return g_strdup(address);
	if (settings->addresses == LOG_ADDRESSES_NONE || *address == '\0')
		return g_strdup("-");
	return g_strdup_printf("h:%012" G_GINT64_MODIFIER "x",
	    seal_short(settings->address_key, address, strlen(address)) >> 16);
}

/* Calls `add` for each pair with the value as it may be shown. */
static void
each_pair(const struct installed *installed, const GLogField *fields, gsize n,
    void (*add)(void *out, const char *key, const char *value), void *out)
{
	for (gsize i = 0; i < n; i++) {
		g_autofree char *address = NULL;

		if (!is_pair(&fields[i]))
			continue;
		if (fields[i].key[0] != '@') {
			add(out, fields[i].key, fields[i].value);
			continue;
		}
		address =
		    allowed_address(&installed->settings, fields[i].value);
		add(out, fields[i].key + 1, address);
	}
}

static const char *
find_field(const GLogField *fields, gsize n, const char *key)
{
	for (gsize i = 0; i < n; i++) {
		if (strcmp(fields[i].key, key) == 0)
			return fields[i].value;
	}
	return "";
}

static char *
text_line(const struct installed *installed, const char *when,
    const char *level, const GLogField *fields, gsize n)
{
	g_autofree char *event =
	    log_neuter(find_field(fields, n, "MESSAGE"), VALUE_MOST);
	GString *line = g_string_new(NULL);

	if (when != NULL)
		g_string_append_printf(line, "%s %s[%d]: ", when,
		    installed->program, (int)getpid());
	g_string_append_printf(line, "%s: %s", level, event);
	each_pair(installed, fields, n, append_pair, line);
	return g_string_free(line, FALSE);
}

static void
set_text(void *out, const char *key, const char *value)
{
	json_t *object = out;
	g_autofree char *clean = log_neuter(value, VALUE_MOST);

	json_object_set_new(object, key, json_string(clean));
}

static char *
json_line(const struct installed *installed, const char *when,
    const char *level, const GLogField *fields, gsize n)
{
	json_t *object = json_object();
	char *dumped, *line;

	json_object_set_new(object, "time", json_string(when));
	json_object_set_new(object, "program", json_string(installed->program));
	json_object_set_new(object, "pid", json_integer(getpid()));
	json_object_set_new(object, "level", json_string(level));
	set_text(object, "event", find_field(fields, n, "MESSAGE"));
	each_pair(installed, fields, n, set_text, object);
	dumped = json_dumps(object, JSON_COMPACT);
	line = g_strdup(dumped);
	free(dumped);
	json_decref(object);
	return line;
}

static GLogWriterOutput
write_line(
    GLogLevelFlags flags, const GLogField *fields, gsize n, gpointer data)
{
	static const char *const words[] = { "debug", "info", "warn", "error" };
	static const int priorities[] = { LOG_DEBUG, LOG_INFO, LOG_WARNING,
		LOG_ERR };
	const struct installed *installed = data;
	enum log_level level = level_of(flags);
	g_autofree char *when = NULL;
	g_autofree char *line = NULL;
	g_autofree char *whole = NULL;

	if (level < installed->settings.level)
		return G_LOG_WRITER_HANDLED;
	when = clock_text(g_get_real_time());
	if (installed->settings.format == LOG_FORMAT_JSON)
		line = json_line(installed, when, words[level], fields, n);
	else
		line = text_line(installed,
		    installed->settings.target == LOG_TARGET_SYSLOG ? NULL
								    : when,
		    words[level], fields, n);
	if (installed->settings.target == LOG_TARGET_SYSLOG) {
		syslog(priorities[level], "%s", line);
		return G_LOG_WRITER_HANDLED;
	}
	whole = g_strconcat(line, "\n", NULL);
	(void)!write(STDERR_FILENO, whole, strlen(whole));
	return G_LOG_WRITER_HANDLED;
}

void
log_install(const struct log_settings *settings)
{
	struct installed *installed = g_new0(struct installed, 1);

	installed->settings = *settings;
	g_strlcpy(
	    installed->program, settings->program, sizeof(installed->program));
	installed->settings.program = installed->program;
	if (settings->target == LOG_TARGET_SYSLOG)
		openlog(installed->program, LOG_PID | LOG_NDELAY, LOG_MAIL);
	/* GLib's for the life of the process. */
	g_log_set_writer_func(write_line, installed, NULL);
}

/* Gathers pairs up to NULL; a pair with a NULL value is left out. */
static gsize
gather(GLogField *fields, gsize n, va_list args)
{
	const char *key;

	while ((key = va_arg(args, const char *)) != NULL) {
		const char *value = va_arg(args, const char *);

		if (value != NULL && n < FIELDS_MOST)
			fields[n++] = (GLogField){ key, value, -1 };
	}
	return n;
}

void
log_event(enum log_level level, const char *event, ...)
{
	GLogField fields[FIELDS_MOST] = { { "MESSAGE", event, -1 } };
	int number = errno;
	va_list args;
	gsize n;

	va_start(args, event);
	n = gather(fields, 1, args);
	va_end(args);
	g_log_structured_array(flags_of(level), fields, n);
	errno = number;
}

void
log_error(enum log_level level, const GError *error, const char *event, ...)
{
	GLogField fields[FIELDS_MOST + 2] = { { "MESSAGE", event, -1 } };
	int number = errno;
	va_list args;
	gsize n;

	va_start(args, event);
	n = gather(fields, 1, args);
	va_end(args);
	if (error != NULL) {
		fields[n++] = (GLogField){ "error", err_word(error), -1 };
		fields[n++] = (GLogField){ "text", error->message, -1 };
	}
	g_log_structured_array(flags_of(level), fields, n);
	errno = number;
}
