/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_OWNED_H
#define DESKGATE_LIB_BASE_OWNED_H

/*
 * A variable that gives back what it holds when it goes out of scope:
 *
 *	struct secret *key OWNED(secret_free) = NULL;
 *	int fd OWNED(file_close) = -1;
 *
 * Works with every free or close function of ours, since they take the
 * address, leave NULL (or -1) behind and accept it.  For GLib's types use
 * g_autoptr and g_autofree.
 *
 * It may be there only to be given back, which clang would warn of.
 */
#define OWNED(function) __attribute__((cleanup(function), unused))

#endif
