/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/mail/html.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/html_scan.h"

static struct html *
read_all(const char *source)
{
	return html_read(source, strlen(source), &html_limits_default);
}

/* { source, text } */
static const char *const texts[][2] = {
	{ "", "" },
	{ "x", "x" },
	{ "<", "<" },
	{ "just text", "just text" },
	{ "<p>One</p><p>Two</p>", "One\n\nTwo" },
	{ "a<br>b<br><br>c<br><br><br><br>d", "a\nb\n\nc\n\nd" },
	{ "<div>a</div><div>b</div>", "a\nb" },
	{ "  many \n\t blanks  ", "many blanks" },
	{ "a&nbsp;&nbsp;b&#160;c", "a b c" },
	{ "<ul><li>one<li>two</ul>end", "- one\n- two\nend" },
	{ "<ol><li>one</li><li>two</li></ol>", "- one\n- two" },
	{ "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr>"
	  "</table>",
	    "a b\nc d" },
	{ "<pre>  two\n    four</pre>", "  two\n    four" },
	{ "<div>a<hr>b</div>", "a\n---\nb" },
	{ "<h1>Head</h1>body", "Head\n\nbody" },
	{ "one<b>word</b>ends", "onewordends" },
	{ "<a href=\"http://example.com/x\">here</a>, or there",
	    "here <http://example.com/x>, or there" },
	{ "<a href=\"http://example.com/x\">here </a>on",
	    "here <http://example.com/x> on" },
	{ "<a href=\"https://example.com/\">https://example.com</a>",
	    "https://example.com" },
	{ "<a href=\"https://example.com/\">example.com</a>", "example.com" },
	/* One letter of the target is not the target. */
	{ "<a href=\"http://example.com/a\">a</a>",
	    "a <http://example.com/a>" },
	{ "<a href=\"http://example.com/x\">http://example.org/x</a>",
	    "http://example.org/x <http://example.com/x>" },
	{ "<a href=\"mailto:joe@example.com\">Joe</a>", "Joe" },
	{ "<a href=\"javascript:x()\">Joe</a>", "Joe" },
	{ "<a href=\"http://example.com/\"><img src=\"x.png\" "
	  "alt=\"Logo\"></a>",
	    "[Logo] <http://example.com/>" },
	{ "<img alt=\"\" src=x>y", "y" },
	{ "<head><title>T</title><style>p{}</style></head><body>b", "b" },
	/* Words that are cut for machines are whole for people, and here. */
	{ "vi<!-- x -->ag<b></b>r<span style='color:red'></span>a", "viagra" },
	{ "vi<!-- > -->agra <!-->via<!-- --!>gra", "viagra viagra" },
	{ "vi<font size=1></font>a<x-y>g</x-y>ra", "viagra" },
	{ "&#118;&#x69;&#97;g&#114a", "viagra" },
	{ "<script>if (a<b) document.write('x')</script>b", "b" },
	{ "<style>a{b:c}</style>b", "b" },
	{ "<!-- no --><p>yes</p><!-- <p>no</p> -->", "yes" },
	{ "<!--[if mso]>no<![endif]-->yes", "yes" },
	{ "<p>Caf\xc3\xa9 &eacute; &#233; &#x1F600; &euro;",
	    "Caf\xc3\xa9 \xc3\xa9 \xc3\xa9 \xf0\x9f\x98\x80 \xe2\x82\xac" },
	{ "&unknown; &amp &#xFFFFFFFF; &#0;x", NULL },
	/* The source is UTF-8, whatever it says of itself. */
	{ "<meta http-equiv=Content-Type content=\"text/html; "
	  "charset=iso-8859-1\"><p>\xc3\xa9",
	    "\xc3\xa9" },
	{ "<?xml version=\"1.0\" encoding=\"koi8-r\"?><p>\xc3\xa9",
	    "\xc3\xa9" },
	{ "<blockquote>quoted</blockquote>answer", "quoted\n\nanswer" },
	{ "a < b and b > c", "a < b and b > c" },
	{ "<p>unclosed <b>bold", "unclosed bold" },
	{ "</p></b></html>after", "after" },
	{ "<font color=red>r</font><o:p></o:p>x", "rx" },
	{ "<textarea>t</textarea><select><option>o</select>", NULL },
	{ "<template><ul><li>no</ul></template>yes", "yes" },
	{ "<p>\xf0\x9f\x98\x80</p>", "\xf0\x9f\x98\x80" },
};

