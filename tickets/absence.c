/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Out of office.
 */
#include "tickets/absence.h"

#include <string.h>

/* How mail programs and people begin such a subject. */
static const char *const beginnings[] = {
	/* English */ "out of office",
	"out of the office",
	"out-of-office",
	"automatic reply",
	"auto-reply",
	"auto reply",
	"autoreply",
	"auto response",
	"autoresponse",
	"away from my mail",
	"away from the office",
	"on vacation",
	"on leave",
	"ooo",
	/* German */ "abwesenheitsnotiz",
	"abwesenheit",
	"automatische antwort",
	"automatische abwesenheit",
	"abwesend",
	"nicht im büro",
	"nicht im haus",
	/* French */ "réponse automatique",
	"reponse automatique",
	"absence du bureau",
	"message d'absence",
	"absent",
	/* Spanish */ "respuesta automática",
	"respuesta automatica",
	"fuera de la oficina",
	"fuera de oficina",
	"ausente",
	/* Italian */ "risposta automatica",
	"fuori ufficio",
	"fuori sede",
	"assente",
	/* Portuguese */ "resposta automática",
	"resposta automatica",
	"fora do escritório",
	"fora do escritorio",
	"ausência",
	/* Dutch */ "automatisch antwoord",
	"afwezigheidsbericht",
	"afwezig",
	"niet aanwezig",
	/* Polish */ "automatyczna odpowiedź",
	"odpowiedź automatyczna",
	"nieobecność",
	"poza biurem",
	/* Czech, Slovak */ "automatická odpověď",
	"automatická odpoveď",
	"mimo kancelář",
	"nepřítomnost",
	/* Danish, Norwegian, Swedish */ "automatisk svar",
	"automatiskt svar",
	"autosvar",
	"ikke til stede",
	"ikke på kontoret",
	"fravær",
	"frånvaro",
	"frånvarande",
	/* Finnish */ "automaattinen vastaus",
	"poissa toimistosta",
	"poissa",
	/* Hungarian */ "automatikus válasz",
	"házon kívül",
	/* Romanian */ "răspuns automat",
	"raspuns automat",
	/* Croatian, Slovene, Serbian */ "automatski odgovor",
	"samodejni odgovor",
	"odsutnost",
	/* Turkish */ "otomatik yanıt",
	"ofis dışında",
	/* Russian, Ukrainian, Bulgarian */ "автоматический ответ",
	"автоответ",
	"нет на месте",
	"автоматична відповідь",
	"автоматичен отговор",
	/* Greek */ "αυτόματη απάντηση",
	"εκτός γραφείου",
	/* Japanese */ "自動応答",
	"自動返信",
	"不在通知",
	"不在のお知らせ",
	/* Chinese */ "自动答复",
	"自动回复",
	"自動回覆",
	"自動回復",
	/* Korean */ "자동 회신",
	"자동 응답",
	"부재중",
	/* Arabic, Hebrew */ "رد تلقائي",
	"תשובה אוטומטית",
	/* Vietnamese, Indonesian */ "trả lời tự động",
	"balasan otomatis",
};

guint
absence_subject(const char *subject)
{
	g_autofree char *normal =
	    g_utf8_normalize(subject, -1, G_NORMALIZE_ALL_COMPOSE);
	g_autofree char *lower =
	    normal == NULL ? g_strdup("") : g_utf8_strdown(normal, -1);
	const char *text = g_strstrip(lower);

	for (gsize i = 0; i < G_N_ELEMENTS(beginnings); i++) {
		gsize length = strlen(beginnings[i]);
		const char *rest = text + length;

		if (strncmp(text, beginnings[i], length) != 0)
			continue;
		/* A word that only begins alike is another word. */
		if (g_ascii_isalpha(rest[0]))
			continue;
		while (*rest == ' ')
			rest++;
		return *rest == ':' || g_str_has_prefix(rest, "：") ? 2 : 1;
	}
	return 0;
}

gboolean
absence_message(const struct message *message, gboolean automatic)
{
	const char *submitted = message_header(message, "Auto-Submitted");
	const char *subject = message_subject(message);
	guint said = absence_subject(subject);

	if (message_header(message, "X-MS-Exchange-Inbox-Rules-Loop") != NULL)
		return TRUE;
	if (submitted != NULL) {
		g_autofree char *lower = g_ascii_strdown(submitted, -1);

		if (strstr(lower, "vacation") != NULL)
			return TRUE;
		/* What RFC 5230 4.2 makes of the subject. */
		if (g_str_has_prefix(lower, "auto-replied") &&
		    g_ascii_strncasecmp(subject, "Auto:", 5) == 0)
			return TRUE;
	}
	return said == 2 || (said == 1 && automatic);
}
