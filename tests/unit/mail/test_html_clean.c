/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTML made harmless: what stays, what goes, and what it costs.
 */
#include "lib/mail/html_clean.h"

#include <string.h>

#include "lib/base/owned.h"

#define REL " rel=\"noopener noreferrer nofollow\""

static struct html_clean *
clean_text(const char *source)
{
	g_autoptr(GPtrArray) known = g_ptr_array_new();

	g_ptr_array_add(known, (gpointer) "pic@example.org");
	return html_clean_read(
	    source, strlen(source), known, &html_clean_limits_default);
}

struct clean_case {
	const char *name, *source, *want; /* within the frame */
};

static void
test_case(gconstpointer data)
{
	const struct clean_case *one = data;
	struct html_clean *clean OWNED(html_clean_free) =
	    clean_text(one->source);
	struct html_clean *again OWNED(html_clean_free) =
	    clean_text(clean->html);
	g_autofree char *want =
	    g_strdup_printf("<div class=\"mail\">%s</div>", one->want);

	g_assert_cmpstr(clean->html, ==, want);
	g_assert_cmpstr(again->html, ==, want);
	g_assert_false(clean->cut);
}

static const struct clean_case cases[] = {
	{ "text", "Hello & <b>you</b>", "<p>Hello &amp; <b>you</b></p>" },
	{ "empty", "", "" },
	{ "document",
	    "<!DOCTYPE html><html><head><title>T</title><style>p{}</style>"
	    "</head><body><p>a</p></body></html>",
	    "<p>a</p>" },
	{ "script", "<p>a<script>alert(1)</script>b</p>", "<p>ab</p>" },
	{ "script in pieces", "<p><scr<script>ipt>alert(1)</script></p>",
	    "<p>ipt&gt;alert(1)</p>" },
	{ "script unclosed", "<p>a</p><script>alert(1)", "<p>a</p>" },
	{ "handlers", "<p onclick=\"x()\" onmouseover=y>a</p>", "<p>a</p>" },
	{ "style", "<p style=\"background:url(http://example.org/x)\">a</p>",
	    "<p>a</p>" },
	{ "form",
	    "<form action=\"http://example.org/\"><p>Name <input name=n>"
	    "<button>Go</button></p></form>",
	    "<p>Name Go</p>" },
	{ "frames", "<p>a</p><iframe src=\"http://example.org/\">x</iframe>",
	    "<p>a</p>" },
	{ "vector", "<p>a</p><svg onload=alert(1)><text>b</text></svg>",
	    "<p>a</p>" },
	{ "comment", "<p>a<!-- [if mso]><b>x</b><![endif] -->b</p>",
	    "<p>ab</p>" },
	{ "link", "<p><a href=\"https://example.org/?a=1&amp;b=2\">x</a></p>",
	    "<p><a href=\"https://example.org/?a=1&amp;b=2\"" REL
	    ">x</a></p>" },
	{ "link of a script", "<p><a href=\"javascript:alert(1)\">x</a></p>",
	    "<p>x</p>" },
	{ "link of a script, hidden",
	    "<p><a href=\" java\nscript:alert(1)\">x</a>"
	    "<a href=\"&#106;avascript:alert(1)\">y</a></p>",
	    "<p>xy</p>" },
	{ "link with blanks",
	    "<p><a href=\" http://example.org/a b\">x</a></p>",
	    "<p><a href=\"http://example.org/a%20b\"" REL ">x</a></p>" },
	{ "link of data",
	    "<p><a href=\"data:text/html,<script>x</script>\">x</a></p>",
	    "<p>x</p>" },
	{ "link without a scheme", "<p><a href=\"//example.org/\">x</a></p>",
	    "<p>x</p>" },
	{ "image of the mail",
	    "<p><img src=\"cid:pic@example.org\" alt=\"A \"\" width=10 "
	    "onerror=x></p>",
	    "<p><img src=\"cid:pic@example.org\" alt=\"A \" "
	    "width=\"10\"></p>" },
	{ "image of the mail, encoded",
	    "<p><img src=\"CID:pic%40example.org\"></p>",
	    "<p><img src=\"cid:pic@example.org\" alt=\"\"></p>" },
	{ "image that is not there",
	    "<p><img src=\"cid:none@example.org\" alt=\"A\"></p>",
	    "<p>[image: A]</p>" },
	{ "image from afar",
	    "<p><img src=\"http://example.org/p.gif\" alt=\"<A>\"></p>",
	    "<p><a href=\"http://example.org/p.gif\"" REL
	    ">[image: &lt;A&gt;]</a></p>" },
	{ "image from afar in a link",
	    "<p><a href=\"http://example.org/\"><img "
	    "src=\"http://example.org/p.gif\"></a> b</p>",
	    "<p><a href=\"http://example.org/\"" REL
	    ">[image]</a> <a href=\"http://example.org/p.gif\"" REL
	    ">[image]</a> b</p>" },
	{ "image of data", "<p>a<img src=\"data:image/png;base64,AAAA\"></p>",
	    "<p>a</p>" },
	{ "table",
	    "<table border=1 cellpadding=\"x\" width=100% background=\"http://"
	    "example.org/\"><tr><td bgcolor=#ffffff>a</td></tr></table>",
	    "<table border=\"1\" width=\"100%\"><tr><td bgcolor=\"#ffffff\">a"
	    "</td></tr></table>" },
	{ "block in a paragraph", "<p><x-y><div>a</div></x-y>b</p>",
	    "<p></p><div>a</div>b" },
	{ "unclosed", "<div><b>a", "<div><b>a</b></div>" },
	{ "end without a start", "</b></div></script>a", "<p>a</p>" },
	{ "entities", "<p>&lt;script&gt;&#60;b&#62;&quot;&nbsp;</p>",
	    "<p>&lt;script&gt;&lt;b&gt;&#34;\xc2\xa0</p>" },
	{ "meta and base",
	    "<meta http-equiv=refresh content=\"0;url=http://example.org/\">"
	    "<base href=\"http://example.org/\"><p>a</p>",
	    "<p>a</p>" },
	{ "a frame of theirs", "<div class=\"mail\"><p>a</p></div><p>b</p>",
	    "<p>a</p><p>b</p>" },
};

