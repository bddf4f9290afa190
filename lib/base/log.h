/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_LOG_H
#define DESKGATE_LIB_BASE_LOG_H

#include <glib.h>

/*
 * A log line is one event: a word for the event, then key=value pairs, every
 * value neutered of control bytes, of bytes that are not UTF-8, and of
 * bidirectional overrides (as \xNN).  No subject, body or full address is
 * ever passed in here; an address goes in
 * under a key that begins with @ and comes out as log-addresses says.
 *
 * The state is GLib's (g_log_set_writer_func), so this file has none of its
 * own.  Messages of libraries that log through GLib come out the same way.
 */

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR
};
enum log_target { LOG_TARGET_STDERR, LOG_TARGET_SYSLOG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };
enum log_addresses {
	LOG_ADDRESSES_HASH,
	LOG_ADDRESSES_FULL,
	LOG_ADDRESSES_NONE
};

struct log_settings {
	const char *program; /* copied; "deskgate-milter" */
	enum log_target target;
	enum log_format format;
	enum log_level level; /* lines below it are dropped */
	enum log_addresses addresses;
	guint8 address_key[16]; /* for LOG_ADDRESSES_HASH */
};

/*
 * Installs the writer for the process.  Once, from main, before threads: GLib
 * takes no second writer, so other settings need a new start.
 */
void log_install(const struct log_settings *settings);

/*
 * Logs one event: `event` (static words in kebab-case), then pairs of key and
 * value, ended by NULL.  A NULL value leaves its pair out.  A key that begins
 * with @ ("@sender") has an address as its value: it is written as a keyed
 * hash, in full, or as "-", as the settings say, under the key without the @.
 * Keeps errno. Thread-safe; one write(2) per line.
 */
void log_event(
    enum log_level level, const char *event, ...) G_GNUC_NULL_TERMINATED;

/* log_event with `error`'s code and message as error= and text= at the end. */
void log_error(enum log_level level, const GError *error, const char *event,
    ...) G_GNUC_NULL_TERMINATED;

/*
 * `text` with every byte that could act on a terminal or a log reader written
 * as \xNN: C0 and C1 controls, DEL, invalid UTF-8, bidirectional controls.
 * At most `max` bytes of result, cut at a character.  The caller frees it.
 */
char *log_neuter(const char *text, gsize max);

/* JSON as jansson writes it, valid UTF-8, with what it leaves of such
 * characters (DEL, C1 and bidirectional controls) as \uNNNN: the same data.
 * The caller frees it. */
char *log_neuter_json(const char *json);

#endif
