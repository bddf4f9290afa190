/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate migrate: a plan of what can be taken over from another filter, and
 * with --apply what of it this command can do.
 */
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/bulk.h"
#include "tools/many.h"
#include "tools/migrate.h"
#include "tools/pristine.h"

static const char words_of_help[] = N_(
    "Show what can be taken over from another filter, what cannot and why, and "
    "what is\n"
    "better then. Nothing is changed without --apply.\n\n"
    "The mail itself is what teaches: --ham and --spam are what people have "
    "sorted;\n"
    "--mail is mail of which only the other filter's header says what it is, "
    "and its\n"
    "word is taken for it, mistakes included. With --apply it is taught as "
    "\"deskgate\n"
    "train\" does it, as it was before the filter wrapped it or tagged its "
    "subject.\n"
    "Lists of senders become lines for the settings.");

/* What came of one pile of mail. */
struct pile {
	guint messages, unwrapped, subjects;
};

struct migration {
	struct cmd_context *context;
	char **ham, **spam, **mail;
	char *config, *tag, *settings, *inbox;
	gboolean apply;
	struct migrate_plan *plan;
	struct bulk *bulk;
	struct many many;     /* for what cannot be read */
	struct pile piles[2]; /* [1]: spam */
	guint left_out;       /* of --mail: unsure, or without its header */
	guint theirs[2][3];   /* [true spam][its word], of ham and spam */
};

/* --- mail --- */

/* What it is by the filter's own header; FALSE when that does not say. */
static gboolean
by_header(const struct others_word *word, enum verdict_class *class_r)
{
	*class_r = word->class;
	return word->said && word->class != VERDICT_UNSURE;
}

/* `class` is NULL where the header is to say it. */
static void
take_message(struct migration *migration, struct source *source,
    GBytes *message, const enum verdict_class *class)
{
	const struct migrate_plan *plan = migration->plan;
	const struct others_word *word;
	enum verdict_class found;
	struct others others;
	gsize length;
	const guint8 *data = g_bytes_get_data(message, &length);
	guint done;

	others_read(data, length, &others);
	word = &others.theirs[plan->kind->filter];
	if (class == NULL && !by_header(word, &found)) {
		migration->left_out++;
	} else {
		gboolean spam =
		    (class != NULL ? *class : found) == VERDICT_SPAM;
		struct pile *pile = &migration->piles[spam];

		g_bytes_unref(pristine_message(message, plan->tag, &done));
		pile->messages++;
		pile->unwrapped += (done & PRISTINE_UNWRAPPED) != 0;
		pile->subjects += (done & PRISTINE_SUBJECT) != 0;
		if (class != NULL && word->said)
			migration->theirs[spam][word->class]++;
		bulk_put(migration->bulk, source, message,
		    spam ? VERDICT_SPAM : VERDICT_HAM);
	}
	others_clear(&others);
}

static void
gather(
    struct migration *migration, char **paths, const enum verdict_class *class)
{
	struct source *source OWNED(source_close) = NULL;

	if (paths == NULL)
		return;
	source = source_open(paths, CMD_MESSAGE_MOST);
	for (guint count = 1;; count++) {
		g_autoptr(GBytes) message = NULL;
		g_autoptr(GError) fault = NULL;
		g_autofree char *name = NULL;

		if (source_next(source, &message, &name, &fault))
			take_message(migration, source, message, class);
		else if (fault != NULL)
			many_fail(&migration->many, name, fault);
		else
			break;
		cmd_progress(migration->context, count);
	}
	cmd_progress(migration->context, 0);
}

/* --- the plan --- */

static void
note_header(const struct migration *migration)
{
	const char *const *fields =
	    others_fields(migration->plan->kind->filter);
	g_autofree char *names = g_strjoinv(", ", (char **)fields);

	migrate_note(migration->plan, MIGRATE_NOT, "header", NULL,
	    "what it writes into a header is never learnt: %s", names);
}

static void
note_mail(const struct migration *migration)
{
	const struct pile *ham = &migration->piles[0];
	const struct pile *spam = &migration->piles[1];

	if (ham->messages + spam->messages + migration->left_out == 0)
		return;
	migrate_note(migration->plan, MIGRATE_TAKEN, "mail",
	    ham->messages == 0 || spam->messages == 0
		? "both classes are needed: name mail of the other one too"
		: NULL,
	    "%u ham, %u spam; %u unwrapped, %u with their subject of before",
	    ham->messages, spam->messages, ham->unwrapped + spam->unwrapped,
	    ham->subjects + spam->subjects);
	if (migration->left_out > 0)
		migrate_note(migration->plan, MIGRATE_NOT, "mail",
		    "let people sort it, or leave it",
		    "%u of --mail, of which its header does not say what they "
		    "are",
		    migration->left_out);
}

