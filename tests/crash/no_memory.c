/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A preload under which the Nth allocation of a process fails, as when there is
 * no memory.
 *
 * NO_MEMORY_AT: N, counted from 1 on, in each process by itself; a child goes
 * on from its parent's count.  NO_MEMORY_EVER: all that come after it fail,
 * too.  NO_MEMORY_LOG: a file to which each process that ends by exit(3) adds
 * the count it came to.  Thread-safe.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The library's own, and ours in their place. */
void *own_malloc(size_t size) __asm__("__libc_malloc");
void *own_calloc(size_t count, size_t size) __asm__("__libc_calloc");
void *own_realloc(void *old, size_t size) __asm__("__libc_realloc");
void *failing_malloc(size_t size) __asm__("malloc");
void *failing_calloc(size_t count, size_t size) __asm__("calloc");
void *failing_realloc(void *old, size_t size) __asm__("realloc");

static atomic_ulong made;
static unsigned long at;
static bool ever;

__attribute__((constructor)) static void
begin(void)
{
	const char *text = getenv("NO_MEMORY_AT");

	at = text != NULL ? strtoul(text, NULL, 10) : 0;
	ever = getenv("NO_MEMORY_EVER") != NULL;
}

__attribute__((destructor)) static void
end(void)
{
	const char *path = getenv("NO_MEMORY_LOG");
	int fd =
	    path != NULL ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0666) : -1;

	if (fd >= 0) {
		dprintf(fd, "%lu\n", atomic_load(&made));
		close(fd);
	}
}

static bool
fails(void)
{
	unsigned long now = atomic_fetch_add(&made, 1) + 1;

	if (at == 0 || (ever ? now < at : now != at))
		return false;
	errno = ENOMEM;
	return true;
}

void *
failing_malloc(size_t size)
{
	return fails() ? NULL : own_malloc(size);
}

void *
failing_calloc(size_t count, size_t size)
{
	return fails() ? NULL : own_calloc(count, size);
}

void *
failing_realloc(void *old, size_t size)
{
	return fails() ? NULL : own_realloc(old, size);
}