static void
test_images(void)
{
	struct html_clean *clean OWNED(html_clean_free) =
	    clean_text("<img src=\"cid:pic@example.org\"><img "
		       "src=\"cid:pic@example.org\"><img src=\"cid:no@x\">");

	g_assert_cmpuint(clean->images->len, ==, 1);
	g_assert_cmpstr(clean->images->pdata[0], ==, "pic@example.org");
}

static guint
count(const char *text, const char *what)
{
	guint found = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		found++;
	return found;
}

static void
test_limits(void)
{
	static const struct html_clean_limits limits = { 2000, 3, 20, 4 };
	g_autoptr(GString) many = g_string_new(NULL);
	struct html_clean *clean OWNED(html_clean_free) = NULL;

	for (guint i = 0; i < 10; i++)
		g_string_append(many, "<a href=\"http://example.org/\">x</a> ");
	clean = html_clean_read(many->str, many->len, NULL, &limits);
	g_assert_cmpuint(count(clean->html, "<a "), ==, 3);
	g_assert_cmpuint(count(clean->html, "x"), ==, 10 + 3);
	g_assert_false(clean->cut);
	html_clean_free(&clean);

	g_string_assign(many, "");
	for (guint i = 0; i < 10; i++)
		g_string_append(many, "<div>y");
	clean = html_clean_read(many->str, many->len, NULL, &limits);
	g_assert_cmpuint(count(clean->html, "<div>"), ==, 4);
	g_assert_cmpuint(count(clean->html, "y"), ==, 10);
	html_clean_free(&clean);

	g_string_assign(many, "");
	for (guint i = 0; i < 500; i++)
		g_string_append(many, "<p>0123456789</p>");
	clean = html_clean_read(many->str, many->len, NULL, &limits);
	g_assert_true(clean->cut);
	g_assert_cmpuint(strlen(clean->html), <, 2200);
	g_assert_cmpuint(count(clean->html, "<p>"), <=, 21);
}

/* Sources that made parsers quadratic; a test that takes minutes fails. */
static void
test_time(void)
{
	static const struct {
		const char *head, *piece;
		guint times;
	} hostile[] = {
		{ "", "<div>", 200000 },
		{ "", "<a href=\"http://example.org/\">", 50000 },
		{ "<p ", "a=b ", 100000 },
		{ "", "</p>", 200000 },
		{ "", "<table><tr><td>", 50000 },
		{ "", "&amp;", 200000 },
		{ "", "<!--", 200000 },
		{ "", "<", 500000 },
		{ "", "<b><p>", 100000 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(hostile); i++) {
		g_autoptr(GString) source = g_string_new(hostile[i].head);
		struct html_clean *clean OWNED(html_clean_free) = NULL;
		gint64 before = g_get_monotonic_time();

		for (guint n = 0; n < hostile[i].times; n++)
			g_string_append(source, hostile[i].piece);
		clean = html_clean_read(
		    source->str, source->len, NULL, &html_clean_limits_default);
		g_test_message("%s: %.0f ms", hostile[i].piece,
		    (g_get_monotonic_time() - before) / 1000.0);
		g_assert_cmpint(
		    g_get_monotonic_time() - before, <, 20 * G_USEC_PER_SEC);
		g_assert_true(g_str_has_suffix(clean->html, "</div>"));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path =
		    g_strdup_printf("/html-clean/%s", cases[i].name);

		g_test_add_data_func(path, &cases[i], test_case);
	}
	g_test_add_func("/html-clean/images", test_images);
	g_test_add_func("/html-clean/limits", test_limits);
	g_test_add_func("/html-clean/time", test_time);
	return g_test_run();
}
