/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_EXAM_REQUEST_H
#define DESKGATE_TOOLS_EXAM_REQUEST_H

#include "tools/cmd.h"
#include "tools/exam.h"

/* An examination as it is asked for on the command line, by eval and by tune;
 * what cmd_options fills in. */
struct exam_request {
	struct cmd_context *context;
	char *index;
	char **ham, **spam; /* own mail */
	gint folds, delay, readers;
	gint64 seed;
	char *flip;
	gboolean force, body_only;
	/* In place of the settings; NAN and 0: as they are. */
	double spam_score, ham_score, training_margin, refuse_score;
	gint64 max_records;
	struct exam_rules rules; /* private */
};

/* The options of where the mail comes from. */
#define EXAM_REQUEST_MAIL(request) \
	{ "index", 'i', 0, G_OPTION_ARG_FILENAME, &(request)->index, \
		N_("labelled messages in order, lines \"ham|spam PATH\""), \
		"FILE" }, \
	    { "ham", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &(request)->ham, \
		    N_("own good mail: a folder, Maildir, mbox or message; " \
		       "may " \
		       "be said again"), \
		    "PATH" }, \
	    { "spam", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &(request)->spam, \
		    N_("own spam, likewise"), "PATH" }, \
	    { "kfold", 'k', 0, G_OPTION_ARG_INT, &(request)->folds, \
		    N_("judge each of N parts by what the others teach"), \
		    "N" }, \
	    { "no-headers", 0, 0, G_OPTION_ARG_NONE, &(request)->body_only, \
		    N_("judge by the bodies alone"), NULL }, \
	{ \
		"readers", 0, 0, G_OPTION_ARG_INT, &(request)->readers, \
		    N_("messages read at once (one for each core)"), "N" \
	}

/* What stands in place of settings. */
#define EXAM_REQUEST_MARGINS(request) \
	{ "spam-score", 0, 0, G_OPTION_ARG_DOUBLE, &(request)->spam_score, \
		N_("in place of the setting, as the next four are"), "X" }, \
	    { "ham-score", 0, 0, G_OPTION_ARG_DOUBLE, &(request)->ham_score, \
		    N_("ham at this score or below"), "X" }, \
	    { "training-margin", 0, 0, G_OPTION_ARG_DOUBLE, \
		    &(request)->training_margin, \
		    N_("what the model is less sure of is learnt"), "X" }, \
	    { "refuse-score", 0, 0, G_OPTION_ARG_DOUBLE, \
		    &(request)->refuse_score, \
		    N_("a label contradicted by more is refused"), "X" }, \
	{ \
		"max-records", 0, 0, G_OPTION_ARG_INT64, \
		    &(request)->max_records, N_("records kept at most"), "N" \
	}

/* A request with nothing asked for yet. */
void exam_request_init(
    struct exam_request *request, struct cmd_context *context);

/* The settings of -c FILE, or the defaults, so that figures mean the same
 * everywhere; a code as of cmd_settings. */
int exam_request_settings(
    const struct cmd_context *context, struct conf **conf_r);

/* Runs it.  EX_OK, EX_NOINPUT when files were missing and the rest is there, or
 * the code of what was told; the caller clears *report_r in any case. */
int exam_request_run(struct exam_request *request, const struct conf *conf,
    struct exam_report *report_r);
/* A share as people write it: "0.05" or "5%", from 0 to 1. */
gboolean exam_read_share(const char *text, double *share_r);
/* Frees what the options hold. */
void exam_request_clear(struct exam_request *request);

#endif
