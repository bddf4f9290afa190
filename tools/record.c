/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The record of processing.
 */
#include "tools/record.h"

#include <string.h>

#include "lib/privacy/options.h"

static json_t *
text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static json_t *
texts(const char *const *list)
{
	json_t *array = json_array();

	for (; *list != NULL; list++)
		json_array_append_new(array, json_string(*list));
	return array;
}

static gboolean
is_local(const struct conf_section *desk)
{
	return strcmp(conf_string(desk, "type"), "local") == 0;
}

/* Somebody else's, outside of the European Economic Area. */
static gboolean
is_transfer(const struct conf_section *desk)
{
	const char *region = conf_string(desk, "region");

	return !is_local(desk) && region != NULL && !privacy_is_eea(region);
}

static gboolean
is_ours(const struct conf_section *desk)
{
	const char *processor = conf_string(desk, "processor");

	return is_local(desk) ||
	       (processor != NULL && strcmp(processor, "self") == 0);
}

/* --- the parts --- */

static json_t *
processing(const struct conf *conf)
{
	static const char *const people[] = { "who writes to the inbox",
		"who is named in that mail, or gets a copy of it",
		"agents who work on the tickets", NULL };
	static const char *const data[] = { "addresses and names",
		"subjects, texts and attachments of mail",
		"header fields, network addresses of mail servers among them",
		"verdicts of the filter, lessons as keyed digests",
		"decisions of agents", NULL };
	json_t *all = json_array();

	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);
		g_autofree char *desk =
		    g_strconcat("desk ", conf_string(inbox, "desk"), NULL);
		const char *mode = conf_string(inbox, "mode");

		json_array_append_new(
		    all, json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:b}",
			     "inbox", conf_title(inbox), "purpose",
			     conf_string(inbox, "purpose"), "legal_basis",
			     conf_string(inbox, "legal-basis"), "people",
			     texts(people), "data", texts(data), "recipient",
			     strcmp(mode, "tag") == 0 ? "the mailbox itself"
			     : g_str_has_prefix(mode, "teach-")
				 ? "nobody: it is taught, and removed"
				 : desk,
			     "own_model", conf_string(inbox, "model") != NULL));
	}
	return all;
}

/* The host of a URL; "" when there is none. */
static char *
host_of(const char *url)
{
	const char *host = url != NULL ? strstr(url, "://") : NULL;

	return host != NULL ? g_strndup(host + 3, strcspn(host + 3, "/:?#"))
			    : g_strdup("");
}

static json_t *
recipients(const struct conf *conf)
{
	json_t *all = json_array();

	for (guint i = 0; i < conf_count(conf, "desk"); i++) {
		const struct conf_section *desk = conf_at(conf, "desk", i);
		g_autofree char *host = host_of(conf_string(desk, "url"));

		json_array_append_new(all,
		    json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:s}",
			"desk", conf_title(desk), "type",
			conf_string(desk, "type"), "host", host, "processor",
			text_or_null(is_local(desk)
					 ? "self"
					 : conf_string(desk, "processor")),
			"region", text_or_null(conf_string(desk, "region")),
			"agreement",
			text_or_null(conf_string(desk, "agreement")),
			"transfer", is_transfer(desk), "safeguard",
			conf_string(desk, "safeguard")));
	}
	return all;
}

static void
add_kept(json_t *all, const char *what, const char *setting, const char *inbox,
    gint64 seconds)
{
	json_t *row = json_pack("{s:s, s:s, s:I}", "what", what, "setting",
	    setting, "seconds", (json_int_t)seconds);

	if (inbox != NULL)
		json_object_set_new(row, "inbox", json_string(inbox));
	json_array_append_new(all, row);
}

static json_t *
retention(const struct conf *conf)
{
	static const struct {
		const char *setting, *what;
		gboolean of_inbox;
	} kept[] = {
		{ "raw-retention",
		    "mail that became a ticket, as it came, sealed", TRUE },
		{ "held-retention", "mail that is held, sealed", TRUE },
		{ "dead-retention", "mail that its desk refused, sealed",
		    TRUE },
		{ "ledger-retention",
		    "which message became which ticket, who takes part, by "
		    "keyed digests",
		    TRUE },
		{ "ticket-retention", "tickets of the embedded desk, sealed",
		    TRUE },
		{ "journal-keep", "who a lesson of the filter came from",
		    TRUE },
		{ "audit-retention",
		    "who did what, and receipts, without personal data",
		    FALSE },
		{ "backup-keep", "who was erased, by keyed digests", FALSE },
	};
	json_t *all = json_array();

	for (gsize i = 0; i < G_N_ELEMENTS(kept); i++) {
		const char *setting = kept[i].setting;

		add_kept(all, kept[i].what, setting, NULL,
		    conf_duration(conf_global(conf), setting));
		for (guint k = 0;
		     kept[i].of_inbox && k < conf_count(conf, "inbox"); k++) {
			const struct conf_section *inbox =
			    conf_at(conf, "inbox", k);

			if (conf_is_set(inbox, setting))
				add_kept(all, kept[i].what, setting,
				    conf_title(inbox),
				    conf_duration(inbox, setting));
		}
	}
	return all;
}

