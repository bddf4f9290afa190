/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Invitations in words.
 *
 * The library is given no more than a person's calendar program sends, and
 * works out no series: a zone whose rules are not yearly ones is named and not
 * reckoned with.
 */
#include "tickets/invite.h"

#include <libical/ical.h>
#include <string.h>

#include "lib/base/unicode.h"

/* Larger ones are whole calendars. */
#define BYTES_MOST (256 << 10)
#define LINES_MOST 5000
#define WORDS_MOST 300
/* A zone has a handful of rules, in years that calendars are for. */
#define RULES_MOST 100
#define YEAR_FIRST 1970
#define YEAR_LAST 2100

gboolean
invite_is(const char *type, const char *name)
{
	return strcmp(type, "text/calendar") == 0 ||
	       strcmp(type, "application/ics") == 0 ||
	       (strcmp(type, "application/octet-stream") == 0 && name != NULL &&
		   strlen(name) > 4 &&
		   g_ascii_strcasecmp(name + strlen(name) - 4, ".ics") == 0);
}

static void
add_line(GString *out, const char *label, const char *value)
{
	g_autofree char *valid = NULL, *line = NULL;

	if (value == NULL)
		return;
	valid = unicode_repair(value, -1);
	line = unicode_line(valid, WORDS_MOST);
	if (*line != '\0')
		g_string_append_printf(out, "%s: %s\n", label, line);
}

/* --- when --- */

/* Of a zone's rules only yearly ones, and few of them. */
static gboolean
is_plain_zone(icalcomponent *zone)
{
	guint rules = 0;

	for (icalcomponent *rule =
		 icalcomponent_get_first_component(zone, ICAL_ANY_COMPONENT);
	     rule != NULL; rule = icalcomponent_get_next_component(
			       zone, ICAL_ANY_COMPONENT)) {
		icalproperty *again =
		    icalcomponent_get_first_property(rule, ICAL_RRULE_PROPERTY);
		struct icaltimetype start = icalcomponent_get_dtstart(rule);

		if (++rules > RULES_MOST ||
		    icalcomponent_count_properties(rule, ICAL_RDATE_PROPERTY) >
			RULES_MOST ||
		    icalcomponent_count_properties(rule, ICAL_RRULE_PROPERTY) >
			1)
			return FALSE;
		if (!icaltime_is_null_time(start) && start.year > YEAR_LAST)
			return FALSE;
		if (again != NULL) {
			struct icalrecurrencetype how =
			    icalproperty_get_rrule(again);

			if (how.freq != ICAL_YEARLY_RECURRENCE ||
			    how.interval > 1)
				return FALSE;
		}
	}
	return rules > 0;
}

static icalcomponent *
find_zone(icalcomponent *calendar, const char *name)
{
	for (icalcomponent *zone = icalcomponent_get_first_component(
		 calendar, ICAL_VTIMEZONE_COMPONENT);
	     zone != NULL; zone = icalcomponent_get_next_component(
			       calendar, ICAL_VTIMEZONE_COMPONENT)) {
		icalproperty *id =
		    icalcomponent_get_first_property(zone, ICAL_TZID_PROPERTY);

		if (id != NULL &&
		    g_strcmp0(icalproperty_get_tzid(id), name) == 0)
			return zone;
	}
	return NULL;
}

/* ", UTC+01:00" of a time in a zone that the part describes. */
static void
add_offset(GString *out, icalcomponent *calendar, const char *name,
    struct icaltimetype time)
{
	icalcomponent *described = find_zone(calendar, name);
	icaltimezone *zone;
	int seconds, summer = 0;

	if (described == NULL || time.year < YEAR_FIRST ||
	    time.year > YEAR_LAST || !is_plain_zone(described))
		return;
	zone = icaltimezone_new();
	if (icaltimezone_set_component(
		zone, icalcomponent_new_clone(described))) {
		seconds = icaltimezone_get_utc_offset(zone, &time, &summer);
		g_string_append_printf(out, ", UTC%c%02d:%02d",
		    seconds < 0 ? '-' : '+', ABS(seconds) / 3600,
		    ABS(seconds) / 60 % 60);
	}
	icaltimezone_free(zone, 1);
}

