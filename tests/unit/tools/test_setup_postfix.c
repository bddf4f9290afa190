/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/setup_postfix.h"

#include <string.h>

#include "lib/base/owned.h"
#include "tools/milter_chain.h"
#include "tools/settings.h"

#define SOCKET "unix:/run/deskgate/milter/milter.sock"
#define OURS \
	"{ " SOCKET ", connect_timeout=10s, command_timeout=30s, " \
	"content_timeout=300s, default_action=tempfail }"
#define DOOR \
	"deskgate unix - n n - 10 pipe flags=R user=dg-milter:dg " \
	"null_sender= " \
	"argv=/usr/bin/deskgate -c /etc/deskgate/deskgate.conf accept " \
	"-r ${recipient} -i ${nexthop}"
#define SMTP "smtp inet n - n - - smtpd\n"
#define ROUTES "/etc/postfix/deskgate-transport"

/* What postconf says of a Postfix, each NULL for what suits us. */
struct sample {
	const char *version, *chain, *action, *newline, *maps, *services,
	    *overrides;
};

static char *
settings_of(const struct sample *sample)
{
	return g_strdup_printf("mail_version = %s\n"
			       "smtpd_milters = %s\n"
			       "non_smtpd_milters = %s\n"
			       "milter_default_action = %s\n"
			       "smtpd_forbid_bare_newline = %s\n"
			       "transport_maps = %s\n"
			       "queue_directory = /var/spool/postfix\n",
	    sample->version != NULL ? sample->version : "3.7.11",
	    sample->chain != NULL ? sample->chain : "", OURS,
	    sample->action != NULL ? sample->action : "tempfail",
	    sample->newline != NULL ? sample->newline : "normalize",
	    sample->maps != NULL ? sample->maps : "");
}

static struct terms *
inboxes(const char *text)
{
	struct conf *conf OWNED(conf_free) =
	    conf_parse("test.conf", text, settings_kinds);

	g_assert_cmpuint(conf_faults(conf), ==, 0);
	return terms_new(conf);
}

static struct setup_plan *
plan_at(const struct sample *sample, const char *socket)
{
	g_autofree char *settings = settings_of(sample);
	const struct postfix_texts texts = { settings, settings,
		sample->services != NULL ? sample->services : SMTP,
		sample->overrides != NULL ? sample->overrides : "",
		sample->overrides != NULL ? sample->overrides : "" };
	struct postfix_facts *facts OWNED(postfix_facts_free) =
	    postfix_facts_new(&texts);
	struct terms *terms OWNED(terms_unref) =
	    inboxes("inbox \"support@example.com\" { }\n");
	const struct setup_wish wish = { socket, "dg-milter", "dg",
		"/usr/bin/deskgate", "/etc/deskgate/deskgate.conf", ROUTES,
		terms };

	return setup_postfix(facts, &wish);
}

static struct setup_plan *
plan_of(const struct sample *sample)
{
	return plan_at(sample, SOCKET);
}

/* What a name becomes, or NULL. */
static const char *
value_of(const struct setup_plan *plan, const char *name)
{
	for (guint i = 0; i < plan->edits->len; i++) {
		const struct setup_edit *edit = plan->edits->pdata[i];

		if (strcmp(edit->name, name) == 0)
			return edit->value;
	}
	return NULL;
}

