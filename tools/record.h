/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_RECORD_H
#define DESKGATE_TOOLS_RECORD_H

#include <jansson.h>

#include "lib/base/conf.h"

/*
 * The record of processing (GDPR Article 30), made of the settings: pure.
 *
 *   {"controller": "...", "protection_officer": null,
 *    "processing": [{"inbox": "...", "purpose": "...", "legal_basis": "...",
 *      "people": [...], "data": [...], "recipient": "desk main",
 *      "own_model": false}],
 *    "recipients": [{"desk": "main", "type": "rt", "host": "...",
 *      "processor": "...", "region": "de", "agreement": "2026-01-31",
 *      "transfer": false, "safeguard": "none"}],
 *    "retention": [{"what": "...", "setting": "raw-retention",
 *      "seconds": 604800}],  and "inbox" where one says so itself
 *    "measures": ["..."], "warnings": ["..."]}
 *
 * The caller's.
 */
json_t *record_make(const struct conf *conf);

/* What the record lacks, one sentence each: char *, the caller's.  For those
 * who start. */
GPtrArray *record_lacks(const struct conf *conf);

/* Adds a fault for each desk that `regions` does not allow, and each date that
 * is none. */
void record_check(struct conf *conf);

#endif
