/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Telling the operator of inboxes' steps: before they come, and when they were
 * taken.
 *
 * That a letter is due is kept with the step itself, in one write, and taken
 * back once the server has it: so no crash loses one.  A crash in between, or a
 * server that did not answer, makes a second copy; it has the Message-ID of the
 * first, by which mail programs know it as the same.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/seal.h"
#include "lib/mail/compose.h"
#include "tickets/mailer.h"
#include "tickets/post.h"

struct letter {
	const char *inbox;
	const char *to; /* operator-address */
	gboolean ahead; /* of a step that comes */
	gint64 sent;    /* when the server took it */
	struct life_step step;
	struct life life; /* the inbox as it is */
};

/* What it means to be in a state; %s is the inbox. */
static const char *
meaning(enum life_state state)
{
	static const char *const texts[LIFE_STATES] = {
		[LIFE_ACTIVE] = "It takes mail, and what waited goes to its "
				"desk.",
		[LIFE_SUSPENDED] = "It takes no mail, its desk is not called, "
				   "and all its data is kept.",
		[LIFE_ENDED] = "Mail to it is refused for good, and its data "
			       "is kept until it is erased.",
		[LIFE_ERASING] = "All its data here is erased: mail, tickets "
				 "of the embedded desk, what was learnt.",
		[LIFE_ERASED] = "Its data here is erased. \"deskgate privacy "
				"receipt\" shows what went.",
		[LIFE_PAST] = "Backups with its data are past their time: "
			      "delete any that is left.",
	};

	return texts[state];
}

/* What was accepted and stands nowhere else goes with the rest. */
static void
add_load(GString *text, struct deliver *deliver, const struct letter *letter)
{
	guint waiting, aside;

	if (!letter->ahead || letter->step.to != LIFE_ERASING ||
	    !deliver_inbox_load(
		deliver, letter->inbox, &waiting, &aside, NULL) ||
	    waiting + aside == 0)
		return;
	g_string_append_printf(text,
	    "\nMessages that were accepted and stand at no desk: %u wait, %u "
	    "are held or dead.\nThey are erased too.\n",
	    waiting, aside);
}

/* The day to tell: erasing waits for its letter, so it is a later one when that
 * is late. */
static gint64
day_of(const struct letter *letter, const struct life_plan *plan, gint64 now)
{
	struct life life = letter->life;
	struct life_step next;

	if (!letter->ahead || letter->step.to != LIFE_ERASING)
		return letter->step.at;
	life_letter_taken(&life, now);
	return life_next(&life, plan, &next) ? next.at : letter->step.at;
}

static char *
text_of(struct deliver *deliver, const struct letter *letter,
    const struct life_plan *plan, const char *at)
{
	GString *text = g_string_new(NULL);
	struct life_step next;

	g_string_append_printf(text, "The inbox %s %s %s %s %s.\n%s\n",
	    letter->inbox, letter->ahead ? "will be" : "is",
	    life_word(letter->step.to), letter->ahead ? "on" : "since", at,
	    meaning(letter->step.to));
	if (!letter->ahead && letter->life.reason[0] != '\0')
		g_string_append_printf(
		    text, "The reason: %s\n", letter->life.reason);
	if (!letter->ahead && life_next(&letter->life, plan, &next)) {
		g_autofree char *then = clock_text(next.at);

		g_string_append_printf(text, "\nAfter that: %s on %s.\n",
		    life_word(next.to), then);
	}
	add_load(text, deliver, letter);
	if (letter->life.state == LIFE_SUSPENDED ||
	    letter->life.state == LIFE_ENDED ||
	    (letter->ahead && letter->life.state == LIFE_ACTIVE))
		g_string_append_printf(text,
		    "\nTo keep it:    deskgate inbox resume %s\n"
		    "How it stands: deskgate inbox status %s\n",
		    letter->inbox, letter->inbox);
	return g_string_free(text, FALSE);
}

/* Of this letter and no other, without <>. */
static char *
id_of(const struct deliver *deliver, const struct letter *letter)
{
	const struct secret *key = deliver->world.subject_key;
	struct seal_digest *digest =
	    seal_digest_new(secret_data(key), secret_length(key), "life");
	g_autofree char *what = g_strdup_printf("%s %d %d %" G_GINT64_FORMAT,
	    letter->inbox, letter->ahead, letter->step.to, letter->step.at);
	struct ident ident;
	char text[IDENT_TEXT];

	seal_digest_add(digest, what, strlen(what));
	seal_digest_end(&digest, ident.bytes, sizeof(ident.bytes));
	ident_text(&ident, text);
	return g_strdup_printf("%s%s", text, strrchr(letter->to, '@'));
}

