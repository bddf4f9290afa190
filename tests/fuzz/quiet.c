/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/quiet.h"

#include <glib.h>

static GLogWriterOutput
write_loud(GLogLevelFlags level, const GLogField *fields, gsize n_fields,
    gpointer unused)
{
	(void)unused;
	if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) != 0)
		return g_log_writer_default(level, fields, n_fields, NULL);
	return G_LOG_WRITER_HANDLED;
}

void
quiet_logs(void)
{
	g_log_set_writer_func(write_loud, NULL, NULL);
}
