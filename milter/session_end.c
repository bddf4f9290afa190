/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The end of a message that is for an inbox of ours, in this order and no
 * other: judge it, decide, store it for every inbox that wants it, and only
 * then change the message and say yes.
 */
#include "milter/session_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "milter/counts.h"
#include "milter/path.h"

/* Ids named in X-Deskgate-Id; a message for more inboxes names the first of
 * them. */
#define IDS_MOST 10
/* Reasons in the log. */
#define REASONS 3

/* One inbox that the message is for. */
struct target {
	const struct policy_inbox *inbox;
	const char *recipient; /* the first of its recipients */
	struct ident key;
	guint judged; /* which of the verdicts is its own; 0: none */
	enum spool_put put;
};

struct work {
	struct session *session;
	struct mail *mail;
	struct letter letter;
	struct parcel parcel;
	/* The installation's first, then those of own models of inboxes. */
	struct verdict *verdicts;
	GPtrArray *models;         /* their names, and a NULL */
	GArray *targets;           /* struct target */
	struct policy_fate *fates; /* one for each target */
	gint64 begun, deadline;    /* monotonic */
	struct pulse_waiter waiter;
};

static gboolean
beat(void *self)
{
	struct work *work = self;

	return work->session->port.progress(work->session->port.self);
}

/* The last look before the message becomes ours. */
static gboolean
is_awaited(void *self)
{
	struct work *work = self;
	const struct session_world *world = work->session->world;

	return clock_mono(world->clock) < work->deadline &&
	       pulse_now(world->pulse, &work->waiter);
}

static struct target *
find_target(const struct work *work, const struct policy_inbox *inbox)
{
	for (guint i = 0; i < work->targets->len; i++) {
		struct target *target =
		    &g_array_index(work->targets, struct target, i);

		if (target->inbox == inbox)
			return target;
	}
	return NULL;
}

/* Which of the verdicts will be that of the inbox's own model. */
static guint
find_model(struct work *work, const struct policy_inbox *inbox)
{
	guint at = 0;

	if (inbox->model == NULL)
		return 0;
	if (!g_ptr_array_find_with_equal_func(
		work->models, inbox->model, g_str_equal, &at)) {
		/* More than can be known are none that are known. */
		if (work->models->len >= CLASSIFY_MODELS)
			return 0;
		at = work->models->len;
		g_ptr_array_add(work->models, inbox->model);
	}
	return at + 1;
}

/* The different inboxes, and the message's name in each. */
static void
find_targets(struct work *work)
{
	const struct session *session = work->session;
	const GPtrArray *addresses = work->mail->envelope->recipients;

	for (guint i = 0; i < work->mail->recipients->len; i++) {
		const struct recipient *recipient =
		    &g_array_index(work->mail->recipients, struct recipient, i);
		struct target target = { .inbox = recipient->inbox,
			.recipient = addresses->pdata[i] };

		if (recipient->inbox == NULL ||
		    find_target(work, recipient->inbox) != NULL)
			continue;
		target.judged = find_model(work, target.inbox);
		handover_key(&session->world->handover, &work->parcel,
		    target.inbox->title, session->terms->window, &target.key);
		g_array_append_val(work->targets, target);
	}
}

/* TRUE when the whole message is refused. */
static gboolean
decide(struct work *work)
{
	guint n = work->targets->len;
	g_autofree const struct policy_inbox **inboxes =
	    g_new(const struct policy_inbox *, n);
	g_autofree const struct verdict **own =
	    g_new(const struct verdict *, n);
	const struct policy_case why = {
		.verdict = &work->verdicts[0],
		.own = own,
		.others = work->mail->ours < work->mail->recipients->len,
		.relayed = work->mail->envelope->relay_network,
	};

	for (guint i = 0; i < n; i++) {
		const struct target *target =
		    &g_array_index(work->targets, struct target, i);

		inboxes[i] = target->inbox;
		own[i] = &work->verdicts[target->judged];
	}
	work->fates = g_new0(struct policy_fate, n);
	return policy_decide(inboxes, n, &why, work->fates);
}

