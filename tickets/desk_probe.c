/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The checks of a desk's test that are the same for all that speak HTTP.
 */
#include "tickets/desk_probe.h"

#include <stdlib.h>

#include "lib/base/err.h"

#define DAY 86400

static void
probe_tls(struct desk_report *report, const struct http_answer *answer,
    gboolean encrypted, gint64 now)
{
	gint64 days = (answer->certificate_end - now) / DAY;
	g_autofree char *text = NULL;

	if (!encrypted) {
		desk_report_add(report, DESK_WARN, "tls",
		    "not encrypted: http to a private or loopback address",
		    "use https, unless the desk is on this very machine");
		return;
	}
	if (answer->certificate_end == 0) {
		desk_report_add(
		    report, DESK_OK, "tls", "the certificate is good", NULL);
		return;
	}
	text = g_strdup_printf(
	    "the certificate is good for %" G_GINT64_FORMAT " more days", days);
	if (days < DESK_PROBE_CERTIFICATE_DAYS)
		desk_report_add(report, DESK_WARN, "tls", text,
		    "have the desk's certificate renewed");
	else
		desk_report_add(report, DESK_OK, "tls", text, NULL);
}

static void
probe_clock(
    struct desk_report *report, const struct http_answer *answer, gint64 now)
{
	gint64 skew = answer->date - now;
	g_autofree char *text = NULL;

	if (answer->date == 0) {
		desk_report_add(report, DESK_WARN, "clock",
		    "the answer bears no date, so the clocks could not be "
		    "compared",
		    "let the desk's web server send the Date field");
		return;
	}
	text = g_strdup_printf("the desk's clock is %" G_GINT64_FORMAT
			       " s %s ours",
	    ABS(skew), skew < 0 ? "behind" : "ahead of");
	if (ABS(skew) > DESK_PROBE_SKEW_SECONDS)
		desk_report_add(report, DESK_WARN, "clock", text,
		    "set both machines' clocks by NTP");
	else
		desk_report_add(report, DESK_OK, "clock", text, NULL);
}

void
desk_probe_answer(struct desk_report *report, const struct http_answer *answer,
    gboolean encrypted, gint64 now)
{
	desk_report_add(report, DESK_OK, "reach", "it answers", NULL);
	probe_tls(report, answer, encrypted, now);
	probe_clock(report, answer, now);
}

void
desk_probe_fault(struct desk_report *report, const GError *fault)
{
	if (!err_is(fault, DG_ERROR_DENIED)) {
		desk_report_add(report, DESK_FAIL, "reach", fault->message,
		    "look at url, the desk's name and certificate, and "
		    "whether a firewall lets us out");
		return;
	}
	desk_report_add(report, DESK_FAIL, "credentials", fault->message,
	    "look at token-file and url: the key is wrong, ended, or another "
	    "API's; or set allow-private, if the address is meant");
}
