/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Functions that no file of ours may call.  Force-included into every file
 * by the Makefile; the system headers come first, since glibc defines some
 * of these inline when _FORTIFY_SOURCE is set.
 */
#ifndef DESKGATE_LIB_BASE_BANNED_H
#define DESKGATE_LIB_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef __cplusplus
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef strtok
#undef sprintf
#undef vsprintf
#undef gets
#undef atoi
#undef atol
#undef gmtime
#undef localtime
#undef ctime
#undef asctime
#undef system
#undef popen
#pragma GCC poison strcpy strcat strncpy strncat strtok sprintf vsprintf gets
#pragma GCC poison atoi atol gmtime localtime ctime asctime popen
#endif

#endif
