/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LiveAgent: status and tags, erasing a person, and a look at all it needs.
 */
#include "tickets/desk_liveagent_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

/* A clock that is further off than this makes dates on tickets misleading. */
#define CLOCK_SECONDS 120

/* --- status and tags */

static struct liveagent_row *
get_row(struct liveagent *agent, const char *id, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = liveagent_ticket_path(id, "");

	if (!agent_get(agent, path, &answer, error))
		return NULL;
	return liveagent_read_row(answer.body, error);
}

static gboolean
put_json(
    struct liveagent *agent, const char *id, const char *json, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = liveagent_ticket_path(id, "");
	struct http_request request = { "PUT", path, json, NULL };

	return agent_reserve(agent, 1, error) &&
	       agent_call(agent, ANSWER_ADD, &request, &answer, error);
}

static gboolean
change_status(
    struct liveagent *agent, const char *id, const char *status, GError **error)
{
	g_autofree char *json = liveagent_status_json(status);
	struct liveagent_row *row;
	gboolean spam;

	if (!g_str_equal(status, "not-spam"))
		return put_json(agent, id, json, error);
	row = get_row(agent, id, error);
	if (row == NULL)
		return FALSE;
	spam = row->status == 'B';
	liveagent_row_free(row);
	return !spam || put_json(agent, id, json, error);
}

/* The id of the tag of this name, made where there is none. */
static char *
tag_id(struct liveagent *agent, const char *name, GError **error)
{
	struct http_answer list OWNED(http_answer_clear) = { 0 };
	struct http_answer made OWNED(http_answer_clear) = { 0 };
	g_autofree char *json = liveagent_tag_json(name);
	struct http_request request = { "POST", "/tags", json, NULL };
	char *id = NULL;

	if (!agent_get(agent, "/tags", &list, error) ||
	    !liveagent_read_tags(list.body, name, &id, error))
		return NULL;
	if (id != NULL)
		return id;
	if (!agent_reserve(agent, 1, error) ||
	    !agent_call(agent, ANSWER_MAKE, &request, &made, error))
		return NULL;
	return liveagent_read_id(made.body, error);
}

GPtrArray *
agent_tag_ids(struct liveagent *agent, const GPtrArray *names, GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; names != NULL && i < names->len; i++) {
		g_autoptr(GError) fault = NULL;
		char *id = tag_id(agent, names->pdata[i], &fault);

		if (id != NULL) {
			g_ptr_array_add(ids, id);
		} else if (!err_is(fault, DG_ERROR_DENIED) &&
			   !err_is(fault, DG_ERROR_BAD)) {
			if (err_is(fault, DG_ERROR_IO))
				fault->code = DG_ERROR_AGAIN;
			g_propagate_error(error, g_steal_pointer(&fault));
			return NULL;
		}
	}
	return g_steal_pointer(&ids);
}

static gboolean
has_all(const GPtrArray *have, const GPtrArray *want)
{
	for (guint i = 0; i < want->len; i++)
		if (!g_ptr_array_find_with_equal_func(
			(GPtrArray *)have, want->pdata[i], g_str_equal, NULL))
			return FALSE;
	return TRUE;
}

static gboolean
put_tags(struct liveagent *agent, const char *id,
    const struct liveagent_row *row, const GPtrArray *wanted, GError **error)
{
	g_autoptr(GPtrArray) merged = g_ptr_array_new();
	g_autofree char *json = NULL;

	for (guint i = 0; i < row->tags->len; i++)
		g_ptr_array_add(merged, row->tags->pdata[i]);
	for (guint i = 0; i < wanted->len; i++)
		if (!g_ptr_array_find_with_equal_func(
			merged, wanted->pdata[i], g_str_equal, NULL))
			g_ptr_array_add(merged, wanted->pdata[i]);
	json = liveagent_tags_json(merged);
	return put_json(agent, id, json, error);
}

/* Tags put were lost now and then (#15967, #21092): they are read back. */
static gboolean
add_tags(struct liveagent *agent, const char *id, const GPtrArray *wanted,
    GError **error)
{
	for (guint tries = 0; tries < 3; tries++) {
		struct liveagent_row *row = get_row(agent, id, error);
		gboolean there, put;

		if (row == NULL)
			return FALSE;
		there = has_all(row->tags, wanted);
		put = there || put_tags(agent, id, row, wanted, error);
		liveagent_row_free(row);
		if (there || !put)
			return there;
	}
	return err_set(
	    error, DG_ERROR_IO, "the desk does not keep the tags it is given");
}

static gboolean
change_tags(struct liveagent *agent, const char *id, const char *const *names,
    GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	for (; *names != NULL; names++) {
		char *tag = tag_id(agent, *names, error);

		if (tag == NULL)
			return FALSE;
		g_ptr_array_add(ids, tag);
	}
	return ids->len == 0 || add_tags(agent, id, ids, error);
}

