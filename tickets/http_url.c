/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may be called: which urls, and which addresses their names may lead to.
 */
#include "tickets/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

struct range {
	guint8 bytes[16];
	guint bits;
};

static const struct range private4[] = {
	{ { 0 }, 8 }, { { 10 }, 8 }, { { 100, 64 }, 10 }, { { 127 }, 8 },
	{ { 169, 254 }, 16 }, { { 172, 16 }, 12 }, { { 192, 0, 0 }, 24 },
	{ { 192, 0, 2 }, 24 }, { { 192, 88, 99 }, 24 }, { { 192, 168 }, 16 },
	{ { 198, 18 }, 15 }, { { 198, 51, 100 }, 24 }, { { 203, 0, 113 }, 24 },
	{ { 224 }, 3 }, /* multicast, reserved, broadcast */
};

/* Only 2000::/3 is global unicast; within it these are not, or may lead to
 * IPv4. */
static const struct range private6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },       /* protocols, Teredo */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x20, 0x02 }, 16 },             /* 6to4 */
	{ { 0x3f, 0xff }, 20 },             /* documentation */
};

static gboolean
in_range(const guint8 *bytes, const struct range *range)
{
	guint whole = range->bits / 8, rest = range->bits % 8;
	guint8 mask = (guint8)(0xff << (8 - rest));

	return memcmp(bytes, range->bytes, whole) == 0 &&
	       (rest == 0 ||
		   (bytes[whole] & mask) == (range->bytes[whole] & mask));
}

static gboolean
in_any(const guint8 *bytes, const struct range *ranges, gsize count)
{
	for (gsize i = 0; i < count; i++)
		if (in_range(bytes, &ranges[i]))
			return TRUE;
	return FALSE;
}

gboolean
http_address_private(int family, const guint8 *bytes)
{
	static const guint8 mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
		0xff };
	static const guint8 nat64[12] = { 0, 0x64, 0xff, 0x9b };

	if (family == AF_INET)
		return in_any(bytes, private4, G_N_ELEMENTS(private4));
	if (family != AF_INET6)
		return TRUE;
	if (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, nat64, 12) == 0)
		return http_address_private(AF_INET, bytes + 12);
	return (bytes[0] & 0xe0) != 0x20 ||
	       in_any(bytes, private6, G_N_ELEMENTS(private6));
}

static gboolean
host_is_loopback(const char *host)
{
	struct in_addr four;
	struct in6_addr six;

	if (inet_pton(AF_INET, host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	return inet_pton(AF_INET6, host, &six) == 1 &&
	       IN6_IS_ADDR_LOOPBACK(&six);
}

gboolean
http_url_is_loopback(const char *url)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);

	return uri != NULL && g_uri_get_host(uri) != NULL &&
	       host_is_loopback(g_uri_get_host(uri));
}

const char *
http_url_fault(const char *url, gboolean allow_private)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
	const char *host = uri != NULL ? g_uri_get_host(uri) : NULL;

	if (host == NULL || host[0] == '\0')
		return "is not a URL (https://example.ladesk.com/api/v3)";
	if (g_uri_get_userinfo(uri) != NULL || g_uri_get_query(uri) != NULL ||
	    g_uri_get_fragment(uri) != NULL)
		return "has a user, a query or a fragment; secrets belong in "
		       "token-file";
	if (g_str_equal(g_uri_get_scheme(uri), "https"))
		return NULL;
	if (!g_str_equal(g_uri_get_scheme(uri), "http"))
		return "begins neither with https:// nor http://";
	if (allow_private || host_is_loopback(host))
		return NULL;
	return "is not encrypted: use https:// (http:// is for 127.0.0.1, or "
	       "with allow-private)";
}
