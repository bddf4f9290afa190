/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is wrong with the settings about mail of our own.
 */
#include "tickets/post_settings.h"

#include "lib/mail/addr.h"
#include "tickets/digest.h"

static void
check_file(
    struct conf *conf, const struct conf_section *inbox, const char *option)
{
	const char *path = conf_string(inbox, option);

	if (path != NULL && !g_file_test(path, G_FILE_TEST_IS_REGULAR))
		conf_add_fault(conf, inbox, option, "%s: there is no file %s",
		    option, path);
}

void
post_check(struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);
	const char *who = conf_string(global, "operator-address");

	if (who != NULL && !addr_valid(who))
		conf_add_fault(conf, global, "operator-address",
		    "operator-address: \"%s\" is no address", who);
	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);
		const char *to = conf_string(inbox, "digest-to");
		const char *at = conf_string(inbox, "digest-at");

		if (to != NULL && !addr_valid(to))
			conf_add_fault(conf, inbox, "digest-to",
			    "digest-to: \"%s\" is no address", to);
		if (digest_minute(at) < 0)
			conf_add_fault(conf, inbox, "digest-at",
			    "digest-at: \"%s\" is no time of day; write 07:00",
			    at);
		check_file(conf, inbox, "ack-text-file");
		check_file(conf, inbox, "ack-notice-file");
	}
}
