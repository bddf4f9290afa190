/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate accept: the second door, for pipes and aliases.  Its exit code is
 * for an MTA: EX_OK when the message is ours, EX_TEMPFAIL on any doubt, wrong
 * settings included: they are set right, and the mail still waits.  Only what
 * can never work is told as such: an option or an inbox that is not known
 * (EX_USAGE), a message above max-message-size (EX_DATAERR), an inbox that
 * refuses mail (EX_NOPERM).
 */
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/jail.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "milter/closed.h"
#include "milter/door.h"
#include "milter/path.h"
#include "tools/cmd.h"
#include "tools/daemon.h"
#include "tools/ground.h"
#include "tools/setup_plan.h"
#include "tools/setup_probe.h"

struct acceptance {
	struct cmd_context *context;
	char *inbox, *sender, *recipient; /* options */
	const struct conf *conf;
	struct terms *terms;
	const struct policy_inbox *target;
	GBytes *input;
};

/* The inbox of this title, or that this address belongs to. */
static const struct policy_inbox *
find_inbox(const struct terms *terms, const char *name)
{
	for (guint i = 0; i < terms->inboxes->len; i++) {
		const struct policy_inbox *inbox = terms->inboxes->pdata[i];

		if (g_ascii_strcasecmp(inbox->title, name) == 0)
			return inbox;
	}
	return terms_inbox(terms, name);
}

static gboolean
become(const struct conf *conf, GError **error)
{
	struct home_owners owners;

	return home_owners(conf, FALSE, &owners, error) &&
	       (owners.milter_name == NULL ||
		   jail_become(owners.milter_name, owners.group, error));
}

/* What the options say, and for the rest what the delivering MTA wrote on top.
 */
static struct envelope *
make_envelope(const struct acceptance *acceptance, const char *return_path)
{
	struct envelope *envelope = envelope_new();

	g_free(envelope->sender);
	if (acceptance->sender != NULL)
		envelope->sender = path_address(acceptance->sender);
	else
		envelope->sender =
		    g_strdup(return_path != NULL ? return_path : "");
	g_ptr_array_add(
	    envelope->recipients, acceptance->recipient != NULL
				      ? path_address(acceptance->recipient)
				      : g_strdup(acceptance->target->title));
	envelope->received = clock_wall(&clock_system);
	return envelope;
}

/* Standard error is the MTA's, which takes what is said there for a complaint.
 */
static void
log_result(const struct acceptance *acceptance, const struct ground *ground,
    const struct door_mail *mail, const struct door_result *result)
{
	const struct conf_section *global = conf_global(acceptance->conf);
	g_autofree char *score = g_strdup_printf("%.2f", result->verdict.score);
	g_autofree char *size = g_strdup_printf("%zu", mail->letter->length);
	char key[IDENT_TEXT];

	if (strcmp(conf_string(global, "log-target"), "syslog") != 0)
		return;
	daemon_log(acceptance->conf, "deskgate-accept", ground->keys.log);
	ident_text(&result->key, key);
	log_event(LOG_LEVEL_INFO, "message", "id", key, "verdict",
	    verdict_word(result->verdict.class), "score", score, "action",
	    policy_action_word(result->action), "inbox", mail->inbox->title,
	    "size", size, "@sender", mail->envelope->sender, "basis",
	    verdict_basis_word(result->verdict.basis), "repeat",
	    result->put == SPOOL_ALREADY ? "yes" : NULL, NULL);
}

static gboolean
take(const struct acceptance *acceptance, const struct ground *ground,
    const struct gauge *gauge, GError **error)
{
	gsize length;
	const char *data = g_bytes_get_data(acceptance->input, &length);
	g_autofree char *return_path = NULL;
	gsize skip = door_skip_trace(data, length, &return_path);
	struct envelope *envelope OWNED(envelope_free) =
	    make_envelope(acceptance, return_path);
	struct letter letter OWNED(letter_clear) = { .fd = -1 };
	struct door door = {
		.handover = { ground->spool, ground->keys.entry,
		    ground->key_dir },
		.gauge = gauge,
	};
	const struct door_mail mail = { acceptance->target,
		envelope->recipients->pdata[0], envelope, &letter };
	struct door_result result = { 0 };

	judge_init(&door.judge, ground->classify,
	    conf_duration(conf_global(acceptance->conf), "reader-time") * 1000);
	if (!letter_from_bytes(
		(const guint8 *)data + skip, length - skip, &letter, error) ||
	    !door_take(&door, acceptance->terms, &mail, &result, error))
		return FALSE;
	log_result(acceptance, ground, &mail, &result);
	return TRUE;
}

/* As pipe(8) of Postfix reads it: a status, then the text. */
static int
ask_closed(const struct acceptance *acceptance, const struct ground *ground)
{
	struct reply reply;
	enum closed closed = closed_ask(
	    ground->lives, acceptance->terms, acceptance->target, &reply);

	/* Who brings it, nobody knows by this door. */
	if (policy_teaches(acceptance->target)) {
		cmd_complain(
		    "5.7.1 This address takes mail of those alone who "
		    "are logged in; at this machine \"deskgate train\" "
		    "teaches");
		return EX_NOPERM;
	}
	if (closed == CLOSED_NOT)
		return EX_OK;
	cmd_complain("%s %s", reply.status, reply.text);
	return closed == CLOSED_LATER ? EX_TEMPFAIL : EX_NOPERM;
}