/* Article 32(1). */
static json_t *
measures(const struct conf *conf)
{
	static const char *const always[] = {
		"mail is sealed from the moment it is stored, by a key for "
		"each "
		"person; erasing a person destroys it",
		"features of the filter are keyed digests; no word of mail is "
		"in "
		"the model",
		"mail is read by processes that have no network, no secret and "
		"no right to write",
		"secrets stand in files that their owner alone reads",
		"acts of people are in a trail that shows changes", NULL
	};
	const struct conf_section *global = conf_global(conf);
	const char *addresses = conf_string(global, "log-addresses");
	json_t *all = texts(always);

	if (strcmp(addresses, "full") != 0)
		json_array_append_new(
		    all, json_string("logs hold no address, name or subject"));
	return all;
}

/* --- what is missing --- */

static void
lack(GPtrArray *list, const struct conf_section *desk, const char *what)
{
	g_ptr_array_add(
	    list, g_strdup_printf("desk \"%s\": %s", conf_title(desk), what));
}

static void
desk_lacks(const struct conf_section *desk, GPtrArray *list)
{
	if (is_local(desk))
		return;
	if (conf_string(desk, "region") == NULL)
		lack(list, desk, "set region to where its data is");
	if (conf_string(desk, "processor") == NULL)
		lack(list, desk, "set processor to who runs it, or to self");
	else if (!is_ours(desk) && conf_string(desk, "agreement") == NULL)
		lack(list, desk,
		    "set agreement to the day of the agreement with its "
		    "processor");
	if (is_transfer(desk) &&
	    strcmp(conf_string(desk, "safeguard"), "none") == 0)
		lack(list, desk,
		    "its data leaves the European Economic Area: set "
		    "safeguard");
}

GPtrArray *
record_lacks(const struct conf *conf)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < conf_count(conf, "desk"); i++)
		desk_lacks(conf_at(conf, "desk", i), list);
	return list;
}

json_t *
record_make(const struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);
	g_autoptr(GPtrArray) lacks = record_lacks(conf);
	json_t *warnings = json_array();

	if (conf_string(global, "controller") == NULL)
		json_array_append_new(
		    warnings, json_string("set controller to who is "
					  "responsible"));
	for (guint i = 0; i < lacks->len; i++)
		json_array_append_new(warnings, json_string(lacks->pdata[i]));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "controller",
	    text_or_null(conf_string(global, "controller")),
	    "protection_officer",
	    text_or_null(conf_string(global, "protection-officer")),
	    "processing", processing(conf), "recipients", recipients(conf),
	    "retention", retention(conf), "measures", measures(conf),
	    "warnings", warnings);
}

/* --- the settings --- */

static gboolean
is_day(const char *text)
{
	g_autofree char *whole = g_strconcat(text, "T00:00:00Z", NULL);
	g_autoptr(GDateTime) day = g_date_time_new_from_iso8601(whole, NULL);

	return strlen(text) == strlen("2026-01-31") && day != NULL;
}

void
record_check(struct conf *conf)
{
	gboolean eu =
	    strcmp(conf_string(conf_global(conf), "regions"), "eu") == 0;

	for (guint i = 0; i < conf_count(conf, "desk"); i++) {
		const struct conf_section *desk = conf_at(conf, "desk", i);
		const char *day = conf_string(desk, "agreement");
		const char *region = conf_string(desk, "region");

		if (day != NULL && !is_day(day))
			conf_add_fault(conf, desk, "agreement",
			    "agreement = \"%s\": it is a day, such as "
			    "2026-01-31",
			    day);
		if (eu && !is_local(desk) &&
		    (region == NULL || !privacy_is_eea(region)))
			conf_add_fault(conf, desk, "region",
			    "desk \"%s\": regions = eu, so its region must be "
			    "a country of the European Economic Area, or eu",
			    conf_title(desk));
	}
}
