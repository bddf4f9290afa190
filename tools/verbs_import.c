/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Old mail to tickets.  It goes the way of all mail, through the spool, under
 * the same names; so what was imported before, or came by itself, is not made
 * into a second ticket, and an import that was stopped is begun again with the
 * same words.
 */
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "milter/door.h"
#include "tools/keeper.h"
#include "tools/verbs.h"

/* The spool goes by the times of files, which have the grain of the kernel's
 * tick (10 ms at most); a reply stored in the tick of what it replies to could
 * come before it, and would be no reply then. */
#define TICK_USEC 10000

/* Without a Message-ID an equal message is the same, whenever it came. */
#define FOR_EVER (G_MAXINT64 / 2)

static gboolean
put(struct keeper *keeper, const struct parcel *parcel, const char *inbox,
    enum spool_put *result_r, GError **error)
{
	int key_dir OWNED(file_close) =
	    file_open_dir(keeper->paths.keys, error);
	const struct handover handover = { keeper->spool, keeper->keys.entry,
		key_dir };
	struct verdict verdict;
	struct handover_item item = {
		.inbox = inbox,
		.recipient = parcel->envelope->recipients->pdata[0],
		.action = ENTRY_TICKET,
		.verdict = &verdict,
		.imported = TRUE,
	};

	/* Somebody has kept it: that says what it is. */
	verdict_init(
	    &verdict, VERDICT_HAM, VERDICT_NOT_SCORED, "not scored: imported");
	if (key_dir < 0)
		return FALSE;
	handover_key(&handover, parcel, inbox, FOR_EVER, &item.key);
	return handover_put(&handover, parcel, &item, result_r, error);
}

static gboolean
take(struct keeper *keeper, GBytes *message, const char *inbox,
    enum spool_put *result_r, GError **error)
{
	gsize length;
	const char *data = g_bytes_get_data(message, &length);
	g_autofree char *return_path = NULL;
	gsize skip = door_skip_trace(data, length, &return_path);
	struct envelope *envelope OWNED(envelope_free) = envelope_new();
	struct letter letter OWNED(letter_clear) = { .fd = -1 };
	struct parcel parcel;
	gboolean done;

	g_free(envelope->sender);
	envelope->sender = g_strdup(return_path != NULL ? return_path : "");
	g_ptr_array_add(envelope->recipients, g_strdup(inbox));
	envelope->received = clock_wall(&clock_system);
	if (!letter_from_bytes(
		(const guint8 *)data + skip, length - skip, &letter, error))
		return FALSE;
	parcel_init(&parcel, envelope, &letter);
	done = put(keeper, &parcel, inbox, result_r, error);
	parcel_clear(&parcel);
	return done;
}

/* {inbox} + message -> {known: bool}: whether it was there before */
gboolean
verb_import(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *name = verb_text(request, "inbox", error);
	int fd = name != NULL ? verb_message(request, error) : -1;
	const struct conf_section *inbox =
	    name != NULL ? conf_find(keeper->conf, "inbox", name) : NULL;
	g_autoptr(GBytes) message = NULL;
	enum spool_put result;

	if (fd < 0)
		return FALSE;
	if (inbox == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "there is no inbox \"%s\" in the settings", name);
	if (lives_rest(keeper->lives, conf_title(inbox)))
		return err_set(error, DG_ERROR_BAD,
		    "the inbox \"%s\" takes no mail; see \"deskgate inbox "
		    "status\"",
		    conf_title(inbox));
	message = file_read_fd(fd,
	    conf_size(conf_global(keeper->conf), "max-message-size"), error);
	if (message == NULL ||
	    !take(keeper, message, conf_title(inbox), &result, error))
		return FALSE;
	if (result != SPOOL_ALREADY)
		g_usleep(TICK_USEC);
	json_object_set_new(
	    answer->body, "known", json_boolean(result == SPOOL_ALREADY));
	return TRUE;
}
