/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One teacher over several models.  Locks are taken in the order of the models,
 * the installation's first, and but for a group one at a time.
 */
#include "classifier/faculty.h"

#include "classifier/evidence.h"
#include "classifier/faculty_private.h"
#include "classifier/wire.h"
#include "lib/base/err.h"
#include "lib/mail/addr.h"

static void
own_free(gpointer pointer)
{
	struct own *own = pointer;

	learn_close(&own->learn);
	g_free(own->name);
	g_free(own->folder);
	g_free(own);
}

static void
place_free(gpointer pointer)
{
	struct place *place = pointer;

	g_free(place->inbox);
	g_free(place);
}

struct faculty *
faculty_new(struct learn *shared, struct classify *classify)
{
	struct faculty *faculty = g_new0(struct faculty, 1);

	faculty->shared = shared;
	faculty->classify = classify;
	faculty->owns = g_ptr_array_new_with_free_func(own_free);
	faculty->places = g_ptr_array_new_with_free_func(place_free);
	return faculty;
}

void
faculty_free(struct faculty **address)
{
	struct faculty *faculty = *address;

	if (faculty == NULL)
		return;
	g_ptr_array_unref(faculty->places);
	g_ptr_array_unref(faculty->owns);
	g_clear_pointer(address, g_free);
}

gboolean
faculty_open(struct faculty *faculty, const char *model,
    const struct learn_settings *settings, GError **error)
{
	struct own *own = g_new0(struct own, 1);
	struct learn_settings settled = *settings;

	own->name = g_strdup(model);
	own->folder = g_strdup(settings->model_folder);
	settled.model_folder = own->folder;
	own->learn = learn_open(&settled, faculty->classify, error);
	if (own->learn == NULL) {
		own_free(own);
		return FALSE;
	}
	g_ptr_array_add(faculty->owns, own);
	return TRUE;
}

void
faculty_assign(struct faculty *faculty, const char *inbox, const char *model)
{
	for (guint i = 0; i < faculty->owns->len; i++) {
		const struct own *own = faculty->owns->pdata[i];
		struct place *place;

		if (g_strcmp0(own->name, model) != 0)
			continue;
		place = g_new0(struct place, 1);
		place->inbox = g_strdup(inbox);
		place->own = own;
		g_ptr_array_add(faculty->places, place);
	}
}

/* An inbox of the very address comes before one of its whole domain. */
static const struct own *
own_of(const struct faculty *faculty, const char *address)
{
	const struct own *found = NULL;

	for (guint i = 0; address != NULL && i < faculty->places->len; i++) {
		const struct place *place = faculty->places->pdata[i];

		if (g_ascii_strcasecmp(place->inbox, address) == 0)
			return place->own;
		if (addr_is_inbox(address, place->inbox) &&
		    (found == NULL || place->inbox[0] != '@'))
			found = place->own;
	}
	return found;
}

guint
faculty_count(const struct faculty *faculty)
{
	return 1 + faculty->owns->len;
}

struct learn *
faculty_at(const struct faculty *faculty, guint i)
{
	return i == 0 ? faculty->shared
		      : ((struct own *)faculty->owns->pdata[i - 1])->learn;
}

void
faculty_set_guard(struct faculty *faculty, const struct faculty_guard *guard)
{
	faculty->guard = *guard;
}

/* --- teaching --- */

/* What the label did, of two models: what changed more. */
static enum teacher_outcome
larger(enum teacher_outcome a, enum teacher_outcome b)
{
	static const guint ranks[] = { [TEACHER_KNOWN] = 0,
		[TEACHER_REFUSED] = 0,
		[TEACHER_UNTAUGHT] = 0,
		[TEACHER_NOTED] = 1,
		[TEACHER_LEARNT] = 2,
		[TEACHER_MOVED] = 3 };

	return ranks[b] > ranks[a] ? b : a;
}

static gboolean
teach_both(struct faculty *faculty, const struct own *own,
    const struct classify_lesson lessons[2], const struct teacher_lesson *wish,
    enum teacher_outcome *outcome_r, GError **error)
{
	struct teacher_lesson settled = *wish;
	enum teacher_outcome second;

	if (!learn_label(faculty->shared, &lessons[0], wish, outcome_r, error))
		return FALSE;
	if (*outcome_r == TEACHER_REFUSED)
		return TRUE;
	/* It was asked, and is not refused. */
	settled.force = TRUE;
	if (!learn_lesson(own->learn, &lessons[1], &settled, &second, error))
		return FALSE;
	*outcome_r = larger(*outcome_r, second);
	return TRUE;
}

/* What the own model learns by: the margin that agrees less with the label. */
static double
margin_for(enum verdict_class class, const struct evidence *alone,
    const struct evidence *both)
{
	double a = score_margin(&alone->sum), b = score_margin(&both->sum);

	return class == VERDICT_SPAM ? MIN(a, b) : MAX(a, b);
}

