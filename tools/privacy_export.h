/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_PRIVACY_EXPORT_H
#define DESKGATE_TOOLS_PRIVACY_EXPORT_H

#include "lib/privacy/request.h"
#include "tools/keeper.h"

/*
 * Handing out what is held of a person (GDPR Articles 15 and 20), as
 * contrib/doc/privacy.md describes.
 */
struct export_wish {
	struct request_wish request; /* of kind REQUEST_ACCESS */
	gboolean notes;              /* what agents wrote about him too */
	gboolean data_only;          /* data.json alone, not an archive */
};

/* The archive, or data.json, as a memory file of the caller's, and the receipt
 * of the request, which has ended with it; -1, without a request, on failure.
 */
int privacy_export(struct keeper *keeper, const struct export_wish *wish,
    json_t **receipt_r, GError **error);

#endif
