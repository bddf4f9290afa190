/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_LEAK_H
#define DESKGATE_LIB_BASE_LEAK_H

/*
 * What a foreign library allocates between begin and end may leak: the leak
 * sanitizer is told so where it is built in.
 */
#if defined(__SANITIZE_ADDRESS__)
#define LEAK_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAK_SANITIZER 1
#endif
#endif

#ifdef LEAK_SANITIZER
#include <sanitizer/lsan_interface.h>
#define leak_expect_begin() __lsan_disable()
#define leak_expect_end() __lsan_enable()
#else
#define leak_expect_begin() ((void)0)
#define leak_expect_end() ((void)0)
#endif

#endif
