/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words for what came of a lesson.
 */
#include "lib/mail/teacher.h"

const char *
teacher_word(enum teacher_outcome outcome)
{
	static const char *const words[] = {
		[TEACHER_LEARNT] = "learnt",
		[TEACHER_KNOWN] = "already known",
		[TEACHER_MOVED] = "moved",
		[TEACHER_NOTED] = "noted without need",
		[TEACHER_REFUSED] = "refused",
		[TEACHER_UNTAUGHT] = "taken back",
	};

	return words[outcome];
}
