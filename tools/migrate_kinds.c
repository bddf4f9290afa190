/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The filters one by one: where their stores and settings are, and what there
 * is to say of them.  Their own programs are asked for counts, where they are
 * installed, and only about a store of who asks: some of them write beside it.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/translate.h"
#include "tools/migrate_private.h"
#include "tools/program.h"

#define CONFIG_MOST (1 << 20)

const char migrate_use_mail[] =
    N_("teach from mail: --ham PATH and --spam PATH with what was sorted by "
       "people, or --mail PATH with mail that has its header; where no mail is "
       "kept, run both side by side and teach what people correct");
const char migrate_why_not[] = N_(
    "most of our features are pieces of six bytes of whole messages, which no "
    "list of words gives back");

/* --- what all do --- */

/* Each line "name value" of a file, told to `take`.  FALSE when there is no
 * such file. */
gboolean
migrate_read_config(struct migrate_plan *plan, const char *path,
    void (*take)(struct migrate_plan *plan, const char *name, char *value))
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes =
	    file_read(AT_FDCWD, path, CONFIG_MOST, &error);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	gsize length;
	const char *data;

	if (bytes == NULL) {
		if (!err_is(error, DG_ERROR_NOTFOUND))
			migrate_note(plan, MIGRATE_BY_HAND, "settings", NULL,
			    "%s: %s", path, error->message);
		return FALSE;
	}
	data = g_bytes_get_data(bytes, &length);
	text = g_utf8_make_valid(length > 0 ? data : "", (gssize)length);
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		char *name, *value;

		if (migrate_split(*line, &name, &value))
			take(plan, name, value);
	}
	migrate_note(plan, MIGRATE_FOUND, "settings", NULL, "%s", path);
	return TRUE;
}

/* A file of the store, when it is there; the caller's. */
char *
migrate_store_file(const struct migrate_plan *plan, const char *name)
{
	char *path = g_build_filename(plan->path, name, NULL);

	if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return path;
	g_free(path);
	return NULL;
}

/* What its own program says of a store, or NULL, and why in the plan. */
char *
migrate_ask_program(
    struct migrate_plan *plan, const char *file, const char *const *words)
{
	g_autoptr(GError) error = NULL;
	char *output = NULL;
	struct stat status;

	if (stat(file, &status) != 0 || status.st_uid != geteuid()) {
		migrate_note(plan, MIGRATE_FOUND, "store", NULL,
		    "%s; it is another user's: who owns it can see its counts",
		    file);
		return NULL;
	}
	if (program_must(words, &output, &error))
		return output;
	migrate_note(plan, MIGRATE_FOUND, "store", NULL,
	    "%s; its counts could not be read: %s", file, error->message);
	return NULL;
}

const char *
migrate_read_number(const char *at, guint64 *number_r)
{
	char *end;

	at += strspn(at, " \t");
	if (!g_ascii_isdigit(*at))
		return NULL;
	*number_r = g_ascii_strtoull(at, &end, 10);
	return end;
}

void
migrate_note_counts(
    struct migrate_plan *plan, const char *file, guint64 ham, guint64 spam)
{
	migrate_note(plan, MIGRATE_FOUND, "store", NULL,
	    "%s: taught %" PRIu64 " ham, %" PRIu64 " spam", file, ham, spam);
}

void
migrate_note_no_store(struct migrate_plan *plan)
{
	migrate_note(plan, MIGRATE_FOUND, "store",
	    "name its folder behind the filter's name, if there is one",
	    "none in %s", plan->path);
}

void
migrate_add_limit(
    struct migrate_plan *plan, const char *name, const char *value)
{
	g_string_append_printf(plan->limits, "%s%s %s",
	    plan->limits->len > 0 ? ", " : "", name, value);
}

/* Those of the settings, or what holds without any. */
void
migrate_note_limits(struct migrate_plan *plan, const char *usual)
{
	const char *text =
	    plan->limits->len > 0 ? plan->limits->str : translate(usual);

	migrate_note(plan, MIGRATE_BY_HAND, "thresholds",
	    "say what share of ham may be held, and let \"deskgate tune "
	    "--wish-held 0.1% --ham PATH --spam PATH\" find spam-score and "
	    "ham-score on your mail",
	    "%s; ours have another scale, so a number means nothing here",
	    text);
}

static void
set_tag(struct migrate_plan *plan, const char *tag)
{
	if (*tag == '\0')
		return;
	g_free(plan->tag);
	plan->tag = g_strdup(tag);
}

static void
note_tag(struct migrate_plan *plan)
{
	if (plan->tag != NULL)
		migrate_note(plan, MIGRATE_TAKEN, "subjects", NULL,
		    "\"%s\" in front of a subject is taken off before it is "
		    "taught",
		    plan->tag);
}

/* --- bogofilter --- */

static void
take_bogofilter(struct migrate_plan *plan, const char *name, char *value)
{
	if (strcmp(name, "spam_subject_tag") == 0)
		set_tag(plan, value);
	else if (strcmp(name, "spam_cutoff") == 0 ||
		 strcmp(name, "ham_cutoff") == 0)
		migrate_add_limit(plan, name, value);
}

