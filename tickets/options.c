/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be set for storing and delivering, for an inbox's tickets, and for a
 * desk.
 */
#include "tickets/options.h"

#include "tickets/ledger_sender.h"

const struct conf_option tickets_options[] = {
	{ "dedupe-window", CONF_DURATION, "6h", 0, 864000,
	    .help =
		"How long an equal message without a Message-ID counts as the "
		"same one." },
	{ "raw-retention", CONF_DURATION, "7d", 3600, 31536000,
	    .help =
		"How long the raw source is kept, encrypted, after its ticket "
		"was made." },
	{ "held-retention", CONF_DURATION, "30d", 3600, 31536000,
	    .help = "How long a held message stays in quarantine." },
	{ "dead-retention", CONF_DURATION, "180d", 3600, 315360000,
	    .help =
		"How long a message is kept that its desk refused for good and "
		"nobody has seen to since." },
	{ "ledger-retention", CONF_DURATION, "400d", 86400, 315360000,
	    .help = "How long it is known, after the last use, which message "
		    "became which ticket, who takes part in it, and who wrote "
		    "before: what threads replies and makes one ticket of a "
		    "message that comes twice." },
	{ "ticket-retention", CONF_DURATION, "1095d", 3600, 3155760000.0,
	    .help = "How long the embedded desk keeps a ticket after its last "
		    "change, whatever its status." },
	{ "retry-min", CONF_DURATION, "30s", 1, 86400,
	    .help =
		"The wait before a second try when a desk cannot be reached; "
		"it doubles with each try." },
	{ "retry-max", CONF_DURATION, "1h", 1, 604800,
	    .help = "The longest wait between two tries." },
	{ "retry-limit", CONF_INTEGER, "10", 1, 1000,
	    .help =
		"Tries of what fails at our side (an entry that cannot be "
		"read) before it is laid aside as dead; a desk that is down is "
		"tried for ever." },
	{ "allow", CONF_LIST, NULL,
	    .help =
		"Senders whose mail is not held for what the filter says of "
		"it: "
		"alice@example.org, example.org (that domain alone) or "
		".example.org (those below it too). Only mail whose From is "
		"proven counts: by DMARC, a login, or own-networks." },
	{ "block", CONF_LIST, NULL,
	    .help =
		"Senders whose mail is held, written likewise; each message "
		"can be released by itself." },
	{ "rate-per-sender", CONF_INTEGER, "100", 0, LEDGER_SENDER_TICKETS,
	    .help = "New tickets that one sender may open in an hour; further "
		    "mail of his is held. 0: as many as he likes." },
	{ "open-per-sender", CONF_INTEGER, "0", 0, LEDGER_SENDER_TICKETS,
	    .help = "The same for tickets that are open at a time, as far as "
		    "Deskgate knows." },
	{ "max-followers", CONF_INTEGER, "40", 0, 1000,
	    .help = "People of To and Cc that a ticket gets at most." },
	{ "operator-address", CONF_STRING, NULL,
	    .help = "Who runs Deskgate here: the address that is told by mail "
		    "before an inbox is suspended, ended or erased." },
	{ "mail-relay", CONF_STRING, "smtp://127.0.0.1:25",
	    .help =
		"The SMTP server that takes mail of Deskgate's own and hands "
		"it "
		"on: smtp://HOST:PORT, or smtps:// for TLS from the first "
		"byte; a path is the name we greet with (/mail.example.com)." },
	{ "mail-relay-tls", CONF_CHOICE, "may", .choices = "may|must|none",
	    .help = "STARTTLS with that server: when it is offered, always "
		    "and with its certificate checked, or never." },
	{ "mail-relay-ca-file", CONF_PATH, NULL,
	    .help = "The CA that signed that server's certificate (PEM), if "
		    "the system does not know it." },
	{ "mail-relay-user", CONF_STRING, NULL,
	    .help = "The login there, when it wants one." },
	{ "mail-relay-password-file", CONF_PATH, NULL,
	    .help = "The file that holds the login's password, one line, "
		    "readable by nobody else." },
	{ "mail-relay-timeout", CONF_DURATION, "60s", 1, 600,
	    .help = "The longest the hand-over of one message may take." },
	{ "unmark", CONF_CHOICE, "undo", .choices = "undo|ham",
	    .help = "What it means that an agent takes an agent's spam mark "
		    "back: undo takes the lesson back, as if it had never been "
		    "marked; ham teaches the mail as ham then.  Who un-marks "
		    "what Deskgate marked always teaches ham." },
	{ "trust-for", CONF_DURATION, "30d", 0, 31536000,
	    .help = "How long the mail of a sender is not held after an agent "
		    "un-marked one of his; 0: not at all." },
	{ "rescore", CONF_FLAG, "yes",
	    .help = "Whether what waits of the same sender is judged again "
		    "after a lesson: held mail that is ham then goes to its "
		    "desk, an unsure ticket gets a note." },
	{ "push-listen", CONF_STRING, NULL,
	    .help = "Where desks may say that a ticket changed, an address and "
		    "a port: 127.0.0.1:8025.  Not set: nobody listens." },
	{ "push-token-file", CONF_PATH, NULL,
	    .help = "The file that holds the token a push must carry, one "
		    "line, readable by nobody else." },
	{ "push-from", CONF_LIST, "",
	    .help = "The addresses and networks that pushes may come from; "
		    "empty: this machine alone." },
	{ "push-rate", CONF_INTEGER, "120", 1, 100000,
	    .help = "Pushes a minute from one address; a wrong token counts "
		    "ten times." },
	{ "ledger-map-size", CONF_SIZE, "16G", 1 << 20, 1LL << 44,
	    .help =
		"The most the ledger can ever hold on disk (a sparse map)." },
	{ NULL },
};