gboolean
faculty_lesson(struct faculty *faculty, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    struct teacher_reason *reason_r, GError **error)
{
	const struct own *own = own_of(faculty, wish->inbox);
	struct classify_lesson lessons[2] = { *lesson, *lesson };
	struct evidence shared, alone, both;

	*reason_r = (struct teacher_reason){ lesson->verdict.score,
		lesson->verdict.margin, 0, NULL };
	if (faculty->guard.bars != NULL &&
	    !faculty->guard.bars(faculty->guard.self,
		(const char *const *)lesson->people, wish->inbox,
		&reason_r->barred, error))
		return FALSE;
	if (reason_r->barred != NULL) {
		*outcome_r = TEACHER_REFUSED;
		return TRUE;
	}
	if (own == NULL)
		return learn_label(
		    faculty->shared, lesson, wish, outcome_r, error);
	learn_gather(faculty->shared, lesson->digests, lesson->n, &shared);
	learn_gather(own->learn, lesson->digests, lesson->n, &alone);
	evidence_blend(&shared, &alone, &both);
	*reason_r = (struct teacher_reason){ score_published(&both.sum),
		score_margin(&both.sum), 0, NULL };
	lessons[0].verdict.score = lessons[1].verdict.score = reason_r->score;
	lessons[1].verdict.margin = margin_for(wish->class, &alone, &both);
	return teach_both(faculty, own, lessons, wish, outcome_r, error);
}

/* As it was scored when it came, with the verdict of today; else as it is read
 * now. */
static gboolean
get_lesson(struct faculty *faculty, int message,
    const struct teacher_lesson *wish, struct classify_lesson *lesson_r,
    GError **error)
{
	struct evidence evidence;

	if (wish->scored == NULL ||
	    !wire_get_scored(
		wish->scored, learn_key(faculty->shared), lesson_r, NULL))
		return classify_lesson(
		    faculty->classify, message, lesson_r, error);
	learn_gather(
	    faculty->shared, lesson_r->digests, lesson_r->n, &evidence);
	lesson_r->verdict.score = score_published(&evidence.sum);
	lesson_r->verdict.margin = score_margin(&evidence.sum);
	return TRUE;
}

static gboolean
teach(void *self, int message, const struct teacher_lesson *wish,
    enum teacher_outcome *outcome_r, struct teacher_reason *reason_r,
    GError **error)
{
	struct faculty *faculty = self;
	struct teacher_reason reason = { 0 };
	struct classify_lesson lesson;
	gboolean done = TRUE;

	if (learn_holds_up(faculty->shared, wish, &reason)) {
		*outcome_r = TEACHER_REFUSED;
	} else {
		if (!get_lesson(faculty, message, wish, &lesson, error))
			return FALSE;
		done = faculty_lesson(
		    faculty, &lesson, wish, outcome_r, &reason, error);
		classify_lesson_clear(&lesson);
	}
	if (reason_r != NULL)
		*reason_r = reason;
	return done;
}

/* --- taking back --- */

/* By one of these. */
struct whom {
	const struct ident *ident;
	const char *person, *id, *actor;
	guint most; /* of the actor's, of each model */
	gboolean *more_r;
};

static gboolean
take_from(struct learn *learn, const struct whom *whom, guint *taken_r,
    GError **error)
{
	*taken_r = 1;
	if (whom->ident != NULL)
		return learn_take_back(learn, whom->ident, error);
	if (whom->actor != NULL)
		return learn_take_back_actor(learn, whom->actor, whom->most,
		    taken_r, whom->more_r, error);
	if (whom->person != NULL)
		return learn_take_back_person(
		    learn, whom->person, taken_r, error);
	return learn_take_back_id(learn, whom->id, taken_r, error);
}

static gboolean
take_back(struct faculty *faculty, const struct whom *whom, guint *taken_r,
    GError **error)
{
	g_autoptr(GError) missing = NULL;
	guint most = 0;

	for (guint i = 0; i < faculty_count(faculty); i++) {
		g_autoptr(GError) fault = NULL;
		guint taken;

		if (take_from(faculty_at(faculty, i), whom, &taken, &fault)) {
			most = MAX(most, taken);
			continue;
		}
		if (!err_is(fault, DG_ERROR_NOTFOUND)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		if (missing == NULL)
			missing = g_steal_pointer(&fault);
	}
	if (taken_r != NULL)
		*taken_r = most;
	if (most > 0 || missing == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&missing));
	return FALSE;
}

gboolean
faculty_take_back(
    struct faculty *faculty, const struct ident *ident, GError **error)
{
	const struct whom whom = { .ident = ident };

	return take_back(faculty, &whom, NULL, error);
}

