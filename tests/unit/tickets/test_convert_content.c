/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a ticket says and has attached, without a jail.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "tickets/convert_private.h"

#define ARRIVED (G_GINT64_CONSTANT(1709640000) * G_USEC_PER_SEC)

static const char *const no_inboxes[] = { NULL };

static struct ticket *
make_with(const char *text, const char *const *files, const char *const *types)
{
	struct filetype *filetype OWNED(filetype_close) = filetype_open(NULL);
	const struct convert_context context = { message_limits_default,
		no_inboxes, 40, .filetype = filetype };
	const struct convert_terms terms = { .blocked_files = (char **)files,
		.blocked_types = (char **)types };
	struct entry *entry OWNED(entry_free) = entry_new();
	struct message *message OWNED(message_free) = message_parse(
	    (const guint8 *)text, strlen(text), &context.limits, NULL);

	entry->inbox = g_strdup("support@example.com");
	entry->recipient = g_strdup("support@example.com");
	entry->envelope = envelope_new();
	entry->received = ARRIVED;
	return convert_make(&context, message, entry, &terms);
}

static struct ticket *
make(const char *text)
{
	return make_with(text, NULL, NULL);
}

static struct ticket *
make_parts(const char *type, const char *parts, const char *const *files,
    const char *const *types)
{
	g_autofree char *text =
	    g_strdup_printf("From: ann@example.org\nSubject: x\n"
			    "Content-Type: %s; boundary=b\n\n%s--b--\n",
		type, parts);

	return make_with(text, files, types);
}

/* "name type, name type" of a ticket's files. */
static char *
files_of(const struct ticket *ticket)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < ticket->files->len; i++) {
		const struct ticket_file *file = ticket->files->pdata[i];

		g_string_append_printf(
		    out, "%s%s", i > 0 ? ", " : "", file->name);
	}
	return g_string_free(out, FALSE);
}

static void
assert_files(const struct ticket *ticket, const char *want)
{
	g_autofree char *found = files_of(ticket);

	g_assert_cmpstr(found, ==, want);
}

static void
assert_has(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		g_error("\"%s\" is not in: %s", what, text);
}

#define HELLO "--b\nContent-Type: text/plain\n\nHello\n"
#define EXE \
	"--b\nContent-Type: application/octet-stream; name=\"setup.exe\"\n" \
	"Content-Disposition: attachment\n\nbytes\n"

