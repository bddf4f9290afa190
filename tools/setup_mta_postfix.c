/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Postfix, through postconf(1): it reads its settings, and it edits a copy of
 * them, so that what is shown is what will be there, byte for byte.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tools/postfix_ask.h"
#include "tools/program.h"
#include "tools/setup_file.h"
#include "tools/setup_mta.h"
#include "tools/setup_postfix.h"

#define ROUTES "deskgate-transport"

/* --- a copy, edited --- */
/* What others name comes before who names it. */
static const char *const edited[] = { "master.cf", "main.cf" };

static gboolean
copy_in(const char *folder, const char *copy, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(edited); i++) {
		g_autofree char *from =
		    g_build_filename(folder, edited[i], NULL);
		g_autofree char *to = g_build_filename(copy, edited[i], NULL);
		g_autoptr(GBytes) bytes = NULL;

		if (!setup_file_read(from, &bytes, error))
			return FALSE;
		if (bytes == NULL)
			return err_set(error, DG_ERROR_NOTFOUND,
			    "%s is not there: is Postfix set up?", from);
		if (!setup_file_write(to, bytes, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
edit_copy(const char *copy, const struct setup_plan *plan, GError **error)
{
	for (guint i = 0; i < plan->edits->len; i++) {
		const struct setup_edit *edit = plan->edits->pdata[i];
		g_autofree char *word =
		    g_strdup_printf("%s=%s", edit->name, edit->value);
		const char *const names[] = { word, NULL };

		if (edit->kind != SETUP_FILE &&
		    !postfix_ask(copy,
			edit->kind == SETUP_SETTING ? "-e" : "-M", names, NULL,
			error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
add_file(GPtrArray *files, const char *path, GBytes *after, GError **error)
{
	g_autoptr(GBytes) before = NULL;

	if (!setup_file_read(path, &before, error))
		return FALSE;
	if (!setup_file_same(before, after))
		g_ptr_array_add(
		    files, setup_file_new(g_strdup(path),
			       g_steal_pointer(&before), g_bytes_ref(after)));
	return TRUE;
}

static gboolean
take_out(const char *folder, const char *copy, GPtrArray *files, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(edited); i++) {
		g_autofree char *from = g_build_filename(copy, edited[i], NULL);
		g_autofree char *path =
		    g_build_filename(folder, edited[i], NULL);
		g_autoptr(GBytes) after = NULL;

		if (!setup_file_read(from, &after, error) ||
		    !add_file(files, path, after, error))
			return FALSE;
	}
	return TRUE;
}

static void
remove_copy(const char *copy)
{
	for (gsize i = 0; i < G_N_ELEMENTS(edited); i++) {
		g_autofree char *path = g_build_filename(copy, edited[i], NULL);

		(void)unlink(path);
	}
	(void)rmdir(copy);
}

/* The file of routes, unless another's stands there. */
static gboolean
add_routes(struct setup_proposal *proposal, const struct setup_edit *edit,
    GError **error)
{
	g_autoptr(GBytes) after = g_bytes_new(edit->value, strlen(edit->value));
	g_autoptr(GBytes) is = NULL;
	g_autofree char *text = NULL;

	if (!setup_file_read(edit->name, &is, error))
		return FALSE;
	if (is != NULL) {
		text =
		    g_strndup(g_bytes_get_data(is, NULL), g_bytes_get_size(is));
		if (!setup_postfix_is_routes(text))
			setup_plan_refuse(proposal->plan,
			    "%s is there and was not made by Deskgate: rename "
			    "it",
			    edit->name);
	}
	return add_file(proposal->files, edit->name, after, error);
}

static gboolean
work_out(const char *folder, struct setup_proposal *proposal, GError **error)
{
	const GPtrArray *edits = proposal->plan->edits;
	g_autofree char *copy = g_dir_make_tmp("deskgate-setup-XXXXXX", NULL);
	gboolean good;

	if (copy == NULL)
		return err_set(error, DG_ERROR_IO, "cannot make a folder in %s",
		    g_get_tmp_dir());
	good = copy_in(folder, copy, error) &&
	       edit_copy(copy, proposal->plan, error);
	for (guint i = 0; good && i < edits->len; i++) {
		const struct setup_edit *edit = edits->pdata[i];

		if (edit->kind == SETUP_FILE)
			good = add_routes(proposal, edit, error);
	}
	good = good && take_out(folder, copy, proposal->files, error);
	remove_copy(copy);
	return good;
}

static gboolean
propose(const char *folder, const struct setup_wish *wish,
    struct setup_proposal *proposal_r, GError **error)
{
	struct postfix_facts *facts OWNED(postfix_facts_free) =
	    postfix_ask_facts(folder, error);
	g_autofree char *routes = g_build_filename(folder, ROUTES, NULL);
	struct setup_wish whole = *wish;

	if (facts == NULL)
		return FALSE;
	whole.routes = routes;
	proposal_r->plan = setup_postfix(facts, &whole);
	proposal_r->files = g_ptr_array_new_with_free_func(setup_file_free);
	return work_out(folder, proposal_r, error);
}

static gboolean
running(const char *folder)
{
	const char *const words[] = { "postfix", "-c", folder, "status", NULL };

	return program_run(words, NULL, NULL) == 0;
}

static gboolean
reload(const char *folder, GError **error)
{
	const char *const words[] = { "postfix", "-c", folder, "reload", NULL };

	return program_must(words, NULL, error);
}

/* "smtp", "25", "127.0.0.1:2525", "[::1]:25" */
static char *
entrance_of(
    const struct postfix_facts *facts, const struct postfix_service *service)
{
	const char *port = strrchr(service->name, ':');
	const char *all = postfix_facts_value(facts, "inet_interfaces");
	g_auto(GStrv) hosts = NULL;
	const char *host = "127.0.0.1";

	if (port != NULL)
		return g_strdup(service->name);
	hosts = g_strsplit_set(all != NULL ? all : "", ", ", -1);
	if (hosts[0] != NULL && strcmp(hosts[0], "all") != 0 &&
	    strcmp(hosts[0], "loopback-only") != 0 &&
	    strcmp(hosts[0], "localhost") != 0 && hosts[0][0] != '$')
		host = hosts[0];
	return g_strdup_printf("%s:%s", host,
	    strcmp(service->name, "smtp") == 0 ? "25" : service->name);
}

static char *
entrance(const char *folder)
{
	struct postfix_facts *facts OWNED(postfix_facts_free) =
	    postfix_ask_facts(folder, NULL);
	const GPtrArray *services =
	    facts != NULL ? postfix_facts_services(facts) : NULL;

	for (guint i = 0; services != NULL && i < services->len; i++) {
		const struct postfix_service *one = services->pdata[i];

		if (strcmp(one->type, "inet") == 0 &&
		    (strcmp(one->command, "smtpd") == 0 ||
			strcmp(one->command, "postscreen") == 0))
			return entrance_of(facts, one);
	}
	return NULL;
}

const struct setup_mta setup_mta_postfix = { "postfix", postfix_ask_folder,
	propose, running, reload, entrance };

void
setup_proposal_clear(struct setup_proposal *proposal)
{
	setup_plan_free(&proposal->plan);
	g_clear_pointer(&proposal->files, g_ptr_array_unref);
}