gboolean
faculty_take_back_person(struct faculty *faculty, const char *address,
    guint *taken_r, GError **error)
{
	const struct whom whom = { .person = address };

	return take_back(faculty, &whom, taken_r, error);
}

gboolean
faculty_count_person(struct faculty *faculty, const char *address,
    guint *lessons_r, GError **error)
{
	*lessons_r = 0;
	for (guint i = 0; i < faculty_count(faculty); i++) {
		guint lessons;

		if (!learn_count_person(
			faculty_at(faculty, i), address, &lessons, error))
			return FALSE;
		*lessons_r = MAX(*lessons_r, lessons);
	}
	return TRUE;
}

gboolean
faculty_list_person(
    struct faculty *faculty, const char *address, json_t *list, GError **error)
{
	for (guint i = 0; i < faculty_count(faculty); i++) {
		size_t from = json_array_size(list);

		if (!learn_list_person(
			faculty_at(faculty, i), address, list, error))
			return FALSE;
		for (; i > 0 && from < json_array_size(list); from++) {
			const struct own *own = faculty->owns->pdata[i - 1];

			json_object_set_new(json_array_get(list, from), "model",
			    json_string(own->name));
		}
	}
	return TRUE;
}

gboolean
faculty_take_back_id(
    struct faculty *faculty, const char *id, guint *taken_r, GError **error)
{
	const struct whom whom = { .id = id };

	return take_back(faculty, &whom, taken_r, error);
}

gboolean
faculty_take_back_actor(struct faculty *faculty, const char *actor, guint most,
    guint *taken_r, gboolean *more_r, GError **error)
{
	const struct whom whom = {
		.actor = actor, .most = most, .more_r = more_r
	};

	*more_r = FALSE;
	return take_back(faculty, &whom, taken_r, error);
}

static gboolean
untrain(void *self, int message, const char *actor, GError **error)
{
	struct faculty *faculty = self;
	struct classify_lesson lesson;
	gboolean done;

	(void)actor;
	if (!classify_lesson(faculty->classify, message, &lesson, error))
		return FALSE;
	done = faculty_take_back(faculty, &lesson.ident, error);
	classify_lesson_clear(&lesson);
	return done;
}

void
faculty_teacher(struct faculty *faculty, struct teacher *teacher_r)
{
	*teacher_r = (struct teacher){ teach, untrain, faculty };
}

/* --- all of them --- */

/* Ends the groups of the first `n`; the first fault is told. */
static gboolean
end_groups(struct faculty *faculty, guint n, GError **error)
{
	gboolean kept = TRUE;

	for (guint i = 0; i < n; i++)
		kept &= learn_group_end(
		    faculty_at(faculty, i), kept ? error : NULL);
	return kept;
}

gboolean
faculty_group_begin(struct faculty *faculty, GError **error)
{
	for (guint i = 0; i < faculty_count(faculty); i++) {
		if (learn_group_begin(faculty_at(faculty, i), error))
			continue;
		/* Nothing was taught in them yet. */
		(void)!end_groups(faculty, i, NULL);
		return FALSE;
	}
	return TRUE;
}

gboolean
faculty_group_end(struct faculty *faculty, GError **error)
{
	return end_groups(faculty, faculty_count(faculty), error);
}

gboolean
faculty_tend(struct faculty *faculty, enum learn_left *left_r, GError **error)
{
	*left_r = LEARN_LEFT_NOTHING;
	for (guint i = 0; i < faculty_count(faculty); i++) {
		enum learn_left left;

		if (!learn_tend_free(faculty_at(faculty, i), &left, error))
			return FALSE;
		*left_r = MAX(*left_r, left);
	}
	return TRUE;
}

gboolean
faculty_compact(struct faculty *faculty, GError **error)
{
	for (guint i = 0; i < faculty_count(faculty); i++) {
		if (!learn_compact(faculty_at(faculty, i), error))
			return FALSE;
	}
	return TRUE;
}

struct learn *
faculty_model(struct faculty *faculty, guint i, const char **name_r)
{
	if (i >= faculty_count(faculty))
		return NULL;
	*name_r = i == 0
		      ? NULL
		      : ((const struct own *)faculty->owns->pdata[i - 1])->name;
	return faculty_at(faculty, i);
}

json_t *
faculty_stats(struct faculty *faculty, GError **error)
{
	json_t *stats = learn_stats(faculty->shared, error), *array;

	if (stats == NULL || faculty->owns->len == 0)
		return stats;
	array = json_array();
	for (guint i = 0; i < faculty->owns->len; i++) {
		const struct own *own = faculty->owns->pdata[i];
		json_t *one = learn_stats(own->learn, NULL);

		json_object_set_new(one, "name", json_string(own->name));
		json_array_append_new(array, one);
	}
	json_object_set_new(stats, "own", array);
	return stats;
}
