/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_CMD_H
#define DESKGATE_TOOLS_CMD_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/conf.h"

/*
 * What the subcommands of `deskgate` share: options, settings, output and exit
 * codes (sysexits.h).  One table, cmd_table, names them all; help comes from
 * it. A command with words below it ("queue list") has one row for each.
 */
#define CMD_MESSAGE_MOST \
	((gsize)256 << 20) /* bytes of one message from a file */

struct cmd_context {
	const char *name; /* "queue list", for help and complaints */
	const char *summary;
	char *path;    /* -c FILE, or NULL: the default; owned by main */
	gboolean json; /* --json: for scripts */
};

struct cmd {
	const char *name; /* NULL ends the table */
	int (*run)(struct cmd_context *context, int argc, char **argv);
	const char *summary;
};
extern const struct cmd cmd_table[];

/*
 * Reads the options of one command: `entries` and those all have (-c, --json,
 * --help), in any place before a "--".  `words` tells of the rest in the usage
 * line.  argv[0] is the command; what is no option stays.  Returns -1 to go on,
 * else the exit code.
 */
int cmd_options(struct cmd_context *context, const GOptionEntry *entries,
    const char *words, int *argc, char ***argv);

/* Complains that the command was called wrongly, and how to get help: EX_USAGE.
 */
int cmd_usage(const struct cmd_context *context, const char *text);

/* Reads the settings; each fault is told as FILE:LINE.  EX_OK or EX_CONFIG. */
int cmd_settings(const struct cmd_context *context, struct conf **conf_r);

/* Tells an error; its exit code. */
int cmd_fail(const GError *error);

/* Asks one thing of the keeper: opens, asks, closes.  `body` is taken over; for
 * message_r see ask_call.  EX_OK with *answer_r the caller's, or the code of a
 * failure that was told. */
int cmd_ask(const struct cmd_context *context, json_t *body, json_t **answer_r,
    int *message_r);

/* --- output; what comes from mail or names of files is neutered --- */
/* To standard output; line ends and tabs of the whole are kept. */
void cmd_print(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* A line to standard error. */
void cmd_complain(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* One line of JSON; `value` is taken over. */
void cmd_json_line(json_t *value);
/* The bytes of a memory file to standard output, as they are; closes it. */
int cmd_pour(int fd);
/* "N messages" on a terminal's standard error, now and then; 0 wipes it away.
 */
void cmd_progress(const struct cmd_context *context, guint count);

/*
 * A table for people: cells are neutered, columns padded; the last one is cut
 * at the terminal's width.  `plain` gives tab-separated cells without a head,
 * for cut(1) and awk(1).
 */
struct cmd_list;
struct cmd_list *cmd_list_new(gboolean plain, const char *const *heads);
/* As many cells as heads, NULL is "". */
void cmd_list_add(struct cmd_list *list, const char *const *cells);
/* Prints and frees it; `none` is said when there are no rows (not when plain).
 */
void cmd_list_end(struct cmd_list **list, const char *none);

/* The text of a member, "" when there is none. */
const char *cmd_member(const json_t *object, const char *name);

/* --- the commands; each stands in a cmd_*.c --- */
#define CMD(name) \
	int cmd_##name(struct cmd_context *context, int argc, char **argv)
CMD(accept);
CMD(check);
CMD(explain);
CMD(quarantine_delete);
CMD(quarantine_list);
CMD(quarantine_release);
CMD(quarantine_show);
CMD(queue_drop);
CMD(queue_list);
CMD(queue_retry);
CMD(queue_show);
CMD(run);
CMD(score);
CMD(settings_sample);
CMD(stats);
CMD(tickets_close);
CMD(tickets_file);
CMD(tickets_list);
CMD(tickets_not_spam);
CMD(tickets_reopen);
CMD(tickets_reply_note);
CMD(tickets_search);
CMD(tickets_show);
CMD(tickets_spam);
CMD(train);
CMD(untrain);

#endif
