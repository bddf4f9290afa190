/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What mail programs write, language by language, folded as reply_words_fold
 * does it.
 */
#include "tickets/reply_tables.h"

#include <stddef.h>

const char *const reply_tables_from[] = { "from", "von", "de", "da", "van",
	"fra", "från", "lähettäjä", "od", "feladó", "de la", "от", "от кого",
	"від", "saatja", "nuo", "no", "发件人", "寄件者", "寄件人", "差出人",
	"보낸 사람", "보낸사람", "kimden", "gönderen", "από", "מאת", "من", "từ",
	"dari", NULL };

const char *const reply_tables_date[] = { "date", "sent", "gesendet",
	"gesendet am", "datum", "envoyé", "envoyé le", "fecha", "enviado",
	"enviado el", "enviada em", "enviado em", "enviada", "data", "inviato",
	"verzonden", "sendt", "skickat", "dato", "lähetetty", "päiväys",
	"wysłano", "wysłane", "odesláno", "odoslané", "dátum", "küldve",
	"elküldve", "trimis", "дата", "отправлено", "надіслано", "saadetud",
	"išsiųsta", "nosūtīts", "发送时间", "日期", "傳送日期", "寄件日期",
	"送信日時", "日付", "日時", "보낸 날짜", "날짜", "gönderildi", "tarih",
	"στάλθηκε", "ημερομηνία", "נשלח", "תאריך", "تاريخ الإرسال", "التاريخ",
	"đã gửi", "tanggal", NULL };

const char *const reply_tables_to[] = { "to", "an", "à", "a", "para", "aan",
	"til", "till", "vastaanottaja", "do", "komu", "címzett", "către",
	"кому", "adressaat", "kam", "收件人", "收件者", "宛先", "받는 사람",
	"받는사람", "kime", "alıcı", "προσ", "אל", "إلى", "tới", "kepada",
	NULL };

const char *const reply_tables_subject[] = { "subject", "betreff", "objet",
	"asunto", "assunto", "oggetto", "onderwerp", "emne", "ämne", "aihe",
	"temat", "předmět", "predmet", "tárgy", "subiect", "тема", "teema",
	"tema", "temats", "主题", "主旨", "主題", "件名", "제목", "konu",
	"θέμα", "נושא", "الموضوع", "chủ đề", "subjek", NULL };

const char *const reply_tables_copy[] = { "cc", "kopie", "copie à", "kopia",
	"kopi", "kópia", "копия", "копія", "抄送", "副本", "참조", "bilgi",
	NULL };

const char *const reply_tables_other[] = { "reply-to", "reply to", "antwort an",
	"répondre à", "responder a", "rispondi a", "risposta", "beantwoorden",
	"svar til", "svara till", "importance", "priority", "wichtigkeit",
	"organization", "attachments", "anlagen", NULL };

const char *const reply_tables_original[] = { "original message",
	"original appointment", "reply message", "ursprüngliche nachricht",
	"original-nachricht", "originalnachricht", "message d'origine",
	"message d’origine", "message original", "message initial",
	"mensaje original", "mensagem original", "missatge original",
	"messaggio originale", "messaggio originario", "oorspronkelijk bericht",
	"origineel bericht", "oprindelig meddelelse", "original meddelelse",
	"opprinnelig melding", "ursprungligt meddelande", "originalmeddelande",
	"alkuperäinen viesti", "wiadomość oryginalna", "oryginalna wiadomość",
	"původní zpráva", "pôvodná správa", "eredeti üzenet", "mesaj original",
	"mesajul original", "исходное сообщение", "оригинальное сообщение",
	"оригінальне повідомлення", "αρχικό μήνυμα", "orijinal mesaj",
	"özgün ileti", "הודעה מקורית", "الرسالة الأصلية", "原始邮件",
	"邮件原件", "原始郵件", "元のメッセージ", "원본 메시지", NULL };

const char *const reply_tables_forwarded[] = { "forwarded message",
	"forwarded by", "weitergeleitete nachricht",
	"weitergeleiteten nachricht", "weitergeleitet von", "message transféré",
	"message réexpédié", "mensaje reenviado", "mensagem encaminhada",
	"mensagem reencaminhada", "missatge reenviat", "messaggio inoltrato",
	"doorgestuurd bericht", "videresendt meddelelse", "videresendt besked",
	"videresendt melding", "vidarebefordrat meddelande", "välitetty viesti",
	"przekazana wiadomość", "wiadomość przekazana", "přeposlaná zpráva",
	"preposlaná správa", "továbbított üzenet", "továbbított levél",
	"mesaj redirecționat", "пересылаемое сообщение",
	"пересланное сообщение", "переслане повідомлення", "προωθημένο μήνυμα",
	"iletilmiş mesaj", "iletilen mesaj", "yönlendirilmiş ileti",
	"הודעה שהועברה", "رسالة معاد توجيهها", "转发的邮件", "转发邮件",
	"轉寄郵件", "轉寄的郵件", "転送メッセージ", "転送されたメッセージ",
	"전달된 메시지", NULL };

