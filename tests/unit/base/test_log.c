/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each case logs in a child whose standard error is a pipe to us. */
#include "lib/base/log.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"

#define PLAIN \
	{ \
		.program = "deskgate-test", .level = LOG_LEVEL_INFO, \
		.addresses = LOG_ADDRESSES_NONE \
	}

/* What the child wrote; the caller frees it. */
static char *
logged(const struct log_settings *settings, void (*act)(void))
{
	g_autoptr(GBytes) bytes = NULL;
	int ends[2], status;
	pid_t child;

	g_assert_cmpint(pipe(ends), ==, 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		/* GTest's own way with warnings is not what is tested. */
		g_log_set_default_handler(g_log_default_handler, NULL);
		g_log_set_always_fatal(G_LOG_FATAL_MASK);
		log_install(settings);
		act();
		_exit(0);
	}
	close(ends[1]);
	bytes = file_read_fd(ends[0], 1 << 24, NULL);
	close(ends[0]);
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_cmpint(status, ==, 0);
	return g_strndup(
	    g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

/* The text after "TIME PROGRAM[PID]: ", whose form is asserted. */
static void
assert_logged(
    const struct log_settings *settings, void (*act)(void), const char *want)
{
	g_autofree char *text = logged(settings, act);
	g_autoptr(GRegex) head = g_regex_new("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:"
					     "\\d\\d:\\d\\dZ deskgate-test"
					     "\\[\\d+\\]: ",
	    G_REGEX_MULTILINE, 0, NULL);
	g_autofree char *got =
	    g_regex_replace_literal(head, text, -1, 0, "> ", 0, NULL);

	g_assert_cmpstr(got, ==, want);
}

static void
act_values(void)
{
	log_event(LOG_LEVEL_INFO, "message", "id", "4f", "left-out", NULL,
	    "empty", "", "blank", "a b", "quote", "say \"hi\" \\ x", "equals",
	    "a=b", NULL);
	log_event(LOG_LEVEL_ERROR, "bare", NULL);
}

static void
test_values(void)
{
	const struct log_settings settings = PLAIN;

	assert_logged(&settings, act_values,
	    "> info: message id=4f empty=\"\" blank=\"a b\""
	    " quote=\"say \\\"hi\\\" \\\\ x\" equals=\"a=b\"\n"
	    "> error: bare\n");
}

static void
act_levels(void)
{
	log_event(LOG_LEVEL_DEBUG, "d", NULL);
	log_event(LOG_LEVEL_INFO, "i", NULL);
	log_event(LOG_LEVEL_WARN, "w", NULL);
	log_event(LOG_LEVEL_ERROR, "e", NULL);
}

static void
test_levels(void)
{
	struct log_settings settings = PLAIN;

	settings.level = LOG_LEVEL_WARN;
	assert_logged(&settings, act_levels, "> warn: w\n> error: e\n");
	settings.level = LOG_LEVEL_DEBUG;
	assert_logged(&settings, act_levels,
	    "> debug: d\n> info: i\n> warn: w\n> error: e\n");
}

/* One event is one line, whatever is in it. */
static void
act_forged(void)
{
	g_autofree char *big = g_strnfill(5000, 'x');

	log_event(LOG_LEVEL_INFO, "forged", "a", "x\nerror: forged", "b",
	    "\r\x1b[2J", "c",
	    "\xe2\x80\xae"
	    "exe",
	    "d", "\xff\xc3", NULL);
	log_event(LOG_LEVEL_INFO, "big", "a", big, NULL);
}

static void
test_forged(void)
{
	const struct log_settings settings = PLAIN;
	g_autofree char *big = g_strnfill(1024, 'x');
	g_autofree char *want = g_strdup_printf(
	    "> info: forged a=\"x\\\\x0aerror: forged\" b=\\x0d\\x1b[2J"
	    " c=\\xe2\\x80\\xaeexe d=\\xff\\xc3\n> info: big a=%s\n",
	    big);

	assert_logged(&settings, act_forged, want);
}

static void
act_address(void)
{
	log_event(LOG_LEVEL_INFO, "m", "@sender", "anna@example.com", "@rcpt",
	    "", NULL);
	log_event(LOG_LEVEL_INFO, "m", "@sender", "anna@example.com", NULL);
	log_event(LOG_LEVEL_INFO, "m", "@sender", "bob@example.com", NULL);
}

static void
test_addresses(void)
{
	struct log_settings settings = PLAIN;
	g_autofree char *hashed = NULL, *other = NULL;
	g_auto(GStrv) lines = NULL;

	assert_logged(&settings, act_address,
	    "> info: m sender=- rcpt=-\n> info: m sender=-\n"
	    "> info: m sender=-\n");
	settings.addresses = LOG_ADDRESSES_FULL;
	assert_logged(&settings, act_address,
	    "> info: m sender=anna@example.com rcpt=\"\"\n"
	    "> info: m sender=anna@example.com\n"
	    "> info: m sender=bob@example.com\n");
	settings.addresses = LOG_ADDRESSES_HASH;
	hashed = logged(&settings, act_address);
	g_assert_null(strstr(hashed, "anna"));
	g_assert_null(strstr(hashed, "example"));
	lines = g_strsplit(hashed, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 4);
	g_assert_nonnull(strstr(lines[1], " sender=h:"));
	g_assert_true(g_str_has_prefix(
	    strstr(lines[0], " sender="), strstr(lines[1], " sender=")));
	g_assert_cmpstr(
	    strstr(lines[1], " sender="), !=, strstr(lines[2], " sender="));
	/* Another installation's key makes other hashes. */
	settings.address_key[0] = 1;
	other = logged(&settings, act_address);
	g_assert_null(strstr(other, strstr(lines[1], "h:")));
}

static void
act_json(void)
{
	g_autoptr(GError) error = NULL;

	log_event(LOG_LEVEL_WARN, "message", "id", "4f", "text",
	    "a \"b\"\n\xff", "@sender", "anna@example.com", "none", NULL, NULL);
	err_set(&error, DG_ERROR_AGAIN, "desk: %s", "down");
	log_error(LOG_LEVEL_ERROR, error, "deliver", "id", "5", NULL);
	log_error(LOG_LEVEL_ERROR, NULL, "no-error", NULL);
}

static void
assert_member(const char *line, const char *name, const char *want)
{
	json_t *object = json_loads(line, 0, NULL);

	g_assert_cmpstr(
	    json_string_value(json_object_get(object, name)), ==, want);
	json_decref(object);
}

static void
test_json(void)
{
	struct log_settings settings = PLAIN;
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	settings.format = LOG_FORMAT_JSON;
	text = logged(&settings, act_json);
	lines = g_strsplit(text, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 4);
	assert_member(lines[0], "program", "deskgate-test");
	assert_member(lines[0], "level", "warn");
	assert_member(lines[0], "event", "message");
	assert_member(lines[0], "id", "4f");
	assert_member(lines[0], "text", "a \"b\"\\x0a\\xff");
	assert_member(lines[0], "sender", "-");
	assert_member(lines[0], "@sender", NULL);
	assert_member(lines[0], "none", NULL);
	assert_member(lines[1], "error", "again");
	assert_member(lines[1], "text", "desk: down");
	assert_member(lines[1], "id", "5");
	assert_member(lines[2], "event", "no-error");
}

/* GLib's own and libraries' messages come out as lines of ours. */
static void
act_library(void)
{
	g_message("a\nb");
	g_warning("careful");
	g_debug("not shown");
}

static void
test_library(void)
{
	const struct log_settings settings = PLAIN;

	assert_logged(
	    &settings, act_library, "> info: a\\x0ab\n> warn: careful\n");
}

static void
act_errno(void)
{
	errno = ENOSPC;
	log_event(LOG_LEVEL_INFO, "a", NULL);
	if (errno != ENOSPC)
		_exit(1);
	log_error(LOG_LEVEL_INFO, NULL, "b", NULL);
	if (errno != ENOSPC)
		_exit(2);
}

static void
test_errno(void)
{
	const struct log_settings settings = PLAIN;
	g_autofree char *text = logged(&settings, act_errno);

	g_assert_nonnull(strstr(text, ": b\n"));
}

static void *
log_often(void *letter)
{
	g_autofree char *value = g_strnfill(500, *(char *)letter);

	for (guint i = 0; i < 200; i++)
		log_event(LOG_LEVEL_INFO, "t", "v", value, NULL);
	return NULL;
}

static void
act_threads(void)
{
	static char letters[] = "abcd";
	pthread_t threads[4];

	for (guint i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, log_often, &letters[i]) !=
		    0)
			_exit(1);
	for (guint i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

/* Lines of several threads never run into each other. */
static void
test_threads(void)
{
	const struct log_settings settings = PLAIN;
	g_autofree char *text = logged(&settings, act_threads);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint good = 0;

	g_assert_cmpuint(g_strv_length(lines), ==, 801);
	for (guint i = 0; i < 800; i++) {
		const char *value = strstr(lines[i], ": info: t v=");

		if (value == NULL)
			continue;
		value += strlen(": info: t v=");
		good += strlen(value) == 500 && value[0] == value[499];
	}
	g_assert_cmpuint(good, ==, 800);
}

static void
test_neuter(void)
{
	static const struct {
		const char *text;
		gsize max;
		const char *want;
	} cases[] = {
		{ "", 10, "" },
		{ "grün 😀", 20, "grün 😀" },
		{ "\n\r\t\x1b\x7f", 50, "\\x0a\\x0d\\x09\\x1b\\x7f" },
		{ "\xc2\x85\xc2\x9b", 50, "\\xc2\\x85\\xc2\\x9b" },
		{ "\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa9", 99,
		    "\\xe2\\x80\\xa8\\xe2\\x80\\xae\\xe2\\x81\\xa9" },
		{ "\xd8\x9c\xe2\x80\x8f", 99, "\\xd8\\x9c\\xe2\\x80\\x8f" },
		{ "a\xff\xc0\xaf\xed\xa0\x80", 99,
		    "a\\xff\\xc0\\xaf\\xed\\xa0\\x80" },
		{ "abc", 2, "ab" },
		{ "aü", 2, "a" },
		{ "a\n", 4, "a" },
		{ "abc", 0, "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = log_neuter(cases[i].text, cases[i].max);

		g_assert_cmpstr(got, ==, cases[i].want);
	}
}

static void
test_neuter_json(void)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "{\"a\":\"gr\xc3\xbcn \\u001b\"}\n",
		    "{\"a\":\"gr\xc3\xbcn \\u001b\"}\n" },
		{ "\"\x7f\xc2\x9b\"", "\"\\u007f\\u009b\"" },
		{ "\"\xe2\x80\xae\xe2\x81\xa6\xf0\x9f\x98\x80\"",
		    "\"\\u202e\\u2066\xf0\x9f\x98\x80\"" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = log_neuter_json(cases[i][0]);

		g_assert_cmpstr(got, ==, cases[i][1]);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/base/log/values", test_values);
	g_test_add_func("/base/log/levels", test_levels);
	g_test_add_func("/base/log/forged", test_forged);
	g_test_add_func("/base/log/addresses", test_addresses);
	g_test_add_func("/base/log/json", test_json);
	g_test_add_func("/base/log/library", test_library);
	g_test_add_func("/base/log/errno", test_errno);
	g_test_add_func("/base/log/threads", test_threads);
	g_test_add_func("/base/log/neuter", test_neuter);
	g_test_add_func("/base/log/neuter-json", test_neuter_json);
	return g_test_run();
}