const struct conf_option tickets_inbox_options[] = {
	{ "desk", CONF_STRING, "local",
	    .help = "The desk its tickets go to: the title of a desk section; "
		    "local is the embedded desk." },
	{ "acknowledge", CONF_FLAG, "no",
	    .help =
		"Whether who opens a ticket is told so by mail: good mail of "
		"people only, once a day each." },
	{ "ack-name", CONF_STRING, NULL,
	    .help = "The name that such a mail comes from, beside the inbox's "
		    "address." },
	{ "ack-subject", CONF_STRING, "Auto: {subject} [#{ticket}]",
	    .help = "Its subject; {ticket}, {subject}, {inbox} and {name} are "
		    "filled in." },
	{ "ack-text-file", CONF_PATH, NULL,
	    .help =
		"A file with its text (UTF-8), filled in likewise; not set: "
		"a plain one in English." },
	{ "ack-notice-file", CONF_PATH, NULL,
	    .help = "A file that stands below the first acknowledgement that "
		    "somebody gets, and the first of each new version: the "
		    "privacy notice." },
	{ "ack-reply-token", CONF_FLAG, "no",
	    .help = "Whether it asks for answers at support+dg-...@, an "
		    "address of its ticket alone, which joins whatever the "
		    "sender's program makes of ids. The MTA must take plus "
		    "addresses (recipient_delimiter = + of Postfix)." },
	{ "ack-every", CONF_DURATION, "1d", 1, 31536000,
	    .help = "Nobody gets a second acknowledgement sooner." },
	{ "ack-notice-version", CONF_STRING, NULL,
	    .help = "What its version is called. Not set: a digest of the "
		    "text." },
	{ "digest-to", CONF_STRING, NULL,
	    .help =
		"The address that gets a list of what is held, once a day. It "
		"names senders and subjects: personal data." },
	{ "digest-at", CONF_STRING, "07:00",
	    .help = "When, by the clock of this host." },
	{ "allow", CONF_LIST, NULL,
	    .help =
		"Senders let in here, asked before the list of the whole." },
	{ "block", CONF_LIST, NULL,
	    .help = "Senders held here, asked before the lists of the whole." },
	{ "raw-retention", CONF_DURATION, "7d", 3600, 31536000,
	    .help = "As raw-retention of the whole, for this inbox. Not set "
		    "here, all retentions are as for all inboxes." },
	{ "held-retention", CONF_DURATION, "30d", 3600, 31536000,
	    .help = "As held-retention of the whole, for this inbox." },
	{ "dead-retention", CONF_DURATION, "180d", 3600, 315360000,
	    .help = "As dead-retention of the whole, for this inbox." },
	{ "ledger-retention", CONF_DURATION, "400d", 86400, 315360000,
	    .help = "As ledger-retention of the whole, for this inbox." },
	{ "ticket-retention", CONF_DURATION, "1095d", 3600, 3155760000.0,
	    .help = "As ticket-retention of the whole, for tickets that came "
		    "by this inbox." },
	{ "department", CONF_STRING, NULL,
	    .help =
		"The desk's department for its tickets; not set: the desk's "
		"own setting." },
	{ "blocked-files", CONF_LIST, "",
	    .help = "Names of attachments that are taken out and listed in the "
		    "ticket, with * and ?: { \"*.exe\", \"*.js\" }. Case does "
		    "not matter." },
	{ "blocked-types", CONF_LIST, "",
	    .help = "The same by media type, as the mail or the content says: "
		    "{ \"application/x-dosexec\", \"video/*\" }." },
	{ "subject-tag", CONF_PATTERN, NULL,
	    .help =
		"How the desk marks its ticket codes in subjects, a regular "
		"expression whose first group is the code: "
		"'\\[#([A-Z]+-\\d+-\\d+)\\]'." },
	{ "quote-trim", CONF_FLAG, "yes",
	    .help =
		"Whether quoted text and signatures are cut from what a ticket "
		"shows as new; they are kept below it. Automatic and forwarded "
		"mail is never cut." },
	{ "requester", CONF_CHOICE, "from", .choices = "from|reply-to",
	    .help =
		"Who the requester is: From; or Reply-To where there is one, "
		"for contact forms that send in their own name." },
	{ "agents", CONF_LIST, "",
	    .help =
		"Who works here: addresses, or \"@example.com\". Mail that one "
		"of them forwards, authenticated, is the customer's whose "
		"message is in it." },
	{ "closed", CONF_CHOICE, "reopen", .choices = "reopen|new",
	    .help =
		"What a person's reply to a closed ticket does: it reopens the "
		"ticket, or makes a new one that names it." },
	{ "dmarc-fail", CONF_CHOICE, "ticket", .choices = "ticket|quarantine",
	    .help =
		"What becomes of mail whose sender's domain disowns it (DMARC, "
		"as the MTA named by authserv-id found it). It never joins a "
		"ticket." },
	{ NULL },
};

