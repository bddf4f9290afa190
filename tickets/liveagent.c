/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What LiveAgent's API v3 is asked, as values (liveagent.h).
 *
 * Where the vendor's documents are silent, an assumption is marked "inferred".
 *
 * The API has no idempotency key, and one Message-ID may stand for two tickets
 * (one for each inbox it was sent to).  So the message's text ends in a line
 * with the entry's key: by it a ticket is known again after an answer was lost.
 */
#include "tickets/liveagent.h"

#include "lib/mail/addr.h"
#include "tickets/http.h"

#define MAX_COPIES 20

/* --- requests */

static char *
marked(const char *text, const char *left_out, const struct ident *ident)
{
	char key[IDENT_TEXT];

	ident_text(ident, key);
	return g_strdup_printf("%s%s%s\n\n" LIVEAGENT_MARK "%s\n", text,
	    left_out != NULL ? "\n\n" : "", left_out != NULL ? left_out : "",
	    key);
}

char *
liveagent_text(const struct ticket *ticket, const struct ident *key)
{
	g_autofree char *text = ticket_full_text(ticket);

	return marked(text, NULL, key);
}

static char *
copies_text(const struct ticket *ticket)
{
	GString *text = g_string_new(NULL);
	guint count = 0;

	for (guint i = 0; ticket->followers != NULL &&
			  i < ticket->followers->len && count < MAX_COPIES;
	     i++) {
		const struct addr *one = ticket->followers->pdata[i];

		/* An invalid participant once crashed the server (#22444). */
		if (!addr_valid(one->address) ||
		    strpbrk(one->address, ",;<>\" ") != NULL)
			continue;
		if (count++ > 0)
			g_string_append_c(text, ',');
		g_string_append(text, one->address);
	}
	return g_string_free(text, FALSE);
}

/* The support mailbox; an inbox of a whole domain ("@example.com") has none of
 * its own name. */
static char *
recipient_text(const char *inbox)
{
	return g_strconcat(inbox[0] == '@' ? "postmaster" : "", inbox, NULL);
}

static void
set_text(json_t *object, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_object_set_new(object, name, desk_text(text));
}

static const char *
first_status(const struct ticket *ticket)
{
	if (ticket->spam)
		return "B";
	if (g_strcmp0(ticket->status, "closed") == 0)
		return "R";
	return g_strcmp0(ticket->status, "open") == 0 ? "C" : "N";
}

static void
set_list(json_t *object, const char *name, const GPtrArray *texts)
{
	json_t *list;

	if (texts == NULL || texts->len == 0)
		return;
	list = json_array();
	for (guint i = 0; i < texts->len; i++)
		json_array_append_new(list, desk_text(texts->pdata[i]));
	json_object_set_new(object, name, list);
}

char *
liveagent_post_json(const struct liveagent_post *post)
{
	const struct ticket *ticket = post->ticket;
	g_autofree char *text = ticket_full_text(ticket);
	g_autofree char *message = marked(text, post->left_out, post->key);
	g_autofree char *copies = copies_text(ticket);
	g_autofree char *recipient = recipient_text(ticket->inbox);
	g_autofree char *id = NULL, *files = NULL;
	json_t *object;

	/* In angle brackets, as in the mail's header: inferred. */
	if (ticket->message_id != NULL)
		id = g_strdup_printf("<%s>", ticket->message_id);
	/* A list with commas: inferred, the vendor's type is a string. */
	if (post->files != NULL)
		files = g_strjoinv(",", (char **)post->files);
	object = json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:s}",
	    "useridentifier", desk_text(ticket->requester_address), "subject",
	    desk_text(ticket->subject), "departmentid",
	    desk_text(post->department), "recipient", desk_text(recipient),
	    "message", desk_text(message), "status", first_status(ticket),
	    "do_not_send_mail", "Y", "use_template", "N", "is_html_message",
	    "N");
	set_text(object, "carbon_copies", copies);
	set_text(object, "mail_message_id", id);
	set_text(object, "attachments", files);
	set_list(object, "tags", post->tags);
	return desk_dump(object);
}

char *
liveagent_status_json(const char *status)
{
	static const char *const letters[][2] = { { "open", "C" },
		{ "closed", "R" }, { "spam", "B" }, { "not-spam", "N" } };
	const char *letter = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(letters); i++)
		if (g_str_equal(letters[i][0], status))
			letter = letters[i][1];
	g_assert(letter != NULL);
	return desk_dump(json_pack("{s:s}", "status", letter));
}

static char *
desk_time(gint64 seconds)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(seconds);

	return time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S")
			    : g_strdup("1970-01-01 00:00:00");
}

char *
liveagent_find_path(const struct ticket *ticket, const char *column, gint64 now)
{
	gint64 skew = (gint64)LIVEAGENT_SKEW_HOURS * 3600;
	gint64 seconds = now / G_USEC_PER_SEC;
	gint64 lookback = seconds - (gint64)LIVEAGENT_LOOKBACK_HOURS * 3600;
	g_autofree char *from =
	    desk_time(MAX(MIN(ticket->date, lookback), skew) - skew);
	g_autofree char *to = desk_time(seconds + skew);
	g_autofree char *filters =
	    desk_dump(json_pack("[[s,s,o],[s,s,s],[s,s,s]]", "owner_email", "=",
		desk_text(ticket->requester_address), column, "D>=", from,
		column, "D<=", to));
	g_autofree char *encoded = g_uri_escape_string(filters, NULL, FALSE);

	return g_strdup_printf("/tickets?_page=1&_perPage=%d&_sortDir=DESC"
			       "&_sortField=%s&_filters=%s",
	    LIVEAGENT_CANDIDATES, column, encoded);
}

char *
liveagent_ticket_path(const char *id, const char *tail)
{
	g_autofree char *encoded = g_uri_escape_string(id, NULL, FALSE);

	return g_strconcat("/tickets/", encoded, tail, NULL);
}

/* --- version 1 */

GString *
liveagent_v1_form(const struct liveagent_v1 *post)
{
	const char type[] = { post->type, '\0' };
	/* Large enough at once: a form that grows leaves its key behind. */
	GString *form = g_string_sized_new(3 * strlen(post->text) + 2048);

	http_form_add(form, "message", post->text);
	if (post->user != NULL)
		http_form_add(form, "useridentifier", post->user);
	http_form_add(form, "type", type);
	http_form_add(form, "do_not_send_mail", "Y");
	http_form_add(form, "is_html_message", "N");
	http_form_add(form, "apikey", secret_text(post->key));
	return form;
}

void
liveagent_form_free(GString **form)
{
	if (*form == NULL)
		return;
	explicit_bzero((*form)->str, (*form)->len);
	g_string_free(*form, TRUE);
	*form = NULL;
}
