/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars and columns: see chart.h. */
#include "tools/chart.h"

#include <math.h>
#include <string.h>

#define EIGHTHS 8
#define FULL_BLOCK 0x2588
#define LOWEST_COLUMN 0x2581 /* one eighth high; eight of them in a row */

gboolean
chart_unicode(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *value = g_getenv(names[i]);
		g_autofree char *upper = NULL;

		if (value == NULL || *value == '\0')
			continue;
		upper = g_ascii_strup(value, -1);
		return strstr(upper, "UTF-8") != NULL ||
		       strstr(upper, "UTF8") != NULL;
	}
	return FALSE;
}

char *
chart_bar(double share, guint width, gboolean unicode)
{
	guint steps = unicode ? EIGHTHS : 1, filled, left;
	GString *bar = g_string_new(NULL);

	share = isnan(share) ? 0 : CLAMP(share, 0, 1);
	filled = (guint)lround(share * width * steps);
	if (share > 0 && filled == 0 && width > 0)
		filled = 1;
	for (guint i = 0; i < filled / steps; i++)
		g_string_append_unichar(bar, unicode ? FULL_BLOCK : '#');
	left = filled % steps;
	/* U+2588 is whole, U+258F an eighth wide. */
	if (left > 0)
		g_string_append_unichar(bar, FULL_BLOCK + EIGHTHS - left);
	for (guint i = filled / steps + (left > 0); i < width; i++)
		g_string_append_c(bar, unicode ? ' ' : '.');
	return g_string_free(bar, FALSE);
}

char *
chart_spark(const double *values, guint n, gboolean unicode)
{
	static const char ascii[] = "_.-:=+*#";
	GString *spark = g_string_new(NULL);
	double most = 0;

	for (guint i = 0; i < n; i++)
		if (isfinite(values[i]))
			most = MAX(most, values[i]);
	for (guint i = 0; i < n; i++) {
		guint step;

		if (!isfinite(values[i]) || values[i] <= 0) {
			g_string_append_c(spark, ' ');
			continue;
		}
		step = (guint)ceil(values[i] / most * EIGHTHS);
		step = CLAMP(step, 1, EIGHTHS) - 1;
		g_string_append_unichar(spark,
		    unicode ? LOWEST_COLUMN + step : (guchar)ascii[step]);
	}
	return g_string_free(spark, FALSE);
}