static void
test_names(void)
{
	static const struct {
		const char *fields, *want;
	} cases[] = {
		{ "Content-Type: application/pdf; name=\"=?utf-8?q?caf=C3=A9?=."
		  "pdf\"",
		    "caf\xc3\xa9.pdf" },
		{ "Content-Type: application/pdf; name*=utf-8''caf%C3%A9.pdf",
		    "caf\xc3\xa9.pdf" },
		{ "Content-Type: application/pdf; name=\"../../etc/passwd\"",
		    "passwd" },
		{ "Content-Type: application/pdf; "
		  "name*=utf-8''a%E2%80%AEfdp.exe",
		    "afdp.exe" },
		{ "Content-Type: application/pdf", "document.pdf" },
		/* Its content says more. */
		{ "Content-Type: application/x-unheard", "document.pdf" },
		{ "Content-Type: application/pdf; name=\"/\"", "document.pdf" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *part = g_strdup_printf(
		    HELLO "--b\n%s\n\n%%PDF-1.4\n", cases[i].fields);
		struct ticket *ticket OWNED(ticket_free) =
		    make_parts("multipart/mixed", part, NULL, NULL);

		g_test_message("%s", cases[i].fields);
		assert_files(ticket, cases[i].want);
	}
}

static void
test_messages(void)
{
	static const struct {
		const char *name, *message, *want;
	} cases[] = {
		{ "", "Subject: Re: a/b\n\nx\n", "Re a-b.eml" },
		{ "", "Subject: ../\n\nx\n", "-.eml" },
		{ "", "From: a@example.org\n\nx\n", "message.eml" },
		{ "; name=\"letter\"", "Subject: x\n\nx\n", "letter.eml" },
		{ "; name=\"letter.EML\"", "Subject: x\n\nx\n", "letter.EML" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *part = g_strdup_printf(HELLO
		    "--b\nContent-Type: message/rfc822%s\n\n%s",
		    cases[i].name, cases[i].message);
		struct ticket *ticket OWNED(ticket_free) =
		    make_parts("multipart/mixed", part, NULL, NULL);

		g_test_message("%s%s", cases[i].name, cases[i].message);
		assert_files(ticket, cases[i].want);
	}
}

static void
test_misfit(void)
{
	struct ticket *lie OWNED(ticket_free) = make_parts("multipart/mixed",
	    HELLO "--b\nContent-Type: application/pdf; name=a.pdf\n\n"
		  "<html><body>x</body></html>\n",
	    NULL, NULL);
	struct ticket *truth OWNED(ticket_free) = make_parts("multipart/mixed",
	    HELLO "--b\nContent-Type: application/pdf; name=a.pdf\n\n"
		  "%PDF-1.4\n",
	    NULL, NULL);

	assert_files(lie, "a.pdf");
	assert_has(lie->note,
	    "a.pdf is not what it says (application/pdf): its content is "
	    "text/");
	assert_files(truth, "a.pdf");
	g_assert_null(strstr(truth->note, "a.pdf"));
}

static void
test_blocked(void)
{
	static const char *const exe[] = { "*.EXE", NULL };
	static const char *const pdf[] = { "application/pdf", NULL };
	static const char *const none[] = { NULL };
	struct ticket *by_name OWNED(ticket_free) =
	    make_parts("multipart/mixed", HELLO EXE, exe, none);
	struct ticket *by_content OWNED(ticket_free) = make_parts(
	    "multipart/mixed",
	    HELLO
	    "--b\nContent-Type: text/plain; name=a.txt\n\n%PDF-1.4\n1 0 obj\n",
	    none, pdf);
	struct ticket *inside OWNED(ticket_free) = make_parts("multipart/mixed",
	    HELLO "--b\nContent-Type: message/rfc822\n\nSubject: in\n"
		  "Content-Type: application/x; name=x.exe\n"
		  "Content-Disposition: attachment\n\nx\n",
	    exe, none);
	struct ticket *wanted OWNED(ticket_free) =
	    make_parts("multipart/mixed", HELLO EXE, none, none);

	assert_files(by_name, "");
	assert_has(by_name->text, "Hello\n\n[Taken out: setup.exe "
				  "(application/octet-stream, 5 bytes): files "
				  "with such a name are blocked]");
	assert_files(by_content, "");
	assert_has(by_content->text,
	    "a.txt (text/plain, 16 bytes): files of this "
	    "type are blocked]");
	assert_files(inside, "");
	assert_has(inside->text, "in.eml");
	assert_has(inside->text, "in it: files with such a name are blocked");
	assert_files(wanted, "setup.exe");
	g_assert_cmpstr(wanted->text, ==, "Hello");
}

/* A program in the text is one all the same. */
static void
test_uuencode(void)
{
	static const char part[] = "--b\n\nLook.\nbegin 644 run.exe\n"
				   "#0V%T\n`\nend\nBye.\n";
	static const char *const exe[] = { "*.exe", NULL };
	struct ticket *ticket OWNED(ticket_free) =
	    make_parts("multipart/mixed", part, NULL, NULL);
	struct ticket *blocked OWNED(ticket_free) =
	    make_parts("multipart/mixed", part, exe, NULL);

	assert_files(ticket, "run.exe");
	g_assert_cmpstr(ticket->text, ==, "Look.\nBye.");
	g_assert_cmpuint(blocked->files->len, ==, 0);
	assert_has(blocked->text, "[Taken out: run.exe");
}

/* The raw source would bring back what was taken out. */
static void
test_blocked_source(void)
{
	static const char *const exe[] = { "*.exe", NULL };
	g_autoptr(GString) parts = g_string_new(HELLO EXE);
	struct ticket *ticket OWNED(ticket_free) = NULL;

	for (guint i = 0; i < CONVERT_FILES_MOST + 2; i++)
		g_string_append(parts, "--b\nContent-Type: image/png\n\nx\n");
	ticket = make_parts("multipart/mixed", parts->str, exe, NULL);
	g_assert_cmpuint(ticket->files->len, ==, CONVERT_FILES_MOST);
	g_assert_false(ticket->partial);
	assert_has(ticket->note, "The raw source is not attached");
}

#define IMAGE \
	"--b\nContent-Type: image/png; name=i.png\nContent-ID: " \
	"<i@example.org>\nContent-Disposition: inline\n\nx\n"

static void
test_images(void)
{
	struct ticket *html OWNED(ticket_free) = make_parts("multipart/related",
	    "--b\nContent-Type: text/html\n\n<p>a<img "
	    "src=\"cid:i@example.org\">"
	    "<img "
	    "src=\"http://example.net/p.png\"></p><script>x</script>\n" IMAGE,
	    NULL, NULL);
	struct ticket *text OWNED(ticket_free) =
	    make_parts("multipart/mixed", HELLO IMAGE, NULL, NULL);
	const struct ticket_file *shown = html->files->pdata[0];
	const struct ticket_file *attached = text->files->pdata[0];

	g_assert_cmpstr(html->html, ==,
	    "<div class=\"mail\"><p>a<img src=\"cid:i@example.org\" alt=\"\">"
	    "<a href=\"http://example.net/p.png\" rel=\"noopener noreferrer "
	    "nofollow\">[image]</a></p></div>");
	g_assert_cmpstr(shown->content_id, ==, "i@example.org");
	assert_files(text, "i.png");
	g_assert_null(attached->content_id);
}

static void
test_empty(void)
{
	struct ticket *empty OWNED(ticket_free) =
	    make("From: ann@example.org\n\n");
	struct ticket *blank OWNED(ticket_free) =
	    make("From: ann@example.org\nSubject: x\n\n \t\n\n");

	g_assert_cmpstr(empty->subject, ==, "(no subject)");
	g_assert_cmpstr(empty->text, ==, "(no text)");
	g_assert_cmpstr(blank->text, ==, "(no text)");
}

static void
test_sealed(void)
{
	struct ticket *mime OWNED(ticket_free) = make_parts(
	    "multipart/encrypted; protocol=\"application/pgp-encrypted\"",
	    "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
	    "--b\nContent-Type: application/octet-stream\n\n"
	    "-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n",
	    NULL, NULL);
	struct ticket *inline_text OWNED(ticket_free) =
	    make("From: ann@example.org\n\nHi,\n-----BEGIN PGP MESSAGE-----\n"
		 "\nhQ==\n-----END PGP MESSAGE-----\n");
	struct ticket *armour OWNED(ticket_free) =
	    make("From: ann@example.org\n\n-----BEGIN PGP SIGNED MESSAGE-----\n"
		 "Hash: SHA256\n\nHello\n- -- \nAnn\n-----BEGIN PGP "
		 "SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n");
	struct ticket *with_signature OWNED(ticket_free) =
	    make_parts("multipart/signed",
		HELLO "--b\nContent-Type: application/pkcs7-signature\n\nx\n",
		NULL, NULL);

	assert_has(mime->text, "[This message is encrypted.");
	g_assert_true(mime->partial);
	g_assert_true(inline_text->partial);
	assert_has(inline_text->text, "Hi,\n\n[This message is encrypted.");
	g_assert_cmpstr(armour->text, ==, "Hello\n-- \nAnn\n");
	g_assert_false(armour->partial);
	g_assert_cmpstr(with_signature->text, ==, "Hello");
	assert_has(with_signature->note, "signature was not verified");
	assert_files(with_signature, "signature.p7s");
}

static void
test_invite(void)
{
	struct ticket *ticket OWNED(ticket_free) =
	    make_parts("multipart/alternative",
		HELLO "--b\nContent-Type: text/calendar; method=REQUEST\n\n"
		      "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\n"
		      "SUMMARY:Review\nDTSTART:20260305T130000Z\n"
		      "END:VEVENT\nEND:VCALENDAR\n",
		NULL, NULL);

	g_assert_cmpstr(ticket->text, ==,
	    "Hello\n\nInvitation: Review\nWhen: 2026-03-05 13:00 (UTC)");
	assert_files(ticket, "invitation.ics");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/content/names", test_names);
	g_test_add_func("/content/messages", test_messages);
	g_test_add_func("/content/misfit", test_misfit);
	g_test_add_func("/content/blocked", test_blocked);
	g_test_add_func("/content/blocked-source", test_blocked_source);
	g_test_add_func("/content/images", test_images);
	g_test_add_func("/content/empty", test_empty);
	g_test_add_func("/content/sealed", test_sealed);
	g_test_add_func("/content/invite", test_invite);
	g_test_add_func("/content/uuencode", test_uuencode);
	return g_test_run();
}
