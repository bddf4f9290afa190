/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drives a desk's adapter from a shell test: settings, then verbs.
 *
 *	drive SETTINGS VERB...
 *
 * SETTINGS is a file with one section `desk`.  Verbs: health, create, find,
 *append, spam, ham, open, close, tag, note, changes, erase, test,
 *deliver.  The ticket is a small one; -k HEX, -s
 *SUBJECT, -i INBOX, -m MESSAGE-ID, -t TEXT, -a ADDRESS and -f FILE (an
 *attachment, repeatable) change it; -I ID is the ticket that verbs are about,
 *-C CURSOR where `changes` goes on, -r FILE the raw message, -n NOTE what
 *agents are told, -J that it is spam, -c ADDRESS a follower, -R NOTE what a
 *rule says (department, priority, status, tags) and a note, -U SECONDS until
 *when (since 1970) `erase` means what the desk got.  `deliver` does
 *what a keeper does: create, and when the end was unclear, find before each
 *further try, at most 6.
 *
 * Prints one line for each verb: the verb, then "ok ID CODE" or the error's
 *word, the seconds to wait, and its text.  Exits 0 when the last verb was ok.
 */
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tickets/desk.h"
#include "tickets/options.h"

#define TRIES 6

struct drive {
	struct desk *desk;
	struct ticket ticket;
	struct ident key;
	struct desk_ticket made;
	struct desk_cursor cursor;
	gint64 until;
};

static gboolean
run_append(struct drive *drive, GError **error)
{
	if (drive->desk->ops->append == NULL)
		return err_set(
		    error, DG_ERROR_DENIED, "this desk cannot append");
	return drive->desk->ops->append(
	    drive->desk, drive->made.id, &drive->ticket, &drive->key, error);
}

static gboolean
run_create(struct drive *drive, GError **error)
{
	const struct desk_ops *ops = drive->desk->ops;

	desk_ticket_clear(&drive->made);
	if (!ops->create(
		drive->desk, &drive->ticket, &drive->key, &drive->made, error))
		return FALSE;
	/* As tickets/note.c does; without it the ticket is there still. */
	if (ops->note_apart && ops->note != NULL && drive->ticket.note != NULL)
		(void)ops->note(
		    drive->desk, drive->made.id, drive->ticket.note, NULL);
	return TRUE;
}

static gboolean
run_find(struct drive *drive, GError **error)
{
	desk_ticket_clear(&drive->made);
	return drive->desk->ops->find(
	    drive->desk, &drive->ticket, &drive->key, &drive->made, error);
}

/* One try: with `unclear`, a look first.  *unclear_r tells whether the next
 * must look. */
