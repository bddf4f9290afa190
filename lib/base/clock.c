/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine's clocks behind the small interface that tests replace.
 */
#include "lib/base/clock.h"

#include <string.h>

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

gboolean
clock_parse_day(const char *text, gint64 *seconds_r)
{
	static const char form[] = "dddd-dd-dd";
	g_autoptr(GDateTime) day = NULL;

	if (strlen(text) != strlen(form))
		return FALSE;
	for (gsize i = 0; form[i] != '\0'; i++)
		if (form[i] == 'd' ? !g_ascii_isdigit(text[i])
				   : text[i] != form[i])
			return FALSE;
	day = g_date_time_new_local((gint)g_ascii_strtoull(text, NULL, 10),
	    (gint)g_ascii_strtoull(text + 5, NULL, 10),
	    (gint)g_ascii_strtoull(text + 8, NULL, 10), 0, 0, 0);
	if (day == NULL || g_date_time_get_year(day) < 1971)
		return FALSE;
	*seconds_r = g_date_time_to_unix(day);
	return TRUE;
}
