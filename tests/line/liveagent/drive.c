/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drives a desk's adapter from a shell test: settings, then verbs.
 *
 *	drive SETTINGS VERB...
 *
 * SETTINGS is a file with one section `desk`.  Verbs, in order: health, create,
 *find, append, spam, ham, deliver.  The ticket is a small one; -k HEX, -s
 *SUBJECT, -i INBOX, -m MESSAGE-ID, -t TEXT, -a ADDRESS and -f FILE (an
 *attachment, repeatable) change it.  `deliver` does what a keeper does: create,
 *and when the end was unclear, find before each further try, at most 6.
 *
 * Prints one line for each verb: the verb, then "ok ID CODE" or the error's
 *word, the seconds to wait, and its text.  Exits 0 when the last verb was ok.
 */
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tickets/desk.h"

#define TRIES 6

/* What the adapter reads, without the checks of the programs' own table. */
static const struct conf_option options[] = {
	{ "type", CONF_STRING, "liveagent" },
	{ "url", CONF_STRING, NULL },
	{ "token-file", CONF_PATH, NULL },
	{ "department", CONF_STRING, NULL },
	{ "timeout", CONF_DURATION, "5s", 1, 600 },
	{ "allow-private", CONF_FLAG, "false" },
	{ "rate", CONF_INTEGER, "180", 1, 100000 },
	{ NULL },
};

struct drive {
	struct desk *desk;
	struct ticket ticket;
	struct ident key;
	struct desk_ticket made;
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
	desk_ticket_clear(&drive->made);
	return drive->desk->ops->create(
	    drive->desk, &drive->ticket, &drive->key, &drive->made, error);
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
run_verb(struct drive *drive, const char *verb, GError **error)
{
	if (g_str_equal(verb, "health"))
		return drive->desk->ops->health(drive->desk, error);
	if (g_str_equal(verb, "create"))
		return run_create(drive, error);
	if (g_str_equal(verb, "find"))
		return run_find(drive, error);
	if (g_str_equal(verb, "append"))
		return run_append(drive, error);
	if (g_str_equal(verb, "deliver"))
		return run_deliver(drive, error);
	return drive->desk->ops->set_spam(drive->desk,
	    drive->made.id != NULL ? drive->made.id : "none",
	    g_str_equal(verb, "spam"), error);
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
	file->type = g_strdup("application/octet-stream");
	file->bytes = g_bytes_new_take(data, length);
	g_ptr_array_add(drive->ticket.files, file);
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
	struct desk_world world = { ".", NULL, NULL, NULL };
	const struct desk_ops *ops;

	static const struct conf_option *const none[] = { NULL };
	static const struct conf_option *const tables[] = { options, NULL };
	static const struct conf_kind kinds[] = {
		{ "", NULL, "none", none },
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
		    .message_id = (char *)"1@example.net" }
	};
	g_autoptr(GError) error = NULL;
	int option;

	drive.ticket.files =
	    g_ptr_array_new_with_free_func((GDestroyNotify)free_file);
	drive.ticket.date = g_get_real_time() / G_USEC_PER_SEC;
	memset(drive.key.bytes, 7, IDENT_BYTES);
	while ((option = getopt(argc, argv, "k:s:i:m:t:a:f:")) != -1)
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
	return error == NULL ? 0 : 1;
}
