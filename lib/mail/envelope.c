/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The envelope as a value and as JSON.
 */
#include "lib/mail/envelope.h"

#include "lib/base/err.h"

struct envelope *
envelope_new(void)
{
	struct envelope *envelope = g_new0(struct envelope, 1);

	envelope->sender = g_strdup("");
	envelope->recipients = g_ptr_array_new_with_free_func(g_free);
	return envelope;
}

void
envelope_free(struct envelope **address)
{
	struct envelope *envelope = *address;

	if (envelope == NULL)
		return;
	g_free(envelope->client_address);
	g_free(envelope->client_name);
	g_free(envelope->helo);
	g_free(envelope->sender);
	g_ptr_array_unref(envelope->recipients);
	g_free(envelope->queue_id);
	g_free(envelope->mta_name);
	g_free(envelope->authenticated);
	g_clear_pointer(address, g_free);
}

/* SMTP text can be any bytes: what is not UTF-8 is repaired for JSON. */
static void
set_text(json_t *object, const char *member, const char *text)
{
	g_autofree char *valid = NULL;

	if (text == NULL)
		return;
	valid = g_utf8_make_valid(text, -1);
	json_object_set_new(object, member, json_string(valid));
}

json_t *
envelope_to_json(const struct envelope *envelope)
{
	json_t *object = json_object(), *recipients = json_array();

	set_text(object, "client_address", envelope->client_address);
	set_text(object, "client_name", envelope->client_name);
	set_text(object, "helo", envelope->helo);
	set_text(object, "sender", envelope->sender);
	for (guint i = 0; i < envelope->recipients->len; i++) {
		g_autofree char *valid =
		    g_utf8_make_valid(envelope->recipients->pdata[i], -1);

		json_array_append_new(recipients, json_string(valid));
	}
	json_object_set_new(object, "recipients", recipients);
	set_text(object, "queue_id", envelope->queue_id);
	set_text(object, "mta_name", envelope->mta_name);
	set_text(object, "authenticated", envelope->authenticated);
	json_object_set_new(
	    object, "own_network", json_boolean(envelope->own_network));
	json_object_set_new(
	    object, "relay_network", json_boolean(envelope->relay_network));
	json_object_set_new(
	    object, "received", json_integer(envelope->received));
	return object;
}

static char *
get_text(const json_t *object, const char *member)
{
	return g_strdup(json_string_value(json_object_get(object, member)));
}

/* FALSE when a recipient is no string. */
static gboolean
get_recipients(const json_t *array, GPtrArray *recipients)
{
	size_t i;
	json_t *item;

	json_array_foreach((json_t *)array, i, item)
	{
		if (!json_is_string(item))
			return FALSE;
		g_ptr_array_add(recipients, g_strdup(json_string_value(item)));
	}
	return json_is_array(array);
}

struct envelope *
envelope_from_json(const json_t *object, GError **error)
{
	struct envelope *envelope = envelope_new();

	g_free(envelope->sender);
	envelope->sender = get_text(object, "sender");
	if (envelope->sender == NULL ||
	    !get_recipients(
		json_object_get(object, "recipients"), envelope->recipients) ||
	    !json_is_integer(json_object_get(object, "received"))) {
		err_set(error, DG_ERROR_BAD,
		    "an envelope needs sender, recipients and received");
		envelope_free(&envelope);
		return NULL;
	}
	envelope->client_address = get_text(object, "client_address");
	envelope->client_name = get_text(object, "client_name");
	envelope->helo = get_text(object, "helo");
	envelope->queue_id = get_text(object, "queue_id");
	envelope->mta_name = get_text(object, "mta_name");
	envelope->authenticated = get_text(object, "authenticated");
	envelope->own_network =
	    json_is_true(json_object_get(object, "own_network"));
	envelope->relay_network =
	    json_is_true(json_object_get(object, "relay_network"));
	envelope->received =
	    json_integer_value(json_object_get(object, "received"));
	return envelope;
}
