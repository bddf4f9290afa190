/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drawing of an evaluation: see plot.h. */
#include "classifier/plot.h"

#include <math.h>

#define WIDTH 1080
#define HALF_WIDTH 540
#define HEIGHT 520
#define PANEL 400 /* both sides of a panel's square */
#define TOP 60
#define LEFT 90
#define RIGHT_PANEL 620
/* Shares that the axes span, and the least error that the curve shows. */
#define LEAST 0.0001
#define MOST 0.5
#define ERROR_LEAST 0.0005

#define INK "#222222"
#define FAINT "#dddddd"
#define LINE "#1f5fa8"
#define SECOND "#b06a00"
#define MARK "#b3261e"

/* One square with axes; shares become places in it. */
struct panel {
	GString *out;
	double left, top;
};

/* Numbers without the locale's comma. */
static const char *
number(double value, char *buffer)
{
	return g_ascii_formatd(buffer, 32, "%.2f", value);
}

static void
line(struct panel *panel, double x1, double y1, double x2, double y2,
    const char *colour)
{
	char a[32], b[32], c[32], d[32];

	g_string_append_printf(panel->out,
	    "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke=\"%s\"/>\n",
	    number(panel->left + x1, a), number(panel->top + y1, b),
	    number(panel->left + x2, c), number(panel->top + y2, d), colour);
}

static void
text(struct panel *panel, double x, double y, const char *anchor,
    const char *words)
{
	char a[32], b[32];

	g_string_append_printf(panel->out,
	    "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n",
	    number(panel->left + x, a), number(panel->top + y, b), anchor,
	    words);
}

/* Along the left axis. */
static void
side_text(struct panel *panel, double x, const char *words)
{
	char a[32], b[32];

	number(panel->left + x, a);
	number(panel->top + PANEL / 2.0, b);
	g_string_append_printf(panel->out,
	    "<text x=\"%s\" y=\"%s\" text-anchor=\"middle\" "
	    "transform=\"rotate(-90 %s %s)\">%s</text>\n",
	    a, b, a, b, words);
}

static void
dot(struct panel *panel, double x, double y, const char *fill)
{
	char a[32], b[32];

	g_string_append_printf(panel->out,
	    "<circle cx=\"%s\" cy=\"%s\" r=\"4\" fill=\"%s\" stroke=\"%s\" "
	    "stroke-width=\"1.5\"/>\n",
	    number(panel->left + x, a), number(panel->top + y, b), fill, MARK);
}

static void
path_begin(struct panel *panel, const char *colour)
{
	g_string_append_printf(panel->out,
	    "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" "
	    "stroke-linejoin=\"round\" points=\"",
	    colour);
}

static void
path_point(struct panel *panel, double x, double y)
{
	char a[32], b[32];

	g_string_append_printf(panel->out, "%s,%s ", number(panel->left + x, a),
	    number(panel->top + y, b));
}

static void
path_end(struct panel *panel)
{
	g_string_append(panel->out, "\"/>\n");
}

/* --- the ROC --- */

static double
logit(double share)
{
	return log(share / (1 - share));
}

/* A share's place on a logit axis, 0 at LEAST and PANEL at MOST. */
static double
logit_place(double share)
{
	double value = fmin(fmax(share, LEAST), MOST);

	return PANEL * (logit(value) - logit(LEAST)) /
	       (logit(MOST) - logit(LEAST));
}

static void
roc_axes(struct panel *panel)
{
	static const struct {
		double share;
		const char *label;
	} ticks[] = { { 0.0001, ".01" }, { 0.001, ".10" }, { 0.01, "1" },
		{ 0.1, "10" }, { 0.5, "50" } };

	for (gsize i = 0; i < G_N_ELEMENTS(ticks); i++) {
		double at = logit_place(ticks[i].share);

		line(panel, at, 0, at, PANEL, FAINT);
		line(panel, 0, at, PANEL, at, FAINT);
		text(panel, at, PANEL + 20, "middle", ticks[i].label);
		text(panel, -8, at + 4, "end", ticks[i].label);
	}
	line(panel, 0, PANEL, PANEL, PANEL, INK);
	line(panel, 0, 0, 0, PANEL, INK);
	text(panel, PANEL / 2.0, PANEL + 45, "middle",
	    "ham called spam, % (logit scale)");
	side_text(panel, -50, "spam missed, % (logit scale)");
}

/* A threshold in force, and what it is called. */
static void
roc_mark(struct panel *panel, double ham, double spam, const char *fill,
    const char *words)
{
	double x = logit_place(ham), y = logit_place(spam);
	gboolean outside = x > PANEL - 120;

	dot(panel, x, y, fill);
	text(panel, outside ? x - 9 : x + 9, y + 16, outside ? "end" : "start",
	    words);
}