static void
test_chain(void)
{
	static const struct {
		const char *name, *is, *action;
		const char *becomes; /* NULL: it is left alone */
		const char *refusal; /* a part of it */
	} cases[] = {
		{ "none", "", NULL, OURS, NULL },
		{ "behind others", "unix:/a, { inet:h:1, x=y }", NULL,
		    "unix:/a, { inet:h:1, x=y }, " OURS, NULL },
		{ "there", "unix:/a " SOCKET, NULL, NULL, NULL },
		{ "there, and mail would pass", "unix:/a " SOCKET, "accept",
		    "unix:/a, " OURS, NULL },
		{ "there, safe by itself",
		    "{ " SOCKET " default_action=tempfail }", "accept", NULL,
		    NULL },
		{ "there, unsafe by itself",
		    "{ " SOCKET ", default_action=quarantine }", NULL, OURS,
		    NULL },
		{ "before another", SOCKET ", unix:/a", NULL, NULL,
		    "unix:/a stands behind Deskgate" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct sample sample = { .chain = cases[i].is,
			.action = cases[i].action };
		struct setup_plan *plan OWNED(setup_plan_free) =
		    plan_of(&sample);

		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(
		    value_of(plan, "smtpd_milters"), ==, cases[i].becomes);
		g_assert_null(value_of(plan, "non_smtpd_milters"));
		if (cases[i].refusal == NULL)
			g_assert_cmpstr(plan->refusal, ==, NULL);
		else
			g_assert_nonnull(
			    strstr(plan->refusal, cases[i].refusal));
	}
}

static void
test_newline(void)
{
	static const struct {
		const char *version, *is, *becomes;
	} cases[] = {
		{ "3.7.11", "no", "normalize" },
		{ "3.7.10", "no", "normalize" },
		{ "3.7.9", "no", "yes" },
		{ "3.5.23", "no", "yes" },
		{ "3.5.25", "no", "normalize" },
		{ "3.8.4", "no", "yes" },
		{ "3.9-20231112", "no", "normalize" },
		{ "4.0", "no", "normalize" },
		{ "3.7.11", "reject", NULL },
		{ "3.7.11", "yes", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct sample sample = { .version = cases[i].version,
			.newline = cases[i].is };
		struct setup_plan *plan OWNED(setup_plan_free) =
		    plan_of(&sample);

		g_test_message("%s %s", cases[i].version, cases[i].is);
		g_assert_cmpstr(value_of(plan, "smtpd_forbid_bare_newline"), ==,
		    cases[i].becomes);
	}
}

static void
test_service(void)
{
	static const struct {
		const char *name, *services;
		gboolean edit, refused;
	} cases[] = {
		{ "none", SMTP, TRUE, FALSE },
		{ "ours", SMTP DOOR "\n", FALSE, FALSE },
		{ "ours, wide",
		    SMTP
		    "deskgate   unix  -  n n - 10  pipe flags=R "
		    "user=dg-milter:dg null_sender= argv=/usr/bin/deskgate "
		    "-c /etc/deskgate/deskgate.conf accept -r ${recipient} "
		    "-i ${nexthop}\n",
		    FALSE, FALSE },
		{ "ours, of another user",
		    SMTP "deskgate unix - n n - 10 pipe flags=R user=old:old "
			 "argv=/x accept -r ${recipient} -i ${nexthop}\n",
		    TRUE, FALSE },
		{ "another's", SMTP "deskgate unix - n n - 10 smtp\n", FALSE,
		    TRUE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct sample sample = { .services = cases[i].services };
		struct setup_plan *plan OWNED(setup_plan_free) =
		    plan_of(&sample);

		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(value_of(plan, "deskgate/unix"), ==,
		    cases[i].edit ? DOOR : NULL);
		g_assert_cmpint(plan->refusal != NULL, ==, cases[i].refused);
	}
}

static void
test_routes(void)
{
	static const struct sample fresh = { 0 },
				   other = { .maps = "hash:/etc/postfix/t" },
				   done = { .maps = "texthash:" ROUTES };
	struct setup_plan *plan OWNED(setup_plan_free) = plan_of(&fresh);
	struct setup_plan *beside OWNED(setup_plan_free) = plan_of(&other);
	struct setup_plan *again OWNED(setup_plan_free) = plan_of(&done);
	struct terms *terms OWNED(terms_unref) =
	    inboxes("inbox \"Support@example.com\" { }\n"
		    "inbox \"@example.net\" { }\n"
		    "inbox \"tag@example.net\" { mode = tag }\n"
		    "inbox \"both@example.com\" { mode = ticket-and-deliver "
		    "}\n");
	g_autofree char *text = setup_postfix_routes(terms);

	g_assert_cmpstr(
	    value_of(plan, "transport_maps"), ==, "texthash:" ROUTES);
	g_assert_cmpstr(value_of(beside, "transport_maps"), ==,
	    "texthash:" ROUTES ", hash:/etc/postfix/t");
	g_assert_null(value_of(again, "transport_maps"));
	g_assert_cmpstr(
	    value_of(plan, "deskgate_destination_recipient_limit"), ==, "1");
	g_assert_true(setup_postfix_is_routes(text));
	g_assert_nonnull(strstr(
	    text, "\nsupport@example.com\tdeskgate:Support@example.com\n"));
	g_assert_nonnull(
	    strstr(text, "\nexample.net\tdeskgate:@example.net\n"));
	/* It is delivered, though its domain is an inbox. */
	g_assert_nonnull(strstr(text, "\ntag@example.net\t:\n"));
	g_assert_nonnull(strstr(text, "\nboth@example.com\t:\n"));
}

/* From a chroot only what is below it is reached. */
static void
test_chroot(void)
{
	static const char *const below =
	    "unix:/var/spool/postfix/deskgate/milter.sock";
	const struct sample chroot = { .services =
					   "smtp inet n - y - - smtpd\n" };
	struct setup_plan *away OWNED(setup_plan_free) = plan_of(&chroot);
	struct setup_plan *inside OWNED(setup_plan_free) =
	    plan_at(&chroot, below);
	struct setup_plan *tcp OWNED(setup_plan_free) =
	    plan_at(&chroot, "inet:8891@127.0.0.1");

	g_assert_nonnull(strstr(away->refusal, below));
	g_assert_null(inside->refusal);
	g_assert_true(g_str_has_prefix(value_of(inside, "smtpd_milters"),
	    "{ unix:deskgate/milter.sock, "));
	g_assert_null(tcp->refusal);
	g_assert_true(g_str_has_prefix(
	    value_of(tcp, "smtpd_milters"), "{ inet:127.0.0.1:8891, "));
}

static void
test_looks_around(void)
{
	const struct sample sample = { .services =
					   SMTP "2525 inet n - n - - smtpd\n",
		.overrides = "smtp/inet/smtpd_milters = " OURS "\n"
			     "2525/inet/smtpd_milters = unix:/other\n"
			     "2525/inet/receive_override_options = "
			     "no_milters\n" };
	const struct sample old = { .version = "2.11.3" };
	struct setup_plan *plan OWNED(setup_plan_free) = plan_of(&sample);
	struct setup_plan *refused OWNED(setup_plan_free) = plan_of(&old);

	g_assert_cmpuint(plan->warnings->len, ==, 2);
	g_assert_nonnull(
	    strstr(plan->warnings->pdata[0], "smtpd_milters=unix:/other"));
	g_assert_nonnull(strstr(plan->warnings->pdata[1], "no milters"));
	g_assert_nonnull(strstr(refused->refusal, "3.0"));
	g_assert_cmpuint(refused->edits->len, ==, 0);
}

static void
test_sockets(void)
{
	static const struct {
		const char *is, *queue, *becomes;
	} cases[] = {
		{ "unix:/q/d/s", "/q", "unix:d/s" },
		{ "local:/q/d/s", "/q", "unix:d/s" },
		{ "unix:/qq/s", "/q", "unix:/qq/s" },
		{ "inet:25@localhost", "/q", "inet:localhost:25" },
		{ "inet6:25@::1", "/q", "inet:[::1]:25" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got =
		    milter_chain_socket(cases[i].is, cases[i].queue);

		g_assert_cmpstr(got, ==, cases[i].becomes);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/setup_postfix/chain", test_chain);
	g_test_add_func("/setup_postfix/newline", test_newline);
	g_test_add_func("/setup_postfix/service", test_service);
	g_test_add_func("/setup_postfix/routes", test_routes);
	g_test_add_func("/setup_postfix/chroot", test_chroot);
	g_test_add_func("/setup_postfix/looks around", test_looks_around);
	g_test_add_func("/setup_postfix/sockets", test_sockets);
	return g_test_run();
}
