/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_FENCE_H
#define DESKGATE_LIB_BASE_FENCE_H

#include <glib.h>

/*
 * The part of the file system and of the network that a process and what it
 * starts can reach, by Landlock, for good.  What is open already stays in
 * reach; what a fence allows is still subject to the user's rights.
 */
enum fence_right {
	FENCE_READ = 1,  /* files and folders */
	FENCE_WRITE = 2, /* make, change, rename and remove them */
};

struct fence_port {
	guint16 port;  /* TCP; 0 ends */
	gboolean bind; /* to listen at; else to connect to */
};

struct fence_path {
	const char *path; /* a file, or a folder with all below; NULL ends */
	guint rights;     /* of enum fence_right */
};

/* What the kernel's Landlock can close. */
enum fence_level {
	FENCE_NONE,    /* there is no Landlock, or one that forbids rename(2)
			  between folders (Linux before 5.19) */
	FENCE_FILES,   /* files, not the network (before 6.7) */
	FENCE_NETWORK, /* TCP too */
};

/* What this kernel can close; behind the walls of a daemon too. */
enum fence_level fence_level(void);

/*
 * Closes the fence: nothing but `paths` (NULL: nothing at all; one that is not
 * there is passed over) can be opened, nothing can be executed, no device or
 * socket be made; no TCP port be bound or connected to but `ports` (NULL:
 * none).  no_new_privs is set before.  The calling thread must be the only one.
 * *level_r, unless NULL, is what was closed; with FENCE_NONE nothing was, and
 * it is no error.
 */
gboolean fence_close(const struct fence_path *paths,
    const struct fence_port *ports, enum fence_level *level_r, GError **error);

#endif
