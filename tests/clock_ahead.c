/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded by tests: the wall clock of a program is AHEAD seconds ahead, so
 * that what was made a moment ago is years old.  Where AHEAD_FILE names a file,
 * it says how many, in twenty digits, and may be written over meanwhile.  Times
 * of files are the kernel's, and steady clocks are left alone.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define DIGITS 20

/* Mapped at the start: who is jailed later opens no file. */
static const char *file;

__attribute__((constructor)) static void
map(void)
{
	const char *name = getenv("AHEAD_FILE");
	int fd = name != NULL ? open(name, O_RDONLY | O_CLOEXEC) : -1;
	void *mapped;

	if (fd < 0)
		return;
	mapped = mmap(NULL, DIGITS, PROT_READ, MAP_SHARED, fd, 0);
	file = mapped != MAP_FAILED ? mapped : NULL;
	close(fd);
}

static time_t
ahead(void)
{
	const char *text = getenv("AHEAD");
	char digits[DIGITS + 1] = "";

	if (file != NULL)
		text = memcpy(digits, file, DIGITS);
	return text != NULL ? (time_t)strtoll(text, NULL, 10) : 0;
}

/* By other names here than the library's, whose they take. */
int ahead_gettime(clockid_t id, struct timespec *now) __asm__("clock_gettime");
int ahead_timeofday(struct timeval *restrict now, void *restrict zone) __asm__(
    "gettimeofday");
time_t ahead_time(time_t *now) __asm__("time");

int
ahead_gettime(clockid_t id, struct timespec *now)
{
	int (*real)(clockid_t, struct timespec *) = (int (*)(
	    clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	int code = real(id, now);

	if (code == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		now->tv_sec += ahead();
	return code;
}

int
ahead_timeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec at;

	(void)zone;
	if (ahead_gettime(CLOCK_REALTIME, &at) != 0)
		return -1;
	now->tv_sec = at.tv_sec;
	now->tv_usec = at.tv_nsec / 1000;
	return 0;
}

time_t
ahead_time(time_t *now)
{
	struct timespec at = { 0 };

	(void)ahead_gettime(CLOCK_REALTIME, &at);
	if (now != NULL)
		*now = at.tv_sec;
	return at.tv_sec;
}