/* What its thresholds do to this mail is what ours can be made to do. */
static void
note_effect(const struct migration *migration)
{
	const guint *ham = migration->theirs[0], *spam = migration->theirs[1];
	guint hams = ham[VERDICT_HAM] + ham[VERDICT_UNSURE] + ham[VERDICT_SPAM];
	guint spams =
	    spam[VERDICT_HAM] + spam[VERDICT_UNSURE] + spam[VERDICT_SPAM];
	double held = hams > 0 ? 100.0 * ham[VERDICT_SPAM] / hams : 0;
	double passed = spams > 0 ? 100.0 * spam[VERDICT_HAM] / spams : 0;
	g_autofree char *better = NULL;

	if (hams == 0 || spams == 0)
		return;
	/* Where its own word sorted the mail there is no mistake to be seen. */
	better =
	    held > 0 || passed > 0
		? g_strdup_printf(
		      translate(
			  "the same shares with ours: deskgate tune "
			  "--wish-held %.3g%% --wish-passed %.3g%% --ham PATH "
			  "--spam PATH; and \"deskgate compare\" shows both"),
		      held, passed)
		: g_strdup(
		      translate("\"deskgate compare\" shows both; a share of 0 "
				"cannot be promised, so tune wishes 0.1%"));
	migrate_note(migration->plan, MIGRATE_FOUND, "its errors", better,
	    "of %u ham with its header it called %u spam (%.3g %%), of %u "
	    "spam %u ham (%.3g %%)",
	    hams, ham[VERDICT_SPAM], held, spams, spam[VERDICT_HAM], passed);
}

static void
make_plan(struct migration *migration)
{
	const enum verdict_class ham = VERDICT_HAM, spam = VERDICT_SPAM;

	migration->plan->kind->look(migration->plan);
	/* What is said on the command line counts more. */
	if (migration->tag != NULL) {
		g_free(migration->plan->tag);
		migration->plan->tag = g_strdup(migration->tag);
	}
	note_header(migration);
	gather(migration, migration->ham, &ham);
	gather(migration, migration->spam, &spam);
	gather(migration, migration->mail, NULL);
	note_mail(migration);
	note_effect(migration);
}

static void
print_plan(const struct migration *migration)
{
	const struct migrate_plan *plan = migration->plan;

	cmd_print("from %s%s%s:\n", plan->kind->name,
	    plan->path != NULL ? ", " : "",
	    plan->path != NULL ? plan->path : "");
	for (guint i = 0; i < plan->items->len; i++) {
		const struct migrate_item *item = plan->items->pdata[i];

		cmd_print("  %-8s %s: %s\n",
		    translate(migrate_act_word(item->act)), item->what,
		    item->text);
		if (item->better != NULL)
			cmd_print("           -> %s\n", item->better);
	}
}

/* --- doing it --- */

static GBytes *
mend(void *self, GBytes *message)
{
	const struct migration *migration = self;

	return pristine_message(message, migration->plan->tag, NULL);
}

/* A new file, for its owner and group alone; one that is there stays. */
static gboolean
write_new(const char *path, const char *text, GError **error)
{
	g_autofree char *place = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	int folder OWNED(file_close) = file_open_dir(place, error);

	if (folder >= 0 &&
	    file_create(folder, name, text, strlen(text), 0640, error))
		return TRUE;
	g_prefix_error(error, "%s: ", path);
	return FALSE;
}

/* The lines for the settings: shown, or into a new file. */
static int
give_settings(const struct migration *migration)
{
	g_autofree char *text = migrate_settings(migration->plan);
	g_autoptr(GError) error = NULL;

	if (text == NULL)
		return EX_OK;
	if (!migration->apply || migration->settings == NULL) {
		if (!migration->context->json)
			cmd_print("\nFor the settings (where a list is there "
				  "already, put the two together):\n\n%s",
			    text);
		return EX_OK;
	}
	if (!write_new(migration->settings, text, &error))
		return cmd_fail(error);
	if (!migration->context->json)
		cmd_print("written: %s; look at it, then \"deskgate check\"\n",
		    migration->settings);
	return EX_OK;
}

