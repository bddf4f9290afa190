/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rooms' tables together, and the checks across them.  Each check adds its
 * fault and goes on, so that everything wrong is told at once.
 */
#include "tools/settings.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classifier/classify.h"
#include "classifier/options.h"
#include "lib/base/err.h"
#include "lib/base/httpd.h"
#include "lib/base/local_socket.h"
#include "lib/base/log.h"
#include "lib/base/network.h"
#include "lib/base/owned.h"
#include "lib/base/pattern.h"
#include "lib/base/secret.h"
#include "lib/mail/addr.h"
#include "lib/mail/options.h"
#include "lib/privacy/life.h"
#include "lib/privacy/options.h"
#include "milter/milter.h"
#include "milter/options.h"
#include "tickets/http.h"
#include "tickets/lists.h"
#include "tickets/options.h"
#include "tickets/post_settings.h"
#include "tickets/rules.h"
#include "tools/home.h"
#include "tools/models.h"
#include "tools/options.h"
#include "tools/record.h"
#include "tools/settings_folders.h"
#include "tools/walls.h"

static const struct conf_option *const global_tables[] = { tools_options,
	milter_options, mail_options, classifier_options, tickets_options,
	privacy_options, NULL };
static const struct conf_option *const inbox_tables[] = { milter_inbox_options,
	tickets_inbox_options, classifier_inbox_options, privacy_inbox_options,
	life_options, NULL };
static const struct conf_option *const desk_tables[] = { tickets_desk_options,
	privacy_desk_options, NULL };
static const struct conf_option *const rule_tables[] = { tickets_rule_options,
	NULL };

const struct conf_kind settings_kinds[] = {
	{ "", NULL, "Settings of the whole.", global_tables },
	{ "inbox", "support@example.com",
	    "An inbox: an address whose mail becomes tickets; @example.com is "
	    "all of "
	    "a domain.",
	    inbox_tables },
	{ "desk", "main", "A help desk. The embedded one needs no section.",
	    desk_tables },
	{ "rule", "invoices",
	    "A rule: where all its conditions hold, its ticket gets what it "
	    "says. Rules are looked at in the order they stand in.",
	    rule_tables },
	{ NULL },
};

const char *
settings_default_path(void)
{
	return DESKGATE_SYSCONFDIR "/deskgate/deskgate.conf";
}

static void
check_inbox(struct conf *conf, const struct conf_section *inbox)
{
	static const char *const actions[] = { "action-ham", "action-unsure",
		"action-spam" };
	const char *title = conf_title(inbox);
	const char *desk = conf_string(inbox, "desk");
	gboolean tag = strcmp(conf_string(inbox, "mode"), "tag") == 0;
	g_autofree char *whole =
	    title[0] == '@' ? g_strconcat("x", title, NULL) : g_strdup(title);

	if (!addr_valid(whole))
		conf_add_fault(conf, inbox, NULL,
		    "inbox \"%s\": the title is an address, or @ and a domain",
		    title);
	if (strcmp(desk, "local") != 0 && conf_find(conf, "desk", desk) == NULL)
		conf_add_fault(conf, inbox, "desk",
		    "desk = \"%s\": there is no section desk \"%s\"", desk,
		    desk);
	if (title[0] == '@' &&
	    g_str_has_prefix(conf_string(inbox, "mode"), "teach-"))
		conf_add_fault(conf, inbox, "mode",
		    "mode = %s: only one address can be for that, not a whole "
		    "domain",
		    conf_string(inbox, "mode"));
	for (gsize i = 0; tag && i < G_N_ELEMENTS(actions); i++) {
		const char *action = conf_string(inbox, actions[i]);

		if (conf_is_set(inbox, actions[i]) &&
		    strcmp(action, "tag") != 0 &&
		    strcmp(action, "reject") != 0 &&
		    strcmp(action, "discard") != 0)
			conf_add_fault(conf, inbox, actions[i],
			    "%s = %s: in mode tag it is tag, reject or discard",
			    actions[i], action);
	}
}

static void
check_subject_tag(struct conf *conf, const struct conf_section *inbox)
{
	const char *pattern = conf_string(inbox, "subject-tag");
	struct pattern *tag OWNED(pattern_free) = NULL;
	g_autoptr(GError) error = NULL;

	if (pattern == NULL)
		return;
	tag = pattern_compile(pattern, NULL, &error);
	if (tag == NULL)
		conf_add_fault(conf, inbox, "subject-tag", "subject-tag: %s",
		    error->message);
	else if (pattern_groups(tag) < 1)
		conf_add_fault(conf, inbox, "subject-tag",
		    "subject-tag: the pattern needs a group (...) for the "
		    "code");
}

