/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_FUZZ_QUIET_H
#define DESKGATE_TESTS_FUZZ_QUIET_H

/* From now on events are logged nowhere, which is faster; what ends a target is
 * told all the same. */
void quiet_logs(void);

#endif
