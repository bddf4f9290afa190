/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_VERBS_H
#define DESKGATE_TOOLS_VERBS_H

#include "lib/mail/verdict.h"
#include "tickets/control.h"

/*
 * The keeper's verbs, one function each; `self` is the struct keeper.  What
 * each takes and answers stands at its definition.  keeper_verbs in verbs.c is
 * the table of them.
 */
#define VERB(name) \
	gboolean verb_##name(void *self, \
	    const struct control_request *request, \
	    struct control_answer *answer, GError **error)

extern const struct control_verb keeper_verbs[];

VERB(train);              /* teaches messages */
VERB(untrain);            /* takes lessons back */
VERB(score);              /* what the filter thinks */
VERB(explain);            /* why a message is what it is */
VERB(stats);              /* what was learnt, what is on its way */
VERB(metrics);            /* every figure there is */
VERB(check_deep);         /* whether the stores fit together */
VERB(check_deep_status);  /* what was found */
VERB(model_verify);       /* works the counts out again */
VERB(verify_status);      /* what was found */
VERB(model_dump);         /* the model as text */
VERB(model_load);         /* a model from its text */
VERB(model_rebuild);      /* counts from the journal */
VERB(model_import);       /* counts from elsewhere */
VERB(model_forget);       /* takes those away */
VERB(starter_begin);      /* a model beside the one in use */
VERB(starter_train);      /* teaches it */
VERB(starter_end);        /* what it has counted */
VERB(inbox_status);       /* in which state inboxes are */
VERB(inbox_suspend);      /* takes no mail for a while */
VERB(inbox_end);          /* takes none any more */
VERB(inbox_resume);       /* takes mail again */
VERB(inbox_open);         /* a new life of one that was erased */
VERB(import);             /* old mail to tickets */
VERB(rules_test);         /* what each rule makes of a message */
VERB(queue_list);         /* shows what waits */
VERB(queue_show);         /* shows one of them */
VERB(queue_retry);        /* tries one again now */
VERB(reprocess);          /* reads what became a ticket again */
VERB(queue_drop);         /* removes an entry for good */
VERB(quarantine_list);    /* shows what is held */
VERB(quarantine_show);    /* shows one of them */
VERB(quarantine_release); /* lets one go to its desk */
VERB(quarantine_delete);  /* deletes held messages, or teaches them */
VERB(audit_list);         /* who did what */
VERB(audit_verify);       /* whether the trail is whole */
VERB(operator_list);      /* who works with it */
VERB(operator_delete);    /* forgets the name of one who left */
VERB(privacy_find);       /* what is held of a person */
VERB(privacy_breach);     /* whom a breach affects */
VERB(privacy_rectify);    /* corrects a person's name */
VERB(privacy_holders);    /* what holds personal data, and where */
VERB(privacy_erase);      /* erases a person everywhere */
VERB(privacy_export);     /* hands out what is held of a person */
VERB(privacy_restrict);   /* restricts the use of a person's data */
VERB(privacy_object);     /* no lessons of a person's mail */
VERB(privacy_note);       /* a request that a person carries out */
VERB(privacy_consent);    /* grants, withdraws or shows consent */
VERB(privacy_decide);     /* what became of it */
VERB(privacy_requests);   /* what people asked for */
VERB(privacy_receipt);    /* what became of one request */
VERB(backup);             /* a copy of all */
VERB(backup_status);      /* how far it has come */
VERB(restored);           /* what became of one that was put back */
VERB(privacy_schedule);   /* what goes when */
VERB(privacy_expire);     /* what is past its time goes now */
VERB(clock_confirm);      /* the clock is right */
VERB(vault_rotate);       /* the vault by a new key */
VERB(vault_status);       /* how far it has come */
VERB(desk_test);          /* looks at a desk as a whole */
VERB(tickets_list);       /* shows tickets */
VERB(tickets_show);       /* shows one with its messages */
VERB(tickets_search);     /* finds tickets by words */
VERB(tickets_note);       /* adds a note for agents */
VERB(tickets_status);     /* closes, reopens, marks */
VERB(tickets_merge);      /* merges one into another */
VERB(tickets_erase);      /* erases a person */
VERB(tickets_file);       /* an attachment's bytes */

/* --- helpers that the verbs share --- */
/* A required text member of the request; NULL with BAD when it is missing. */
const char *verb_text(
    const struct control_request *request, const char *member, GError **error);
/* The message descriptor (the request's first memory file); -1 with BAD. */
int verb_message(const struct control_request *request, GError **error);

struct keeper;
struct conf_section;
/* The request's inbox, or NULL when it names none; FALSE when there is no such
 * one, lest a slip of the pen teach elsewhere. */
gboolean verb_inbox(const struct keeper *keeper,
    const struct control_request *request, const struct conf_section **inbox_r,
    GError **error);
/* The model that the request is about; NULL with BAD when its inbox has none of
 * its own: it would be the one of all others. */
struct learn;
struct learn *verb_model(const struct keeper *keeper,
    const struct control_request *request, GError **error);
/* What the filter thinks of the request's message, as mail to the inbox it
 * names; *inbox_r is NULL when it names none. */
gboolean verb_judge(struct keeper *keeper,
    const struct control_request *request, const struct conf_section **inbox_r,
    struct verdict *verdict_r, GError **error);

#endif
