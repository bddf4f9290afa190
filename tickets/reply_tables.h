/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_REPLY_TABLES_H
#define DESKGATE_TICKETS_REPLY_TABLES_H

/*
 * The words of reply_words.c, each list ended by NULL, as reply_words_fold
 * leaves them: lower case, NFKC.
 */

/* Names of the field From. */
extern const char *const reply_tables_from[];
/* Names of Date or Sent. */
extern const char *const reply_tables_date[];
/* Names of To. */
extern const char *const reply_tables_to[];
/* Names of Subject. */
extern const char *const reply_tables_subject[];
/* Names of Cc. */
extern const char *const reply_tables_copy[];
/* Names of other fields that stand there. */
extern const char *const reply_tables_other[];
/* What stands between dashes above an answered message. */
extern const char *const reply_tables_original[];
/* What stands between dashes above a forwarded one. */
extern const char *const reply_tables_forwarded[];
/* How a line without dashes begins: "Begin forwarded message:". */
extern const char *const reply_tables_begins[];
/* How "On 1 May 2020, Ann wrote:" begins. */
extern const char *const reply_tables_leads[];
/* "wrote", where the line ends with it. */
extern const char *const reply_tables_verbs_last[];
/* "schrieb", where the name may follow it. */
extern const char *const reply_tables_verbs[];
/* How "Sent from my iPhone" begins. */
extern const char *const reply_tables_devices[];
/* What the subject of a reply begins with. */
extern const char *const reply_tables_replies[];
/* What that of a forwarded message begins with. */
extern const char *const reply_tables_forwards[];

#endif
