/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From stored messages to tickets in a jailed reader, an honest one or not.
 */
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tickets/convert_private.h"

#define ARRIVED (G_GINT64_CONSTANT(1709640000) * G_USEC_PER_SEC)

static const char *const inboxes[] = { "support@example.com", "@example.net",
	NULL };

struct bench {
	struct convert_context context;
	struct worker_pool *pool;
};

/* --- readers that mail has taken over: the answer is in the message --- */

static gboolean
job_convert(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	struct bench *bench = context;
	g_autoptr(GBytes) bytes = file_read_fd(call->fds[0], 1 << 30, error);
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);

	if (length >= 3 && memcmp(data, "DIE", 3) == 0)
		_exit(1);
	if (length >= 3 && memcmp(data, "LIE", 3) == 0) {
		g_byte_array_append(answer->record, (const guint8 *)data + 3,
		    (guint)length - 3);
		return TRUE;
	}
	return convert_job(&bench->context, call, answer, error);
}

static void
prepare(void *context)
{
	(void)context;
	message_prepare();
}

static const struct worker_job jobs[] = {
	{ "convert", job_convert },
	{ NULL, NULL },
};

static struct entry *
new_entry(const char *sender)
{
	struct entry *entry = entry_new();

	entry->inbox = g_strdup("support@example.com");
	entry->recipient = g_strdup("support@example.com");
	entry->envelope = envelope_new();
	g_free(entry->envelope->sender);
	entry->envelope->sender = g_strdup(sender);
	entry->received = ARRIVED;
	verdict_init(&entry->verdict, VERDICT_HAM, VERDICT_SCORED, NULL);
	return entry;
}

static struct ticket *
make_for(const char *text, gsize length, const char *sender, const char *tag)
{
	const struct convert_context context = {
		.limits = message_limits_default,
		.inboxes = inboxes,
		.max_followers = 3,
	};
	struct entry *entry OWNED(entry_free) = new_entry(sender);
	struct message *message OWNED(message_free) =
	    message_parse((const guint8 *)text, length, &context.limits, NULL);

	return convert_make(&context, message, entry,
	    &(struct convert_terms){ .subject_tag = (char *)tag });
}

static void
add_part(GString *text, const char *fields, const char *body)
{
	g_string_append_printf(text, "--b\n%s\n%s\n", fields, body);
}

static struct ticket *
send(struct bench *bench, const char *text, gsize length)
{
	struct entry *entry OWNED(entry_free) = new_entry("b@example.org");
	g_autoptr(GBytes) bytes = g_bytes_new(text, length);
	g_autoptr(GError) error = NULL;
	struct ticket *ticket = NULL;

	g_assert_true(convert_message(bench->pool, entry, bytes,
	    &(struct convert_terms){ .subject_tag = (char *)"#([0-9]+)" },
	    &ticket, &error));
	g_assert_no_error(error);
	return ticket;
}

/* What a reader makes is what would be made here. */
static void
test_reader(gconstpointer data)
{
	static const char text[] =
	    "From: =?gb2312?b?1uw=?= <zhu@example.org>\nSubject: #42 caf\xe9\n"
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	    "Content-Type: text/plain; charset=x-sjis\n\n\x83\x5c\n--b\n"
	    "Content-Type: text/plain; charset=no-such\n\n\xe9\n--b\n"
	    "Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B-!\x1b(B\n"
	    "--b\nContent-Type: application/pdf;\n"
	    " name*=ks_c_5601-1987''%B0%A2.pdf\n\nbytes\n--b--\n";
	struct bench *bench = (struct bench *)data;
	struct ticket *ticket OWNED(ticket_free) =
	    send(bench, text, strlen(text));
	struct ticket *same OWNED(ticket_free) =
	    make_for(text, strlen(text), "b@example.org", "#([0-9]+)");

	g_assert_false(ticket->unread);
	g_assert_cmpstr(ticket->requester_name, ==, "\xe6\x9c\xb1");
	g_assert_cmpstr(ticket->requester_name, ==, same->requester_name);
	g_assert_cmpstr(ticket->subject, ==, "#42 caf\xc3\xa9");
	g_assert_cmpstr(ticket->subject_tag, ==, "42");
	g_assert_cmpstr(
	    ticket->text, ==, "\xe3\x82\xbd\n\n\xc3\xa9\n\n\xe2\x91\xa0");
	g_assert_cmpstr(ticket->text, ==, same->text);
	g_assert_cmpuint(ticket->files->len, ==, 1);
	if (ticket->files->len == 1) {
		const struct ticket_file *file = ticket->files->pdata[0];

		g_assert_cmpstr(file->name, ==, "\xea\xb0\x81.pdf");
		g_assert_cmpmem(g_bytes_get_data(file->bytes, NULL),
		    g_bytes_get_size(file->bytes), "bytes", 5);
	}
}

