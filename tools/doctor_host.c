/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the host gives: owners and modes, room on disks, the time.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include "lib/base/clock.h"
#include "lib/base/translate.h"
#include "tools/doctor.h"

/* As deskgate-milter asks for (milter/gauge.c). */
#define SPARE_INODES 1000
/* A file of ours that is so much younger than now was written under another
 * clock. */
#define AHEAD_SECONDS 300

/* --- rights --- */

/* TRUE when it was made, and nothing is wrong with it. */
static gboolean
look_at_folder(struct doctor *doctor, const struct home_folder *folder)
{
	g_autofree char *chown =
	    g_strdup_printf("run \"chown %u:%u %s\", or -R for all in it",
		folder->owner, folder->group, folder->path);
	g_autofree char *chmod = g_strdup_printf(
	    "run \"chmod %04o %s\"", (guint)folder->mode, folder->path);
	struct stat status;
	guint more;

	if (stat(folder->path, &status) != 0) {
		doctor_note(doctor, DOCTOR_FAIL, "rights",
		    errno == EACCES
			? N_("run the doctor as root")
			: N_("start deskgate-deliver, which makes it"),
		    "%s: %s", folder->path, g_strerror(errno));
		return FALSE;
	}
	if (folder->owner != (uid_t)-1 && status.st_uid != folder->owner) {
		doctor_note(doctor, DOCTOR_FAIL, "rights", chown,
		    "%s belongs to the user with id %u, not to %u",
		    folder->path, status.st_uid, folder->owner);
		return FALSE;
	}
	/* What others may, who should not. */
	more = status.st_mode & 0007 & ~(guint)folder->mode;
	if (more != 0 && (folder->mode & 0700) == 0700 &&
	    !g_str_has_prefix(folder->path, doctor->paths.runtime)) {
		doctor_note(doctor, DOCTOR_FAIL, "rights", chmod,
		    "%s is open to every user of this host (mode %04o)",
		    folder->path, status.st_mode & 07777);
		return FALSE;
	}
	if ((status.st_mode & 0700) != 0700) {
		doctor_note(doctor, DOCTOR_FAIL, "rights", chmod,
		    "%s: its owner cannot use it (mode %04o)", folder->path,
		    status.st_mode & 07777);
		return FALSE;
	}
	return TRUE;
}

/* Of each secret in key-dir: nobody else may read it. */
static gboolean
look_at_keys(struct doctor *doctor)
{
	g_autoptr(GDir) folder = g_dir_open(doctor->paths.keys, 0, NULL);
	const char *name;
	gboolean good = TRUE;

	while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *path =
		    g_build_filename(doctor->paths.keys, name, NULL);
		g_autofree char *mend =
		    g_strdup_printf("run \"chmod o= %s\"", path);
		struct stat status;

		if (!g_str_has_suffix(name, ".key") ||
		    stat(path, &status) != 0 || (status.st_mode & 0007) == 0)
			continue;
		doctor_note(doctor, DOCTOR_FAIL, "rights", mend,
		    "%s is open to every user of this host (mode %04o)", path,
		    status.st_mode & 07777);
		good = FALSE;
	}
	return good;
}

void
doctor_rights(struct doctor *doctor)
{
	struct home_folder folders[HOME_FOLDERS];
	guint n = home_folders(&doctor->paths, &doctor->owners, folders);
	gboolean good = TRUE;
	struct stat status;

	if (stat(doctor->paths.state, &status) != 0 && errno == ENOENT) {
		doctor_note(doctor, DOCTOR_FAIL, "rights",
		    "start deskgate-deliver, which makes it", "%s: %s",
		    doctor->paths.state, g_strerror(errno));
		return;
	}
	for (guint i = 0; i < n; i++)
		good = look_at_folder(doctor, &folders[i]) && good;
	if (look_at_keys(doctor) && good)
		doctor_note(doctor, DOCTOR_OK, "rights", NULL,
		    "folders and keys belong to whom they should");
}

/* --- disks --- */

static void
look_at_disk(struct doctor *doctor, const char *folder, guint64 reserve)
{
	struct statvfs state;
	double free, all;

	if (statvfs(folder, &state) != 0)
		return;
	free = (double)state.f_bavail * (double)state.f_frsize;
	all = (double)state.f_blocks * (double)state.f_frsize;
	if (free < (double)reserve)
		doctor_note(doctor, DOCTOR_FAIL, "disk",
		    "free some room there, or move the folder to a larger disk",
		    "%s: %.1f MB are free, less than reserve-space (%.1f MB): "
		    "the MTA is told to come again later",
		    folder, free / 1e6, (double)reserve / 1e6);
	else if (state.f_files > 0 && state.f_favail < SPARE_INODES)
		doctor_note(doctor, DOCTOR_FAIL, "disk",
		    "remove files there; each message is two",
		    "%s: only %lu inodes are free", folder,
		    (gulong)state.f_favail);
	else if (free < 2 * (double)reserve || free < all / 20)
		doctor_note(doctor, DOCTOR_WARN, "disk",
		    "free some room there before mail has to wait",
		    "%s: %.1f MB of %.1f MB are free", folder, free / 1e6,
		    all / 1e6);
	else
		doctor_note(doctor, DOCTOR_OK, "disk", NULL,
		    "%s: %.1f GB of %.1f GB are free", folder, free / 1e9,
		    all / 1e9);
}

void
doctor_disks(struct doctor *doctor)
{
	guint64 reserve = conf_size(conf_global(doctor->conf), "reserve-space");
	struct stat state, keys;

	look_at_disk(doctor, doctor->paths.state, reserve);
	if (stat(doctor->paths.state, &state) == 0 &&
	    stat(doctor->paths.keys, &keys) == 0 && state.st_dev != keys.st_dev)
		look_at_disk(doctor, doctor->paths.keys, 0);
}

/* --- the clock --- */

/* What we wrote last, seconds since 1970; 0: nothing. */
static gint64
newest_file(const struct doctor *doctor)
{
	static const char *const names[] = { "spool/msg", "spool/new",
		"spool/done", "model/data.mdb", "ledger/data.mdb",
		"keeper.lock" };
	gint64 newest = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path =
		    g_build_filename(doctor->paths.state, names[i], NULL);
		struct stat status;

		if (stat(path, &status) == 0)
			newest = MAX(newest, (gint64)status.st_mtime);
	}
	return newest;
}

void
doctor_clock(struct doctor *doctor)
{
	static const char mend[] =
	    N_("let chrony or systemd-timesyncd set the clock (\"timedatectl\" "
	       "tells)");
	gint64 now = clock_wall(&clock_system) / G_USEC_PER_SEC;
	gint64 ahead = newest_file(doctor) - now;
	struct timex state = { .modes = 0 };
	int status = adjtimex(&state);

	if (ahead > AHEAD_SECONDS)
		doctor_note(doctor, DOCTOR_FAIL, "clock", mend,
		    "the clock is behind: our files were written "
		    "%" PRId64 " s later than now; tries and retention "
		    "wait until then",
		    ahead);
	else if (status == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
		doctor_note(doctor, DOCTOR_WARN, "clock", mend,
		    "nobody sets this host's clock (as far as the kernel "
		    "knows)");
	else
		doctor_note(doctor, DOCTOR_OK, "clock", NULL,
		    "the clock is kept by a time service");
}
