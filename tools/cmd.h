/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_CMD_H
#define DESKGATE_TOOLS_CMD_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/conf.h"
#include "tools/settings.h"

/*
 * What the subcommands of `deskgate` share: options, settings, output and exit
 * codes (sysexits.h).  One table, cmd_table, names them all; help comes from
 * it. A command with words below it ("queue list") has one row for each.
 */
#define CMD_MESSAGE_MOST \
	((gsize)256 << 20) /* bytes of one message from a file */

/* Of the option --reason, likewise. */
#define CMD_REASON N_("why, for the audit trail")

/* Of the option --restricted, wherever stored mail is shown. */
#define CMD_RESTRICTED N_("with what people have restricted (GDPR Article 18)")

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
/* The same for another use than a command's (settings.h). */
int cmd_settings_for(const struct cmd_context *context, enum settings_use use,
    struct conf **conf_r);

/* Tells an error; its exit code. */
int cmd_fail(const GError *error);

/* Asks one thing of the keeper: opens, asks, closes.  `body` is taken over;
 * NULL is what is not in UTF-8, and told so; for message_r see ask_call.  EX_OK
 * with *answer_r the caller's, or the code of a failure that was told. */
int cmd_ask(const struct cmd_context *context, json_t *body, json_t **answer_r,
    int *message_r);

/* The same for a verb that begins a job (ask_job); `status` is taken over too,
 * and *answer_r is what it says at the end, without "busy". */
int cmd_ask_job(const struct cmd_context *context, json_t *body, json_t *status,
    json_t **answer_r);

/* The same where the answer is shown: -1 to go on and show *answer_r, else the
 * exit code: it was told, or printed as it came (--json). */
int cmd_ask_shown(
    const struct cmd_context *context, json_t *body, json_t **answer_r);

/* One question to a keeper that runs, at its control socket; never in its
 * place.  `body` is taken over.  NULL with its error, or when none runs. */
json_t *cmd_ask_running(const char *socket, json_t *body, GError **error);

/* Looks again as long as a request is being worked at, a while; replaces
 * *answer, {request, busy}. */
int cmd_wait_settled(struct cmd_context *context, json_t **answer);

