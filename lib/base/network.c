/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Networks: everything becomes an IPv6 prefix, IPv4 under ::ffff:0:0/96, so
 * that there is one comparison.
 */
#include "lib/base/network.h"

#include <arpa/inet.h>
#include <string.h>

#define ADDRESS_BYTES 16
#define MAPPED_BITS 96

static const guint8 mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

struct network {
	guint8 address[ADDRESS_BYTES];
	guint bits;
};

struct networks {
	GArray *list; /* struct network */
};

/* *v4_r tells which family the text was written in. */
static gboolean
parse_address(const char *text, guint8 address_r[ADDRESS_BYTES], gboolean *v4_r)
{
	*v4_r = inet_pton(AF_INET, text, address_r + 12) == 1;
	if (*v4_r) {
		memcpy(address_r, mapped_prefix, sizeof(mapped_prefix));
		return TRUE;
	}
	return inet_pton(AF_INET6, text, address_r) == 1;
}

/* Digits only: "/24", not "/ 24", "/+24" or "/024". */
static gboolean
parse_bits(const char *text, guint most, guint *bits_r)
{
	guint bits = 0;

	if (*text == '\0' || (text[0] == '0' && text[1] != '\0'))
		return FALSE;
	for (; *text != '\0'; text++) {
		if (!g_ascii_isdigit(*text))
			return FALSE;
		bits = bits * 10 + (*text - '0');
		if (bits > most)
			return FALSE;
	}
	*bits_r = bits;
	return TRUE;
}

/* Whether the first `bits` bits are equal. */
static gboolean
prefix_equal(const guint8 *a, const guint8 *b, guint bits)
{
	guint whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 &&
	       (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

static gboolean
host_part_is_zero(const struct network *network)
{
	for (guint bit = network->bits; bit < ADDRESS_BYTES * 8; bit++) {
		if (network->address[bit / 8] & (0x80 >> bit % 8))
			return FALSE;
	}
	return TRUE;
}

static gboolean
network_parse(const char *text, struct network *network_r)
{
	const char *slash = strchr(text, '/');
	g_autofree char *address =
	    slash != NULL ? g_strndup(text, slash - text) : g_strdup(text);
	gboolean v4;

	if (!parse_address(address, network_r->address, &v4))
		return FALSE;
	network_r->bits = ADDRESS_BYTES * 8;
	if (slash != NULL) {
		if (!parse_bits(slash + 1, v4 ? 32 : ADDRESS_BYTES * 8,
			&network_r->bits))
			return FALSE;
		if (v4)
			network_r->bits += MAPPED_BITS;
	}
	return host_part_is_zero(network_r);
}

gboolean
network_valid(const char *text)
{
	struct network network;

	return network_parse(text, &network);
}

struct networks *
networks_new(const char *const *list)
{
	struct networks *networks = g_new0(struct networks, 1);

	networks->list = g_array_new(FALSE, FALSE, sizeof(struct network));
	for (; list != NULL && *list != NULL; list++) {
		struct network network;

		if (network_parse(*list, &network))
			g_array_append_val(networks->list, network);
	}
	return networks;
}

void
networks_free(struct networks **networks)
{
	if (*networks == NULL)
		return;
	g_array_unref((*networks)->list);
	g_clear_pointer(networks, g_free);
}

gboolean
networks_contain(const struct networks *networks, const char *address)
{
	guint8 bytes[ADDRESS_BYTES];
	gboolean v4;

	if (address == NULL || !parse_address(address, bytes, &v4))
		return FALSE;
	for (guint i = 0; i < networks->list->len; i++) {
		const struct network *network =
		    &g_array_index(networks->list, struct network, i);

		if (prefix_equal(bytes, network->address, network->bits))
			return TRUE;
	}
	return FALSE;
}
