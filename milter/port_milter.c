/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between libmilter and the sessions.  Nothing is decided here.
 *
 * Negotiated is what is used and no more: edits of header and recipients,
 * fields with their leading blanks, and no reply to HELO, fields and body,
 * where we only listen.  The end of the header is answered: there a message
 * that is none of ours is let go, before its body is sent.  (SMFIP_SKIP would
 * stop the body only after its first piece, at the price of a reply to each.)
 */
#include "milter/port_milter.h"

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/err.h"

/* Seconds a silent MTA is waited for; longer than any MTA waits for its client.
 */
#define IDLE_SECONDS 7210

#define ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_DELRCPT)
/* libmilter answers for us where an MTA does not know these. */
#define SILENT (SMFIP_NR_HELO | SMFIP_NR_HDR | SMFIP_NR_BODY)

struct shared {
	const struct session_world *world;
	gboolean tcp;
};

/* Set once, before smfi_main: see the header. */
static struct shared shared;

static const char *
get_macro(void *self, const char *name)
{
	return smfi_getsymval(self, (char *)name);
}

/* libmilter takes the text for a format of its own. */
static void
set_reply(void *self, const struct reply *reply)
{
	g_auto(GStrv) pieces = g_strsplit(reply->text, "%", -1);
	g_autofree char *text = g_strjoinv("%%", pieces);

	(void)smfi_setreply(
	    self, (char *)reply->code, (char *)reply->status, text);
}

static gboolean
add_header(void *self, const char *name, const char *value)
{
	return smfi_addheader(self, (char *)name, (char *)value) == MI_SUCCESS;
}

/* With SMFIP_HDR_LEADSPC the blank behind the colon is ours to give. */
static gboolean
add_header_exact(void *self, const char *name, const char *value)
{
	g_autofree char *spaced = g_strconcat(" ", value, NULL);

	return add_header(self, name, spaced);
}

static gboolean
remove_header(void *self, const char *name, guint index)
{
	return smfi_chgheader(self, (char *)name, index, NULL) == MI_SUCCESS;
}

static gboolean
remove_recipient(void *self, const char *recipient)
{
	return smfi_delrcpt(self, (char *)recipient) == MI_SUCCESS;
}

static gboolean
progress(void *self)
{
	return smfi_progress(self) == MI_SUCCESS;
}

static struct session *
begin(SMFICTX *ctx, gboolean exact)
{
	const struct port port = {
		.macro = get_macro,
		.reply = set_reply,
		.add_header = exact ? add_header_exact : add_header,
		.remove_header = remove_header,
		.remove_recipient = remove_recipient,
		.progress = progress,
		.self = ctx,
		.exact = exact,
		.late = shared.tcp,
	};
	struct session *session = session_new(shared.world, &port);

	smfi_setpriv(ctx, session);
	return session;
}

/* The connection's session; one without negotiation (a second conversation on
 * the same connection) begins here. */
static struct session *
session_of(SMFICTX *ctx)
{
	struct session *session = smfi_getpriv(ctx);

	return session != NULL ? session : begin(ctx, FALSE);
}

static sfsistat
to_libmilter(enum port_answer answer)
{
	switch (answer) {
	case PORT_CONTINUE:
		return SMFIS_CONTINUE;
	case PORT_ACCEPT:
		return SMFIS_ACCEPT;
	case PORT_REFUSE:
		return SMFIS_REJECT;
	case PORT_LATER:
		break;
	}
	return SMFIS_TEMPFAIL;
}

/* libmilter copies the text, but does not say so. */
static void
ask_macros(SMFICTX *ctx, int where, const char *names)
{
	(void)smfi_setsymlist(ctx, where, (char *)names);
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long unused2, unsigned long unused3, unsigned long *actions_r,
    unsigned long *steps_r, unsigned long *unused2_r, unsigned long *unused3_r)
{
	gboolean exact = (steps & SMFIP_HDR_LEADSPC) != 0;

	(void)unused2, (void)unused3;
	/* Without these we could not do what we are for; the MTA logs it. */
	if ((actions & ACTIONS) != ACTIONS)
		return SMFIS_REJECT;
	*actions_r = ACTIONS;
	*steps_r = SILENT | SMFIP_NOUNKNOWN | SMFIP_NODATA |
		   (exact ? SMFIP_HDR_LEADSPC : 0);
	*unused2_r = *unused3_r = 0;
	ask_macros(ctx, SMFIM_CONNECT, "j");
	ask_macros(ctx, SMFIM_ENVFROM, "i {auth_authen}");
	ask_macros(ctx, SMFIM_ENVRCPT, "i {rcpt_addr}");
	ask_macros(ctx, SMFIM_EOM, "i");
	if (smfi_getpriv(ctx) == NULL)
		begin(ctx, exact);
	return SMFIS_CONTINUE;
}

static const char *
address_text(const _SOCK_ADDR *address, char text_r[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	if (address == NULL)
		return NULL;
	if (address->sa_family == AF_INET)
		return inet_ntop(
		    AF_INET, &v4->sin_addr, text_r, INET6_ADDRSTRLEN);
	if (address->sa_family == AF_INET6)
		return inet_ntop(
		    AF_INET6, &v6->sin6_addr, text_r, INET6_ADDRSTRLEN);
	return NULL;
}

static sfsistat
on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *address)
{
	char text[INET6_ADDRSTRLEN];

	return to_libmilter(session_connect(
	    session_of(ctx), name, address_text(address, text)));
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	session_helo(session_of(ctx), name);
	return SMFIS_NOREPLY;
}

static sfsistat
on_mail(SMFICTX *ctx, char **arguments)
{
	return to_libmilter(session_mail(session_of(ctx), arguments));
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **arguments)
{
	return to_libmilter(session_rcpt(session_of(ctx), arguments));
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	session_header(session_of(ctx), name, value);
	return SMFIS_NOREPLY;
}

static sfsistat
on_end_header(SMFICTX *ctx)
{
	return to_libmilter(session_end_header(session_of(ctx)));
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *data, size_t length)
{
	session_body(session_of(ctx), data, length);
	return SMFIS_NOREPLY;
}

static sfsistat
on_end(SMFICTX *ctx)
{
	return to_libmilter(session_end(session_of(ctx)));
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	session_abort(session_of(ctx));
	return SMFIS_CONTINUE;
}

/* May come without anything before it (a health check that only connects). */
static sfsistat
on_close(SMFICTX *ctx)
{
	struct session *session = smfi_getpriv(ctx);

	session_free(&session);
	smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

gboolean
port_milter_prepare(const struct session_world *world, int listening,
    gboolean tcp, GError **error)
{
	struct smfiDesc description = {
		.xxfi_name = (char *)"deskgate", /* copied */
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = ACTIONS,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_end_header,
		.xxfi_body = on_body,
		.xxfi_eom = on_end,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};
	g_autofree char *socket = g_strdup_printf("fd:%d", listening);

	shared = (struct shared){ world, tcp };
	if (smfi_setconn(socket) != MI_SUCCESS ||
	    smfi_register(description) != MI_SUCCESS ||
	    smfi_settimeout(IDLE_SECONDS) != MI_SUCCESS ||
	    smfi_opensocket(FALSE) != MI_SUCCESS)
		return err_set(error, DG_ERROR_IO,
		    "libmilter does not take a socket that is open already "
		    "(fd:N); it must be 8.17 as Debian builds it");
	return TRUE;
}

gboolean
port_milter_run(void)
{
	return smfi_main() == MI_SUCCESS;
}