static GBytes *
compose(struct deliver *deliver, const struct letter *letter, GError **error)
{
	const struct deliver_world *world = &deliver->world;
	gint64 now = clock_wall(world->clock);
	struct life_plan plan;
	g_autofree char *loop = post_loop(deliver);
	g_autofree char *id = id_of(deliver, letter);
	g_autofree char *day = NULL;
	g_autofree char *text = NULL;
	g_autofree char *subject = NULL;

	life_plan_read(conf_find(world->conf, "inbox", letter->inbox), &plan);
	day = clock_text(day_of(letter, &plan, now));
	text = text_of(deliver, letter, &plan, day);
	subject = letter->ahead
		      ? g_strdup_printf("Deskgate: %s will be %s on %.10s",
			    letter->inbox, life_word(letter->step.to), day)
		      : g_strdup_printf("Deskgate: %s is %s", letter->inbox,
			    life_word(letter->step.to));
	return compose_message(&(const struct compose){ .from = letter->to,
				   .to = letter->to,
				   .subject = subject,
				   .text = text,
				   .date = now / G_USEC_PER_SEC,
				   .message_id = id,
				   .auto_submitted = "auto-generated",
				   .loop = loop },
	    error);
}

/* --- which are due --- */

static gboolean
find_letter(const struct life *life, struct letter *letter_r)
{
	letter_r->ahead = !life->letter_done;
	letter_r->life = *life;
	letter_r->step = life->letter_done
			     ? (struct life_step){ life->state, life->since }
			     : life->told;
	return life->letter_done || life->letter_ahead;
}

/* It was sent, unless another one is due by now. */
static gboolean
strike(void *self, struct life *life, GError **error)
{
	const struct letter *sent = self;
	struct letter due = { 0 };

	(void)error;
	if (!find_letter(life, &due) || due.ahead != sent->ahead ||
	    due.step.to != sent->step.to || due.step.at != sent->step.at)
		return FALSE;
	if (sent->ahead)
		life_letter_taken(life, sent->sent);
	else
		life->letter_done = FALSE;
	return TRUE;
}

/* What a server refuses for good is let go, but not what erasing waits for. */
static gboolean
may_not_go(const struct letter *letter)
{
	return letter->ahead && letter->step.to == LIFE_ERASING;
}

/* FALSE when it has to be tried again. */
static gboolean
send(struct deliver *deliver, struct mailer *mailer, struct letter *letter)
{
	const struct lives_change change = { strike, letter };
	const char *to[] = { letter->to, NULL };
	g_autoptr(GError) fault = NULL;
	g_autoptr(GBytes) message = compose(deliver, letter, &fault);

	if (message != NULL &&
	    mailer_send(mailer,
		&(const struct mailer_letter){ NULL, to, message }, &fault))
		log_event(LOG_LEVEL_INFO, "operator-told", "inbox",
		    letter->inbox, "step", life_word(letter->step.to), NULL);
	else
		log_error(LOG_LEVEL_WARN, fault, "operator-not-told", "inbox",
		    letter->inbox, "step", life_word(letter->step.to), NULL);
	if (fault != NULL &&
	    (!err_is(fault, DG_ERROR_BAD) || may_not_go(letter)))
		return FALSE;
	g_clear_error(&fault);
	letter->sent = clock_wall(deliver->world.clock);
	if (lives_edit(
		deliver->world.lives, letter->inbox, &change, NULL, &fault))
		return TRUE;
	log_error(LOG_LEVEL_ERROR, fault, "inboxes-fault", NULL);
	return FALSE;
}

gboolean
post_life_turn(struct deliver *deliver, struct mailer *mailer)
{
	struct lives *lives = deliver->world.lives;
	const char *to =
	    conf_string(conf_global(deliver->world.conf), "operator-address");
	g_autoptr(GPtrArray) names =
	    to != NULL && lives != NULL ? lives_names(lives, NULL) : NULL;

	for (guint i = 0; names != NULL && i < names->len; i++) {
		struct letter letter = { .inbox = names->pdata[i], .to = to };
		struct life life;

		if (lives_get(lives, letter.inbox, &life, NULL) &&
		    find_letter(&life, &letter) &&
		    !send(deliver, mailer, &letter))
			return FALSE;
	}
	return TRUE;
}