/* The message of `deskgate setup`: by the very way that others go, but for the
 * last step. */
static gboolean
hand_back(const struct acceptance *acceptance, GError **error)
{
	struct ground ground;
	gboolean good;

	if (!become(acceptance->conf, error) ||
	    !ground_open(&ground, acceptance->conf, error))
		return FALSE;
	good = setup_probe_hand_back(ground.paths.milter, acceptance->recipient,
	    acceptance->input, error);
	ground_close(&ground);
	return good;
}

/* EX_OK, or the code of what was told; -1 with *error. */
static int
store(const struct acceptance *acceptance, GError **error)
{
	struct gauge *gauge OWNED(gauge_free) = NULL;
	struct ground ground;
	int code;

	if (!become(acceptance->conf, error) ||
	    !ground_open(&ground, acceptance->conf, error))
		return -1;
	code = ask_closed(acceptance, &ground);
	if (code == EX_OK) {
		gauge = gauge_new(ground.spool, ground.paths.spool, error);
		if (gauge == NULL || !take(acceptance, &ground, gauge, error))
			code = -1;
	}
	ground_close(&ground);
	return code;
}

/* Reads standard input before rights are dropped and files opened: it is there.
 */
static int
read_input(struct acceptance *acceptance)
{
	g_autoptr(GError) error = NULL;
	gsize most = acceptance->terms->max_size;

	acceptance->input = file_read_fd(STDIN_FILENO, most, &error);
	if (err_is(error, DG_ERROR_FULL)) {
		cmd_complain("deskgate accept: the message is larger than "
			     "%zu bytes",
		    most);
		return EX_DATAERR;
	}
	if (acceptance->input == NULL) {
		cmd_complain("deskgate accept: %s", error->message);
		return EX_TEMPFAIL;
	}
	if (g_bytes_get_size(acceptance->input) > 0)
		return EX_OK;
	cmd_complain("deskgate accept: standard input is empty");
	return EX_TEMPFAIL;
}

static int
run_probe(struct acceptance *acceptance)
{
	g_autoptr(GError) error = NULL;
	int code = read_input(acceptance);

	if (code != EX_OK || hand_back(acceptance, &error))
		return code;
	cmd_complain("deskgate accept: %s", error->message);
	/* Later is too late for it. */
	return EX_UNAVAILABLE;
}

static int
run(struct acceptance *acceptance)
{
	g_autoptr(GError) error = NULL;
	int code;

	if (strcmp(acceptance->inbox, SETUP_PROBE_INBOX) == 0)
		return run_probe(acceptance);
	acceptance->target = find_inbox(acceptance->terms, acceptance->inbox);
	if (acceptance->target == NULL) {
		g_autofree char *text =
		    g_strdup_printf("there is no inbox \"%s\" in the settings",
			acceptance->inbox);

		return cmd_usage(acceptance->context, text);
	}
	code = read_input(acceptance);
	if (code == EX_OK)
		code = store(acceptance, &error);
	if (code >= 0)
		return code;
	cmd_complain("deskgate accept: %s", error->message);
	return EX_TEMPFAIL;
}

static int
run_with_settings(struct acceptance *acceptance)
{
	struct conf *conf OWNED(conf_free) = NULL;
	int code;

	if (cmd_settings(acceptance->context, &conf) != EX_OK)
		return EX_TEMPFAIL;
	acceptance->conf = conf;
	acceptance->terms = terms_new(conf);
	code = run(acceptance);
	terms_unref(&acceptance->terms);
	g_clear_pointer(&acceptance->input, g_bytes_unref);
	return code;
}

int
cmd_accept(struct cmd_context *context, int argc, char **argv)
{
	struct acceptance acceptance = { .context = context };
	const GOptionEntry entries[] = {
		{ "inbox", 'i', 0, G_OPTION_ARG_STRING, &acceptance.inbox,
		    N_("the inbox it is for"), "INBOX" },
		{ "sender", 'f', 0, G_OPTION_ARG_STRING, &acceptance.sender,
		    N_("envelope sender (default: of Return-Path)"),
		    "ADDRESS" },
		{ "recipient", 'r', 0, G_OPTION_ARG_STRING,
		    &acceptance.recipient,
		    N_("envelope recipient (default: the inbox)"), "ADDRESS" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "", &argc, &argv);

	if (code < 0 && acceptance.inbox == NULL)
		code = cmd_usage(context, "say which inbox: -i INBOX");
	else if (code < 0 && argc > 1)
		code =
		    cmd_usage(context, "the message comes from standard input");
	else if (code < 0) {
		/* An MTA reads it, and a reason is kept. */
		translate_stop();
		code = run_with_settings(&acceptance);
	}
	g_free(acceptance.inbox);
	g_free(acceptance.sender);
	g_free(acceptance.recipient);
	return code;
}