const struct conf_option tickets_desk_options[] = {
	{ "type", CONF_CHOICE, "local",
	    .choices = "local|liveagent|redmine|rt|webhook|zammad",
	    .help = "What kind of help desk it is." },
	{ "url", CONF_STRING, NULL,
	    .help = "Where its API is, with the version: "
		    "https://example.ladesk.com/api/v3." },
	{ "token-file", CONF_PATH, NULL,
	    .help = "The file that holds its API key, one line, readable by "
		    "nobody else." },
	{ "department", CONF_STRING, "default",
	    .help = "The department tickets go to." },
	{ "timeout", CONF_DURATION, "30s", 1, 600,
	    .help = "The longest one call may take." },
	{ "allow-private", CONF_FLAG, "no",
	    .help = "Whether the desk may be at a private or loopback address, "
		    "and by http." },
	{ "ca-file", CONF_PATH, NULL,
	    .help =
		"Who may vouch for the desk's certificate (PEM), for one of "
		"your own. Not set: whom the system trusts." },
	{ "v1-key-file", CONF_PATH, NULL,
	    .help = "LiveAgent: the file that holds a key of its API "
		    "version 1, by which a follow-up is added to its ticket." },
	{ "desk-address", CONF_STRING, NULL,
	    .help = "redmine: the address its mail comes from, so that "
		    "answers to that mail are known.  LiveAgent: where it "
		    "takes mail.  Without v1-key-file, or "
		    "when there are files, a follow-up is handed on there as "
		    "it came, by mail-relay, and LiveAgent threads it." },
	{ "poll-interval", CONF_DURATION, "30s", 0, 86400,
	    .help = "How often the desk is asked what agents decided; 0: "
		    "never." },
	{ "events", CONF_LIST, "create,append",
	    .help =
		"webhook: what its receiver knows, of create, append, find, "
		"change, note and erase.  With find it is asked before a "
		"second try; without, it must honour Idempotency-Key." },
	{ "attachments", CONF_CHOICE, "inline", .choices = "inline|reference",
	    .help = "webhook: whether files go along in base64, or each goes "
		    "first by itself and the ticket bears what the receiver "
		    "called it." },
	{ "fields", CONF_LIST, "",
	    .help = "webhook: fields by another name (\"subject=title\") or "
		    "left out (\"-html\")." },
	{ "max-files-size", CONF_SIZE, "64M", 0, 1LL << 40,
	    .help = "Bytes of files that the desk takes with one message; what "
		    "is more is left out and listed in the ticket." },
	{ "rate", CONF_INTEGER, "180", 1, 100000,
	    .help = "Calls a minute that the desk allows." },
	{ "message-id-field", CONF_STRING, "MailMessageID",
	    .help = "rt, redmine: the custom field that gets the Message-ID "
		    "and Deskgate's own key of each message." },
	{ "tracker", CONF_STRING, NULL,
	    .help = "redmine: the tracker of new issues; not set: the first "
		    "that the project has." },
	{ "tags-field", CONF_STRING, NULL,
	    .help = "rt: the custom field that gets the tags of rules; without "
		    "it they are left out." },
	{ "status-open", CONF_STRING, "open",
	    .help = "rt, redmine: the status of a ticket that is worked on; "
		    "not set, redmine: In Progress." },
	{ "status-closed", CONF_STRING, "resolved",
	    .help = "rt, redmine: the status of a ticket that is done; not "
		    "set, redmine: Closed." },
	{ "status-spam", CONF_STRING, "rejected",
	    .help = "rt, redmine: the status of a ticket that is spam; agents "
		    "set it to say so.  Not set, redmine: Rejected; with "
		    "another spam-by: Spam." },
	{ "customers", CONF_CHOICE, "text", .choices = "text|known|create",
	    .help = "redmine: whose issues and notes are: text, Deskgate's "
		    "user's, with the sender named in the text; known, the "
		    "sender's where he has an account; create, he gets one. "
		    "Both need an administrator's key." },
	{ "spam-by", CONF_CHOICE, "status",
	    .choices = "status|tracker|category",
	    .help = "redmine: whether spam is a status, a tracker or a "
		    "category of the project; status-spam is its name." },
	{ NULL },
};