static const struct policy_fate *
fate_of(const struct work *work, const struct policy_inbox *inbox)
{
	const struct target *target = find_target(work, inbox);

	return &work->fates[target - (struct target *)work->targets->data];
}

/* One line for each inbox. */
static void
log_message(const struct work *work)
{
	const struct session *session = work->session;
	const struct envelope *envelope = work->mail->envelope;
	g_autofree char *size =
	    g_strdup_printf("%" G_GSIZE_FORMAT, work->letter.length);
	g_autofree char *ms = g_strdup_printf("%" G_GINT64_FORMAT,
	    (clock_mono(session->world->clock) - work->begun) / 1000);

	for (guint i = 0; i < work->targets->len; i++) {
		const struct target *target =
		    &g_array_index(work->targets, struct target, i);
		const struct policy_fate *fate = &work->fates[i];
		const struct verdict *verdict = &work->verdicts[target->judged];
		g_autofree char *score =
		    g_strdup_printf("%.2f", verdict->score);
		g_autofree char *why = verdict_brief(verdict, REASONS);
		char key[IDENT_TEXT];

		ident_text(&target->key, key);
		log_event(LOG_LEVEL_INFO, "message", "id", key, "verdict",
		    verdict_word(fate->class), "score", score, "action",
		    policy_action_word(fate->action), "inbox",
		    target->inbox->title, "size", size, "ms", ms, "queue_id",
		    envelope->queue_id, "@sender", envelope->sender, "basis",
		    verdict_basis_word(verdict->basis), "repeat",
		    fate->store && target->put == SPOOL_ALREADY ? "yes" : NULL,
		    "why", *why != '\0' ? why : NULL, NULL);
	}
}

static void
count_message(const struct work *work)
{
	struct tally *tally = work->session->world->tally;

	for (guint i = 0; i < work->targets->len; i++) {
		const struct target *target =
		    &g_array_index(work->targets, struct target, i);
		const struct policy_fate *fate = &work->fates[i];
		guint row = tally_row(tally, target->inbox->title);

		tally_add(tally, COUNTS_MESSAGES, row, fate->class, 1);
		tally_add(tally, COUNTS_ACTIONS, row, fate->action, 1);
		if (fate->store && target->put == SPOOL_ALREADY)
			tally_add(tally, COUNTS_REPEATS, row, 0, 1);
	}
	tally_add(tally, COUNTS_JUDGED, 0, work->verdicts[0].basis, 1);
	tally_add(tally, COUNTS_BYTES, 0, 0, work->letter.length);
}

/* What was begun at `begun` (monotonic) is done. */
static void
count_time(const struct work *work, enum counts_milter metric, gint64 begun)
{
	const struct session_world *world = work->session->world;

	tally_time(world->tally, metric, 0, clock_mono(world->clock) - begun);
}

static enum port_answer
fail(const struct work *work, const GError *error)
{
	log_error(LOG_LEVEL_WARN, error, "deferred", "queue_id",
	    work->mail->envelope->queue_id, "@sender",
	    work->mail->envelope->sender, NULL);
	return session_later(work->session, error);
}

static enum port_answer
refuse(const struct work *work, const char *code, const char *status,
    const char *text)
{
	const char *contact = work->session->terms->reject_contact;
	g_autofree char *whole =
	    g_strdup_printf("%s%s%s%s", text, contact != NULL ? " (" : "",
		contact != NULL ? contact : "", contact != NULL ? ")" : "");
	struct reply reply;

	reply_set(&reply, code, status, whole);
	work->session->port.reply(work->session->port.self, &reply);
	return PORT_REFUSE;
}

/* All or nothing is told to the client; what was stored before a failure is
 * found again under its name when he comes back. */
