/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking at a store page by page: first the tree of free pages, then that of
 * the tables, then each table's, and in the end the free pages themselves.
 * What is broken is told and left out, with all that hangs on it.
 */
#include "lib/store/check.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/store/check_private.h"
#include "lib/store/store_private.h"

#define KEY_MOST 511 /* of LMDB */

struct walk {
	struct pages *pages;
	struct pages_meta meta;
	struct check_report *report;
	guint8 *seen;   /* a bit for each page */
	GArray *freed;  /* size_t: what the records of the free tree hold */
	GArray *tables; /* struct check_table */
	check_record record;
	void *self;
	enum check_unread unread;
	gboolean stopped;
};

/* One tree while it is walked. */
struct tree_walk {
	struct walk *walk;
	const char *name;
	const struct pages_tree *tree;
	struct pages_tree found;    /* its counts */
	GByteArray *bound;          /* what the next key has to be above */
	gboolean bounded, at_least; /* or may be equal to */
	gboolean broken;
	/* Of a leaf's record; FALSE ends it. */
	gboolean (*take)(struct tree_walk *tree, const struct pages_node *node,
	    const guint8 *data);
	guint table;
};

static void fault(struct walk *walk, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static void
fault(struct walk *walk, const char *format, ...)
{
	va_list list;

	if (walk->report->faults++ >= CHECK_SHOWN)
		return;
	va_start(list, format);
	g_ptr_array_add(walk->report->shown, g_strdup_vprintf(format, list));
	va_end(list);
}

static void
page_fault(struct tree_walk *tree, size_t number, const char *what)
{
	tree->broken = TRUE;
	fault(tree->walk, "page %" G_GSIZE_FORMAT " of %s: %s", number,
	    tree->name, what);
}

/* Takes pages into use; FALSE when that was done before. */
static gboolean
use(struct tree_walk *tree, size_t first, size_t count)
{
	struct walk *walk = tree->walk;

	for (size_t i = first; i < first + count; i++) {
		if (i > walk->meta.last) {
			page_fault(tree, i, "it is behind the last one");
			return FALSE;
		}
		if ((walk->seen[i / 8] & (1U << (i % 8))) != 0) {
			page_fault(tree, i, "it is used twice");
			return FALSE;
		}
		walk->seen[i / 8] |= (guint8)(1U << (i % 8));
	}
	walk->report->pages += count;
	return TRUE;
}

/* What pages_read said of a page. */
static void
unsound(struct tree_walk *tree, size_t number, const char *what)
{
	struct walk *walk = tree->walk;

	page_fault(tree, number, what);
	if (walk->unread == CHECK_UNREAD_FAILS &&
	    pages_failed(walk->pages) != 0)
		walk->stopped = TRUE;
}

/* --- keys --- */

static int
compare(const struct tree_walk *tree, const guint8 *a, gsize a_length,
    const guint8 *b, gsize b_length)
{
	int order;

	if ((tree->tree->flags & PAGES_INTEGER_KEYS) != 0 &&
	    a_length == sizeof(size_t) && b_length == sizeof(size_t)) {
		size_t x, y;

		memcpy(&x, a, sizeof(x));
		memcpy(&y, b, sizeof(y));
		return x < y ? -1 : x > y;
	}
	order = memcmp(a, b, MIN(a_length, b_length));
	return order != 0            ? order
	       : a_length < b_length ? -1
				     : a_length > b_length;
}

/* Whether the key may stand here; it is the bound of the next one. */
static gboolean
is_next(struct tree_walk *tree, const struct pages_node *node, gboolean leaf)
{
	gboolean integer = (tree->tree->flags & PAGES_INTEGER_KEYS) != 0;
	int order;

	if (node->key_length == 0 || node->key_length > KEY_MOST ||
	    (integer && node->key_length != sizeof(size_t)))
		return FALSE;
	order = !tree->bounded ? 1
			       : compare(tree, node->key, node->key_length,
				     tree->bound->data, tree->bound->len);
	if (order < 0 || (order == 0 && !tree->at_least))
		return FALSE;
	g_byte_array_set_size(tree->bound, 0);
	g_byte_array_append(tree->bound, node->key, node->key_length);
	tree->bounded = TRUE;
	tree->at_least = !leaf;
	return TRUE;
}

/* --- trees --- */

static void
look_at_record(
    struct tree_walk *tree, size_t number, const struct pages_node *node)
{
	g_autoptr(GByteArray) far = NULL;
	const guint8 *data = node->data;
	const char *what;
	size_t count;

	if (!is_next(tree, node, TRUE)) {
		page_fault(tree, number, "a key of it is out of order");
		return;
	}
	if (node->far) {
		far = g_byte_array_new();
		what = pages_read_far(
		    tree->walk->pages, node->child, node->length, far, &count);
		if (what != NULL) {
			unsound(tree, node->child, what);
			return;
		}
		if (!use(tree, node->child, count))
			return;
		tree->found.overflows += count;
		data = far->data;
	}
	tree->found.entries++;
	if (!tree->take(tree, node, data))
		tree->walk->stopped = TRUE;
}

/* A page of the tree and all below it. */
static void
walk_page(struct tree_walk *tree, size_t number, guint level) /* recurses */
{
	gsize size = pages_size(tree->walk->pages);
	g_autofree guint8 *page = g_malloc(size);
	gboolean leaf = level + 1 == tree->tree->depth;
	enum pages_kind kind;
	const char *what;
	guint n;

	if (!use(tree, number, 1))
		return;
	what = pages_read(tree->walk->pages, number, page, &kind, &n);
	if (what == NULL && (kind == PAGES_LEAF) != leaf)
		what = "it stands too high or too low";
	if (what != NULL) {
		unsound(tree, number, what);
		return;
	}
	tree->found.leaves += leaf;
	tree->found.branches += !leaf;
	for (guint i = 0; i < n && !tree->walk->stopped; i++) {
		struct pages_node node;

		pages_node(page, i, &node);
		if (leaf)
			look_at_record(tree, number, &node);
		else if (i > 0 && !is_next(tree, &node, FALSE))
			page_fault(tree, number, "a key of it is out of order");
		else
			walk_page(tree, node.child, level + 1);
	}
}

static void
walk_tree(struct tree_walk *tree)
{
	const struct pages_tree *told = tree->tree;

	if (told->root == PAGES_NONE) {
		if (told->entries != 0 || told->depth != 0)
			page_fault(tree, told->root, "its root is lost");
		return;
	}
	if (told->depth == 0 || told->depth > PAGES_DEPTH_MOST) {
		page_fault(tree, told->root, "its depth is broken");
		return;
	}
	tree->bound = g_byte_array_new();
	walk_page(tree, told->root, 0);
	g_byte_array_unref(tree->bound);
	if (!tree->broken && !tree->walk->stopped &&
	    (tree->found.branches != told->branches ||
		tree->found.leaves != told->leaves ||
		tree->found.overflows != told->overflows ||
		tree->found.entries != told->entries))
		fault(tree->walk,
		    "%s: it says that it has %" G_GSIZE_FORMAT
		    " records in %" G_GSIZE_FORMAT
		    " pages, and has %" G_GSIZE_FORMAT " in %" G_GSIZE_FORMAT,
		    tree->name, told->entries,
		    told->branches + told->leaves + told->overflows,
		    tree->found.entries,
		    tree->found.branches + tree->found.leaves +
			tree->found.overflows);
}

/* --- the three kinds of them --- */

/* A count, and so many pages, the highest first.  LMDB makes a record before it
 * knows how many there will be: it may have room for more. */
static gboolean
take_free(
    struct tree_walk *tree, const struct pages_node *node, const guint8 *data)
{
	size_t count = 0, last = (size_t)-1, number;

	if (node->length >= sizeof(count))
		memcpy(&count, data, sizeof(count));
	if (node->tree || node->length < sizeof(count) ||
	    node->length % sizeof(count) != 0 ||
	    count > node->length / sizeof(count) - 1) {
		fault(tree->walk, "the list of free pages: a record is broken");
		return TRUE;
	}
	for (size_t i = 1; i <= count; i++) {
		memcpy(&number, data + i * sizeof(number), sizeof(number));
		if (number >= last || number < 2 ||
		    number > tree->walk->meta.last) {
			fault(tree->walk,
			    "the list of free pages: a record is broken");
			return TRUE;
		}
		last = number;
		g_array_append_val(tree->walk->freed, number);
	}
	return TRUE;
}

static gboolean
take_table(
    struct tree_walk *tree, const struct pages_node *node, const guint8 *data)
{
	struct check_table table;

	if (!node->tree || tree->walk->tables->len >= STORE_TABLES_MOST) {
		fault(tree->walk, "the list of tables: a record is broken");
		return TRUE;
	}
	table.name = g_strndup((const char *)node->key, node->key_length);
	memcpy(&table.tree, data, sizeof(table.tree));
	g_array_append_val(tree->walk->tables, table);
	return TRUE;
}

static gboolean
take_record(
    struct tree_walk *tree, const struct pages_node *node, const guint8 *data)
{
	if (node->tree) {
		fault(tree->walk, "%s: a record is broken", tree->name);
		return TRUE;
	}
	tree->walk->report->records++;
	return tree->walk->record == NULL ||
	       tree->walk->record(tree->walk->self, tree->table, node, data);
}

static void
look_at_free(struct walk *walk)
{
	for (guint i = 0; i < walk->freed->len; i++) {
		size_t number = g_array_index(walk->freed, size_t, i);

		if ((walk->seen[number / 8] & (1U << (number % 8))) != 0)
			fault(walk,
			    "page %" G_GSIZE_FORMAT ": it is in use and free",
			    number);
		walk->seen[number / 8] |= (guint8)(1U << (number % 8));
	}
}

/* The kinds of the two trees of a head are always the same; LMDB believes what
 * stands there. */
static void
look_at_kinds(struct walk *walk)
{
	if (walk->meta.free.flags != PAGES_INTEGER_KEYS)
		fault(walk, "the list of free pages: its kind is broken");
	if (walk->meta.main.flags != 0)
		fault(walk, "the list of tables: its kind is broken");
	walk->meta.free.flags = PAGES_INTEGER_KEYS;
	walk->meta.main.flags = 0;
}

static void
walk_all(struct walk *walk)
{
	struct tree_walk free = { .walk = walk,
		.name = "the list of free pages",
		.tree = &walk->meta.free,
		.take = take_free };
	struct tree_walk main = { .walk = walk,
		.name = "the list of tables",
		.tree = &walk->meta.main,
		.take = take_table };

	look_at_kinds(walk);
	walk_tree(&free);
	walk_tree(&main);
	for (guint i = 0; i < walk->tables->len && !walk->stopped; i++) {
		const struct check_table *table =
		    &g_array_index(walk->tables, struct check_table, i);
		struct tree_walk tree = { .walk = walk,
			.name = table->name,
			.tree = &table->tree,
			.take = take_record,
			.table = i };

		if ((table->tree.flags & ~PAGES_INTEGER_KEYS) != 0)
			fault(walk, "%s: its kind is broken", table->name);
		walk_tree(&tree);
	}
	look_at_free(walk);
}

/* More pages than memory for their bits is no number of pages. */
static gboolean
is_last(const struct walk *walk)
{
	return walk->meta.last >= 1 &&
	       walk->meta.last < ((size_t)1 << 40) / pages_size(walk->pages);
}

static void
clear_table(gpointer item)
{
	g_free(((struct check_table *)item)->name);
}

GArray *
check_tables_new(void)
{
	GArray *tables = g_array_new(FALSE, FALSE, sizeof(struct check_table));

	g_array_set_clear_func(tables, clear_table);
	return tables;
}

/* The state that is walked; FALSE: there is none that could be. */
static gboolean
find_state(struct walk *walk, enum check_state state)
{
	gboolean whole = FALSE;

	if (walk->pages != NULL && state == CHECK_OLDER)
		whole = pages_older(walk->pages, &walk->meta);
	else if (walk->pages != NULL)
		pages_newest(walk->pages, &walk->meta, &whole);
	if (!whole)
		fault(walk, "a head of the file is broken");
	if (walk->pages == NULL || (state == CHECK_OLDER && !whole))
		return FALSE;
	if (!is_last(walk))
		fault(walk, "the number of its pages is broken");
	return is_last(walk);
}

gboolean
check_walk(const char *folder, const struct check_way *way,
    struct check_report *report_r, GArray *tables, GError **error)
{
	struct pages *pages OWNED(pages_close) = NULL;
	struct walk walk = { .report = report_r,
		.tables = tables,
		.unread = way->unread,
		.record = way->record,
		.self = way->self };
	g_autoptr(GError) broken = NULL;

	*report_r = (struct check_report){ 0 };
	report_r->shown = g_ptr_array_new_with_free_func(g_free);
	walk.pages = pages = pages_open(folder, way->unread, &broken);
	if (pages == NULL && !err_is(broken, DG_ERROR_BAD)) {
		check_report_clear(report_r);
		g_propagate_error(error, g_steal_pointer(&broken));
		return FALSE;
	}
	if (!find_state(&walk, way->state))
		return TRUE;
	walk.seen = g_malloc0(walk.meta.last / 8 + 1);
	walk.freed = g_array_new(FALSE, FALSE, sizeof(size_t));
	walk_all(&walk);
	g_array_unref(walk.freed);
	g_free(walk.seen);
	if (way->unread == CHECK_UNREAD_LOST || pages_failed(pages) == 0)
		return !walk.stopped;
	check_report_clear(report_r);
	return err_errno(
	    error, pages_failed(pages), "read %s/data.mdb", folder);
}

gboolean
check_store(const char *folder, enum check_unread unread,
    struct check_report *report_r, GError **error)
{
	const struct check_way way = { .unread = unread };
	g_autoptr(GArray) tables = check_tables_new();

	return check_walk(folder, &way, report_r, tables, error);
}

void
check_report_clear(struct check_report *report)
{
	g_clear_pointer(&report->shown, g_ptr_array_unref);
}
