/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the audit trail: the last records for people, and the whole chain to
 * check it.
 */
#include "lib/privacy/audit_private.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/seal.h"
#include "lib/base/secret.h"

#define NAME_BYTES 11 /* "2026-11.log" */

/* --- one line --- */

void
audit_line_clear(struct audit_line *line)
{
	g_clear_pointer(&line->object_r, json_decref);
}

json_t *
audit_line_json(const struct audit_line *line)
{
	json_t *object = json_object();

	json_object_set_new(object, "seq", json_integer((json_int_t)line->seq));
	json_object_set_new(object, "time", json_string(line->time));
	json_object_set_new(object, "actor", json_string(line->actor));
	json_object_set_new(object, "act", json_string(line->act));
	if (line->object != NULL)
		json_object_set_new(
		    object, "object", json_string(line->object));
	if (line->outcome != NULL)
		json_object_set_new(
		    object, "outcome", json_string(line->outcome));
	return object;
}

void
audit_chain(
    const struct secret *key, const char *before, struct audit_line *line)
{
	const char *const texts[] = { before, line->time, line->actor,
		line->act, line->object, line->outcome };
	struct seal_digest *digest = seal_digest_new(
	    secret_data(key), secret_length(key), "audit-chain");
	guint64 seq = GUINT64_TO_BE(line->seq);
	struct ident chain;

	seal_digest_add(digest, &seq, sizeof(seq));
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		const char *text = texts[i] == NULL ? "" : texts[i];

		seal_digest_add(digest, text, strlen(text));
	}
	seal_digest_end(&digest, chain.bytes, sizeof(chain.bytes));
	ident_text(&chain, line->chain);
}

static gboolean
parse_line(const char *data, gsize length, struct audit_line *line_r)
{
	json_t *object = json_loadb(data, length, 0, NULL);
	const char *chain = json_string_value(json_object_get(object, "chain"));
	json_int_t seq = json_integer_value(json_object_get(object, "seq"));

	*line_r = (struct audit_line){
		.seq = (guint64)MAX(seq, 0),
		.time = json_string_value(json_object_get(object, "time")),
		.actor = json_string_value(json_object_get(object, "actor")),
		.act = json_string_value(json_object_get(object, "act")),
		.object = json_string_value(json_object_get(object, "object")),
		.outcome =
		    json_string_value(json_object_get(object, "outcome")),
		.prev = json_string_value(json_object_get(object, "prev")),
		.object_r = object,
	};
	if (seq > 0 && line_r->time != NULL && line_r->actor != NULL &&
	    line_r->act != NULL && chain != NULL &&
	    strlen(chain) == AUDIT_CHAIN_TEXT - 1) {
		memcpy(line_r->chain, chain, AUDIT_CHAIN_TEXT);
		return TRUE;
	}
	audit_line_clear(line_r);
	return FALSE;
}

void
audit_walk_begin(struct audit_walk *walk, GBytes *bytes)
{
	gsize length;

	walk->at = g_bytes_get_data(bytes, &length);
	/* An empty file's bytes have no address. */
	walk->at = walk->at != NULL ? walk->at : "";
	walk->end = walk->at + length;
	walk->number = 0;
}

gboolean
audit_walk_next(
    struct audit_walk *walk, struct audit_line *line_r, gboolean *good_r)
{
	const char *end =
	    walk->at < walk->end
		? memchr(walk->at, '\n', (gsize)(walk->end - walk->at))
		: NULL;
	const char *begin = walk->at;

	*good_r = TRUE;
	if (end == NULL)
		return FALSE;
	walk->number++;
	walk->at = end + 1;
	*good_r = parse_line(begin, (gsize)(end - begin), line_r);
	return *good_r;
}

gboolean
audit_walk_sound(
    struct audit_walk *walk, struct audit_line *line_r, guint *damaged)
{
	gboolean good;

	while (!audit_walk_next(walk, line_r, &good)) {
		if (good)
			return FALSE;
		if (damaged != NULL)
			(*damaged)++;
	}
	return TRUE;
}

gboolean
audit_is_torn(const char *data, gsize length)
{
	struct audit_line line;

	for (gsize i = 0; i < length; i++)
		if (!g_ascii_isprint(data[i]))
			return FALSE;
	if (length == 0 || data[0] != '{' ||
	    !parse_line(data, length - 1, &line))
		return length == 0 || data[0] == '{';
	audit_line_clear(&line);
	return FALSE;
}

/* --- the folder --- */