static int
apply(struct migration *migration)
{
	const struct cmd_piles piles = { .bulk = migration->bulk,
		.inbox = migration->inbox,
		.mend = mend,
		.self = migration };
	guint messages =
	    migration->piles[0].messages + migration->piles[1].messages;

	if (messages == 0 &&
	    (migration->settings == NULL ||
		migration->plan->allow->len + migration->plan->block->len == 0))
		return cmd_usage(migration->context,
		    "there is nothing that can be done by itself: name mail by "
		    "--ham and --spam, or --mail");
	if (messages == 0)
		return EX_OK;
	return cmd_train_piles(migration->context, &piles);
}

static int
migrate(struct migration *migration)
{
	int code, settled;

	make_plan(migration);
	if (migration->context->json)
		cmd_json_line(migrate_json(migration->plan));
	else
		print_plan(migration);
	code = give_settings(migration);
	if (code != EX_OK)
		return code;
	settled = migration->many.failed > 0 ? EX_DATAERR : EX_OK;
	if (!migration->apply) {
		if (!migration->context->json)
			cmd_print("\nNothing was changed; --apply does what "
				  "is \"taken\".\n");
		return settled;
	}
	code = apply(migration);
	return code != EX_OK ? code : settled;
}

static gboolean
has_stdin(char **paths)
{
	return paths != NULL &&
	       g_strv_contains((const char *const *)paths, "-");
}

static int
begin(struct migration *migration, int argc, char **argv)
{
	const struct migrate_kind *kind =
	    argc > 1 ? migrate_kind_find(argv[1]) : NULL;
	g_autofree char *names = migrate_kind_names();
	g_autofree char *text =
	    g_strdup_printf("say from which filter: %s", names);

	if (kind == NULL)
		return cmd_usage(migration->context, text);
	if (argc > 3)
		return cmd_usage(
		    migration->context, "there is a word too many");
	if (has_stdin(migration->ham) || has_stdin(migration->spam) ||
	    has_stdin(migration->mail))
		return cmd_usage(migration->context,
		    "mail is read twice: standard input cannot be");
	if (argc == 3 && !g_file_test(argv[2], G_FILE_TEST_EXISTS)) {
		cmd_complain(
		    "deskgate migrate: %s: there is no such folder", argv[2]);
		return EX_NOINPUT;
	}
	migration->plan = migrate_plan_new(
	    kind, argc == 3 ? argv[2] : NULL, migration->config);
	migration->bulk = bulk_new();
	migration->many.context = migration->context;
	return migrate(migration);
}

int
cmd_migrate(struct cmd_context *context, int argc, char **argv)
{
	struct migration migration = { .context = context };
	const GOptionEntry entries[] = {
		{ "ham", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &migration.ham,
		    N_("good mail, sorted by people; may be said again"),
		    "PATH" },
		{ "spam", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &migration.spam,
		    N_("spam, likewise"), "PATH" },
		{ "mail", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &migration.mail,
		    N_("mail with the filter's header, whose word is taken for "
		       "it"),
		    "PATH" },
		{ "from-config", 0, 0, G_OPTION_ARG_FILENAME, &migration.config,
		    N_("the filter's settings"), "PATH" },
		{ "subject-tag", 0, 0, G_OPTION_ARG_STRING, &migration.tag,
		    N_("what it puts in front of subjects: taken off"),
		    "TEXT" },
		{ "apply", 0, 0, G_OPTION_ARG_NONE, &migration.apply,
		    N_("do it: teach the mail"), NULL },
		{ "settings", 0, 0, G_OPTION_ARG_FILENAME, &migration.settings,
		    N_("with --apply: write its lists of senders to this new "
		       "file"),
		    "FILE" },
		{ "inbox", 'i', 0, G_OPTION_ARG_STRING, &migration.inbox,
		    N_("teach it for this inbox: its own model learns it too"),
		    "ADDRESS" },
		{ NULL },
	};
	int code;

	context->summary = words_of_help;
	code = cmd_options(context, entries, "FILTER [FOLDER]", &argc, &argv);
	if (code < 0)
		code = begin(&migration, argc, argv);
	migrate_plan_free(&migration.plan);
	bulk_free(&migration.bulk);
	g_strfreev(migration.ham);
	g_strfreev(migration.spam);
	g_strfreev(migration.mail);
	g_free(migration.config);
	g_free(migration.tag);
	g_free(migration.settings);
	g_free(migration.inbox);
	return code;
}
