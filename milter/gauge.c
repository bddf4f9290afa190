/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Free space, free inodes, free descriptors, and what waits in the spool.
 */
#include "milter/gauge.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

/* Descriptors that must be left: libmilter spins when accept(2) has none. */
#define SPARE_DESCRIPTORS 32
/* Each message is a file and a mark. */
#define SPARE_INODES 1000

struct gauge {
	struct spool *spool;
	int folder;
};

struct gauge *
gauge_new(struct spool *spool, const char *folder, GError **error)
{
	struct gauge *gauge = g_new0(struct gauge, 1);

	gauge->spool = spool;
	gauge->folder = file_open_dir(folder, error);
	if (gauge->folder < 0)
		gauge_free(&gauge);
	return gauge;
}

void
gauge_free(struct gauge **gauge)
{
	if (*gauge == NULL)
		return;
	file_close(&(*gauge)->folder);
	g_clear_pointer(gauge, g_free);
}

static gboolean
has_space(const struct gauge *gauge, const struct terms *terms, GError **error)
{
	struct statvfs state;
	guint64 bytes;

	if (fstatvfs(gauge->folder, &state) != 0)
		return err_errno(error, errno, "statvfs of the spool");
	bytes = (guint64)state.f_bavail * state.f_frsize;
	if (bytes < terms->reserve)
		return err_set(error, DG_ERROR_FULL,
		    "%" G_GUINT64_FORMAT " bytes are free below the spool, "
		    "reserve-space is %" G_GUINT64_FORMAT,
		    bytes, terms->reserve);
	/* Some file systems count none at all. */
	if (terms->reserve > 0 && state.f_files > 0 &&
	    state.f_favail < SPARE_INODES)
		return err_set(error, DG_ERROR_FULL,
		    "%" G_GUINT64_FORMAT " inodes are free below the spool",
		    (guint64)state.f_favail);
	return TRUE;
}

/* The kernel gives the lowest free number: when that is near the limit, few are
 * left. */
static gboolean
has_descriptors(const struct gauge *gauge, GError **error)
{
	int next OWNED(file_close) = fcntl(gauge->folder, F_DUPFD_CLOEXEC, 0);
	struct rlimit limit;

	if (next < 0)
		return err_errno(error, errno, "no descriptor is left");
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    (rlim_t)next + SPARE_DESCRIPTORS > limit.rlim_cur)
		return err_set(error, DG_ERROR_FULL,
		    "fewer than %d of %" G_GUINT64_FORMAT
		    " descriptors are left",
		    SPARE_DESCRIPTORS, (guint64)limit.rlim_cur);
	return TRUE;
}

static gboolean
has_load(const struct gauge *gauge, const struct terms *terms, GError **error)
{
	guint64 entries, bytes;

	if (!spool_load(gauge->spool, &entries, &bytes, error))
		return FALSE;
	if (entries >= terms->spool_entries)
		return err_set(error, DG_ERROR_FULL,
		    "%" G_GUINT64_FORMAT " messages wait for their desks, "
		    "spool-max-entries is %" G_GUINT64_FORMAT,
		    entries, terms->spool_entries);
	if (bytes >= terms->spool_bytes)
		return err_set(error, DG_ERROR_FULL,
		    "%" G_GUINT64_FORMAT " bytes wait for their desks, "
		    "spool-max-size is %" G_GUINT64_FORMAT,
		    bytes, terms->spool_bytes);
	return TRUE;
}

gboolean
gauge_room(const struct gauge *gauge, const struct terms *terms, GError **error)
{
	return has_space(gauge, terms, error) &&
	       has_descriptors(gauge, error) && has_load(gauge, terms, error);
}
