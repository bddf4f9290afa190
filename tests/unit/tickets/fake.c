/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/tickets/fake.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/options.h"

struct fake_desk {
	struct desk base;
	char *log;
};

/* The room's own tables with other defaults, so that whatever the code asks for
 * is there. */
static const struct {
	const char *name, *fallback;
} others[] = {
	{ "retry-min", "10s" },
	{ "retry-limit", "3" },
	{ "rate-per-sender", "0" },
	{ "desk", NULL },
};

#define OPTIONS_MOST 100
static struct conf_option global_options[OPTIONS_MOST];
static struct conf_option inbox_options[OPTIONS_MOST];
static const struct conf_option desk_options[] = {
	{ "type", CONF_STRING, "fake", 0, 0, NULL, FALSE, "help" },
	{ "max-files-size", CONF_SIZE, "64M", 0, 1e9, NULL, FALSE, "help" },
	{ "poll-interval", CONF_DURATION, "30s", 0, 1e6, NULL, FALSE, "help" },
	{ NULL },
};
static const struct conf_option *const global_tables[] = { global_options,
	NULL };
static const struct conf_option *const inbox_tables[] = { inbox_options, NULL };
static const struct conf_option *const desk_tables[] = { desk_options, NULL };
static const struct conf_option *const rule_tables[] = { tickets_rule_options,
	NULL };
static const struct conf_kind kinds[] = {
	{ "", NULL, "help", global_tables },
	{ "inbox", "address", "help", inbox_tables },
	{ "desk", "name", "help", desk_tables },
	{ "rule", "name", "help", rule_tables },
	{ NULL },
};

static void
fill(struct conf_option *options, const struct conf_option *from)
{
	for (guint at = 0; from[at].name != NULL; at++) {
		g_assert_cmpuint(at + 1, <, OPTIONS_MOST);
		options[at] = from[at];
		for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
			if (strcmp(from[at].name, others[i].name) == 0)
				options[at].fallback = others[i].fallback;
	}
}

struct fake *
fake_now(void)
{
	static struct fake fake;

	return &fake;
}

struct conf *
fake_conf(const char *text)
{
	struct conf *conf;

	fill(global_options, tickets_options);
	fill(inbox_options, tickets_inbox_options);
	conf = conf_parse("test.conf",
	    text != NULL ? text
			 : "inbox \"support@example.com\" { }\n"
			   "desk \"main\" { }\n",
	    kinds);

	g_assert_cmpuint(conf_faults(conf), ==, 0);
	return conf;
}

/* --- the desk --- */

static void
dawdle(void)
{
	if (fake_now()->slow > 0)
		g_usleep(
		    (gulong)g_random_int_range(0, (gint32)fake_now()->slow));
}

