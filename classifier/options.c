/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be set for the classifier.  Scores and margins are
 * those of score.h.
 */
#include "classifier/options.h"

const struct conf_option classifier_options[] = {
	{ "spam-score", CONF_REAL, "4", 0, 1000,
	    .help = "A message is spam at this score or above; 0 is neutral." },
	{ "ham-score", CONF_REAL, "-4", -1000, 0,
	    .help = "A message is ham at this score or below; between the two "
		    "it is unsure." },
	{ "activation-labels", CONF_INTEGER, "10", 0, 10000,
	    .help =
		"Labels of each class that must be given before anything is "
		"called ham or spam." },
	{ "activation-total", CONF_INTEGER, "64", 0, 100000,
	    .help = "Labels in all that must be given before that." },
	{ "training-margin", CONF_REAL, "8", 0, 1000,
	    .help =
		"A labelled message is learnt when the model is wrong or less "
		"sure than this, about in standard deviations of the "
		"evidence." },
	{ "refuse-score", CONF_REAL, "7", 0, 10000,
	    .help =
		"A label is refused when the score says the opposite by more "
		"than this, unless many were of late; train --force "
		"overrides." },
	{ "agent-doubts", CONF_INTEGER, "2", 0, 32,
	    .help =
		"How often one desk agent or mailbox user may, within the "
		"last 32 labels, call spam what the score says is good mail "
		"(by more than refuse-score). What he then calls spam and the "
		"score good is refused, until others have given labels too. "
		"0: he may as often as he likes." },
	{ "train-rate", CONF_INTEGER, "200", 0, 1000000,
	    .help =
		"Lessons an hour that one desk agent or mailbox user may "
		"teach; what is above that is refused until later. The "
		"command at the machine itself is not held up. 0: no limit." },
	{ "local-hosts", CONF_LIST, "",
	    .help =
		"Names of our own mail hosts, or domains above them, as they "
		"stand behind \"by\" in Received fields. What they add on the "
		"way to a mailbox is left out, so that its copy scores as the "
		"message did at the door. This host and the inboxes' domains "
		"need not be named." },
	{ "model-map-size", CONF_SIZE, "16G", 1 << 20, 1LL << 44,
	    .help =
		"The most the model can ever hold on disk (a sparse map)." },
	{ "max-records", CONF_INTEGER, "20000000", 10000, 1000000000,
	    .help =
		"Records of the model above which the rarest and oldest are "
		"let go." },
	{ "journal-keep", CONF_DURATION, "180d", 1, 315360000,
	    .help = "How long a lesson can be taken back and found by its "
		    "sender. Then its features go and what they counted is "
		    "nobody's; the same message taught again is a new "
		    "lesson." },
	{ "starter-labels", CONF_INTEGER, "100", 0, 1000000,
	    .help = "Own labels of each class at which a starter model is "
		    "gone; it goes step by step until then. 0: it stays." },
	{ NULL },
};

const struct conf_option classifier_inbox_options[] = {
	{ "model", CONF_STRING, "shared",
	    .help =
		"\"shared\": mail is judged by what all inboxes have taught. "
		"Any other name: also by what this inbox has taught, the more "
		"the more that is; inboxes of one name share one model. Needs "
		"a restart of all parts." },
	{ "spam-score", CONF_REAL, "4", 0, 1000,
	    .help = "For this inbox a message is spam at this score or above. "
		    "Not set here: as for all inboxes." },
	{ "ham-score", CONF_REAL, "-4", -1000, 0,
	    .help = "For this inbox a message is ham at this score or below. "
		    "Not set here: as for all inboxes." },
	{ "journal-keep", CONF_DURATION, "180d", 1, 315360000,
	    .help = "As journal-keep of the whole, for the own model of this "
		    "inbox; where inboxes share one, the shortest counts." },
	{ "learn-needs-consent", CONF_FLAG, "no",
	    .help =
		"Whether lessons for this inbox are made only of mail whose "
		"sender has consented (deskgate privacy consent)." },
	{ NULL },
};