/* The raw source beside what was read. */
static void
assert_raw(const struct ticket *ticket, const char *text, gsize length)
{
	const struct ticket_file *raw =
	    ticket->files->pdata[ticket->files->len - 1];

	g_assert_true(g_str_has_prefix(raw->name, "message"));
	g_assert_cmpstr(raw->type, ==, "message/rfc822");
	g_assert_cmpmem(g_bytes_get_data(raw->bytes, NULL),
	    g_bytes_get_size(raw->bytes), text, length);
}

static void
test_many_files(gconstpointer data)
{
	g_autoptr(GString) text = g_string_new(
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi.\n");
	struct ticket *ticket OWNED(ticket_free) = NULL;
	const guint most = WORKER_MAX_FDS - 1;

	add_part(text, "Content-Type: message/rfc822; name=message.eml\n", "x");
	for (guint i = 1; i < 80; i++) {
		g_autofree char *fields = g_strdup_printf(
		    "Content-Type: application/pdf; name=f%u.pdf\n", i);

		add_part(text, fields, "x");
	}
	g_string_append(text, "--b--\n");
	ticket = send((struct bench *)data, text->str, text->len);
	g_assert_true(ticket->partial);
	g_assert_false(ticket->unread);
	g_assert_cmpstr(ticket->text, ==, "Hi.");
	g_assert_cmpuint(ticket->files->len, ==, most + 1);
	assert_raw(ticket, text->str, text->len);
	g_assert_cmpstr(
	    ((struct ticket_file *)ticket->files->pdata[most])->name, ==,
	    "message (2).eml");
	for (guint i = most; i < 80; i++) {
		g_autofree char *line =
		    g_strdup_printf("left out: f%u.pdf (application/pdf)", i);

		g_assert_nonnull(strstr(ticket->note, line));
	}
	g_assert_null(strstr(ticket->note, "f62.pdf"));
	g_assert_nonnull(strstr(ticket->note, "raw source is attached"));
}

static void
test_truncated(gconstpointer data)
{
	g_autoptr(GString) text = g_string_new("Subject: long\n\n");
	struct ticket *ticket OWNED(ticket_free) = NULL;

	while (text->len < 3 << 20)
		g_string_append(text, "many words that say nothing\n");
	ticket = send((struct bench *)data, text->str, text->len);
	g_assert_true(ticket->partial);
	g_assert_cmpstr(ticket->subject, ==, "long");
	g_assert_cmpuint(
	    strlen(ticket->text), <=, message_limits_default.text_bytes);
	g_assert_nonnull(strstr(ticket->note, "larger or built deeper"));
	assert_raw(ticket, text->str, text->len);
}

static void
test_unread(gconstpointer data)
{
	static const char text[] = "DIE\0and more";
	struct ticket *ticket OWNED(ticket_free) =
	    send((struct bench *)data, text, sizeof(text));

	g_assert_true(ticket->unread);
	g_assert_cmpstr(ticket->inbox, ==, "support@example.com");
	g_assert_cmpstr(ticket->requester_address, ==, "b@example.org");
	g_assert_cmpuint(ticket->files->len, ==, 1);
	assert_raw(ticket, text, sizeof(text));
	g_assert_nonnull(strstr(ticket->text, "could not be read"));
	g_assert_nonnull(strstr(ticket->note, "could not be read"));
	g_assert_nonnull(strstr(ticket->note, "Deskgate: ham"));
}

static void
test_empty(gconstpointer data)
{
	struct ticket *ticket OWNED(ticket_free) =
	    send((struct bench *)data, "", 0);

	g_assert_true(ticket->unread);
	g_assert_cmpuint(ticket->files->len, ==, 1);
}

#define WHOLE \
	"\"inbox\":\"boss@example.com\",\"subject\":\"s\",\"text\":\"t\"," \
	"\"verdict\":{\"class\":\"ham\",\"basis\":\"scored\"}"

/* An answer that convert_make would not give is none. */
static void
test_lies(gconstpointer data)
{
	static const char *const lies[] = {
		"LIE",
		"LIEnonsense",
		"LIE{}",
		"LIE[]",
		"LIE{" WHOLE "}",
		"LIE{" WHOLE ",\"requester_address\":\"x\"}",
		"LIE{" WHOLE ",\"requester_address\":\"a\\nb@example.com\"}",
		"LIE{" WHOLE ",\"requester_address\":\"a@example.com\","
		"\"requester_name\":\"a\\nb\"}",
		"LIE{" WHOLE ",\"requester_address\":\"a@example.com\","
		"\"message_id\":\"a\\r\\nBcc: x@y\"}",
		"LIE{" WHOLE ",\"requester_address\":\"a@example.com\","
		"\"references\":[\"a\\nb\"]}",
		"LIE{" WHOLE ",\"requester_address\":\"a@example.com\","
		"\"followers\":[{\"address\":\"x\"}]}",
		"LIE{" WHOLE ",\"requester_address\":\"a@example.com\","
		"\"files\":[{\"name\":\"a\",\"type\":\"b/c\"}]}",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(lies); i++) {
		struct ticket *ticket OWNED(ticket_free) =
		    send((struct bench *)data, lies[i], strlen(lies[i]));

		g_test_message("%s", lies[i]);
		g_assert_true(ticket->unread);
		g_assert_cmpuint(ticket->files->len, ==, 1);
	}
}

/* Where a ticket goes is the entry's, whatever a reader says. */
static void
test_entry_decides(gconstpointer data)
{
	static const char text[] =
	    "LIE{" WHOLE ",\"requester_address\":\"a@example.com\","
	    "\"spam\":true,\"unread\":true}";
	struct ticket *ticket OWNED(ticket_free) =
	    send((struct bench *)data, text, strlen(text));

	g_assert_cmpstr(ticket->inbox, ==, "support@example.com");
	g_assert_cmpstr(ticket->subject, ==, "s");
	g_assert_false(ticket->spam);
	g_assert_false(ticket->unread);
}

int
main(int argc, char **argv)
{
	struct bench bench = {
		.context = { message_limits_default, inboxes, 40 },
	};
	static const struct worker_limits limits = { 1, 20000, 512 << 20,
		16 << 20, 64 << 20, 0 };
	int code;

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	bench.pool = worker_pool_start(jobs, &bench, prepare, &limits, NULL);
	g_assert_nonnull(bench.pool);
	message_prepare();
	g_test_add_data_func("/convert/reader", &bench, test_reader);
	g_test_add_data_func("/convert/many-files", &bench, test_many_files);
	g_test_add_data_func("/convert/truncated", &bench, test_truncated);
	g_test_add_data_func("/convert/unread", &bench, test_unread);
	g_test_add_data_func("/convert/empty", &bench, test_empty);
	g_test_add_data_func("/convert/lies", &bench, test_lies);
	g_test_add_data_func(
	    "/convert/entry-decides", &bench, test_entry_decides);
	code = g_test_run();
	worker_pool_free(&bench.pool);
	return code;
}
