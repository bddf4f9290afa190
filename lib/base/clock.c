/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine's clocks behind the small interface that tests replace.
 */
#include "lib/base/clock.h"

static gint64
system_wall(void *self)
{
	(void)self;
	return g_get_real_time();
}

static gint64
system_mono(void *self)
{
	(void)self;
	return g_get_monotonic_time();
}

const struct clock clock_system = { system_wall, system_mono, NULL };

gint64
clock_wall(const struct clock *clock)
{
	return clock->wall(clock->self);
}

gint64
clock_mono(const struct clock *clock)
{
	return clock->mono(clock->self);
}

char *
clock_text(gint64 wall)
{
	g_autoptr(GDateTime) when =
	    g_date_time_new_from_unix_utc(wall / G_USEC_PER_SEC);

	if (when == NULL)
		return g_strdup("0000-00-00T00:00:00Z");
	return g_date_time_format(when, "%Y-%m-%dT%H:%M:%SZ");
}