static gboolean
is_month(const char *name)
{
	static const char shape[] = "dddd-dd.log";

	if (strlen(name) != NAME_BYTES)
		return FALSE;
	for (guint i = 0; i < NAME_BYTES; i++)
		if (shape[i] == 'd' ? !g_ascii_isdigit(name[i])
				    : name[i] != shape[i])
			return FALSE;
	return TRUE;
}

static int
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
audit_files(struct audit *audit, GError **error)
{
	int copy = openat(audit->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	GPtrArray *names;
	struct dirent *item;

	if (dir == NULL) {
		err_errno(error, errno, "audit: folder");
		file_close(&copy);
		return NULL;
	}
	names = g_ptr_array_new_with_free_func(g_free);
	while ((item = readdir(dir)) != NULL)
		if (is_month(item->d_name))
			g_ptr_array_add(names, g_strdup(item->d_name));
	closedir(dir);
	g_ptr_array_sort(names, by_name);
	return names;
}

/* --- the last ones --- */

/* In the place of a line that cannot be read. */
static json_t *
damaged_line(const char *name, guint number)
{
	g_autofree char *object = g_strdup_printf("%s, line %u", name, number);

	return json_pack("{s:i, s:s, s:s, s:s, s:s}", "seq", 0, "time", "",
	    "actor", "", "act", "damaged", "object", object);
}

/* Puts the file's lines before those that are there, as far as there is room.
 */
static void
list_file(json_t *array, const char *name, GBytes *bytes, guint most)
{
	json_t *older = json_array();
	struct audit_walk walk;
	struct audit_line line;
	gboolean good;
	size_t surplus;

	audit_walk_begin(&walk, bytes);
	while (audit_walk_next(&walk, &line, &good) || !good) {
		if (!good) {
			json_array_append_new(
			    older, damaged_line(name, walk.number));
			continue;
		}
		json_array_append(older, line.object_r);
		audit_line_clear(&line);
	}
	json_array_extend(older, array);
	surplus =
	    json_array_size(older) > most ? json_array_size(older) - most : 0;
	json_array_clear(array);
	for (size_t i = surplus; i < json_array_size(older); i++)
		json_array_append(array, json_array_get(older, i));
	json_decref(older);
}

json_t *
audit_list(struct audit *audit, guint most, GError **error)
{
	g_autoptr(GPtrArray) names = NULL;
	json_t *array = json_array();
	gboolean good = TRUE;

	pthread_mutex_lock(&audit->lock);
	names = audit_files(audit, error);
	good = names != NULL;
	for (guint i = good ? names->len : 0;
	     good && i > 0 && json_array_size(array) < most; i--) {
		g_autoptr(GBytes) bytes = file_read(
		    audit->dir, names->pdata[i - 1], AUDIT_FILE_MOST, error);

		good = bytes != NULL;
		if (good)
			list_file(array, names->pdata[i - 1], bytes, most);
	}
	pthread_mutex_unlock(&audit->lock);
	if (good)
		return array;
	json_decref(array);
	return NULL;
}

/* --- who --- */

static gboolean
add_actors(
    struct audit *audit, const char *name, GHashTable *actors, GError **error)
{
	g_autoptr(GBytes) bytes =
	    file_read(audit->dir, name, AUDIT_FILE_MOST, error);
	struct audit_walk walk;
	struct audit_line line;

	if (bytes == NULL)
		return FALSE;
	audit_walk_begin(&walk, bytes);
	while (audit_walk_sound(&walk, &line, NULL)) {
		if (!g_hash_table_contains(actors, line.actor))
			g_hash_table_add(actors, g_strdup(line.actor));
		audit_line_clear(&line);
	}
	return TRUE;
}

gboolean
audit_actors(struct audit *audit, GHashTable *actors, GError **error)
{
	g_autoptr(GPtrArray) names = NULL;
	gboolean good;

	pthread_mutex_lock(&audit->lock);
	names = audit_files(audit, error);
	good = names != NULL;
	for (guint i = 0; good && i < names->len; i++)
		good = add_actors(audit, names->pdata[i], actors, error);
	pthread_mutex_unlock(&audit->lock);
	return good;
}

/* --- the chain --- */

struct check {
	const struct audit *audit;
	const char *file;
	guint64 head_seq; /* asked for, 0: none */
	const char *head_chain;
	char before[AUDIT_CHAIN_TEXT];
	char begin[AUDIT_CHAIN_TEXT]; /* before the first line there is */
	gboolean anchored; /* a line says that it was cut off there */
	struct audit_report *report;
};

static gboolean
fault(struct check *check, guint number, const char *what)
{
	g_snprintf(check->report->fault, sizeof(check->report->fault),
	    "%s, line %u: %s", check->file, number, what);
	check->report->whole = FALSE;
	return FALSE;
}

/* The first line there is may follow lines that are past their time: what it
 * says of them is taken, and some line has to say that they were cut off. */
static gboolean
check_line(struct check *check, struct audit_line *line, guint number)
{
	struct audit_report *report = check->report;
	char claimed[AUDIT_CHAIN_TEXT];

	memcpy(claimed, line->chain, sizeof(claimed));
	if (report->records == 0) {
		if (line->prev == NULL && line->seq != 1)
			return fault(check, number, "the beginning is missing");
		g_strlcpy(check->before,
		    line->prev == NULL ? AUDIT_NO_CHAIN : line->prev,
		    sizeof(check->before));
		memcpy(check->begin, check->before, sizeof(check->begin));
		report->first = line->seq;
		check->anchored = line->seq == 1;
	} else if (line->seq != report->last + 1) {
		return fault(check, number, "lines before it are missing");
	}
	audit_chain(check->audit->key, check->before, line);
	if (!secret_equal(
		claimed, sizeof(claimed), line->chain, sizeof(claimed)))
		return fault(check, number, "was changed");
	memcpy(check->before, claimed, sizeof(claimed));
	memcpy(report->head, claimed, sizeof(claimed));
	check->anchored |= audit_line_cuts(line, report->first, check->begin);
	report->records++;
	report->last = line->seq;
	report->has |= line->seq == check->head_seq &&
		       g_strcmp0(claimed, check->head_chain) == 0;
	return TRUE;
}

static gboolean
check_file(struct check *check, GError **error)
{
	g_autoptr(GBytes) bytes =
	    file_read(check->audit->dir, check->file, AUDIT_FILE_MOST, error);
	struct audit_walk walk;
	struct audit_line line;
	gboolean good;

	if (bytes == NULL)
		return FALSE;
	audit_walk_begin(&walk, bytes);
	while (check->report->whole && audit_walk_next(&walk, &line, &good)) {
		(void)check_line(check, &line, walk.number);
		audit_line_clear(&line);
	}
	if (check->report->whole && !good)
		(void)fault(check, walk.number, "is no line of the trail");
	else if (check->report->whole && walk.at != walk.end)
		(void)fault(check, walk.number + 1, "has no end");
	return TRUE;
}

/* "7:0123..." */
static gboolean
parse_head(struct check *check, const char *head, GError **error)
{
	char *end = NULL;
	struct ident chain;

	if (head == NULL)
		return TRUE;
	check->head_seq = g_ascii_strtoull(head, &end, 10);
	if (check->head_seq == 0 || *end != ':' ||
	    !ident_parse(end + 1, &chain))
		return err_set(error, DG_ERROR_BAD,
		    "a head is SEQ:CHAIN, as the log and --verify tell it");
	check->head_chain = end + 1;
	return TRUE;
}

gboolean
audit_verify(struct audit *audit, const char *head,
    struct audit_report *report_r, GError **error)
{
	struct check check = { .audit = audit, .report = report_r };
	g_autoptr(GPtrArray) names = NULL;
	gboolean read = TRUE;

	*report_r = (struct audit_report){ .whole = TRUE };
	if (!parse_head(&check, head, error))
		return FALSE;
	pthread_mutex_lock(&audit->lock);
	names = audit_files(audit, error);
	read = names != NULL;
	for (guint i = 0; read && report_r->whole && i < names->len; i++) {
		check.file = names->pdata[i];
		read = check_file(&check, error);
	}
	pthread_mutex_unlock(&audit->lock);
	if (read && report_r->whole && report_r->records > 0 &&
	    !check.anchored) {
		check.file = names->pdata[0];
		(void)fault(&check, 1, "the beginning is missing");
	}
	return read;
}

gboolean
audit_copy(struct audit *audit, int to, GError **error)
{
	g_autoptr(GPtrArray) names = NULL;
	gboolean done;

	pthread_mutex_lock(&audit->lock);
	names = audit_files(audit, error);
	done = names != NULL;
	for (guint i = 0; done && i < names->len; i++)
		done = copy_file(
		    audit->dir, names->pdata[i], to, names->pdata[i], error);
	pthread_mutex_unlock(&audit->lock);
	return done;
}
