/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a change at a desk means, and whom an agent's word vouches for.
 */
#include "tickets/decision.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/base/network.h"
#include "lib/base/seal.h"

#define IPV4_KEPT 3      /* bytes: /24 */
#define MAPPED "::ffff:" /* IPv4 in IPv6 clothes */
#define IPV6_KEPT 6      /* /48: what one customer of a provider has */

static gboolean
is_spam(const char *status)
{
	return strcmp(status, "spam") == 0;
}

static gboolean
is_alive(const char *status)
{
	return strcmp(status, "new") == 0 || strcmp(status, "open") == 0 ||
	       strcmp(status, "not-spam") == 0;
}

enum decision
decision_of(const struct ledger_mark *mark, const char *status, gint64 when)
{
	if (status == NULL || strcmp(mark->status, status) == 0 ||
	    (when != 0 && when < mark->when))
		return DECISION_NOTHING;
	if (is_spam(status))
		return DECISION_SPAM;
	if (!is_spam(mark->status))
		return DECISION_SEEN;
	/* Still the ticket that was spam: it may yet be opened again. */
	if (!is_alive(status))
		return DECISION_NOTHING;
	return mark->ours ? DECISION_HAM : DECISION_UNDO;
}

const char *
decision_word(enum decision step)
{
	static const char *const words[] = { [DECISION_NOTHING] = "nothing",
		[DECISION_SEEN] = "seen",
		[DECISION_SPAM] = "spam",
		[DECISION_HAM] = "ham",
		[DECISION_UNDO] = "undo" };

	return words[step];
}

/* --- who --- */

static char *
address_name(const struct secret *key, const char *who)
{
	struct seal_digest *digest =
	    seal_digest_new(secret_data(key), secret_length(key), "desk-agent");
	struct ident ident;
	char text[IDENT_TEXT];

	seal_digest_add(digest, who, strlen(who));
	seal_digest_end(&digest, ident.bytes, sizeof(ident.bytes));
	ident_text(&ident, text);
	return g_strdup_printf("agent-%.8s", text);
}

char *
decision_actor(const struct secret *key, const char *desk, const char *who)
{
	g_autofree char *name = who != NULL && strchr(who, '@') != NULL
				    ? address_name(key, who)
				    : g_strdup(who);
	char *actor = name == NULL || name[0] == '\0'
			  ? g_strdup_printf("desk:%s", desk)
			  : g_strdup_printf("desk:%s:%s", desk, name);

	for (char *at = actor; *at != '\0'; at++)
		if (!g_ascii_isgraph(*at) || *at == '@')
			*at = '_';
	if (strlen(actor) > DECISION_ACTOR_MOST)
		actor[DECISION_ACTOR_MOST] = '\0';
	return actor;
}

/* --- trust --- */

char *
decision_network(const char *address)
{
	guint8 bytes[16] = { 0 };
	char text[INET6_ADDRSTRLEN];

	if (address == NULL)
		return g_strdup("");
	if (g_ascii_strncasecmp(address, MAPPED, strlen(MAPPED)) == 0)
		address += strlen(MAPPED);
	if (inet_pton(AF_INET, address, bytes) == 1) {
		if (bytes[0] == 127)
			return g_strdup("");
		memset(bytes + IPV4_KEPT, 0, 4 - IPV4_KEPT);
		(void)inet_ntop(AF_INET, bytes, text, sizeof(text));
		return g_strdup_printf("%s/%d", text, IPV4_KEPT * 8);
	}
	if (inet_pton(AF_INET6, address, bytes) != 1 ||
	    IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)(void *)bytes))
		return g_strdup("");
	memset(bytes + IPV6_KEPT, 0, 16 - IPV6_KEPT);
	(void)inet_ntop(AF_INET6, bytes, text, sizeof(text));
	return g_strdup_printf("%s/%d", text, IPV6_KEPT * 8);
}

gboolean
decision_trusts(const struct ledger_trust *trust, gint64 now,
    const char *client_address, gboolean proved)
{
	const char *const list[] = { trust->network, NULL };
	struct networks *networks;
	gboolean same;

	if (now >= trust->until)
		return FALSE;
	if (proved)
		return TRUE;
	if (trust->network[0] == '\0')
		return FALSE;
	networks = networks_new(list);
	same = networks_contain(networks, client_address);
	networks_free(&networks);
	return same;
}