static void
look_bogofilter(struct migrate_plan *plan)
{
	g_autofree char *file = migrate_store_file(plan, "wordlist.db");
	g_autofree char *own =
	    g_build_filename(g_get_home_dir(), ".bogofilter.cf", NULL);
	static const char counts_row[] = ".MSG_COUNT";
	const char *words[] = { "bogoutil", "-w", plan->path, counts_row,
		NULL };

	if (file == NULL) {
		migrate_note_no_store(plan);
	} else {
		g_autofree char *said = migrate_ask_program(plan, file, words);
		guint64 spam, ham;
		const char *at = said != NULL ? strstr(said, counts_row) : NULL;

		if (at != NULL)
			at =
			    migrate_read_number(at + strlen(counts_row), &spam);
		if (at != NULL && migrate_read_number(at, &ham) != NULL)
			migrate_note_counts(plan, file, ham, spam);
	}
	migrate_note(plan, MIGRATE_NOT, "words", migrate_use_mail,
	    "its words are plain text (bogoutil -d), but %s",
	    translate(migrate_why_not));
	if (plan->config != NULL) {
		migrate_read_config(plan, plan->config, take_bogofilter);
	} else {
		migrate_read_config(
		    plan, "/etc/bogofilter.cf", take_bogofilter);
		migrate_read_config(plan, own, take_bogofilter);
	}
	migrate_note_limits(plan, N_("spam_cutoff 0.99, ham_cutoff 0.45"));
	note_tag(plan);
}

/* --- SpamProbe --- */

static gboolean
read_behind(const char *text, const char *word, guint64 *number_r)
{
	const char *at = strstr(text, word);

	return at != NULL &&
	       migrate_read_number(at + strlen(word), number_r) != NULL;
}

static void
look_spamprobe(struct migrate_plan *plan)
{
	g_autofree char *plain = migrate_store_file(plan, "sp_words");
	g_autofree char *hashed = migrate_store_file(plan, "sp_words.hash");
	const char *file = plain != NULL ? plain : hashed;
	g_autofree char *folder = g_strdup_printf(
	    "%s%s", plain == NULL && hashed != NULL ? "hash:" : "", plan->path);
	const char *words[] = { "spamprobe", "-d", folder, "counts", NULL };
	g_autofree char *said =
	    file != NULL ? migrate_ask_program(plan, file, words) : NULL;
	guint64 ham, spam;

	if (file == NULL)
		migrate_note_no_store(plan);
	else if (said != NULL && read_behind(said, "GOOD", &ham) &&
		 read_behind(said, "SPAM", &spam))
		migrate_note_counts(plan, file, ham, spam);
	migrate_note(plan, MIGRATE_NOT, "words", migrate_use_mail,
	    hashed != NULL && plain == NULL
		? N_("its terms are digests, and %s")
		: N_("its terms are words and pairs of words, and %s"),
	    translate(migrate_why_not));
	migrate_note_limits(plan, N_("a score of 0.6 is its border, or -l"));
}

/* --- DSPAM --- */

static void
take_dspam(struct migrate_plan *plan, const char *name, char *value)
{
	static const char subject[] = "spamSubject=";

	g_strdelimit(value, "\"", ' ');
	g_strstrip(value);
	if (strcmp(name, "Preference") == 0 && g_str_has_prefix(value, subject))
		set_tag(plan, value + strlen(subject));
}

static void
look_dspam(struct migrate_plan *plan)
{
	if (g_file_test(plan->path, G_FILE_TEST_IS_DIR))
		migrate_note(plan, MIGRATE_FOUND, "store", NULL,
		    "%s; dspam_stats tells its counts", plan->path);
	else
		migrate_note_no_store(plan);
	migrate_note(plan, MIGRATE_NOT, "tokens", migrate_use_mail,
	    "its tokens are digests of 64 bits, its signatures lists of them: "
	    "there is no mail in it, and %s",
	    translate(migrate_why_not));
	migrate_read_config(plan,
	    plan->config != NULL ? plan->config : "/etc/dspam/dspam.conf",
	    take_dspam);
	note_tag(plan);
	migrate_note_limits(
	    plan, N_("DSPAM decides without a threshold of its own"));
	migrate_note(plan, MIGRATE_BY_HAND, "whitelist",
	    "allow, for who must never be held; of others the filter learns "
	    "by itself who writes good mail",
	    "its automatic whitelist has digests of senders");
}

/* --- the table --- */

static const struct migrate_kind kinds[] = {
	{ "bogofilter", OTHERS_BOGOFILTER, ".bogofilter", look_bogofilter },
	{ "dspam", OTHERS_DSPAM, "/var/spool/dspam", look_dspam },
	{ "rspamd", OTHERS_RSPAMD, NULL, migrate_look_rspamd },
	{ "spamassassin", OTHERS_SPAMASSASSIN, ".spamassassin",
	    migrate_look_spamassassin },
	{ "spamprobe", OTHERS_SPAMPROBE, ".spamprobe", look_spamprobe },
};

const struct migrate_kind *
migrate_kind_find(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(name, kinds[i].name) == 0)
			return &kinds[i];
	return NULL;
}

char *
migrate_kind_names(void)
{
	GString *names = g_string_new(kinds[0].name);

	for (gsize i = 1; i < G_N_ELEMENTS(kinds); i++)
		g_string_append_printf(names, ", %s", kinds[i].name);
	return g_string_free(names, FALSE);
}
