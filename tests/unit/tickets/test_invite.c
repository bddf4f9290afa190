/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Invitations in words.
 */
#include "tickets/invite.h"

#include <string.h>

#define BEGIN "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
#define END "END:VCALENDAR\r\n"
#define EVENT "BEGIN:VEVENT\r\nUID:1@example.org\r\n"
#define EVENT_END "END:VEVENT\r\n"
#define BERLIN \
	"BEGIN:VTIMEZONE\r\nTZID:Berlin of ours\r\n" \
	"BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n" \
	"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n" \
	"TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n" \
	"BEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\n" \
	"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n" \
	"TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\n" \
	"END:VTIMEZONE\r\n"

struct invite_case {
	const char *name, *text, *want;
};

static const struct invite_case cases[] = {
	{ "request",
	    BEGIN "METHOD:REQUEST\r\n" BERLIN EVENT
		  "SUMMARY:Quarterly\\, with a long\r\n  review\r\n"
		  "DTSTART;TZID=Berlin of ours:20260305T140000\r\n"
		  "DTEND;TZID=Berlin of ours:20260305T150000\r\n"
		  "LOCATION:Room 4\r\n"
		  "ORGANIZER;CN=Ann:mailto:ann@example.org\r\n" EVENT_END END,
	    "Invitation: Quarterly, with a long review\n"
	    "When: 2026-03-05 14:00 to 15:00 (Berlin of ours, UTC+01:00)\n"
	    "Where: Room 4\nOrganiser: Ann <ann@example.org>\n" },
	{ "summer",
	    BEGIN "METHOD:REQUEST\r\n" BERLIN EVENT "SUMMARY:x\r\n"
		  "DTSTART;TZID=Berlin of ours:20260705T140000\r\n"
		  "DURATION:PT90M\r\n" EVENT_END END,
	    "Invitation: x\n"
	    "When: 2026-07-05 14:00 to 15:30 (Berlin of ours, UTC+02:00)\n" },
	{ "zone without rules",
	    BEGIN "METHOD:PUBLISH\r\n" EVENT "SUMMARY:x\r\n"
		  "DTSTART;TZID=Mars/Olympus:20260305T140000\r\n" EVENT_END END,
	    "Event: x\nWhen: 2026-03-05 14:00 (Mars/Olympus)\n" },
	{ "no zone",
	    BEGIN EVENT "SUMMARY:x\r\nDTSTART:20260305T140000\r\n"
			"RRULE:FREQ=SECONDLY\r\n" EVENT_END END,
	    "Event: x\nWhen: 2026-03-05 14:00 (no time zone given), "
	    "repeated\n" },
	{ "two days",
	    BEGIN EVENT "SUMMARY:x\r\nDTSTART:20260305T220000Z\r\n"
			"DTEND:20260306T020000Z\r\n" EVENT_END END,
	    "Event: x\nWhen: 2026-03-05 22:00 to 2026-03-06 02:00 (UTC)\n" },
	{ "all day",
	    BEGIN EVENT "SUMMARY:x\r\nDTSTART;VALUE=DATE:20260305\r\n"
			"DTEND;VALUE=DATE:20260306\r\n" EVENT_END END,
	    "Event: x\nWhen: 2026-03-05 (all day)\n" },
	{ "all of some days",
	    BEGIN EVENT "SUMMARY:x\r\nDTSTART;VALUE=DATE:20260305\r\n"
			"DTEND;VALUE=DATE:20260308\r\n" EVENT_END END,
	    "Event: x\nWhen: 2026-03-05 to 2026-03-07 (all day)\n" },
	{ "reply",
	    BEGIN "METHOD:REPLY\r\n" EVENT "SUMMARY:x\r\n"
		  "ATTENDEE;PARTSTAT=DECLINED;CN=Bob:mailto:bob@example.org"
		  "\r\n" EVENT_END END,
	    "Answer to an invitation: x\nDeclined by: Bob "
	    "<bob@example.org>\n" },
	{ "cancel", BEGIN "METHOD:CANCEL\r\n" EVENT EVENT_END END,
	    "Cancelled: (no subject)\n" },
	{ "hostile words",
	    BEGIN EVENT "SUMMARY:a\\nOrganiser: mallory\xe2\x80\xae\r\n"
			"LOCATION:\r\n" EVENT_END END,
	    "Event: a Organiser: mallory\n" },
	{ "broken time",
	    BEGIN EVENT
	    "SUMMARY:x\r\nDTSTART:20269999T999999Z\r\n" EVENT_END END,
	    "Event: x\n" },
	{ "zone with a hostile rule",
	    BEGIN "BEGIN:VTIMEZONE\r\nTZID:Z\r\nBEGIN:STANDARD\r\n"
		  "DTSTART:19700101T000000\r\nRRULE:FREQ=SECONDLY\r\n"
		  "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
		  "END:VTIMEZONE\r\n" EVENT "SUMMARY:x\r\n"
		  "DTSTART;TZID=Z:20260305T140000\r\n" EVENT_END END,
	    "Event: x\nWhen: 2026-03-05 14:00 (Z)\n" },
	{ "no event", BEGIN END, NULL },
	{ "cut off", BEGIN EVENT "SUMMARY:x\r\n", NULL },
	{ "no calendar", "Hello\n", NULL },
	{ "nothing", "", NULL },
};

static void
test_case(gconstpointer data)
{
	const struct invite_case *one = data;
	g_autofree char *found = invite_summary(one->text, strlen(one->text));

	g_assert_cmpstr(found, ==, one->want);
}

static void
test_large(void)
{
	g_autoptr(GString) text = g_string_new(BEGIN);
	g_autofree char *found = NULL;

	for (guint i = 0; i < 5000; i++)
		g_string_append(text, EVENT "SUMMARY:x\r\n" EVENT_END);
	g_string_append(text, END);
	found = invite_summary(text->str, text->len);
	g_assert_null(found);
}

static void
test_is(void)
{
	g_assert_true(invite_is("text/calendar", NULL));
	g_assert_true(invite_is("application/octet-stream", "invite.ICS"));
	g_assert_false(invite_is("application/octet-stream", ".ics"));
	g_assert_false(invite_is("application/pdf", "invite.ics"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path =
		    g_strdup_printf("/invite/%s", cases[i].name);

		g_test_add_data_func(path, &cases[i], test_case);
	}
	g_test_add_func("/invite/large", test_large);
	g_test_add_func("/invite/is", test_is);
	return g_test_run();
}