static gboolean
try_once(struct drive *drive, gboolean *unclear, GError **error)
{
	g_autoptr(GError) fault = NULL;

	if (*unclear) {
		if (run_find(drive, &fault))
			return TRUE;
		if (!err_is(fault, DG_ERROR_NOTFOUND)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		g_clear_error(&fault);
		*unclear = FALSE;
	}
	if (run_create(drive, &fault))
		return TRUE;
	*unclear = err_is(fault, DG_ERROR_IO);
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static gboolean
run_deliver(struct drive *drive, GError **error)
{
	gboolean unclear = FALSE;

	for (guint i = 0; i < TRIES; i++) {
		g_autoptr(GError) fault = NULL;
		gboolean passing;

		if (try_once(drive, &unclear, &fault))
			return TRUE;
		passing =
		    err_is(fault, DG_ERROR_IO) || err_is(fault, DG_ERROR_AGAIN);
		printf("try %s %d %s\n", err_word(fault),
		    (int)drive->desk->retry_after, fault->message);
		if (!passing || i + 1 == TRIES) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		g_usleep(MIN(drive->desk->retry_after, 2) * G_USEC_PER_SEC);
	}
	return FALSE;
}

static gboolean
run_changes(struct drive *drive, GError **error)
{
	g_autoptr(GPtrArray) events =
	    g_ptr_array_new_with_free_func(desk_event_free);

	if (!drive->desk->ops->changes(
		drive->desk, &drive->cursor, events, error))
		return FALSE;
	for (guint i = 0; i < events->len; i++) {
		const struct desk_event *event = events->pdata[i];

		printf("event %s %s %s", event->id, event->code,
		    event->status != NULL ? event->status : "-");
		for (guint j = 0; j < event->message_ids->len; j++)
			printf(
			    " %s", (const char *)event->message_ids->pdata[j]);
		printf("\n");
	}
	if (drive->desk->passed_by > 0)
		printf("passed-by %u\n", drive->desk->passed_by);
	printf("cursor %s\n", drive->cursor.text);
	return TRUE;
}

static gboolean
run_erase(struct drive *drive, GError **error)
{
	const struct desk_whom whom = { drive->ticket.requester_address,
		drive->until };
	struct desk_erased erased OWNED(desk_erased_clear) = { 0 };

	if (!drive->desk->ops->erase(drive->desk, &whom, &erased, error))
		return FALSE;
	printf("erased %s %u %s\n", desk_erasure_word(erased.outcome),
	    erased.tickets, erased.words != NULL ? erased.words : "-");
	return TRUE;
}

static gboolean
run_test(struct drive *drive, GError **error)
{
	struct desk_report *report OWNED(desk_report_free) = desk_report_new();

	if (!desk_test(drive->desk, report, error))
		return FALSE;
	for (guint i = 0; i < report->checks->len; i++) {
		const struct desk_check *check = report->checks->pdata[i];

		printf("check %s %s: %s\n", desk_level_word(check->level),
		    check->name, check->text);
	}
	return TRUE;
}

static gboolean
run_note(struct drive *drive, GError **error)
{
	if (drive->desk->ops->note == NULL)
		return err_set(
		    error, DG_ERROR_DENIED, "this desk takes no notes");
	return drive->desk->ops->note(drive->desk, drive->made.id,
	    drive->ticket.note != NULL ? drive->ticket.note : "A note of ours",
	    error);
}

static gboolean
run_change(struct drive *drive, const char *verb, GError **error)
{
	static const struct {
		const char *verb, *status;
	} words[] = { { "spam", "spam" }, { "ham", "not-spam" },
		{ "open", "open" }, { "close", "closed" } };
	const char *const tags[] = { "deskgate", "Urgent", NULL };
	struct desk_change change = { 0 };

	if (g_str_equal(verb, "tag"))
		change.tags = tags;
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_str_equal(verb, words[i].verb))
			change.status = words[i].status;
	return drive->desk->ops->change(drive->desk,
	    drive->made.id != NULL ? drive->made.id : "none", &change, error);
}

static gboolean
run_verb(struct drive *drive, const char *verb, GError **error)
{
	static const struct {
		const char *verb;
		gboolean (*run)(struct drive *drive, GError **error);
	} verbs[] = { { "create", run_create }, { "find", run_find },
		{ "append", run_append }, { "deliver", run_deliver },
		{ "changes", run_changes }, { "erase", run_erase },
		{ "test", run_test }, { "note", run_note } };

	if (g_str_equal(verb, "health"))
		return drive->desk->ops->health(drive->desk, error);
	for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (g_str_equal(verb, verbs[i].verb))
			return verbs[i].run(drive, error);
	return run_change(drive, verb, error);
}

static gboolean
add_file(struct drive *drive, const char *path)
{
	struct ticket_file *file = g_new0(struct ticket_file, 1);
	char *data = NULL;
	gsize length = 0;

	if (!g_file_get_contents(path, &data, &length, NULL)) {
		g_free(file);
		return FALSE;
	}
	file->name = g_path_get_basename(path);
	file->type = g_strdup(g_str_has_suffix(path, ".asc")
				  ? "application/pgp-signature"
				  : "application/octet-stream");
	file->bytes = g_bytes_new_take(data, length);
	g_ptr_array_add(drive->ticket.files, file);
	return TRUE;
}

static gboolean
set_source(struct ticket *ticket, const char *path)
{
	char *data = NULL;
	gsize length = 0;

	if (!g_file_get_contents(path, &data, &length, NULL))
		return FALSE;
	g_clear_pointer(&ticket->source, g_bytes_unref);
	ticket->source = g_bytes_new_take(data, length);
	return TRUE;
}

static gboolean
add_follower(struct ticket *ticket, const char *address)
{
	struct addr *addr = g_new0(struct addr, 1);

	addr->address = g_strdup(address);
	addr->name = g_strdup("");
	g_ptr_array_add(ticket->followers, addr);
	return TRUE;
}

static gboolean
set_option(struct drive *drive, int option, char *value)
{
	struct ticket *ticket = &drive->ticket;

	switch (option) {
	case 'k':
		return ident_parse(value, &drive->key);
	case 's':
		ticket->subject = value;
		return TRUE;
	case 'i':
		ticket->inbox = value;
		return TRUE;
	case 'm':
		ticket->message_id = value[0] != '\0' ? value : NULL;
		return TRUE;
	case 't':
		ticket->text = value;
		return TRUE;
	case 'a':
		ticket->requester_address = value;
		return TRUE;
	case 'I':
		drive->made.id = g_strdup(value);
		return TRUE;
	case 'C':
		g_strlcpy(drive->cursor.text, value, sizeof drive->cursor.text);
		return TRUE;
	case 'n':
		ticket->note = value;
		return TRUE;
	case 'J':
		ticket->spam = TRUE;
		return TRUE;
	case 'O': /* old mail */
		ticket->imported = TRUE;
		return TRUE;
	case 'c':
		return add_follower(ticket, value);
	case 'R': /* what a rule would say of it */
		ticket->department = (char *)"dep1";
		ticket->priority = (char *)"high";
		ticket->status = (char *)"closed";
		ticket->tags = g_ptr_array_new();
		g_ptr_array_add(ticket->tags, (gpointer) "vip");
		ticket->note = value;
		return TRUE;
	case 'U':
		return g_ascii_string_to_signed(
		    value, 10, 0, G_MAXINT64, &drive->until, NULL);
	case 'r':
		return set_source(ticket, value);
	case 'f':
		return add_file(drive, value);
	default:
		return FALSE;
	}
}

static void
free_file(struct ticket_file *file)
{
	g_free(file->name);
	g_free(file->type);
	g_bytes_unref(file->bytes);
	g_free(file);
}

static struct desk *
open_desk(const char *path, GError **error)
{
	struct conf *conf OWNED(conf_free) = NULL;
	const struct conf_section *section;
	struct desk_world world = { .state_dir = "." };
	const struct desk_ops *ops;

	static const struct conf_option *const global[] = { tickets_options,
		NULL };
	static const struct conf_option *const tables[] = {
		tickets_desk_options, NULL
	};
	static const struct conf_kind kinds[] = {
		{ "", NULL, "all", global },
		{ "desk", "name", "a help desk", tables },
		{ NULL },
	};

	conf = conf_load(path, kinds, error);
	if (conf == NULL)
		return NULL;
	if (conf_faults(conf) > 0) {
		err_set(error, DG_ERROR_BAD, "%s", conf_fault(conf, 0));
		return NULL;
	}
	world.global = conf_global(conf);
	section = conf_at(conf, "desk", 0);
	ops = desk_type(conf_string(section, "type"));
	return ops->open(section, &world, error);
}

int
main(int argc, char **argv)
{
	struct drive drive = {
		.ticket = { .inbox = (char *)"support@example.com",
		    .requester_address = (char *)"carol@example.net",
		    .requester_name = (char *)"Carol",
		    .subject = (char *)"Hello",
		    .text = (char *)"Where is my order?",
		    .message_id = (char *)"1@example.net" },
		.until = G_MAXINT64
	};
	g_autoptr(GError) error = NULL;
	int option;

	drive.ticket.files =
	    g_ptr_array_new_with_free_func((GDestroyNotify)free_file);
	drive.ticket.followers =
	    g_ptr_array_new_with_free_func((GDestroyNotify)addr_free);
	drive.ticket.date = g_get_real_time() / G_USEC_PER_SEC;
	memset(drive.key.bytes, 7, IDENT_BYTES);
	while ((option = getopt(
		    argc, argv, "k:s:i:m:t:a:f:I:C:r:n:JOc:R:U:")) != -1)
		if (!set_option(&drive, option, optarg))
			return 64;
	if (argc - optind < 2 || !seal_init(&error))
		return 64;
	drive.desk = open_desk(argv[optind++], &error);
	for (; drive.desk != NULL && optind < argc; optind++) {
		g_clear_error(&error);
		if (run_verb(&drive, argv[optind], &error))
			printf("%s ok %s %s\n", argv[optind],
			    drive.made.id != NULL ? drive.made.id : "-",
			    drive.made.code != NULL ? drive.made.code : "-");
		else
			printf("%s %s %d %s\n", argv[optind], err_word(error),
			    (int)drive.desk->retry_after, error->message);
	}
	if (drive.desk == NULL)
		printf("open %s 0 %s\n", err_word(error), error->message);
	else
		drive.desk->ops->close(drive.desk);
	desk_ticket_clear(&drive.made);
	g_ptr_array_unref(drive.ticket.files);
	g_ptr_array_unref(drive.ticket.followers);
	g_clear_pointer(&drive.ticket.source, g_bytes_unref);
	g_clear_pointer(&drive.ticket.tags, g_ptr_array_unref);
	return error == NULL ? 0 : 1;
}