static void
add_zone(GString *out, icalcomponent *calendar, icalproperty *property,
    struct icaltimetype time)
{
	icalparameter *parameter =
	    icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
	const char *name =
	    parameter != NULL ? icalparameter_get_tzid(parameter) : NULL;
	g_autofree char *valid = name != NULL ? unicode_repair(name, -1) : NULL;
	g_autofree char *line = valid != NULL ? unicode_line(valid, 80) : NULL;

	if (time.is_date)
		g_string_append(out, " (all day)");
	else if (icaltime_is_utc(time))
		g_string_append(out, " (UTC)");
	else if (line == NULL || *line == '\0')
		g_string_append(out, " (no time zone given)");
	else {
		g_string_append_printf(out, " (%s", line);
		add_offset(out, calendar, name, time);
		g_string_append_c(out, ')');
	}
}

static void
add_date(GString *out, struct icaltimetype time)
{
	g_string_append_printf(
	    out, "%04d-%02d-%02d", time.year, time.month, time.day);
}

static void
add_clock(GString *out, struct icaltimetype time)
{
	if (!time.is_date)
		g_string_append_printf(
		    out, "%02d:%02d", time.hour, time.minute);
}

static gboolean
is_one_day(struct icaltimetype a, struct icaltimetype b)
{
	return a.year == b.year && a.month == b.month && a.day == b.day;
}

/* The end, as given or by the length; null when there is neither. */
static struct icaltimetype
end_of(icalcomponent *event, struct icaltimetype start)
{
	icalproperty *end =
	    icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY);
	icalproperty *duration =
	    icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY);
	struct icaltimetype time = icaltime_null_time();

	if (end != NULL) {
		time = icalproperty_get_dtend(end);
		/* The day after the last one is named (RFC 5545 3.6.1). */
		if (time.is_date && !icaltime_is_null_time(time))
			icaltime_adjust(&time, -1, 0, 0, 0);
	} else if (duration != NULL && !start.is_date) {
		int seconds = icaldurationtype_as_int(
		    icalproperty_get_duration(duration));

		time = start;
		icaltime_adjust(&time, 0, 0, 0, CLAMP(seconds, 0, 366 * 86400));
	}
	return time;
}

/* The library takes any digits. */
static gboolean
is_time(struct icaltimetype time)
{
	return !icaltime_is_null_time(time) && time.year > 0 &&
	       time.month >= 1 && time.month <= 12 && time.day >= 1 &&
	       time.day <= 31 && time.hour >= 0 && time.hour <= 24 &&
	       time.minute >= 0 && time.minute <= 59;
}

static void
add_when(GString *out, icalcomponent *calendar, icalcomponent *event)
{
	icalproperty *property =
	    icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
	struct icaltimetype start, end;

	if (property == NULL)
		return;
	start = icalproperty_get_dtstart(property);
	if (!is_time(start))
		return;
	end = end_of(event, start);
	g_string_append(out, "When: ");
	add_date(out, start);
	if (!start.is_date)
		g_string_append_c(out, ' ');
	add_clock(out, start);
	if (is_time(end) && (!start.is_date || !is_one_day(start, end))) {
		g_string_append(out, " to ");
		if (!is_one_day(start, end))
			add_date(out, end);
		if (!is_one_day(start, end) && !end.is_date)
			g_string_append_c(out, ' ');
		add_clock(out, end);
	}
	add_zone(out, calendar, property, start);
	if (icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY) !=
	    NULL)
		g_string_append(out, ", repeated");
	g_string_append_c(out, '\n');
}

/* --- who and what --- */

