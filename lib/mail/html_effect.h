/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_HTML_EFFECT_H
#define DESKGATE_LIB_MAIL_HTML_EFFECT_H

/* What a tag does to the text around it: nothing; its content is not shown; it
 * stands on lines of its own, or with empty ones around; it is a cell of a row,
 * an item of a list, text as it is written, a rule, the end of a line. */
enum html_effect {
	HTML_PLAIN,
	HTML_SILENT,
	HTML_LINE,
	HTML_PARAGRAPH,
	HTML_CELL,
	HTML_ITEM,
	HTML_PRE,
	HTML_RULE,
	HTML_BREAK
};

/* Of a tag's name in lower case. */
enum html_effect html_effect_of(const char *tag);

#endif