static void
test_texts(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct html *html OWNED(html_free) = read_all(texts[i][0]);

		g_test_message("%s", texts[i][0]);
		g_assert_true(g_utf8_validate(html->text, -1, NULL));
		if (texts[i][1] != NULL)
			g_assert_cmpstr(html->text, ==, texts[i][1]);
	}
}

/* Comments end where browsers end them: { source, text }. */
static void
test_comments(void)
{
	static const char *const cases[][2] = {
		{ "<!-->seen<!-- no -->", "seen" },
		{ "<!--->seen<!-- no -->", "seen" },
		{ "via<!-->gra", "viagra" },
		{ "<!-- no --!>seen<!-- no -->", "seen" },
		{ "<!-- no --!>seen", "seen" },
		{ "<!-- no -- > no -->seen", "seen" },
		{ "<!-- <!-->seen", "seen" },
		/* What programs write for Outlook is no trick. */
		{ "<!--[if !mso]><!-->seen<!--<![endif]-->", "seen" },
		{ "<!--[if mso]>no<![endif]-->seen", "seen" },
		{ "seen<!-- no", "seen" },
		{ "seen<!--", "seen" },
		{ "seen<!--->", "seen" },
		{ "seen<!-->", "seen" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct html *html OWNED(html_free) = read_all(cases[i][0]);

		g_test_message("%s", cases[i][0]);
		g_assert_cmpstr(html->text, ==, cases[i][1]);
	}
	g_assert_null(html_scan_comments("a<!-- b -->", 11));
}

static void
test_links_and_tags(void)
{
	struct html *html OWNED(html_free) =
	    read_all("<body background='b.png'><a href='http://example.com/'>x"
		     "</a><form action='http://example.net/f'><img src='cid:1'>"
		     "<area href='http://example.org/'>");
	static const char *const want[] = { "b.png", "http://example.com/",
		"http://example.net/f", "cid:1", "http://example.org/" };

	g_assert_cmpuint(html->links->len, ==, G_N_ELEMENTS(want));
	for (gsize i = 0; i < MIN(html->links->len, G_N_ELEMENTS(want)); i++)
		g_assert_cmpstr(html->links->pdata[i], ==, want[i]);
	g_assert_cmpstr(html->tags->str, ==, "html body a form img area");
}

static void
test_hidden(void)
{
	static const struct {
		const char *style;
		gboolean hides;
	} cases[] = {
		{ "display:none", TRUE },
		{ " DISPLAY : None ;", TRUE },
		{ "color:red; display:none !important", TRUE },
		{ "display:block", FALSE },
		{ "visibility:hidden", TRUE },
		{ "font-size:0", TRUE },
		{ "font-size:0px;color:red", TRUE },
		{ "font-size: 1px", TRUE },
		{ "font-size:0.9em", FALSE },
		{ "font-size:1em", FALSE },
		{ "font-size:10px", FALSE },
		{ "font-size:small", FALSE },
		{ "line-font-size:0", FALSE },
		{ "max-height:0", TRUE },
		{ "max-height:0.5em", FALSE },
		{ "opacity:0", TRUE },
		{ "opacity:0.00", TRUE },
		{ "opacity:0.9", FALSE },
		{ "opacity:1", FALSE },
		{ "fill-opacity:0", FALSE },
		{ "mso-hide:all", TRUE },
		{ "", FALSE },
		{ ";;:;a", FALSE },
		{ "display", FALSE },
		{ "display:", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *source = g_strdup_printf(
		    "<p><span style='%s'>secret</span> seen", cases[i].style);
		struct html *html OWNED(html_free) = read_all(source);

		g_test_message("%s", cases[i].style);
		g_assert_cmpint(
		    html_style_hides(cases[i].style), ==, cases[i].hides);
		g_assert_cmpuint(html->hidden, ==, cases[i].hides ? 6 : 0);
	}
	g_assert_false(html_style_hides(NULL));
}

static char *
repeat(const char *head, const char *unit, guint n, const char *tail)
{
	GString *text = g_string_new(head);

	for (guint i = 0; i < n; i++)
		g_string_append(text, unit);
	g_string_append(text, tail);
	return g_string_free(text, FALSE);
}

/* Behind a ceiling, structure is lost, text and links are not. */
static void
test_ceilings(void)
{
	static const char tail[] = "<p>the <b>last</b> words &amp; more <a "
				   "href=\"http://example.com/\">"
				   "x</a><script>no</script><!-- no -->end";
	static const struct {
		const char *unit;
		guint n;
	} cases[] = {
		{ "<b>", 2000 },       /* depth */
		{ "<p>x</p>", 60000 }, /* tags */
		{ "<b><i></b>", 60000 },
		{ "<table><tr><td>", 3000 },
		{ "<div/>", 60000 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *source =
		    repeat("", cases[i].unit, cases[i].n, tail);
		struct html *html OWNED(html_free) = read_all(source);

		g_test_message("%s", cases[i].unit);
		g_assert_nonnull(strstr(html->text, "words & more"));
		g_assert_true(g_str_has_suffix(html->text, "end"));
		g_assert_null(strstr(html->text, "no"));
		g_assert_cmpuint(html->links->len, ==, 1);
	}
}

static void
test_limits(void)
{
	static const struct html_limits limits = { 100, 10000, 2, 50000, 500 };
	g_autofree char *links =
	    repeat("", "<a href='http://example.com/'>word word</a> ", 50, "");
	struct html *html OWNED(html_free) =
	    html_read(links, strlen(links), &limits);

	g_assert_cmpuint(html->links->len, ==, 2);
	/* At most one piece of text and one link stand over the ceiling. */
	g_assert_cmpuint(strlen(html->text), <, 200);
}

/* Each was seconds or minutes once. */
static void
test_hostile(void)
{
	static const struct {
		const char *head, *unit;
		guint n;
	} cases[] = {
		{ "", "<", 1 << 20 },
		{ "", "&", 1 << 20 },
		{ "", "<b></i>", 150000 },
		{ "", "<!--", 260000 },
		{ "", "<?a ", 260000 },
		{ "", "<a href=\"", 110000 },
		{ "<a ", "a=b ", 250000 },
		{ "", "<script>", 130000 },
		{ "", "<a a='<a a=\"", 90000 },
		{ "", "</b>", 260000 },
		{ "", "<a/", 300000 },
		{ "", "<a =", 260000 },
		{ "", "</script", 130000 },
	};
	g_autoptr(GString) names = g_string_new("<a");
	gint64 start = g_get_monotonic_time();

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *source =
		    repeat(cases[i].head, cases[i].unit, cases[i].n, "");
		struct html *html OWNED(html_free) = NULL;
		gint64 before = g_get_monotonic_time();

		html = read_all(source);
		g_test_message("%s: %d ms", cases[i].unit,
		    (int)((g_get_monotonic_time() - before) / 1000));
		g_assert_nonnull(html->text);
	}
	for (guint i = 0; i < 60000; i++)
		g_string_append_printf(names, " a%u=b", i);
	g_string_append(names, ">seen");
	{
		struct html *html OWNED(html_free) = read_all(names->str);

		g_assert_cmpstr(html->text, ==, "seen");
	}
	/* 20 s and more before; a slow machine under sanitizers takes 2. */
	g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
}

/* A tag hidden from the count by a quote that is none is counted all the same.
 */
static void
test_sane(void)
{
	g_autofree char *attributes = repeat("", "a=b ", 1000, "");
	static const char *const heads[] = { "<a ", "<!-- <a x=\" --><a ",
		"<a x='\">' ", "<b y=\">\" ", "<script>'<a x=\"'</script><p " };

	for (gsize i = 0; i < G_N_ELEMENTS(heads); i++) {
		g_autofree char *source =
		    g_strconcat("ok<p>", heads[i], attributes, ">t", NULL);
		gsize sane = html_scan_sane(source, strlen(source));

		g_test_message("%s", heads[i]);
		g_assert_cmpuint(sane, <, 5 + strlen(heads[i]));
	}
	g_assert_cmpuint(html_scan_sane("<a b=c>d", 8), ==, 8);
}

/* What is quoted, as text; "" where the page has no mark. */
static const struct {
	const char *source, *marked;
	enum html_mark_kind kind;
} marked[] = {
	{ "a<blockquote type=CITE>b <b>c</b></blockquote>d", "b c",
	    HTML_MARK_QUOTE },
	{ "a<blockquote type=cite>b<blockquote type=cite>c</blockquote>d"
	  "</blockquote>e",
	    "b\n\nc\n\nd", HTML_MARK_QUOTE },
	{ "a<blockquote>b</blockquote>", "", HTML_MARK_QUOTE },
	{ "a<div class=\"x gmail_attr\">b</div>c", "b", HTML_MARK_INTRO },
	{ "a<div class=gmail_attrs>b</div>c", "", HTML_MARK_INTRO },
	{ "a<p>b<div id=x_divRplyFwdMsg>c</div>d", "c\nd", HTML_MARK_REST },
	{ "a<div style=\"border:none;border-top:solid #B5C4DF 1.0pt;"
	  "padding:3.0pt 0in 0in 0in\">b</div>c",
	    "b\nc", HTML_MARK_REST },
};

static void
test_marks(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(marked); i++) {
		struct html *html OWNED(html_free) = read_all(marked[i].source);
		const struct html_mark *mark;
		g_autofree char *text = NULL;

		g_test_message("%s", marked[i].source);
		g_assert_cmpint(
		    html->marks != NULL, ==, *marked[i].marked != 0);
		if (html->marks == NULL)
			continue;
		g_assert_cmpuint(html->marks->len, ==, 1);
		mark = &g_array_index(html->marks, struct html_mark, 0);
		text = g_strstrip(g_strndup(html->text + mark->from,
		    MIN(mark->to, strlen(html->text)) - mark->from));
		g_assert_cmpstr(text, ==, marked[i].marked);
		g_assert_cmpint(mark->kind, ==, marked[i].kind);
	}
}

/* Behind the bytes whose structure is read there is still text, and links. */
static void
test_source(void)
{
	static const char source[] =
	    "<p>first <a href=\"http://one.example/\">one</a></p>"
	    "<style>silent</style><h1>then</h1><script>silent</script>"
	    "<p>last <a href=\"http://two.example/\">two</a></p>";
	struct html_limits limits = html_limits_default;
	struct html *html;

	limits.source_bytes = 30;
	html = html_read(source, strlen(source), &limits);
	g_assert_true(g_str_has_prefix(html->tags->str, "html body p"));
	g_assert_null(strstr(html->tags->str, "h1"));
	g_assert_nonnull(strstr(html->text, "first"));
	g_assert_nonnull(strstr(html->text, "then"));
	g_assert_nonnull(strstr(html->text, "last"));
	g_assert_null(strstr(html->text, "silent"));
	g_assert_cmpuint(html->links->len, ==, 2);
	g_assert_cmpstr(html->links->pdata[1], ==, "http://two.example/");
	html_free(&html);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/html/texts", test_texts);
	g_test_add_func("/html/comments", test_comments);
	g_test_add_func("/html/links-and-tags", test_links_and_tags);
	g_test_add_func("/html/hidden", test_hidden);
	g_test_add_func("/html/marks", test_marks);
	g_test_add_func("/html/ceilings", test_ceilings);
	g_test_add_func("/html/limits", test_limits);
	g_test_add_func("/html/source", test_source);
	g_test_add_func("/html/hostile", test_hostile);
	g_test_add_func("/html/sane", test_sane);
	return g_test_run();
}