/* There is no priority in the API. */
gboolean
agent_change(struct desk *desk, const char *id,
    const struct desk_change *change, GError **error)
{
	struct liveagent *agent = agent_of(desk);

	return desk_change_check(change, error) &&
	       (change->status == NULL ||
		   change_status(agent, id, change->status, error)) &&
	       (change->tags == NULL ||
		   change_tags(agent, id, change->tags, error));
}

/* --- erasing a person */

static GPtrArray *
contacts_of(struct liveagent *agent, const char *address, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = liveagent_contacts_path(address);

	if (!agent_get(agent, path, &answer, error))
		return NULL;
	return liveagent_read_contacts(answer.body, address, error);
}

#define CONTACT "contact "
#define TICKET "ticket "

/* How many tickets there are of this address, but for those deleted; adds the
 * names of all to `left` (may be NULL). */
static gboolean
count_tickets(struct liveagent *agent, const char *address, GPtrArray *left,
    guint *count_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = liveagent_owned_path(address);
	g_autoptr(GPtrArray) rows = NULL;

	*count_r = 0;
	if (!agent_get(agent, path, &answer, error))
		return FALSE;
	rows = liveagent_read_rows(answer.body, error);
	for (guint i = 0; rows != NULL && i < rows->len; i++) {
		const struct liveagent_row *row = rows->pdata[i];

		*count_r += row->status != 'X';
		if (left != NULL)
			g_ptr_array_add(
			    left, g_strconcat(TICKET, row->id, NULL));
	}
	return rows != NULL;
}

