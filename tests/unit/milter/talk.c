/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/milter/talk.h"

#include <string.h>

#include "classifier/options.h"
#include "lib/base/err.h"
#include "milter/options.h"
#include "tickets/options.h"

static const struct conf_option *const globals[] = { milter_options,
	tickets_options, classifier_options, NULL };
static const struct conf_option *const inboxes[] = { milter_inbox_options,
	life_options, classifier_inbox_options, NULL };
static const struct conf_kind kinds[] = {
	{ "", NULL, "", globals },
	{ "inbox", "x", "", inboxes },
	{ NULL },
};

struct terms *
talk_terms(const char *settings)
{
	struct conf *conf = conf_parse("test.conf", settings, kinds);
	struct terms *terms;

	if (conf_faults(conf) > 0)
		g_error("%s", conf_fault(conf, 0));
	terms = terms_new(conf);
	conf_free(&conf);
	return terms;
}

static gint64
read_wall(void *self)
{
	return ((struct talk *)self)->wall;
}

static gint64
read_mono(void *self)
{
	return ((struct talk *)self)->mono;
}

static gboolean
score(void *self, const struct classify_ask *ask, struct verdict *verdicts_r,
    GBytes **scored_r, GError **error)
{
	const char *const *models = ask->models;
	struct talk *talk = self;

	g_assert_cmpint(ask->message, >=, 0);
	*scored_r = NULL;
	talk->judged++;
	talk->wall_ms = ask->wall_ms;
	talk->mono += talk->step;
	/* As the main does once a second. */
	pulse_beat(talk->world.pulse);
	if (talk->no_reader)
		return err_set(error, DG_ERROR_AGAIN, "no reader");
	verdict_init(&verdicts_r[0], talk->class, talk->basis, NULL);
	verdicts_r[0].score = talk->score;
	for (guint i = 0; models != NULL && models[i] != NULL; i++) {
		verdict_init(
		    &verdicts_r[1 + i], VERDICT_SPAM, talk->basis, models[i]);
		verdicts_r[1 + i].score = 9.5;
		talk->own++;
	}
	return TRUE;
}

static const char *
get_macro(void *self, const char *name)
{
	struct talk *talk = self;

	if (strcmp(name, "i") == 0)
		return talk->queue_id;
	if (strcmp(name, "j") == 0)
		return talk->mta_name;
	if (strcmp(name, "{rcpt_addr}") == 0)
		return talk->resolved;
	g_assert_cmpstr(name, ==, "{auth_authen}");
	return talk->authenticated;
}

static void
set_reply(void *self, const struct reply *reply)
{
	struct talk *talk = self;

	g_strlcpy(talk->said, reply->text, sizeof(talk->said));
	g_string_append_printf(
	    talk->log, "reply %s %s\n", reply->code, reply->status);
}

static gboolean
add_header(void *self, const char *name, const char *value)
{
	struct talk *talk = self;

	g_string_append_printf(talk->log, "add %s: %s\n", name, value);
	return !talk->deaf;
}

static gboolean
remove_header(void *self, const char *name, guint index)
{
	struct talk *talk = self;

	g_string_append_printf(talk->log, "remove %s %u\n", name, index);
	return !talk->deaf;
}

static gboolean
remove_recipient(void *self, const char *recipient)
{
	struct talk *talk = self;

	/* Everything must be stored before. */
	g_string_append_printf(talk->log, "recipient %s (%u stored)\n",
	    recipient, talk_stored(talk));
	return !talk->deaf;
}

static gboolean
progress(void *self)
{
	struct talk *talk = self;

	talk->progress++;
	talk->mono += talk->slow;
	if (talk->alive > 0)
		talk->alive--;
	else if (talk->alive == 0)
		return FALSE;
	return TRUE;
}

static void
make_world(struct talk *talk, const char *settings)
{
	g_autofree char *spool = fixture_path(&talk->fixture, "spool");
	g_autoptr(GError) error = NULL;

	talk->clock = (struct clock){ read_wall, read_mono, talk };
	talk->gauge = gauge_new(talk->fixture.spool, spool, &error);
	g_assert_no_error(error);
	talk->world = (struct session_world){
		.hall = hall_new(talk_terms(settings), 1000),
		.gauge = talk->gauge,
		.pulse = pulse_new(&talk->clock),
		.handover = { talk->fixture.spool, talk->fixture.key,
		    talk->fixture.key_dir },
		.judge = { score, talk, 10000 },
		.clock = &talk->clock,
	};
}