static void
draw_roc(struct panel *panel, const struct figures_result *results, guint n,
    const struct figures *figures)
{
	g_autoptr(GArray) points = figures_roc(results, n);
	g_autofree char *title =
	    g_strdup_printf("ROC: (1-ROCA) %.4f %%, h=.1 %% %.2f %%",
		figures->roca, figures->h01);

	text(panel, PANEL / 2.0, -20, "middle", title);
	roc_axes(panel);
	path_begin(panel, LINE);
	for (guint i = 0; i < points->len; i++) {
		const struct figures_point *point =
		    &g_array_index(points, struct figures_point, i);

		/* A step: ham first rises, then spam falls. */
		if (i > 0)
			path_point(panel, logit_place(point->ham),
			    logit_place(point[-1].spam));
		path_point(
		    panel, logit_place(point->ham), logit_place(point->spam));
	}
	path_end(panel);
	if (figures->ham == 0 || figures->spam == 0)
		return;
	roc_mark(panel, (double)figures->wrong_ham / figures->ham,
	    (double)(figures->wrong - figures->wrong_ham) / figures->spam,
	    "white", "score 0");
	roc_mark(panel, figures->hm / 100, figures->sm / 100, MARK,
	    "spam threshold");
}

/* --- the learning curve --- */

static double
log_place(double value, double least, double most)
{
	return PANEL * (log(fmax(value, least)) - log(least)) /
	       (log(most) - log(least));
}

/* Of a share; none at all lies on the axis. */
static double
share_place(double share)
{
	return PANEL - log_place(share, ERROR_LEAST, 1);
}

static void
curve_axes(struct panel *panel, guint most)
{
	static const struct {
		double share;
		const char *label;
	} ticks[] = { { ERROR_LEAST, "none" }, { 0.001, ".1" }, { 0.01, "1" },
		{ 0.1, "10" }, { 1, "100" } };

	for (gsize i = 0; i < G_N_ELEMENTS(ticks); i++) {
		double at = share_place(ticks[i].share);

		line(panel, 0, at, PANEL, at, FAINT);
		text(panel, -8, at + 4, "end", ticks[i].label);
	}
	for (guint64 ten = 10; ten <= most; ten *= 10) {
		double at = log_place((double)ten, 10, most);
		g_autofree char *label =
		    g_strdup_printf("%" G_GUINT64_FORMAT, ten);

		line(panel, at, 0, at, PANEL, FAINT);
		text(panel, at, PANEL + 20, "middle", label);
	}
	line(panel, 0, PANEL, PANEL, PANEL, INK);
	line(panel, 0, 0, 0, PANEL, INK);
	text(panel, PANEL / 2.0, PANEL + 45, "middle",
	    "messages seen (logarithmic)");
	side_text(panel, -50, "share of the block, % (logarithmic)");
}

/* One step for each block. */
static void
draw_blocks(struct panel *panel, const GArray *blocks, gboolean unsure,
    const char *colour)
{
	guint most =
	    g_array_index(blocks, struct figures_block, blocks->len - 1).upto;
	double from = 0;

	path_begin(panel, colour);
	for (guint i = 0; i < blocks->len; i++) {
		const struct figures_block *block =
		    &g_array_index(blocks, struct figures_block, i);
		guint count = unsure ? block->unsure : block->wrong;
		double y = share_place((double)count / block->messages);
		double to = log_place(block->upto, 10, MAX(most, 20));

		path_point(panel, from, y);
		path_point(panel, to, y);
		from = to;
	}
	path_end(panel);
}

static void
draw_legend(struct panel *panel)
{
	line(panel, PANEL - 180, 16, PANEL - 150, 16, LINE);
	text(panel, PANEL - 142, 20, "start", "error at score 0");
	line(panel, PANEL - 180, 38, PANEL - 150, 38, SECOND);
	text(panel, PANEL - 142, 42, "start", "unsure");
}

static void
draw_curve(struct panel *panel, const struct figures_result *results, guint n)
{
	g_autoptr(GArray) blocks = figures_curve(results, n);

	text(panel, PANEL / 2.0, -20, "middle", "Learning curve");
	curve_axes(panel, MAX(n, 20));
	if (blocks->len == 0)
		return;
	draw_blocks(panel, blocks, TRUE, SECOND);
	draw_blocks(panel, blocks, FALSE, LINE);
	draw_legend(panel);
}

char *
plot_svg(const struct figures_result *results, guint n, gboolean with_curve)
{
	int width = with_curve ? WIDTH : HALF_WIDTH;
	GString *out = g_string_new(NULL);
	struct panel roc = { out, LEFT, TOP };
	struct panel curve = { out, RIGHT_PANEL, TOP };
	struct figures figures;

	figures_make(results, n, &figures);
	g_string_append_printf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
	    "font-size=\"13\" fill=\"%s\">\n"
	    "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n",
	    width, HEIGHT, width, HEIGHT, INK, width, HEIGHT);
	draw_roc(&roc, results, n, &figures);
	if (with_curve)
		draw_curve(&curve, results, n);
	g_string_append(out, "</svg>\n");
	return g_string_free(out, FALSE);
}