/* Nobody but its owner can read a secret, so that has to be the keeper. */
static void
check_owner(struct conf *conf, const struct conf_section *desk,
    const char *option, const char *path)
{
	struct home_owners owners;
	struct stat status;

	if (geteuid() != 0 || !home_owners(conf, FALSE, &owners, NULL) ||
	    owners.keeper_name == NULL || stat(path, &status) != 0 ||
	    status.st_uid == owners.keeper)
		return;
	conf_add_fault(conf, desk, option,
	    "%s: deskgate-deliver, which runs as %s, cannot read %s; run "
	    "\"chown %s %s\"",
	    option, owners.keeper_name, path, owners.keeper_name, path);
}

static void
check_secret(
    struct conf *conf, const struct conf_section *desk, const char *option)
{
	const char *path = conf_string(desk, option);
	g_autoptr(GError) error = NULL;
	struct secret *secret OWNED(secret_free) = NULL;

	if (path == NULL) {
		conf_add_fault(conf, desk, NULL,
		    "desk \"%s\": %s must be set for this type",
		    conf_title(desk), option);
		return;
	}
	secret = secret_load_token(path, &error);
	/* Whoever checks without being root may not read it; the daemon will.
	 */
	if (secret == NULL &&
	    !(err_is(error, DG_ERROR_DENIED) &&
		strstr(error->message, "cannot open") != NULL))
		conf_add_fault(conf, desk, option, "%s", error->message);
	else
		check_owner(conf, desk, option, path);
}

static void
check_desk(struct conf *conf, const struct conf_section *desk)
{
	const char *type = conf_string(desk, "type");
	const char *url = conf_string(desk, "url");
	gboolean private = conf_flag(desk, "allow-private");

	if (strcmp(type, "local") == 0)
		return;
	if (url == NULL)
		conf_add_fault(conf, desk, NULL,
		    "desk \"%s\": url must be set for type %s",
		    conf_title(desk), type);
	else if (http_url_fault(url, private) != NULL)
		/* Not the url itself: it may hold a secret. */
		conf_add_fault(
		    conf, desk, "url", "url %s", http_url_fault(url, private));
	check_secret(conf, desk, "token-file");
}

static void
check_socket(struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);
	const char *socket = conf_string(global, "milter-socket");
	g_autoptr(GError) error = NULL;

	if (socket != NULL && !milter_socket_valid(socket, &error))
		conf_add_fault(
		    conf, global, "milter-socket", "%s", error->message);
}

static void
check_networks(struct conf *conf, const char *option)
{
	const struct conf_section *global = conf_global(conf);

	for (const char *const *net = conf_list(global, option); *net != NULL;
	     net++) {
		if (!network_valid(*net))
			conf_add_fault(conf, global, option,
			    "%s: \"%s\" is no network; write 192.0.2.0/24 or "
			    "2001:db8::/32",
			    option, *net);
	}
}

/* What listens to others must know whom, and by what token. */
static void
check_push(struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);
	const char *listen = conf_string(global, "push-listen");
	const char *path = conf_string(global, "push-token-file");
	gboolean loopback = FALSE;

	if (listen == NULL)
		return;
	if (!httpd_listen_valid(listen, &loopback))
		conf_add_fault(conf, global, "push-listen",
		    "push-listen: \"%s\" is no address and port; write "
		    "127.0.0.1:8025",
		    listen);
	else if (!loopback && *conf_list(global, "push-from") == NULL)
		conf_add_fault(conf, global, "push-listen",
		    "push-listen: %s is reached from outside: say in push-from "
		    "who may, and put a proxy with TLS before it",
		    listen);
	if (path == NULL)
		conf_add_fault(conf, global, "push-listen",
		    "push-listen: push-token-file must be set too; \"openssl "
		    "rand -hex 32\" makes a token");
	else
		check_secret(conf, global, "push-token-file");
}

/* Figures name inboxes and desks, so who may read them is told too. */
static void
check_metrics(struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);
	const char *listen = conf_string(global, "metrics-listen");
	gboolean loopback = FALSE;

	if (listen == NULL)
		return;
	if (g_str_has_prefix(listen, "unix:")) {
		if (!local_socket_valid(listen + strlen("unix:")))
			conf_add_fault(conf, global, "metrics-listen",
			    "metrics-listen: \"%s\" is no path of a socket; "
			    "write unix:/run/deskgate/keeper/metrics.sock",
			    listen);
	} else if (!httpd_listen_valid(listen, &loopback)) {
		conf_add_fault(conf, global, "metrics-listen",
		    "metrics-listen: \"%s\" is no address and port; write "
		    "127.0.0.1:9477, or unix:/PATH",
		    listen);
	} else if (!loopback && *conf_list(global, "metrics-from") == NULL) {
		conf_add_fault(conf, global, "metrics-listen",
		    "metrics-listen: %s is reached from outside: write "
		    "127.0.0.1:9477, or say in metrics-from who may ask",
		    listen);
	}
}

