/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole conversations with an MTA, as libmilter tells of them: each step is one
 * byte that says what comes next among what may come, and texts up to a NUL.
 * Whatever is said, a message of which a recipient is an inbox is accepted only
 * when an entry of it stands in the spool, and a recipient is taken out only
 * behind that.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "tests/fuzz/quiet.h"
#include "tests/unit/milter/talk.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define INBOX "support@example.com"
#define SETTINGS \
	"max-message-size = 64K\n" \
	"inbox \"" INBOX "\" { }\n" \
	"inbox \"sales@example.com\" { mode = ticket-and-deliver }\n" \
	"inbox \"abuse@example.com\" { action-spam = reject }\n" \
	"inbox \"tags@example.com\" { mode = tag }\n"
/* So many conversations share a world; then its folder is emptied. */
#define SHARED_BY 300
#define STEPS_MOST 200

/* Where a conversation stands. */
enum phase { BETWEEN, MAIL, HEADER, BODY };

struct tape {
	const char *at, *end;
	enum phase phase;
	gboolean ours; /* a recipient of the message is INBOX */
};

struct stage {
	struct talk talk;
	guint used;
};

static struct stage *
the_stage(void)
{
	static struct stage stage;

	return &stage;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	quiet_logs();
	talk_init(&the_stage()->talk, SETTINGS);
	return 0;
}

static guint8
next_byte(struct tape *tape)
{
	return tape->at < tape->end ? (guint8)*tape->at++ : 0;
}

/* The text up to the next NUL; the tape ends with one. */
static const char *
next_text(struct tape *tape)
{
	const char *text = tape->at;

	if (text >= tape->end)
		return "";
	tape->at += strlen(text) + 1;
	return text;
}

/* Where messages begin, one answer ends this one. */
static void
take(struct tape *tape, enum port_answer answer, enum phase next)
{
	tape->phase = answer == PORT_CONTINUE ? next : BETWEEN;
}

static void
begin_mail(struct talk *talk, struct tape *tape)
{
	char *arguments[] = { (char *)next_text(tape), (char *)next_text(tape),
		NULL };

	tape->ours = FALSE;
	take(tape, session_mail(talk->session, arguments), MAIL);
}

static void
add_recipient(struct talk *talk, struct tape *tape)
{
	static const char *const known[] = { "<" INBOX ">",
		"<sales@example.com>", "<abuse@example.com>",
		"<tags@example.com>" };
	guint8 which = next_byte(tape);
	char *arguments[] = { NULL, NULL };
	enum port_answer answer;

	arguments[0] = (char *)(which < G_N_ELEMENTS(known) ? known[which]
							    : next_text(tape));
	answer = session_rcpt(talk->session, arguments);
	g_assert(answer != PORT_ACCEPT);
	if (which == 0 && answer == PORT_CONTINUE)
		tape->ours = TRUE;
}

static void
end_message(struct talk *talk, struct tape *tape)
{
	enum port_answer answer = session_end(talk->session);
	g_autofree char *told = talk_told(talk);
	g_auto(GStrv) lines = g_strsplit(told, "\n", -1);

	tape->phase = BETWEEN;
	if (answer == PORT_CONTINUE || answer == PORT_ACCEPT)
		g_assert(!tape->ours || talk_stored(talk) > 0);
	for (char **line = lines; *line != NULL; line++)
		g_assert(!g_str_has_prefix(*line, "recipient ") ||
			 !g_str_has_suffix(*line, " (0 stored)"));
}

/* What the world does meanwhile. */
static void
change_world(struct talk *talk, guint8 how)
{
	talk->class = how % 3;
	talk->no_reader = (how & 4) != 0;
	talk->deaf = (how & 8) != 0;
	talk->alive = (how & 16) != 0 ? 0 : -1;
	talk->authenticated = (how & 32) != 0 ? "anna" : NULL;
	talk->queue_id = (how & 64) != 0 ? NULL : "4ABCDEF";
}

static void
between(struct talk *talk, struct tape *tape, guint8 what)
{
	if (what % 4 == 0)
		session_helo(talk->session, next_text(tape));
	else if (what % 4 == 1)
		change_world(talk, next_byte(tape));
	else
		begin_mail(talk, tape);
}

static void
step(struct talk *talk, struct tape *tape)
{
	struct session *session = talk->session;
	guint8 what = next_byte(tape);
	const char *name;

	if (what >= 0xf0) {
		session_abort(session);
		tape->phase = BETWEEN;
	} else if (tape->phase == BETWEEN) {
		between(talk, tape, what);
	} else if (tape->phase == MAIL && what % 2 == 0) {
		add_recipient(talk, tape);
	} else if (tape->phase == BODY && what % 2 == 0) {
		name = next_text(tape);
		session_body(session, name, strlen(name));
	} else if (tape->phase == BODY) {
		end_message(talk, tape);
	} else if (what % 8 == 7) {
		take(tape, session_end_header(session), BODY);
	} else {
		tape->phase = HEADER;
		name = next_text(tape);
		session_header(session, name, next_text(tape));
	}
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct stage *stage = the_stage();
	g_autofree char *copy = g_malloc0(size + 1);
	struct tape tape = { .at = copy, .end = copy + size };

	if (size > 0)
		memcpy(copy, data, size);
	if (++stage->used % SHARED_BY == 0) {
		talk_fini(&stage->talk);
		talk_init(&stage->talk, SETTINGS);
	}
	change_world(&stage->talk, 0);
	for (guint i = 0; i < STEPS_MOST && tape.at < tape.end; i++)
		step(&stage->talk, &tape);
	session_abort(stage->talk.session);
	/* The next conversation is another client's. */
	talk_port_late(&stage->talk);
	return 0;
}