static gboolean
delete_contact(struct liveagent *agent, const char *id, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = liveagent_contact_path(id);
	struct http_request request = { "DELETE", path, NULL, NULL };
	g_autoptr(GError) fault = NULL;

	if (!agent_reserve(agent, 1, error))
		return FALSE;
	if (agent_call(agent, ANSWER_ADD, &request, &answer, &fault) ||
	    err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static gboolean
erase_all(struct liveagent *agent, const char *address,
    struct desk_erased *erased, GError **error)
{
	g_autoptr(GPtrArray) ids = contacts_of(agent, address, error);
	guint left = 0;

	erased->left = g_ptr_array_new_with_free_func(g_free);
	if (ids == NULL || !count_tickets(agent, address, erased->left,
			       &erased->tickets, error))
		return FALSE;
	for (guint i = 0; i < ids->len; i++) {
		if (!delete_contact(agent, ids->pdata[i], error))
			return FALSE;
		g_ptr_array_add(
		    erased->left, g_strconcat(CONTACT, ids->pdata[i], NULL));
	}
	if (ids->len == 0 && erased->tickets == 0) {
		erased->outcome = DESK_ERASE_DONE;
		return TRUE;
	}
	if (!count_tickets(agent, address, NULL, &left, error))
		return FALSE;
	erased->tickets -= MIN(left, erased->tickets);
	erased->outcome = DESK_ERASE_OPEN;
	erased->words = left == 0
			    ? g_strdup("LiveAgent keeps deleted contacts and "
				       "tickets until it purges them "
				       "(Configuration, GDPR: days until "
				       "deleted tickets are purged)")
			    : g_strdup_printf("%u tickets of no contact are "
					      "left: delete them in LiveAgent",
				  left);
	return TRUE;
}

/* Its times are in a zone that it does not tell: what came later is told from
 * what was left, by the caller, once all was asked for. */
gboolean
agent_erase(struct desk *desk, const struct desk_whom *whom,
    struct desk_erased *erased_r, GError **error)
{
	struct liveagent *agent = agent_of(desk);
	GError *fault = NULL;

	*erased_r = (struct desk_erased){ 0 };
	return erase_all(agent, whom->address, erased_r, &fault) ||
	       desk_erase_fault(fault, erased_r, error);
}

/* It is deleted softly: until its days are over each GET still answers. */
gboolean
agent_purged(struct desk *desk, const char *left, struct desk_erased *now_r,
    GError **error)
{
	struct liveagent *agent = agent_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autoptr(GError) fault = NULL;
	g_autofree char *path = NULL;

	if (g_str_has_prefix(left, CONTACT))
		path = liveagent_contact_look_path(left + strlen(CONTACT));
	else if (g_str_has_prefix(left, TICKET))
		path = liveagent_ticket_path(left + strlen(TICKET), "");
	*now_r = (struct desk_erased){ 0 };
	if (path == NULL)
		return TRUE;
	if (agent_get(agent, path, &answer, &fault)) {
		now_r->outcome = DESK_ERASE_OPEN;
		now_r->words = g_strdup("deleted, and not purged yet");
		return TRUE;
	}
	if (err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* --- a look at all it needs */

static gboolean
look_departments(
    struct liveagent *agent, struct http_answer *answer_r, GError **error)
{
	return agent_get(agent, "/departments?_page=1&_perPage=500", answer_r,
		   error) &&
	       liveagent_read_departments(
		   answer_r->body, agent->department, error);
}

/* The key may be good and lack the rights, or the department may be a wrong
 * one. */
gboolean
agent_health(struct desk *desk, GError **error)
{
	struct liveagent *agent = agent_of(desk);
	struct http_answer ping OWNED(http_answer_clear) = { 0 };
	struct http_answer list OWNED(http_answer_clear) = { 0 };

	return agent_get(agent, "/ping", &ping, error) &&
	       look_departments(agent, &list, error);
}

static void
test_clock(struct liveagent *agent, gint64 theirs, struct desk_report *report)
{
	gint64 ours = clock_wall(agent->clock) / G_USEC_PER_SEC;
	gint64 off = ABS(theirs - ours);
	g_autofree char *text = g_strdup_printf(
	    "its clock and ours are %" G_GINT64_FORMAT " s apart", off);

	if (theirs == 0)
		desk_report_add(report, DESK_WARN, "clock",
		    "its answers bear no date", "compare the clocks by hand");
	else if (off > CLOCK_SECONDS)
		desk_report_add(report, DESK_WARN, "clock", text,
		    "let this host's clock be set by NTP");
	else
		desk_report_add(report, DESK_OK, "clock", text, NULL);
}

/* FALSE: nothing else is worth asking. */
static gboolean
test_reach(struct liveagent *agent, struct desk_report *report)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autoptr(GError) fault = NULL;

	if (!agent_get(agent, "/ping", &answer, &fault)) {
		desk_report_add(report, DESK_FAIL, "reach", fault->message,
		    "look at url and token-file, and whether this host gets "
		    "there");
		return FALSE;
	}
	desk_report_add(report, DESK_OK, "reach", "it answers /ping", NULL);
	if (agent->encrypted)
		desk_report_add(report, DESK_OK, "tls",
		    "encrypted, its certificate checked", NULL);
	else
		desk_report_add(report, DESK_WARN, "tls", "not encrypted",
		    "let url begin with https://, unless it is on this host");
	test_clock(agent, answer.date, report);
	return TRUE;
}

static void
test_department(struct liveagent *agent, struct desk_report *report)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autoptr(GError) fault = NULL;
	g_autofree char *text = NULL;

	if (look_departments(agent, &answer, &fault)) {
		text = g_strdup_printf("\"%s\" is there", agent->department);
		desk_report_add(report, DESK_OK, "department", text, NULL);
		return;
	}
	desk_report_add(report, DESK_FAIL, "department", fault->message,
	    err_is(fault, DG_ERROR_DENIED)
		? "give the key the right to read departments"
		: "set department to an id of GET /departments");
}

/* What only reading tells: a right to write cannot be tried without writing. */
static void
test_rights(struct liveagent *agent, struct desk_report *report)
{
	static const struct {
		const char *path, *scope;
		enum desk_level level;
		const char *without;
	} rights[] = {
		{ "/tickets?_page=1&_perPage=1", "ticket.read", DESK_FAIL,
		    "give the key ticket.read: without it nothing is found "
		    "again after a lost answer" },
		{ "/contacts?_page=1&_perPage=1", "contact.read", DESK_WARN,
		    "give the key contact.read and contact.delete, or nobody "
		    "can be erased" },
		{ "/tags", "tag.read", DESK_WARN,
		    "give the key tag.read and tag.manage, or tags are lost" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rights); i++) {
		struct http_answer answer OWNED(http_answer_clear) = { 0 };
		g_autoptr(GError) fault = NULL;
		gboolean may =
		    agent_get(agent, rights[i].path, &answer, &fault);
		g_autofree char *text = g_strdup_printf("%s: %s",
		    rights[i].scope, may ? "granted" : fault->message);

		desk_report_add(report, may ? DESK_OK : rights[i].level,
		    "rights", text, may ? NULL : rights[i].without);
	}
	desk_report_add(report, DESK_OK, "rights",
	    "not tried, since that would make something: ticket.create, "
	    "ticket.operate, ticket.change_state, file.add",
	    NULL);
}

static void
test_follow(const struct liveagent *agent, struct desk_report *report)
{
	const char *way = agent_follow_word(agent);

	if (g_str_equal(way, "v1"))
		desk_report_add(report, DESK_OK, "follow-ups",
		    agent->mailer != NULL
			? "by API version 1; with files by mail to desk-address"
			: "by API version 1; with files as new tickets that "
			  "name the old one",
		    NULL);
	else if (g_str_equal(way, "mail"))
		desk_report_add(report, DESK_OK, "follow-ups",
		    "by mail to desk-address", NULL);
	else
		desk_report_add(report, DESK_WARN, "follow-ups",
		    "as new tickets that name the old one",
		    "set v1-key-file or desk-address to have them in their "
		    "tickets");
}

gboolean
agent_test(struct desk *desk, struct desk_report *report, GError **error)
{
	struct liveagent *agent = agent_of(desk);

	(void)error;
	if (!test_reach(agent, report))
		return TRUE;
	test_department(agent, report);
	test_rights(agent, report);
	test_follow(agent, report);
	return TRUE;
}
