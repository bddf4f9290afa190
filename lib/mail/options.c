/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ceilings on reading a message, in one place.  Above each, the message is
 * read as far as the ceiling allows; none of them loses mail.
 */
#include "lib/mail/options.h"

const struct conf_option mail_options[] = {
	{ "max-scan-size", CONF_SIZE, "2M", 4096, 1 << 30,
	    .help = "How much of a message is read for scoring; the rest of a "
		    "larger one is stored all the same." },
	{ "max-headers", CONF_INTEGER, "1000", 10, 100000,
	    .help = "Header fields of a message that are read." },
	{ "max-header-size", CONF_SIZE, "256K", 4096, 16 << 20,
	    .help = "Bytes of a message's header that are read." },
	{ "max-parts", CONF_INTEGER, "200", 1, 10000,
	    .help = "MIME parts of a message that are read." },
	{ "max-depth", CONF_INTEGER, "20", 1, 100,
	    .help = "How deep MIME parts may be nested to be read." },
	{ "max-addresses", CONF_INTEGER, "500", 1, 10000,
	    .help = "Addresses of one header field that are read." },
	{ "max-text-size", CONF_SIZE, "1M", 4096, 256 << 20,
	    .help = "Decoded text of one part that is kept for the ticket." },
	{ "max-decoded-size", CONF_SIZE, "64M", 65536, 1 << 30,
	    .help = "Decoded bytes of all parts together." },
	{ NULL },
};