static void
add_person(GString *out, const char *label, icalproperty *property,
    const char *address)
{
	icalparameter *parameter =
	    icalproperty_get_first_parameter(property, ICAL_CN_PARAMETER);
	const char *name =
	    parameter != NULL ? icalparameter_get_cn(parameter) : NULL;
	g_autofree char *line = NULL;

	if (address == NULL)
		return;
	if (g_ascii_strncasecmp(address, "mailto:", 7) == 0)
		address += 7;
	line = name != NULL ? g_strdup_printf("%s <%s>", name, address)
			    : g_strdup(address);
	add_line(out, label, line);
}

static const char *
answer_word(icalproperty *attendee)
{
	icalparameter *parameter =
	    icalproperty_get_first_parameter(attendee, ICAL_PARTSTAT_PARAMETER);

	switch (parameter != NULL ? icalparameter_get_partstat(parameter)
				  : ICAL_PARTSTAT_NONE) {
	case ICAL_PARTSTAT_ACCEPTED:
		return "Accepted by";
	case ICAL_PARTSTAT_DECLINED:
		return "Declined by";
	case ICAL_PARTSTAT_TENTATIVE:
		return "Accepted with doubts by";
	case ICAL_PARTSTAT_DELEGATED:
		return "Delegated by";
	default:
		return "Answered by";
	}
}

static void
add_people(GString *out, icalcomponent *event, icalproperty_method method)
{
	icalproperty *organiser =
	    icalcomponent_get_first_property(event, ICAL_ORGANIZER_PROPERTY);
	icalproperty *attendee =
	    icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);

	if (organiser != NULL)
		add_person(out, "Organiser", organiser,
		    icalproperty_get_organizer(organiser));
	if (attendee != NULL &&
	    (method == ICAL_METHOD_REPLY || method == ICAL_METHOD_COUNTER))
		add_person(out, answer_word(attendee), attendee,
		    icalproperty_get_attendee(attendee));
}

static const char *
method_word(icalproperty_method method)
{
	switch (method) {
	case ICAL_METHOD_REQUEST:
	case ICAL_METHOD_ADD:
		return "Invitation";
	case ICAL_METHOD_REPLY:
		return "Answer to an invitation";
	case ICAL_METHOD_CANCEL:
		return "Cancelled";
	case ICAL_METHOD_COUNTER:
		return "Other time proposed";
	case ICAL_METHOD_DECLINECOUNTER:
		return "Proposed time declined";
	case ICAL_METHOD_REFRESH:
		return "Asks for the latest of";
	default:
		return "Event";
	}
}

static char *
describe(icalcomponent *calendar)
{
	icalcomponent *event =
	    icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
	icalproperty_method method = icalcomponent_get_method(calendar);
	GString *out;
	const char *summary;

	if (event == NULL)
		event = icalcomponent_get_first_component(
		    calendar, ICAL_VTODO_COMPONENT);
	if (event == NULL)
		return NULL;
	out = g_string_new(NULL);
	summary = icalcomponent_get_summary(event);
	add_line(out, method_word(method),
	    summary != NULL && *summary != '\0' ? summary : "(no subject)");
	add_when(out, calendar, event);
	add_line(out, "Where", icalcomponent_get_location(event));
	add_people(out, event, method);
	return g_string_free(out, FALSE);
}

static gboolean
is_small(const char *text, gsize length)
{
	guint lines = 0;

	if (length > BYTES_MOST)
		return FALSE;
	for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	return lines <= LINES_MOST;
}

/* Several calendars side by side have a frame around them. */
static icalcomponent *
first_calendar(icalcomponent *root)
{
	if (icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT)
		return root;
	return icalcomponent_get_first_component(
	    root, ICAL_VCALENDAR_COMPONENT);
}

char *
invite_summary(const char *text, gsize length)
{
	icalcomponent *root, *calendar;
	char *summary = NULL;

	if (!is_small(text, length) ||
	    strcasestr(text, "BEGIN:VCALENDAR") == NULL)
		return NULL;
	icalerror_set_errors_are_fatal(0);
	root = icalparser_parse_string(text);
	if (root == NULL)
		return NULL;
	calendar = first_calendar(root);
	if (calendar != NULL)
		summary = describe(calendar);
	icalcomponent_free(root);
	icalmemory_free_ring();
	return summary;
}