/* A label must not be refused for what a verdict is not sure of.  `section` is
 * an inbox, or the global one, of which what is not set holds too. */
static void
check_scores(struct conf *conf, const struct conf_section *section)
{
	static const char *const names[] = { "spam-score", "ham-score" };
	const struct conf_section *global = conf_global(conf);
	double refuse = conf_real(global, "refuse-score");

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		double score = conf_real(section, names[i]);

		if ((section == global || conf_is_set(section, names[i])) &&
		    ABS(score) > refuse)
			conf_add_fault(conf, section,
			    conf_is_set(section, names[i]) ? names[i]
							   : "refuse-score",
			    "%s = %g: it is farther from 0 than refuse-score "
			    "(%g)",
			    names[i], score, refuse);
	}
}

static void
check_thresholds(struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);

	if (conf_duration(global, "retry-min") >
	    conf_duration(global, "retry-max"))
		conf_add_fault(conf, global, "retry-min",
		    "retry-min is longer than retry-max");
	check_scores(conf, global);
}

static void
check_models(struct conf *conf)
{
	g_autoptr(GPtrArray) names = models_names(conf);

	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);
		const char *name = conf_string(inbox, "model");

		if (models_of(inbox) == NULL &&
		    conf_is_set(inbox, "journal-keep"))
			conf_add_fault(conf, inbox, "journal-keep",
			    "journal-keep: this inbox has no model of its own; "
			    "set model too, or journal-keep outside of the "
			    "inbox");
		if (!models_valid(name))
			conf_add_fault(conf, inbox, "model",
			    "model = \"%s\": a name is of a-z, 0-9 and -, at "
			    "most 32 of them",
			    name);
		else if (names->len > CLASSIFY_MODELS &&
			 g_strcmp0(name, names->pdata[CLASSIFY_MODELS]) == 0)
			conf_add_fault(conf, inbox, "model",
			    "model = \"%s\": there can be %d own models", name,
			    CLASSIFY_MODELS);
	}
}

static void
check_vault(struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);
	const char *const *command = conf_list(global, "vault-command");

	if (!conf_is_set(global, "vault-command"))
		return;
	if (conf_string(global, "vault-credential") != NULL)
		conf_add_fault(conf, global, "vault-command",
		    "vault-command and vault-credential are both set: which of "
		    "them seals the vault's key?");
	if (command == NULL || command[0] == NULL ||
	    !g_path_is_absolute(command[0]))
		conf_add_fault(conf, global, "vault-command",
		    "vault-command: its first word is the whole path of a "
		    "program");
}

static void
check_users(struct conf *conf, enum settings_use use)
{
	struct home_owners owners;
	g_autoptr(GError) error = NULL;

	if (!home_owners(conf, use == SETTINGS_DAEMON, &owners, &error))
		conf_add_fault(conf, conf_global(conf),
		    err_is(error, DG_ERROR_DENIED) ? "user" : NULL, "%s",
		    error->message);
}

struct conf *
settings_load(const char *path, enum settings_use use, GError **error)
{
	struct conf *conf = conf_load(path, settings_kinds, error);

	if (conf == NULL)
		return NULL;
	/* Values that are wrong in themselves are not compared. */
	if (conf_faults(conf) > 0)
		return conf;
	check_thresholds(conf);
	for (guint i = 0; i < conf_count(conf, "inbox"); i++)
		check_scores(conf, conf_at(conf, "inbox", i));
	if (use == SETTINGS_FIGURES)
		return conf;
	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		check_inbox(conf, conf_at(conf, "inbox", i));
		check_subject_tag(conf, conf_at(conf, "inbox", i));
	}
	for (guint i = 0; i < conf_count(conf, "desk"); i++)
		check_desk(conf, conf_at(conf, "desk", i));
	record_check(conf);
	rules_check(conf);
	lists_check(conf);
	post_check(conf);
	check_models(conf);
	check_vault(conf);
	check_socket(conf);
	settings_check_folders(conf);
	check_networks(conf, "own-networks");
	check_networks(conf, "relay-networks");
	check_networks(conf, "push-from");
	check_networks(conf, "metrics-from");
	check_push(conf);
	check_metrics(conf);
	check_users(conf, use);
	if (use == SETTINGS_DAEMON)
		walls_check(conf);
	return conf;
}

gboolean
settings_usable(const char *path)
{
	g_autoptr(GError) error = NULL;
	struct conf *conf OWNED(conf_free) =
	    settings_load(path, SETTINGS_DAEMON, &error);

	if (conf != NULL && conf_faults(conf) == 0)
		return TRUE;
	log_event(LOG_LEVEL_ERROR, "reload-refused", "text",
	    conf == NULL ? error->message : conf_fault(conf, 0), NULL);
	return FALSE;
}