static const struct port port_template = {
	.macro = get_macro,
	.reply = set_reply,
	.add_header = add_header,
	.remove_header = remove_header,
	.remove_recipient = remove_recipient,
	.progress = progress,
	.exact = TRUE,
};

static void
connect_port(struct talk *talk, gboolean late)
{
	struct port port = port_template;

	port.self = talk;
	port.late = late;
	talk->session = session_new(&talk->world, &port);
	g_assert_cmpint(
	    session_connect(talk->session, "client.example.org", "192.0.2.7"),
	    ==, PORT_CONTINUE);
	session_helo(talk->session, "client.example.org");
}

void
talk_init(struct talk *talk, const char *settings)
{
	memset(talk, 0, sizeof(*talk));
	fixture_init(&talk->fixture);
	talk->wall = 1700000000 * (gint64)G_USEC_PER_SEC;
	talk->mono = 1000 * (gint64)G_USEC_PER_SEC;
	talk->class = VERDICT_HAM;
	talk->score = 1.5;
	talk->alive = -1;
	talk->queue_id = "4ABCDEF";
	talk->mta_name = "mail.example.net";
	talk->log = g_string_new(NULL);
	make_world(talk, settings);
	connect_port(talk, FALSE);
}

void
talk_port_late(struct talk *talk)
{
	session_free(&talk->session);
	connect_port(talk, TRUE);
}

void
talk_fini(struct talk *talk)
{
	session_free(&talk->session);
	hall_free(&talk->world.hall);
	pulse_free(&talk->world.pulse);
	gauge_free(&talk->gauge);
	g_string_free(talk->log, TRUE);
	fixture_fini(&talk->fixture);
}

const char *
talk_word(enum port_answer answer)
{
	static const char *const words[] = { [PORT_CONTINUE] = "c",
		[PORT_ACCEPT] = "a",
		[PORT_LATER] = "t",
		[PORT_REFUSE] = "r" };

	return words[answer];
}

const char *
talk_mail(struct talk *talk, const char *path)
{
	char *arguments[] = { (char *)path, NULL };

	return talk_word(session_mail(talk->session, arguments));
}

const char *
talk_rcpt(struct talk *talk, const char *path)
{
	char *arguments[] = { (char *)path, NULL };

	return talk_word(session_rcpt(talk->session, arguments));
}

const char *
talk_data(struct talk *talk, const char *id, const char *body)
{
	struct session *session = talk->session;
	enum port_answer answer;

	session_header(session, "From", " Anna <anna@example.org>");
	session_header(session, "Subject", " My order");
	session_header(session, "Date", " Mon, 2 Nov 2026 10:00:00 +0000");
	if (id != NULL) {
		g_autofree char *value = g_strdup_printf(" <%s>", id);

		session_header(session, "Message-ID", value);
	}
	answer = session_end_header(session);
	if (answer != PORT_CONTINUE)
		return talk_word(answer);
	session_body(session, body, strlen(body));
	return talk_word(session_end(session));
}

const char *
talk_message(struct talk *talk, const char *id, const char *recipients)
{
	g_auto(GStrv) paths = g_strsplit(recipients, " ", -1);

	g_assert_cmpstr(talk_mail(talk, "<anna@example.org>"), ==, "c");
	for (char **path = paths; *path != NULL; path++)
		g_assert_cmpstr(talk_rcpt(talk, *path), ==, "c");
	return talk_data(talk, id, "Hello\r\n");
}

char *
talk_told(struct talk *talk)
{
	char *told = g_string_free(talk->log, FALSE);

	talk->log = g_string_new(NULL);
	return told;
}

guint
talk_stored(struct talk *talk)
{
	return fixture_count(&talk->fixture, "spool/msg");
}

struct entry *
talk_entry(struct talk *talk, GBytes **message_r)
{
	g_autoptr(GArray) keys = spool_keys(talk->fixture.spool, NULL);
	struct entry *entry = NULL;
	g_autoptr(GError) error = NULL;

	if (keys == NULL || keys->len != 1)
		return NULL;
	if (!vaulted_read(&talk->fixture.vaulted,
		&g_array_index(keys, struct ident, 0), &entry, message_r,
		&error))
		g_test_message("%s", error->message);
	return entry;
}
