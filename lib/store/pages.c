/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/store/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define MAGIC 0xBEEFC0DEU
#define DATA_VERSION 1
#define SIZE_LEAST 256U /* of a page; MAX_PAGESIZE of mdb.c */
#define SIZE_MOST 65536U
#define OVERFLOW_PAGE 4
#define META_PAGE 8
#define NODE_FAR 1  /* F_BIGDATA */
#define NODE_TREE 2 /* F_SUBDATA */

struct head {
	size_t number;
	guint16 pad, flags;
	union {
		struct {
			guint16 lower, upper;
		} of;
		guint32 count; /* of an overflow page's run */
	} u;
};
#define HEAD ((gsize)G_STRUCT_OFFSET(struct head, u) + 4)

struct node_head {
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
	guint16 low, high;
#else
	guint16 high, low;
#endif
	guint16 flags, key_length;
};
#define NODE_HEAD sizeof(struct node_head)

struct pages {
	int file;
	gsize size;
	guint64 bytes; /* of the file */
	struct pages_meta metas[2];
	gboolean whole[2];
	int failed;      /* the errno of a read that failed, or 0 */
	guint32 version; /* another one than ours, which a meta has, or 0 */
};

/* FALSE where the file ends before, or with pages->failed. */
static gboolean
read_at(struct pages *pages, guint64 at, guint8 *data, gsize length)
{
	while (length > 0) {
		ssize_t got = pread(pages->file, data, length, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			pages->failed = errno;
		if (got <= 0)
			return FALSE;
		data += got;
		at += (guint64)got;
		length -= (gsize)got;
	}
	return TRUE;
}

/* Whether a meta stands at a place, and of which page size. */
static gboolean
read_meta(struct pages *pages, guint i, guint64 at)
{
	guint8 data[HEAD + sizeof(struct pages_meta)];
	struct head head = { 0 };
	struct pages_meta *meta = &pages->metas[i];

	if (!read_at(pages, at, data, sizeof(data)))
		return FALSE;
	memcpy(&head, data, HEAD);
	memcpy(meta, data + HEAD, sizeof(*meta));
	if (head.number != i || head.flags != META_PAGE || meta->magic != MAGIC)
		return FALSE;
	if (meta->version != DATA_VERSION)
		pages->version = meta->version;
	return meta->version == DATA_VERSION && meta->free.pad >= SIZE_LEAST &&
	       meta->free.pad <= SIZE_MOST &&
	       (meta->free.pad & (meta->free.pad - 1)) == 0 &&
	       (pages->size == 0 || meta->free.pad == pages->size);
}

/* The first meta tells the size of pages; where it is broken, the second is
 * looked for. */
static gboolean
find_metas(struct pages *pages, const char *folder, GError **error)
{
	pages->whole[0] = read_meta(pages, 0, 0);
	if (pages->whole[0])
		pages->size = pages->metas[0].free.pad;
	for (gsize size = SIZE_LEAST; !pages->whole[1] && size <= SIZE_MOST;
	     size *= 2) {
		if (pages->size != 0 && pages->size != size)
			continue;
		pages->whole[1] = read_meta(pages, 1, size) &&
				  pages->metas[1].free.pad == size;
		if (pages->whole[1])
			pages->size = size;
	}
	if (pages->whole[0] || pages->whole[1])
		return TRUE;
	if (pages->version != 0)
		return err_set(error, DG_ERROR_IO,
		    "%s is a store of another format, %u, made by another "
		    "version of LMDB; this one reads %u: use that version, or "
		    "put a backup back",
		    folder, pages->version, DATA_VERSION);
	return err_set(error, DG_ERROR_BAD,
	    "%s: neither of its two heads is whole", folder);
}

static gboolean
open_file(struct pages *pages, const char *folder, enum check_unread unread,
    GError **error)
{
	g_autofree char *path = g_build_filename(folder, "data.mdb", NULL);
	g_autoptr(GError) fault = NULL;
	struct stat status;
	gboolean found;

	pages->file = open(path, O_RDONLY | O_CLOEXEC);
	if (pages->file < 0)
		return err_errno(error, errno, "open %s", path);
	/* It may grow meanwhile: its length after the metas that tell of it. */
	found = find_metas(pages, folder, &fault);
	if (fstat(pages->file, &status) != 0)
		return err_errno(error, errno, "look at %s", path);
	pages->bytes = (guint64)status.st_size;
	if (pages->bytes == 0)
		return err_set(error, DG_ERROR_NOTFOUND, "%s is empty", path);
	if (unread == CHECK_UNREAD_FAILS && pages->failed != 0)
		return err_errno(error, pages->failed, "read %s", path);
	if (!found)
		g_propagate_error(error, g_steal_pointer(&fault));
	return found;
}

struct pages *
pages_open(const char *folder, enum check_unread unread, GError **error)
{
	struct pages *pages = g_new0(struct pages, 1);

	pages->file = -1;
	if (!open_file(pages, folder, unread, error))
		pages_close(&pages);
	return pages;
}

void
pages_close(struct pages **pages)
{
	if (*pages == NULL)
		return;
	file_close(&(*pages)->file);
	g_clear_pointer(pages, g_free);
}

void
pages_newest(
    const struct pages *pages, struct pages_meta *meta_r, gboolean *whole_r)
{
	gboolean second =
	    !pages->whole[0] ||
	    (pages->whole[1] && pages->metas[1].txnid > pages->metas[0].txnid);

	*whole_r = pages->whole[0] && pages->whole[1];
	*meta_r = pages->metas[second];
}

gboolean
pages_older(const struct pages *pages, struct pages_meta *meta_r)
{
	gboolean second = pages->metas[1].txnid <= pages->metas[0].txnid;

	*meta_r = pages->metas[second];
	return pages->whole[0] && pages->whole[1];
}

int
pages_failed(const struct pages *pages)
{
	return pages->failed;
}

gsize
pages_size(const struct pages *pages)
{
	return pages->size;
}

static void
node_at(const guint8 *page, guint i, struct node_head *head_r, guint *place_r)
{
	guint16 place;

	memcpy(&place, page + HEAD + 2 * (gsize)i, sizeof(place));
	memcpy(head_r, page + place, NODE_HEAD);
	*place_r = place;
}

/* How much of the page a node takes; 0: it is none. */
static gsize
node_extent(const guint8 *page, guint i, gboolean leaf, gsize upper, gsize size)
{
	struct node_head head;
	guint16 place;
	gsize extent;

	memcpy(&place, page + HEAD + 2 * (gsize)i, sizeof(place));
	if (place < upper || (gsize)place + NODE_HEAD > size || place % 2 != 0)
		return 0;
	memcpy(&head, page + place, NODE_HEAD);
	extent = NODE_HEAD + head.key_length;
	if (leaf && (head.flags & ~(NODE_FAR | NODE_TREE)) != 0)
		return 0;
	if (leaf && (head.flags & NODE_FAR) != 0)
		extent += sizeof(size_t);
	else if (leaf)
		extent += ((gsize)head.high << 16) | head.low;
	if (leaf && (head.flags & NODE_TREE) != 0 &&
	    (((gsize)head.high << 16) | head.low) != sizeof(struct pages_tree))
		return 0;
	extent += extent % 2;
	return place + extent <= size ? extent : 0;
}

/* The nodes stand in the page's end, and fill it: so none lies over another. */
static const char *
look_at_nodes(
    const guint8 *page, gboolean leaf, guint n, gsize upper, gsize size)
{
	gsize sum = 0;

	for (guint i = 0; i < n; i++) {
		gsize extent = node_extent(page, i, leaf, upper, size);

		if (extent == 0)
			return "a record of it is broken";
		sum += extent;
	}
	return sum == size - upper ? NULL : "its records do not fill it";
}

const char *
pages_read(struct pages *pages, size_t number, guint8 *page,
    enum pages_kind *kind_r, guint *n_r)
{
	struct head head = { 0 };

	if (number < 2 || number >= pages->bytes / pages->size)
		return "it is not in the file";
	if (!read_at(pages, number * pages->size, page, pages->size))
		return "it cannot be read";
	memcpy(&head, page, HEAD);
	if (head.number != number)
		return "it is another one";
	if (head.flags != PAGES_BRANCH && head.flags != PAGES_LEAF)
		return "it holds no records";
	if (head.u.of.lower <= HEAD || head.u.of.lower > head.u.of.upper ||
	    head.u.of.upper > pages->size || head.u.of.lower % 2 != 0)
		return "its bounds are broken";
	*kind_r = (enum pages_kind)head.flags;
	*n_r = (guint)(head.u.of.lower - HEAD) / 2;
	return look_at_nodes(
	    page, head.flags == PAGES_LEAF, *n_r, head.u.of.upper, pages->size);
}

void
pages_node(const guint8 *page, guint i, struct pages_node *node_r)
{
	struct head head = { 0 };
	struct node_head node;
	guint place;

	memcpy(&head, page, HEAD);
	node_at(page, i, &node, &place);
	*node_r = (struct pages_node){
		.key = page + place + NODE_HEAD,
		.key_length = node.key_length,
	};
	if (head.flags == PAGES_BRANCH) {
		node_r->child = ((size_t)node.high << 16) | node.low;
#if GLIB_SIZEOF_SIZE_T > 4
		node_r->child |= (size_t)node.flags << 32;
#endif
		return;
	}
	node_r->length = ((guint32)node.high << 16) | node.low;
	node_r->data = node_r->key + node.key_length;
	node_r->tree = (node.flags & NODE_TREE) != 0;
	node_r->far = (node.flags & NODE_FAR) != 0;
	if (node_r->far) {
		memcpy(&node_r->child, node_r->data, sizeof(node_r->child));
		node_r->data = NULL;
	}
}

const char *
pages_read_far(struct pages *pages, size_t number, guint32 length,
    GByteArray *bytes, size_t *pages_r)
{
	/* One that became shorter may have kept its pages. */
	size_t least = (HEAD - 1 + (size_t)length) / pages->size + 1;
	size_t all = pages->bytes / pages->size;
	guint8 first[HEAD];
	struct head head = { 0 };
	guint at = bytes->len;

	if (number < 2 || number >= all)
		return "it is not in the file";
	if (!read_at(pages, number * pages->size, first, HEAD))
		return "it cannot be read";
	memcpy(&head, first, HEAD);
	if (head.number != number || head.flags != OVERFLOW_PAGE ||
	    head.u.count < least)
		return "it does not hold what its record says";
	if (head.u.count > all - number)
		return "its end is not in the file";
	*pages_r = head.u.count;
	g_byte_array_set_size(bytes, at + length);
	/* Without a byte there may be no place for one. */
	if (length > 0 && !read_at(pages, number * pages->size + HEAD,
			      bytes->data + at, length))
		return "it cannot be read";
	return NULL;
}