const char *const reply_tables_begins[] = { "begin ", "anfang der ",
	"début du ", "inicio del ", "início da ", "inizio ", "inici ",
	"start på ", "starten på ", "vidarebefordrat ", "välitetty ", "начало ",
	"początek ", "začátek ", "下面是被", "以下は", "开始", NULL };

const char *const reply_tables_leads[] = { "on ", "at ", "am ", "le ", "el ",
	"op ", "il ", "em ", "dnia ", "w dniu ", "dne ", "dňa ", "den ", "d. ",
	"pe ", "ma ", "ti ", "ke ", "to ", "la ", "su ", "в ", "на ", "у ",
	"στισ ", "ב-", "בתאריך ", "في ", "在 ", "pada ", "vào ", "a ", "în ",
	"monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
	"sunday", "mon,", "tue,", "wed,", "thu,", "fri,", "sat,", "sun,",
	"понедельник", "вторник", "среда", "четверг", "пятница", "суббота",
	"воскресенье", "пн,", "вт,", "ср,", "чт,", "пт,", "сб,", "вс,", "нд,",
	"pon.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz.", "po ", "út ",
	"st ", "čt ", "pá ", "so ", "ne ", "pon", "ut ", "št ", "pi ", NULL };

const char *const reply_tables_verbs_last[] = { "wrote", "writes", "said",
	"geschrieben", "a écrit", "écrit", "ecrit", "escribió", "escribio",
	"va escriure", "ha escrit", "escreveu", "ha scritto", "scrive",
	"geschreven", "kirjoitti", "napisał", "napisała", "napisał(a)", "pisze",
	"napsal", "napsala", "napsal(a)", "napísal", "napísala", "napísal(a)",
	"je napisao", "je napisao/la", "napisao je", "je napisal", "írta",
	"a scris", "написал", "написала", "написал(а)", "пишет", "писал",
	"писал(а)", "написав", "написав(ла)", "пише", "написа", "је написао",
	"έγραψε", "yazdı", "כתב", "כתבה", "đã viết", "menulis", "kirjutas",
	"rašė", "parašė", "rakstīja", "写道", "寫道", "写的", "のメール",
	"のメッセージ", "さんは書きました", "書きました", "이 작성", "작성",
	"썼습니다", NULL };

const char *const reply_tables_verbs[] = { "schrieb", "schreef", "skrev", "كتب",
	"كتبت", NULL };

const char *const reply_tables_devices[] = { "sent from ", "sent via ",
	"sent with ", "sent by ", "sent using ", "sent on the go",
	"from my iphone", "from my ipad", "from my phone", "from my mobile",
	"from my android", "get outlook for ", "get [outlook for ",
	"sent through ", "von meinem ", "gesendet von ", "gesendet mit ",
	"gesendet via ", "gesendet aus ", "diese nachricht wurde von mein",
	"von unterwegs ", "outlook für ", "holen sie sich outlook ",
	"envoyé de mon ", "envoyé depuis ", "envoyé à partir ", "envoyé avec ",
	"envoyé via ", "envoyé de ", "télécharger outlook ", "obtenez outlook ",
	"enviado desde ", "enviado do meu ", "enviado a partir ", "enviado de ",
	"enviado con ", "enviado por ", "enviado via ", "enviado pelo ",
	"enviado do ", "obtener outlook ", "obter o outlook ", "enviat des ",
	"inviato da", "inviato con ", "ottieni outlook ", "verzonden vanaf ",
	"verzonden met ", "verzonden vanuit ", "verzonden via ",
	"verstuurd vanaf ", "verstuurd vanuit ", "outlook voor ", "sendt fra ",
	"sendt med ", "hent outlook ", "skickat från ", "skickades från ",
	"hämta outlook ", "lähetetty ", "hanki outlook ", "wysłane z ",
	"wysłano z ", "wysłane przy ", "odesláno z", "odosielané z",
	"odoslané z", "získejte outlook ", "elküldve ", "küldve ",
	"a következőről küldve", "trimis de pe ", "trimis din ",
	"отправлено с ", "отправлено из ", "отправлено через ", "послано с ",
	"надіслано з ", "відправлено з ", "изпратено от ", "poslano sa ",
	"poslato sa ", "poslano z ", "στάλθηκε από ", "εστάλη από ",
	"iphone'umdan ", "ipad'imden ", "android'den gönder", "נשלח מ",
	"أرسلت من ", "تم الإرسال من ", "从我的", "從我的", "发自我的",
	"發自我的", "來自我的", "来自我的", "iphoneから送信", "ipadから送信",
	"androidから送信", "나의 iphone", "나의 ipad", "내 iphone에서",
	"gửi từ ", "dikirim dari ", NULL };

const char *const reply_tables_replies[] = { "re", "aw", "antw", "antwort",
	"sv", "vs", "odp", "ref", "rif", "r", "res", "rép", "ynt", "yan", "vá",
	"απ", "σχετ", "на", "ответ", "回复", "回覆", "答复", "返信", "답장",
	"회신", NULL };

const char *const reply_tables_forwards[] = { "rv", "fwd", "fw", "wg", "tr",
	"trans", "i", "enc", "doorst", "vb", "vl", "vid", "pd", "továbbítás",
	"πρθ", "ilt", "转发", "轉寄", "転送", "전달", NULL };
