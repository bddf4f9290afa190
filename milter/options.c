/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be set for the conversation with the MTA, and for what becomes of an
 * inbox's mail.
 */
#include "milter/options.h"

#define ACTIONS "ticket|ticket-as-spam|quarantine|reject|tag|discard"

const struct conf_option milter_options[] = {
	{ "milter-socket", CONF_STRING, NULL,
	    .help =
		"Where the MTA finds the milter: unix:/PATH, inet:PORT@HOST or "
		"inet6:PORT@HOST. Not set: "
		"unix:RUNTIME-DIR/milter/milter.sock." },
	{ "milter-group", CONF_STRING, NULL,
	    .help =
		"The group of the MTA, which may connect to the unix socket." },
	{ "milter-timeout", CONF_DURATION, "60s", 5, 240,
	    .help = "Our own deadline for a whole message, below the MTA's." },
	{ "max-message-size", CONF_SIZE, "25M", 65536, 1 << 30,
	    .help = "A larger message is answered with 552." },
	{ "max-recipients", CONF_INTEGER, "500", 1, 10000,
	    .help = "Recipients of one message; more are answered with 452." },
	{ "max-connections", CONF_INTEGER, "1000", 1, 100000,
	    .help = "Connections at once; one more is answered with 451." },
	{ "scan-authenticated", CONF_FLAG, "no",
	    .help = "Whether mail of authenticated senders is scored." },
	{ "own-networks", CONF_LIST, "",
	    .help = "Networks whose mail is not scored: { \"192.0.2.0/24\", "
		    "\"2001:db8::/32\" }." },
	{ "relay-networks", CONF_LIST, "",
	    .help = "Hosts that relay to us (backup MX): never answered with a "
		    "rejection." },
	{ "authserv-id", CONF_STRING, NULL,
	    .help =
		"The name under which our own MTA adds Authentication-Results; "
		"not set: none is believed. Its filter must take out what "
		"senders write under that name, as OpenDKIM, OpenDMARC and "
		"rspamd do." },
	{ "strip-authentication-results", CONF_FLAG, "yes",
	    .help =
		"Whether Authentication-Results of others are removed, where "
		"authserv-id says which are ours." },
	{ "add-spam-headers", CONF_FLAG, "yes",
	    .help =
		"Whether X-Spam-Flag and X-Spam-Status are added, for other "
		"tools, beside X-Deskgate-*." },
	{ "reject-text", CONF_STRING,
	    "This message was refused as spam. If it is not, please write to "
	    "us in "
	    "another way.",
	    .help = "What a sender is told when an inbox rejects spam." },
	{ "reject-contact", CONF_STRING, NULL,
	    .help =
		"How to reach somebody who was refused, told behind the text "
		"of every refusal: \"call +49 30 000\", or a page's address." },
	{ "spool-max-entries", CONF_INTEGER, "100000", 1, 100000000,
	    .help =
		"Messages that may wait for their desks; above it the MTA is "
		"asked to try later." },
	{ "spool-max-size", CONF_SIZE, "10G", 1 << 20, 1LL << 44,
	    .help = "Bytes that may wait for their desks; above it the MTA is "
		    "asked to try later." },
	{ "reserve-space", CONF_SIZE, "256M", 0, 1LL << 44,
	    .help =
		"Free space on the state's file system below which the MTA is "
		"asked to try later." },
	{ NULL },
};

const struct conf_option milter_inbox_options[] = {
	{ "mode", CONF_CHOICE, "ticket",
	    .choices = "ticket|ticket-and-deliver|tag|teach-spam|teach-ham",
	    .help =
		"ticket: the message becomes a ticket and goes no further; "
		"ticket-and-deliver: it is delivered too; tag: it gets headers "
		"only; teach-spam, teach-ham: the messages attached to it are "
		"taught as that, it makes no ticket, and only those who are "
		"logged in at the MTA may send it." },
	{ "action-ham", CONF_CHOICE, "ticket", .choices = ACTIONS,
	    .help = "What becomes of good mail." },
	{ "action-unsure", CONF_CHOICE, "ticket", .choices = ACTIONS,
	    .help = "What becomes of mail the filter is not sure of." },
	{ "action-spam", CONF_CHOICE, "quarantine", .choices = ACTIONS,
	    .help = "What becomes of spam." },
	{ NULL },
};
