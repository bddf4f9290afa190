/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: bench_send PORT CLIENTS COUNT RECIPIENT FILE...
 *
 * Sends COUNT messages to an SMTP server on 127.0.0.1 by CLIENTS connections at
 * once, a new connection for each message.  The files are sent in turn, each
 * time with a Message-ID of its own (a field put in front; the files have
 * none).  Prints seconds and messages a second; exit 0 when each was answered
 * with 250.
 */
#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct load {
	int port;
	const char *recipient;
	char **messages; /* CRLF, dots doubled */
	guint n_messages;
	gint left;   /* atomic: messages to send */
	gint failed; /* atomic */
	guint32 run;
};

/* Reads one reply; its first digit, 0 when the connection is gone. */
static int
read_reply(FILE *stream)
{
	char line[1024];

	do
		if (fgets(line, sizeof(line), stream) == NULL)
			return 0;
	while (strlen(line) > 3 && line[3] == '-');
	return line[0] - '0';
}

static gboolean
say(FILE *stream, int want, const char *text)
{
	fputs(text, stream);
	return fflush(stream) == 0 && read_reply(stream) == want;
}

static FILE *
dial(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fdopen(fd, "r+");
	close(fd);
	return NULL;
}

static gboolean
send_one(struct load *load, int number)
{
	g_autofree char *to =
	    g_strdup_printf("RCPT TO:<%s>\r\n", load->recipient);
	g_autofree char *from = g_strdup_printf(
	    "MAIL FROM:<customer%d@example.org>\r\n", number % 97);
	FILE *stream = dial(load->port);
	gboolean done;

	if (stream == NULL)
		return FALSE;
	done = read_reply(stream) == 2 &&
	       say(stream, 2, "EHLO client.example.org\r\n") &&
	       say(stream, 2, from) && say(stream, 2, to) &&
	       say(stream, 3, "DATA\r\n");
	if (done) {
		fprintf(stream, "Message-ID: <%u.%d@client.example.org>\r\n",
		    load->run, number);
		fputs(load->messages[number % load->n_messages], stream);
		done = say(stream, 2, ".\r\n") && say(stream, 2, "QUIT\r\n");
	}
	fclose(stream);
	return done;
}

static void *
client(void *data)
{
	struct load *load = data;
	int number;

	while ((number = g_atomic_int_add(&load->left, -1)) > 0)
		if (!send_one(load, number))
			g_atomic_int_inc(&load->failed);
	return NULL;
}

static char *
load_message(const char *path)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	GString *out = g_string_new(NULL);

	if (!g_file_get_contents(path, &text, NULL, NULL))
		exit(66);
	lines = g_strsplit(g_strchomp(text), "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++)
		g_string_append_printf(out, "%s%s\r\n",
		    lines[i][0] == '.' ? "." : "",
		    g_strdelimit(lines[i], "\r", ' '));
	return g_string_free(out, FALSE);
}

int
main(int argc, char **argv)
{
	struct load load = { .run = g_random_int() };
	int clients, count;
	pthread_t threads[64];
	gint64 start;
	double took;

	if (argc < 6) {
		fprintf(stderr,
		    "usage: bench_send PORT CLIENTS COUNT RECIPIENT FILE...\n");
		return 64;
	}
	load.port = (int)strtol(argv[1], NULL, 10);
	clients = (int)CLAMP(strtol(argv[2], NULL, 10), 1, 64);
	count = load.left = (int)strtol(argv[3], NULL, 10);
	load.recipient = argv[4];
	load.n_messages = argc - 5;
	load.messages = g_new0(char *, load.n_messages + 1);
	for (guint i = 0; i < load.n_messages; i++)
		load.messages[i] = load_message(argv[5 + i]);
	start = g_get_monotonic_time();
	for (int i = 0; i < clients; i++)
		pthread_create(&threads[i], NULL, client, &load);
	for (int i = 0; i < clients; i++)
		pthread_join(threads[i], NULL);
	took = (g_get_monotonic_time() - start) / 1e6;
	printf("%.3f %.1f %d\n", took, count / took, load.failed);
	g_strfreev(load.messages);
	return load.failed > 0;
}
