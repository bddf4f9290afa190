/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_DAYBOOK_H
#define DESKGATE_TOOLS_DAYBOOK_H

#include <jansson.h>

#include "lib/base/clock.h"

/*
 * When the keeper was last at work, in KEYS/daybook.json.  A host may start
 * with a clock that is wrong by years (a flat battery, a wrong image); what is
 * kept would all be too old at once, or come back to life.  So a clock that is
 * more than a day behind the daybook, or further ahead of it than the setting
 * clock-gap, is in doubt: mail flows, and nothing is let go by time until the
 * clock is right, or a person says that it is (daybook_confirm).
 *
 * steady.h looks at one run of the keeper; this, from one run to the next.
 * Times are microseconds since 1970 by the wall clock.  Thread-safe.
 */
struct daybook;

#define DAYBOOK_NAME "daybook.json"
/* Behind by more than this is in doubt. */
#define DAYBOOK_BACK ((gint64)24 * 60 * 60 * G_USEC_PER_SEC)

enum daybook_doubt { DAYBOOK_GOOD, DAYBOOK_BEHIND, DAYBOOK_AHEAD };
/* Whether `wall` can be, after `last` (0: nothing is known, and it can), with
 * `gap` at most between them.  Pure. */
enum daybook_doubt daybook_judge(gint64 last, gint64 wall, gint64 gap);

/*
 * Reads that of the folder `keys`, and writes it where the clock is believed.
 * One that is damaged is as none.  `clock` must outlive it.
 */
struct daybook *daybook_open(
    int keys, gint64 gap, const struct clock *clock, GError **error);
/* Accepts NULL. */
void daybook_close(struct daybook **address);

/* A line of the audit trail is of `wall`: heard where there was no daybook, and
 * then only against a clock that is behind, since a state that was put back
 * may well be old. */
void daybook_hear(struct daybook *daybook, gint64 wall);

/* The time by which what is kept grows old: that of the clock, or the earlier
 * of both while that is in doubt. */
gint64 daybook_now(struct daybook *daybook);
/* The same as a clock, which lives as long as the daybook; its mono is that of
 * the clock below. */
const struct clock *daybook_clock(struct daybook *daybook);
/* The time of what must not seem older than it is: that of the clock, or the
 * later of both. */
const struct clock *daybook_latest(struct daybook *daybook);
/* Whether the clock is in doubt. */
gboolean daybook_doubts(struct daybook *daybook);

/* Now and then, of a daemon: notes the time where it is believed, and tells the
 * log of a doubt when it begins and then every hour. */
gboolean daybook_tend(struct daybook *daybook, GError **error);
/* A person says that the clock is right. */
gboolean daybook_confirm(struct daybook *daybook, GError **error);

/* {"doubt": "", "behind" or "ahead", "now": "2026-...", "last": "2026-..." or
 * null, "text": what to tell a person, or ""}; the caller's. */
json_t *daybook_state(struct daybook *daybook);
/* The same from the folder's file, where no keeper can be asked; NULL when it
 * cannot be read. */
json_t *daybook_look(const char *keys, gint64 gap, const struct clock *clock);

#endif
