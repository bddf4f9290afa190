/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is wrong with the settings about mail of our own.
 */
#include "tickets/post_settings.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/mail/addr.h"
#include "tickets/ack.h"
#include "tickets/digest.h"

static void
check_file(
    struct conf *conf, const struct conf_section *inbox, const char *option)
{
	const char *path = conf_string(inbox, option);
	struct stat status;

	if (path == NULL)
		return;
	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
		conf_add_fault(conf, inbox, option, "%s: there is no file %s",
		    option, path);
	else if (status.st_size > ACK_FILE_MOST)
		conf_add_fault(conf, inbox, option,
		    "%s: %s is longer than %d bytes", option, path,
		    ACK_FILE_MOST);
}

/* Mail of ours that comes to an inbox of ours makes no ticket. */
static void
check_reader(struct conf *conf, const struct conf_section *section,
    const char *option, const char *address)
{
	if (!addr_valid(address)) {
		conf_add_fault(conf, section, option,
		    "%s: \"%s\" is no address", option, address);
		return;
	}
	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);

		if (addr_is_inbox(address, conf_title(inbox)) &&
		    (strcmp(conf_string(inbox, "mode"), "ticket") == 0 ||
			g_str_has_prefix(conf_string(inbox, "mode"), "teach-")))
			conf_add_fault(conf, section, option,
			    "%s: %s comes to inbox \"%s\", where our own mail "
			    "makes no ticket: nobody would read it",
			    option, address, conf_title(inbox));
	}
}

void
post_check(struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);
	const char *who = conf_string(global, "operator-address");

	if (who != NULL)
		check_reader(conf, global, "operator-address", who);
	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);
		const char *to = conf_string(inbox, "digest-to");
		const char *at = conf_string(inbox, "digest-at");

		if (to != NULL)
			check_reader(conf, inbox, "digest-to", to);
		if (digest_minute(at) < 0)
			conf_add_fault(conf, inbox, "digest-at",
			    "digest-at: \"%s\" is no time of day; write 07:00",
			    at);
		check_file(conf, inbox, "ack-text-file");
		check_file(conf, inbox, "ack-notice-file");
	}
}
