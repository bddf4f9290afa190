/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_PATHS_H
#define DESKGATE_TOOLS_PATHS_H

#include <glib.h>

#include "lib/base/conf.h"

/*
 * Where everything is, worked out from the settings in one place.
 */
struct paths {
	char *state;     /* state-dir */
	char *keys;      /* key-dir */
	char *runtime;   /* runtime-dir */
	char *spool;     /* STATE/spool */
	char *model;     /* STATE/model */
	char *ledger;    /* STATE/ledger */
	char *audit;     /* STATE/audit */
	char *operators; /* STATE/operator: names behind what they did */
	char *standing;  /* STATE/standing: what people have restricted */
	char *privacy;   /* STATE/privacy: requests of people */
	char *vault;     /* KEYS/vault */
	char *intake;    /* KEYS/intake */
	char *erased;    /* KEYS/erased: who was erased, as digests */
	char *table;     /* RUNTIME/keeper/score.table */
	char *control;   /* RUNTIME/keeper/control.sock */
	char *keeper;    /* RUNTIME/keeper: what the keeper makes */
	char *milter;    /* RUNTIME/milter: what the milter makes */
	char *watch;     /* RUNTIME/watch: what the milter has counted */
};

/* Makes the paths of these settings. */
void paths_init(struct paths *paths, const struct conf *conf);
/* Frees them. */
void paths_fini(struct paths *paths);

/* Where the MTA finds the milter, as milter-socket says it: unix:/PATH (also
 * for local:/PATH), inet:PORT@HOST or inet6:PORT@HOST.  The caller frees it. */
char *paths_socket(const struct conf *conf);

#endif
