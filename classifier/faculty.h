/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_FACULTY_H
#define DESKGATE_CLASSIFIER_FACULTY_H

#include "classifier/learn.h"

/*
 * The installation's model and the own models of inboxes, as one teacher.
 * Thread-safe once it is complete.
 *
 * A label that names an inbox with an own model teaches both: whether it is
 * refused is asked once, of both together, since that is what the inbox's mail
 * is judged by; then each learns by its own margin, so that each can stand and
 * be taken back alone.  The own model learns also when both together are not
 * yet sure: where this inbox is not like the others, it has to outvote what
 * they have taught.  Any other label teaches the installation's.
 *
 * The models are stores of their own: each lesson is whole in each of them or
 * not there, and one that reached only one of them (a full disk) is made whole
 * by giving it again, which changes nothing where it is.
 */
struct faculty;

/* `shared`, the installation's, and `classify` are borrowed. */
struct faculty *faculty_new(struct learn *shared, struct classify *classify);
/* Retires and closes the own models; accepts NULL inside. */
void faculty_free(struct faculty **address);

/* Opens an own model; classify_add has told `classify` of it. */
gboolean faculty_open(struct faculty *faculty, const char *model,
    const struct learn_settings *settings, GError **error);
/* The inbox of this title ("support@example.com", "@example.com") uses an own
 * model that was opened. */
void faculty_assign(
    struct faculty *faculty, const char *inbox, const char *model);
/* Fills in a teacher that lives as long as `faculty`. */
void faculty_teacher(struct faculty *faculty, struct teacher *teacher_r);
/* Says of whose mail no lesson may be made, by whatever door it comes. */
struct faculty_guard {
	/* `people`: MODEL_PEOPLE addresses of the sender, each may be NULL;
	 * `inbox` as the lesson names it, or NULL.  *why_r is a static text for
	 * people when there may be none, else left as it is. */
	gboolean (*bars)(void *self, const char *const *people,
	    const char *inbox, const char **why_r, GError **error);
	void *self;
};
/* Copied; before any lesson. */
void faculty_set_guard(
    struct faculty *faculty, const struct faculty_guard *guard);
/* What the teacher's teach does behind its reader; *reason_r: of what the
 * inbox's mail is judged by. */
gboolean faculty_lesson(struct faculty *faculty,
    const struct classify_lesson *lesson, const struct teacher_lesson *wish,
    enum teacher_outcome *outcome_r, struct teacher_reason *reason_r,
    GError **error);

/* As those of learn.h, of all models: NOTFOUND when none has it. */
gboolean faculty_take_back(
    struct faculty *faculty, const struct ident *ident, GError **error);
/* *taken_r: of the model that had most, since a lesson may be in two. */
gboolean faculty_take_back_person(struct faculty *faculty, const char *address,
    guint *taken_r, GError **error);
/* Forgets what an inbox has taught: its own model as a whole, unless another
 * inbox uses it, and its lessons in the others; *taken_r as above. */
gboolean faculty_take_back_inbox(
    struct faculty *faculty, const char *inbox, guint *taken_r, GError **error);
/* As learn_count_person, of the model that has most. */
gboolean faculty_count_person(struct faculty *faculty, const char *address,
    guint *lessons_r, GError **error);
/* As learn_list_person, of all models: {"model": "..."} has the name of an own
 * one. */
gboolean faculty_list_person(
    struct faculty *faculty, const char *address, json_t *list, GError **error);
/* The same by Message-ID. */
gboolean faculty_take_back_id(
    struct faculty *faculty, const char *id, guint *taken_r, GError **error);

/* The same of who has taught: at most `most` of each model; *more_r: there are
 * others of his. */
gboolean faculty_take_back_actor(struct faculty *faculty, const char *actor,
    guint most, guint *taken_r, gboolean *more_r, GError **error);

/* As those of learn.h.  The lock of every model is held between them. */
gboolean faculty_group_begin(struct faculty *faculty, GError **error);
/* FALSE when some model has not kept its group; give it again. */
gboolean faculty_group_end(
    struct faculty *faculty, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* As learn_tend_free, for all: what any of them left. */
gboolean faculty_tend(
    struct faculty *faculty, enum learn_left *left_r, GError **error);
/* As learn_compact, for all. */
gboolean faculty_compact(struct faculty *faculty, GError **error);
/* The model at `i`, borrowed, with its name (NULL: the installation's, which is
 * the first); NULL behind the last. */
struct learn *faculty_model(
    struct faculty *faculty, guint i, const char **name_r);

/* learn_stats of the installation's; with own ones also "own": an array of
 * theirs, each with its "name". */
json_t *faculty_stats(struct faculty *faculty, GError **error);

#endif
