/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A token bucket, pure.  All or none, so that a ticket of ten attachments is
 * not begun when only five calls are left.
 */
#include "tickets/bucket.h"

#define MINUTE (60.0 * G_USEC_PER_SEC)

void
bucket_init(struct bucket *bucket, guint per_minute, gint64 now)
{
	bucket->capacity = MAX(per_minute, 1);
	bucket->tokens = bucket->capacity;
	bucket->last = now;
}

gint64
bucket_take(struct bucket *bucket, guint count, gint64 now)
{
	double wanted = MIN((double)count, bucket->capacity);

	if (now > bucket->last)
		bucket->tokens +=
		    (double)(now - bucket->last) * bucket->capacity / MINUTE;
	bucket->tokens = MIN(bucket->tokens, bucket->capacity);
	bucket->last = MAX(now, bucket->last);
	if (bucket->tokens >= wanted) {
		bucket->tokens -= wanted;
		return 0;
	}
	return (gint64)((wanted - bucket->tokens) * MINUTE / bucket->capacity) +
	       1;
}