static gboolean
store(struct work *work, GError **error)
{
	gint64 begun = clock_mono(work->session->world->clock);

	/* Sealing and fsync give a late port's news the time to come. */
	if (work->session->port.late && !is_awaited(work))
		return err_set(error, DG_ERROR_AGAIN, "the MTA has gone");
	for (guint i = 0; i < work->targets->len; i++) {
		struct target *target =
		    &g_array_index(work->targets, struct target, i);
		struct verdict verdict = work->verdicts[target->judged];
		const struct handover_item item = {
			.key = target->key,
			.inbox = target->inbox->title,
			.recipient = target->recipient,
			.action = work->fates[i].entry,
			.verdict = &verdict,
			.check = is_awaited,
			.self = work,
		};

		verdict.class = work->fates[i].class;
		if (work->fates[i].store &&
		    !handover_put(&work->session->world->handover,
			&work->parcel, &item, &target->put, error))
			return FALSE;
	}
	count_time(work, COUNTS_STORE_TIME, begun);
	return TRUE;
}

static gboolean
is_left(const struct work *work, const struct recipient *recipient)
{
	return recipient->inbox == NULL ||
	       !fate_of(work, recipient->inbox)->remove;
}

/* The edits of a message that somebody still gets say what we think of it, by
 * the installation's model and lines: there is one header for all recipients;
 * else only what is forged goes (an archive's copy).  NULL when there is too
 * much of it. */
static GPtrArray *
plan_edits(const struct work *work)
{
	const struct terms *terms = work->session->terms;
	g_autoptr(GString) ids = g_string_new(NULL);
	struct headers_plan plan = {
		.ours = TRUE,
		.spam_headers = terms->spam_headers,
		.strip_results = terms->strip_results,
		.authserv_id = terms->authserv_id,
	};

	for (guint i = 0; i < MIN(work->targets->len, IDS_MOST); i++) {
		char key[IDENT_TEXT];

		ident_text(
		    &g_array_index(work->targets, struct target, i).key, key);
		g_string_append_printf(ids, "%s%s", i > 0 ? ", " : "", key);
	}
	for (guint i = 0; i < work->mail->recipients->len; i++) {
		if (is_left(work, &g_array_index(work->mail->recipients,
				      struct recipient, i)))
			plan.verdict = &work->verdicts[0];
	}
	plan.ids = ids->str;
	return headers_edits(work->mail->headers, &plan);
}

/* Whether two paths are one address, "<" and ">" aside. */
static gboolean
is_same_path(const char *a, const char *b)
{
	gsize length = strlen(a);

	if (length >= 2 && a[0] == '<' && a[length - 1] == '>')
		return strlen(b) == length - 2 &&
		       strncmp(a + 1, b, length - 2) == 0;
	return strcmp(a, b) == 0;
}

/* By each name the MTA may know it: as the client gave it, without a source
 * route and the like, and as the MTA resolves it.  To take out one that is not
 * there is no fault. */
static gboolean
remove_recipient(
    const struct port *port, const char *given, const char *address)
{
	g_autofree char *plain = path_address(given);

	return port->remove_recipient(port->self, given) &&
	       (is_same_path(given, plain) ||
		   port->remove_recipient(port->self, plain)) &&
	       (strcmp(plain, address) == 0 ||
		   port->remove_recipient(port->self, address));
}

static gboolean
edit(const struct work *work, const GPtrArray *edits)
{
	const GPtrArray *addresses = work->mail->envelope->recipients;
	const struct port *port = &work->session->port;

	for (guint i = 0; i < edits->len; i++) {
		const struct headers_edit *one = edits->pdata[i];
		gboolean done =
		    one->value == NULL
			? port->remove_header(port->self, one->name, one->index)
			: port->add_header(port->self, one->name, one->value);

		if (!done)
			return FALSE;
	}
	for (guint i = 0; i < work->mail->recipients->len; i++) {
		const struct recipient *recipient =
		    &g_array_index(work->mail->recipients, struct recipient, i);

		if (!is_left(work, recipient) &&
		    !remove_recipient(
			port, recipient->given, addresses->pdata[i]))
			return FALSE;
	}
	return TRUE;
}

