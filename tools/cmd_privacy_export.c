/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate privacy export: hands out what is held of a person. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/pack.h"
#include "lib/base/translate.h"
#include "tools/cmd.h"

/* Where it goes: a new file, or a folder that is empty. */
struct target {
	char *path;
	int fd;
	gboolean is_folder;
};

static void
target_clear(struct target *target)
{
	file_close(&target->fd);
	g_clear_pointer(&target->path, g_free);
}

static gboolean
open_folder(struct target *target, GError **error)
{
	g_autofree char *opened = NULL;
	g_autoptr(GDir) names = NULL;

	target->is_folder = TRUE;
	target->fd = file_open_dir(target->path, error);
	if (target->fd < 0)
		return FALSE;
	/* The one that is open, whatever stands at its path by now. */
	opened = g_strdup_printf("/proc/self/fd/%d", target->fd);
	names = g_dir_open(opened, 0, NULL);
	return (names != NULL && g_dir_read_name(names) == NULL) ||
	       err_set(error, DG_ERROR_BAD,
		   "%s is not empty: nothing is written over", target->path);
}

/* Before anything is asked, so that nothing is written down of what cannot be
 * handed over. */
static gboolean
open_target(const char *wanted, struct target *target, GError **error)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();

	target->path = wanted != NULL ? g_strdup(wanted)
				      : g_date_time_format(now,
					    "privacy-export-%Y%m%d-%H%M%S.tar");
	if (g_file_test(target->path, G_FILE_TEST_IS_DIR))
		return open_folder(target, error);
	target->fd = open(target->path,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (target->fd >= 0)
		return TRUE;
	if (errno == EEXIST)
		return err_set(error, DG_ERROR_BAD,
		    "%s is there already: nothing is written over",
		    target->path);
	return err_errno(error, errno, "cannot write %s", target->path);
}

static gboolean
pour(int from, const struct target *target, GError **error)
{
	char block[65536];
	ssize_t got;

	if (target->is_folder)
		return pack_unpack(from, target->fd, error);
	while ((got = read(from, block, sizeof(block))) > 0) {
		if (!file_write_all(target->fd, block, (gsize)got, error))
			return FALSE;
	}
	if (got < 0)
		return err_errno(error, errno, "cannot read the archive");
	return fsync(target->fd) == 0 ||
	       err_errno(error, errno, "cannot write %s", target->path);
}

static json_t *
request_of(
    const char *identity, gboolean notes, gboolean data, int argc, char **argv)
{
	json_t *addresses = json_array();

	for (int i = 1; i < argc; i++)
		json_array_append_new(addresses, json_string(argv[i]));
	return json_pack("{s:s, s:o, s:s, s:b, s:b}", "verb", "privacy-export",
	    "addresses", addresses, "identity",
	    identity != NULL ? identity : "not-verified", "notes", notes,
	    "data", data);
}

/* `body` is taken over. */
static int
hand_over(struct cmd_context *context, const char *wanted, json_t *body)
{
	struct target target OWNED(target_clear) = { NULL, -1, FALSE };
	g_autoptr(GError) error = NULL;
	int archive OWNED(file_close) = -1;
	json_t *answer = NULL;
	int code;

	if (!open_target(wanted, &target, &error)) {
		json_decref(body);
		return cmd_fail(error);
	}
	code = cmd_ask(context, body, &answer, &archive);
	if (code == EX_OK && !pour(archive, &target, &error))
		code = cmd_fail(error);
	if (code != EX_OK && !target.is_folder)
		(void)unlink(target.path);
	if (code == EX_OK)
		cmd_print("request %lld: %s has what is held; read it before "
			  "you hand it "
			  "over, by a safe way\n",
		    json_integer_value(json_object_get(
			json_object_get(answer, "request"), "id")),
		    target.path);
	json_decref(answer);
	return code;
}

int
cmd_privacy_export(struct cmd_context *context, int argc, char **argv)
{
	gboolean notes = FALSE;
	g_autofree char *identity = NULL;
	g_autofree char *output = NULL;
	const GOptionEntry entries[] = {
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
		    N_("a new archive, or an empty folder"), "FILE.tar" },
		{ "identity", 'i', 0, G_OPTION_ARG_STRING, &identity,
		    N_("how it was made sure who asks: not-verified (default), "
		       "known-address, reply-to-code, in-person, document, "
		       "agent"),
		    "HOW" },
		{ "with-notes", 0, 0, G_OPTION_ARG_NONE, &notes,
		    N_("with what agents noted; look whom else they name"),
		    NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, "ADDRESS...", &argc, &argv);
	json_t *answer = NULL, *body;
	int data = -1;

	if (code >= 0)
		return code;
	if (argc < 2)
		return cmd_usage(
		    context, "say whom, by all addresses of that person");
	body = request_of(identity, notes, context->json, argc, argv);
	if (!context->json)
		return hand_over(context, output, body);
	code = cmd_ask(context, body, &answer, &data);
	json_decref(answer);
	return code == EX_OK ? cmd_pour(data) : code;
}