static void
note(struct fake_desk *fake, const char *word, const struct ident *key,
    const char *id, const struct ticket *ticket)
{
	int fd =
	    open(fake->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	char name[IDENT_TEXT];
	g_autofree char *line = NULL;

	ident_text(key, name);
	line = g_strdup_printf("%s %s %s %s %s %s\n", word, name, id,
	    ticket->imported ? "old"
	    : ticket->spam   ? "spam"
			     : "ham",
	    ticket->requester_address,
	    ticket->note == NULL ? "-" : ticket->note);
	dawdle();
	g_assert_cmpint(
	    write(fd, line, strlen(line)), ==, (gssize)strlen(line));
	dawdle();
	close(fd);
}

/* FALSE with the error of the mode. */
static gboolean
fault_of(enum fake_mode mode, GError **error)
{
	switch (mode) {
	case FAKE_AGAIN:
		return err_set(error, DG_ERROR_AGAIN, "busy");
	case FAKE_BAD:
		return err_set(
		    error, DG_ERROR_BAD, "422: no such user eve@example.net");
	case FAKE_DENIED:
		return err_set(error, DG_ERROR_DENIED, "401: key expired");
	case FAKE_CUT_BEFORE:
	case FAKE_CUT_AFTER:
		return err_set(error, DG_ERROR_IO, "connection cut");
	case FAKE_GOOD:
	case FAKE_GONE:
	default:
		return TRUE;
	}
}

static gboolean
fault(GError **error)
{
	return fault_of(fake_now()->mode, error);
}

static void
fake_close(struct desk *desk)
{
	struct fake_desk *fake = (struct fake_desk *)desk;

	g_free(fake->log);
	g_free(fake);
}

static gboolean
fake_create(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *made_r, GError **error)
{
	char name[IDENT_TEXT];

	fake_now()->calls++;
	ident_text(key, name);
	name[8] = '\0'; /* the number in fixture_ident */
	if (fake_now()->mode == FAKE_CUT_AFTER)
		note((struct fake_desk *)desk, "create", key, name, ticket);
	if (!fault(error))
		return FALSE;
	note((struct fake_desk *)desk, "create", key, name, ticket);
	made_r->id = g_strdup(name);
	made_r->code = g_strdup_printf("T-%s", name);
	return TRUE;
}

/* Logged as "noted TICKET TEXT". */
static gboolean
fake_note(struct desk *desk, const char *id, const char *text, GError **error)
{
	enum fake_mode mode = fake_now()->notes;
	const struct fake_desk *fake = (struct fake_desk *)desk;
	g_autofree char *line = g_strdup_printf("noted %s %s\n", id, text);
	gboolean good = fault_of(mode, error);
	int fd;

	fake_now()->calls++;
	if (!good && mode != FAKE_CUT_AFTER)
		return FALSE;
	fd = open(fake->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	g_assert_cmpint(
	    write(fd, line, strlen(line)), ==, (gssize)strlen(line));
	close(fd);
	return good;
}

static gboolean
fake_append(struct desk *desk, const char *id, const struct ticket *ticket,
    const struct ident *key, GError **error)
{
	fake_now()->calls++;
	if (fake_now()->mode == FAKE_GONE)
		return err_set(error, DG_ERROR_NOTFOUND, "404");
	if (!fault(error))
		return FALSE;
	note((struct fake_desk *)desk, "append", key, id, ticket);
	return TRUE;
}

static gboolean
fake_find(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *found_r, GError **error)
{
	g_autofree char *log = NULL, *want = NULL;
	char name[IDENT_TEXT];
	const char *at;

	(void)ticket;
	fake_now()->finds++;
	if (!fault(error))
		return FALSE;
	ident_text(key, name);
	want = g_strdup_printf("create %s ", name);
	(void)g_file_get_contents(
	    ((struct fake_desk *)desk)->log, &log, NULL, NULL);
	at = log == NULL ? NULL : strstr(log, want);
	if (at == NULL)
		return err_set(error, DG_ERROR_NOTFOUND, "not there");
	found_r->id = g_strndup(at + strlen(want), 8);
	found_r->code = g_strdup_printf("T-%s", found_r->id);
	return TRUE;
}

static struct desk *fake_open(const struct conf_section *settings,
    const struct desk_world *world, GError **error);

static gboolean
fake_health(struct desk *desk, GError **error)
{
	(void)desk;
	(void)error;
	return TRUE;
}

static const struct desk_ops fake_ops = {
	.type = "fake",
	.open = fake_open,
	.close = fake_close,
	.create = fake_create,
	.append = fake_append,
	.find = fake_find,
	.health = fake_health,
};
static const struct desk_ops fake_local_ops = {
	.type = "local",
	.open = fake_open,
	.close = fake_close,
	.create = fake_create,
	.append = fake_append,
	.find = fake_find,
	.health = fake_health,
};
static const struct desk_ops fake_apart_ops = {
	.type = "apart",
	.open = fake_open,
	.close = fake_close,
	.create = fake_create,
	.append = fake_append,
	.find = fake_find,
	.note = fake_note,
	.note_apart = TRUE,
	.health = fake_health,
};
static const struct desk_ops *const fake_types[] = { &fake_ops, &fake_local_ops,
	&fake_apart_ops, NULL };

static struct desk *
fake_open(const struct conf_section *settings, const struct desk_world *world,
    GError **error)
{
	struct fake_desk *fake = g_new0(struct fake_desk, 1);
	const char *type =
	    settings != NULL ? conf_string(settings, "type") : "";

	(void)error;
	fake->base.ops =
	    g_str_equal(type, "apart") ? &fake_apart_ops : &fake_ops;
	fake->log = g_build_filename(world->state_dir, "desk.log", NULL);
	return &fake->base;
}

guint
fake_count(
    const struct fixture *fixture, const char *word, const struct ident *key)
{
	g_autofree char *path = fixture_path(fixture, "state/desk.log");
	g_autofree char *log = NULL, *want = NULL;
	char name[IDENT_TEXT] = "";
	guint count = 0;

	if (key != NULL)
		ident_text(key, name);
	want = g_strdup_printf("%s %s", word, name);
	if (!g_file_get_contents(path, &log, NULL, NULL))
		return 0;
	for (const char *at = log; (at = strstr(at, want)) != NULL; at++)
		count++;
	return count;
}

/* --- the conversion --- */

static void
take_line(struct ticket *ticket, const char *name, const char *value)
{
	if (g_str_equal(name, "from")) {
		g_free(ticket->requester_address);
		ticket->requester_address = g_strdup(value);
	} else if (g_str_equal(name, "id")) {
		g_free(ticket->message_id);
		ticket->message_id = g_strdup(value);
	} else if (g_str_equal(name, "tag")) {
		g_free(ticket->subject_tag);
		ticket->subject_tag = g_strdup(value);
	} else if (g_str_equal(name, "note")) {
		ticket_add_note(ticket, "%s", value);
	} else if (g_str_equal(name, "rule")) {
		g_ptr_array_add(ticket->rules, g_strdup(value));
	} else if (g_str_equal(name, "re")) {
		g_ptr_array_add(ticket->references, g_strdup(value));
	} else if (g_str_equal(name, "cc")) {
		struct addr *addr = g_new0(struct addr, 1);

		addr->name = g_strdup("");
		addr->address = g_strdup(value);
		g_ptr_array_add(ticket->followers, addr);
	}
}

static gboolean
fake_convert(const struct entry *entry, GBytes *message,
    const struct convert_terms *terms, struct ticket **ticket_r, GError **error)
{
	g_autofree char *text = g_strndup(
	    g_bytes_get_data(message, NULL), g_bytes_get_size(message));
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	struct ticket *ticket;

	(void)entry;
	(void)terms;
	if (g_str_has_prefix(text, "crash"))
		return err_set(error, DG_ERROR_BAD, "unread");
	if (g_str_has_prefix(text, "later"))
		return err_set(error, DG_ERROR_AGAIN, "no reader");
	ticket = ticket_new();
	if (ticket->requester_address == NULL)
		ticket->requester_address = g_strdup("unknown@invalid");
	for (char **line = lines; *line != NULL; line++) {
		g_auto(GStrv) pair = g_strsplit(*line, ": ", 2);

		if (g_strv_length(pair) == 2)
			take_line(ticket, pair[0], pair[1]);
	}
	*ticket_r = ticket;
	return TRUE;
}

static gint64
fake_wall(void *self)
{
	return ((struct fake *)self)->wall;
}

struct deliver *
fake_deliver(struct fixture *fixture, const struct conf *conf)
{
	static const struct clock clock = { fake_wall, fake_wall, NULL };
	static struct clock with_self;
	g_autofree char *state = fixture_path(fixture, "state");
	g_autoptr(GError) error = NULL;
	struct deliver_world world = {
		.spool = fixture->spool,
		.vault = fixture->vault,
		.intake = fixture->intake,
		.ledger = fixture->ledger,
		.conf = conf,
		.subject_key = fixture->key,
		.state_dir = state,
		.clock = &with_self,
		.desk_types = fake_types,
		.convert = fake_convert,
		.lives = fake_now()->lives,
		.standings = fake_now()->standings,
	};
	struct deliver *deliver;

	with_self = clock;
	with_self.self = fake_now();
	if (fake_now()->wall == 0)
		fake_now()->wall = g_get_real_time();
	deliver = deliver_open(&world, &error);
	g_assert_no_error(error);
	return deliver;
}