/* The verdict; FALSE when the MTA has gone meanwhile, or time is over. */
static gboolean
judge(struct work *work, GError **error)
{
	const struct session_world *world = work->session->world;
	const struct judge_case of = {
		.terms = work->session->terms,
		.envelope = work->mail->envelope,
		.message = work->letter.fd,
		.left = work->deadline - clock_mono(world->clock),
		.models = (const char *const *)work->models->pdata,
	};

	judge_message(&world->judge, &of, work->verdicts, &work->parcel.scored);
	count_time(work, COUNTS_JUDGE_TIME, work->begun);
	if (clock_mono(world->clock) < work->deadline)
		return TRUE;
	return err_set(error, DG_ERROR_AGAIN,
	    "judging it took longer than milter-timeout");
}

enum outcome { STORED, REFUSED, FORGED, FAILED };

/* Up to the point where the message is ours. */
static enum outcome
keep(struct work *work, GPtrArray **edits_r, GError **error)
{
	if (!judge(work, error))
		return FAILED;
	if (decide(work))
		return REFUSED;
	*edits_r = plan_edits(work);
	if (*edits_r == NULL)
		return FORGED;
	return store(work, error) ? STORED : FAILED;
}

static enum port_answer
settle(struct work *work)
{
	struct pulse *pulse = work->session->world->pulse;
	g_autoptr(GPtrArray) edits = NULL;
	g_autoptr(GError) error = NULL;
	enum outcome outcome;

	pulse_join(pulse, &work->waiter);
	outcome = keep(work, &edits, &error);
	pulse_leave(pulse, &work->waiter);
	if (outcome == STORED && !edit(work, edits)) {
		err_set(&error, DG_ERROR_AGAIN,
		    "stored, but the MTA has gone before the answer");
		outcome = FAILED;
	}
	if (outcome == FAILED)
		return fail(work, error);
	if (outcome == FORGED)
		return refuse(work, "554", "5.6.0",
		    "This message has too many forged header fields");
	log_message(work);
	count_message(work);
	if (outcome == REFUSED)
		return refuse(
		    work, "550", "5.7.1", work->session->terms->reject_text);
	return PORT_ACCEPT;
}

/* Postfix tells its queue id late; by now it is known. */
static void
fill_envelope(struct work *work)
{
	const struct port *port = &work->session->port;
	struct envelope *envelope = work->mail->envelope;

	envelope->queue_id = g_strdup(port->macro(port->self, "i"));
	envelope->mta_name = g_strdup(port->macro(port->self, "j"));
}

static void
count_answer(const struct work *work, enum port_answer answer)
{
	enum counts_answer which = answer == PORT_ACCEPT   ? COUNTS_ACCEPTED
				   : answer == PORT_REFUSE ? COUNTS_REJECTED
							   : COUNTS_DEFERRED;

	tally_add(work->session->world->tally, COUNTS_ANSWERS, 0, which, 1);
	count_time(work, COUNTS_ANSWER_TIME, work->begun);
}

enum port_answer
session_take(struct session *session, struct mail *mail)
{
	const struct session_world *world = session->world;
	gint64 now = clock_mono(world->clock);
	struct work work = {
		.session = session,
		.mail = mail,
		.begun = now,
		.deadline = now + session->terms->timeout,
		.waiter = { .beat = beat, .self = &work },
	};
	g_autoptr(GError) error = NULL;
	enum port_answer answer;

	if (!hall_begin(world->hall))
		return session_later(session, NULL);
	fill_envelope(&work);
	work.targets = g_array_new(FALSE, FALSE, sizeof(struct target));
	work.models = g_ptr_array_new();
	if (collect_finish(mail->collect, &work.letter, &error)) {
		parcel_init(&work.parcel, mail->envelope, &work.letter);
		find_targets(&work);
		work.verdicts = g_new0(struct verdict, work.models->len + 1);
		g_ptr_array_add(work.models, NULL);
		answer = settle(&work);
		parcel_clear(&work.parcel);
		letter_clear(&work.letter);
	} else {
		answer = fail(&work, error);
	}
	count_answer(&work, answer);
	g_array_unref(work.targets);
	g_ptr_array_unref(work.models);
	g_free(work.verdicts);
	g_free(work.fates);
	hall_end(world->hall);
	return answer;
}