/* --- output; what comes from mail or names of files is neutered --- */
/* To standard output; line ends and tabs of the whole are kept. */
void cmd_print(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* A line to standard error. */
void cmd_complain(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* One line of JSON; `value` is taken over. */
void cmd_json_line(json_t *value);
/* The bytes of a memory file to standard output, as they are; closes it. */
int cmd_pour(int fd);
/*
 * Writes the whole of `data` to a path that somebody named.  A file is there
 * whole or, as before, not at all (file_replace), with `mode`; a pipe or a
 * device is written to and stays what it is; so is standard output or error
 * by another name (/dev/stdout), behind what was printed.
 */
gboolean cmd_write(const char *path, const void *data, gsize length,
    mode_t mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* "N messages" on a terminal's standard error, now and then; 0 wipes it away.
 */
void cmd_progress(const struct cmd_context *context, guint count);
/* The same with a bar, when it is known how many there are (0: it is not). */
void cmd_progress_of(const struct cmd_context *context, guint count, guint all);
/* The same with a bar of `share` (0 to 1), when it is known how much of all the
 * bytes is read. */
void cmd_progress_share(
    const struct cmd_context *context, guint count, double share);

/*
 * A table for people: cells are neutered, columns padded; the last one is cut
 * at the terminal's width.  `plain` gives tab-separated cells without a head,
 * for cut(1) and awk(1).
 */
struct cmd_list;
/* One with these heads, NULL-ended. */
struct cmd_list *cmd_list_new(gboolean plain, const char *const *heads);
/* As many cells as heads, NULL is "". */
void cmd_list_add(struct cmd_list *list, const char *const *cells);
/* Prints and frees it; `none` is said when there are no rows (not when plain).
 */
void cmd_list_end(struct cmd_list **list, const char *none);

/* Takes lessons back by what `member` says the words are: "id", "person"
 * or "by". */
int cmd_untrain_named(
    struct cmd_context *context, const char *member, char **words);

/* Piles of mail that are not in order yet, and what is done to each message
 * before it is taught. */
struct bulk;
struct cmd_piles {
	struct bulk *bulk; /* borrowed */
	char *inbox;       /* for which it is so, or NULL */
	/* What is taught of a message, the caller's; or NULL: as it is. */
	GBytes *(*mend)(void *self, GBytes *message);
	void *self;
};
/* Teaches them in turn, as an import of "deskgate train" does; tells of it, and
 * its exit code. */
int cmd_train_piles(struct cmd_context *context, const struct cmd_piles *piles);

/* Of the commands about a model as a whole. */
#define CMD_MODEL_INBOX(inbox) \
	{ \
		"inbox", 'i', 0, G_OPTION_ARG_STRING, (inbox), \
		    N_("the model of this inbox's own, in place of the " \
		       "installation's"), \
		    "ADDRESS" \
	}

/* Counts that come from elsewhere. */
struct cmd_counts {
	const char *name;
	const char *inbox; /* whose own model gets them; NULL: the
			    * installation's */
	gboolean starter;  /* marked as one */
};
/* Adds a model's text to a model in use, some counts at a time.  Told when it
 * fails, and its exit code. */
struct ask;
int cmd_import_text(
    struct ask *ask, const struct cmd_counts *counts, GBytes *text);

/* The text of a member, "" when there is none. */
const char *cmd_member(const json_t *object, const char *name);

/* --- the commands; each stands in a cmd_*.c --- */
#define CMD(name) \
	int cmd_##name(struct cmd_context *context, int argc, char **argv)
CMD(accept);                   /* the second door */
CMD(audit);                    /* who did what */
CMD(backup);                   /* a copy of all */
CMD(check);                    /* what is wrong with the settings */
CMD(compare);                  /* ours beside another filter's */
CMD(desk_test);                /* looks at a desk as a whole */
CMD(doctor);                   /* what is wrong around it, and what to do */
CMD(eval);                     /* how good the filter is */
CMD(explain);                  /* why a message is what it is */
CMD(import);                   /* old mail to tickets */
CMD(inbox_end);                /* it takes no mail any more */
CMD(inbox_open);               /* a new life of one that was erased */
CMD(inbox_resume);             /* it takes mail again */
CMD(inbox_status);             /* in which state inboxes are */
CMD(inbox_suspend);            /* it takes no mail for a while */
CMD(migrate);                  /* from another filter */
CMD(model_dump);               /* the model as text */
CMD(model_export);             /* one's own counts as text */
CMD(model_forget);             /* takes imported counts away */
CMD(model_import);             /* adds another's counts */
CMD(model_load);               /* a model from its text */
CMD(model_rebuild);            /* counts from the journal */
CMD(model_starter);            /* makes a starter of a public corpus */
CMD(model_verify);             /* whether counts and journal agree */
CMD(operator_delete);          /* forgets the name of one who left */
CMD(operator_list);            /* who works with it */
CMD(privacy_breach);           /* whom a breach affects */
CMD(privacy_consent_grant);    /* writes consent down */
CMD(privacy_consent_show);     /* what a person consented to */
CMD(privacy_consent_withdraw); /* it is no more */
CMD(privacy_erase);            /* erases a person everywhere */
CMD(privacy_export);           /* hands out what is held of a person */
CMD(privacy_find);             /* what is held of a person */
CMD(privacy_holders);          /* what holds personal data, and where */
CMD(privacy_object);           /* no lessons of a person's mail */
CMD(privacy_rectify);          /* corrects a person's name */
CMD(privacy_receipt);          /* what became of a request */
CMD(privacy_record);           /* the record of processing */
CMD(privacy_request_add);      /* a request that a person carries out */
CMD(privacy_request_done);     /* it was met */
CMD(privacy_request_extend);   /* it takes longer */
CMD(privacy_request_refuse);   /* it is not met */
CMD(privacy_requests);         /* what people asked for */
CMD(privacy_restrict);         /* restricts the use of a person's data */
CMD(privacy_schedule);         /* what goes when */
CMD(quarantine_delete);        /* deletes held messages, or teaches them */
CMD(quarantine_list);          /* shows what is held */
CMD(quarantine_release);       /* lets one go to its desk */
CMD(quarantine_show);          /* shows one of them */
CMD(queue_drop);               /* removes an entry for good */
CMD(queue_list);               /* shows what waits */
CMD(queue_retry);              /* tries one again now */
CMD(queue_show);               /* shows one of them */
CMD(reprocess);                /* reads what became a ticket again */
CMD(restore);                  /* puts a backup back */
CMD(rules_list);               /* shows the rules */
CMD(rules_test);               /* what each makes of a message */
CMD(run);                      /* everything in the foreground */
CMD(score);                    /* what the filter thinks */
CMD(settings_sample);          /* a settings file to begin with */
CMD(setup_postfix);            /* tells Postfix of it, and takes that back */
CMD(setup_sendmail);           /* the same for Sendmail */
CMD(stats);                    /* what was learnt, what is on its way */
CMD(tickets_close);            /* closes tickets */
CMD(tickets_erase);            /* erases a person */
CMD(tickets_file);             /* an attachment's bytes */
CMD(tickets_list);             /* shows tickets */
CMD(tickets_merge);            /* merges one into another */
CMD(tickets_not_spam);         /* takes a mark back */
CMD(tickets_reopen);           /* opens tickets again */
CMD(tickets_reply_note);       /* adds a note for agents */
CMD(tickets_search);           /* finds tickets by words */
CMD(tickets_show);             /* shows one with its messages */
CMD(tickets_spam);             /* marks as spam */
CMD(top);                      /* the same, live */
CMD(train);                    /* teaches messages */
CMD(tune);                     /* proposes thresholds */
CMD(untrain);                  /* takes lessons back */
CMD(vault_rotate);             /* the vault by a new key */

#endif
