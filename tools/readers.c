/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of jobs that a jailed reader knows, and what it needs for them.
 * Here since only this room may know both the classifier and the tickets.
 */
#include "tools/readers.h"

#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/mail/addr.h"
#include "tickets/rules_job.h"

struct readers {
	struct classify_context classify;
	struct convert_context convert;
	struct rules *rules;
	char **inboxes;
	GPtrArray *domains; /* char *: ours, then NULL */
	struct worker_pool *pool;
};

static gboolean
job_score(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	struct readers *readers = context;

	return classify_job_score(&readers->classify, call, answer, error);
}

static gboolean
job_features(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	struct readers *readers = context;

	return classify_job_features(&readers->classify, call, answer, error);
}

static gboolean
job_explain(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	struct readers *readers = context;

	return classify_job_explain(&readers->classify, call, answer, error);
}

static gboolean
job_convert(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	struct readers *readers = context;

	return convert_job(&readers->convert, call, answer, error);
}

static gboolean
job_rules(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	struct readers *readers = context;

	return rules_job(&readers->convert, call, answer, error);
}

static const struct worker_job jobs[] = {
	{ "score", job_score },
	{ "features", job_features },
	{ "explain", job_explain },
	{ "convert", job_convert },
	{ "rules", job_rules },
	{ NULL, NULL },
};

static void
prepare(void *context)
{
	struct readers *readers = context;
	g_autoptr(GError) error = NULL;

	message_prepare();
	/* Kept for as long as the readers' parent lives. */
	readers->convert.filetype = filetype_open(&error);
	if (readers->convert.filetype == NULL)
		log_error(LOG_LEVEL_WARN, error, "files-unchecked", NULL);
}

void
readers_limits(const struct conf *conf, struct message_limits *limits_r)
{
	const struct conf_section *global = conf_global(conf);

	limits_r->scan_bytes = conf_size(global, "max-scan-size");
	limits_r->headers = conf_integer(global, "max-headers");
	limits_r->header_bytes = conf_size(global, "max-header-size");
	limits_r->parts = conf_integer(global, "max-parts");
	limits_r->depth = conf_integer(global, "max-depth");
	limits_r->addresses = conf_integer(global, "max-addresses");
	limits_r->text_bytes = conf_size(global, "max-text-size");
	limits_r->markup_bytes = limits_r->scan_bytes;
	limits_r->decoded_bytes = conf_size(global, "max-decoded-size");
}

/*
 * Whose Received fields are our own deliveries': this host's, those of the
 * inboxes' domains, and those that are set.  Without them a copy from a mailbox
 * would not have the features that were scored at the door.
 */
static void
fill_domains(struct readers *readers, const struct conf *conf)
{
	const char *const *named = conf_list(conf_global(conf), "local-hosts");
	char host[HOST_NAME_MAX + 1] = "";

	readers->domains = g_ptr_array_new_with_free_func(g_free);
	if (gethostname(host, sizeof(host) - 1) == 0 && *host != '\0')
		g_ptr_array_add(readers->domains, g_strdup(host));
	for (guint i = 0; readers->inboxes[i] != NULL; i++)
		g_ptr_array_add(readers->domains,
		    g_strdup(addr_domain(readers->inboxes[i])));
	for (; named != NULL && *named != NULL; named++)
		g_ptr_array_add(readers->domains, g_strdup(*named));
	g_ptr_array_add(readers->domains, NULL);
	readers->classify.local_domains =
	    (const char *const *)readers->domains->pdata;
}

static void
fill(struct readers *readers, const struct conf *conf,
    const struct secret *feature_key)
{
	const struct conf_section *global = conf_global(conf);
	guint inboxes = conf_count(conf, "inbox");

	memcpy(readers->classify.feature_key, secret_data(feature_key),
	    sizeof(readers->classify.feature_key));
	readers->classify.settings = (struct classify_settings){
		.spam_score = conf_real(global, "spam-score"),
		.ham_score = conf_real(global, "ham-score"),
		.activation_labels = conf_integer(global, "activation-labels"),
		.activation_total = conf_integer(global, "activation-total"),
	};
	readers_limits(conf, &readers->classify.limits);
	readers->inboxes = g_new0(char *, inboxes + 1);
	for (guint i = 0; i < inboxes; i++)
		readers->inboxes[i] =
		    g_strdup(conf_title(conf_at(conf, "inbox", i)));
	fill_domains(readers, conf);
	readers->convert.limits = readers->classify.limits;
	/* A ticket wants the whole message, not only what is scored. */
	readers->convert.limits.scan_bytes =
	    conf_size(global, "max-message-size");
	readers->convert.inboxes = (const char *const *)readers->inboxes;
	readers->rules = rules_new(conf);
	readers->convert.rules = readers->rules;
	readers->convert.max_followers = conf_integer(global, "max-followers");
	readers->convert.authserv_id = conf_string(global, "authserv-id");
}

static struct worker_limits
pool_limits(const struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);

	return (struct worker_limits){
		.readers = conf_integer(global, "readers"),
		.wall_ms = conf_duration(global, "reader-time") * 1000,
		.memory_bytes = conf_size(global, "reader-memory"),
		.record_bytes = 16 << 20,
		.file_bytes = 2 * conf_size(global, "max-message-size"),
		.calls = 1000,
	};
}

static struct readers *
start(
    struct readers *readers, const struct worker_limits *limits, GError **error)
{
	readers->pool =
	    worker_pool_start(jobs, readers, prepare, limits, error);
	if (readers->pool == NULL)
		readers_stop(&readers);
	return readers;
}

struct readers *
readers_start(
    const struct conf *conf, const struct secret *feature_key, GError **error)
{
	const struct worker_limits limits = pool_limits(conf);
	struct readers *readers = g_new0(struct readers, 1);

	fill(readers, conf, feature_key);
	return start(readers, &limits, error);
}

struct readers *
readers_start_eval(
    const struct conf *conf, guint count, gboolean body_only, GError **error)
{
	static const guint8 key[FEATURES_KEY_BYTES] = "deskgate-eval:1";
	struct secret *secret OWNED(secret_free) = secret_new(key, sizeof(key));
	struct worker_limits limits = pool_limits(conf);
	struct readers *readers = g_new0(struct readers, 1);

	limits.readers = count;
	/* What one that ended had used would be missing in readers_cpu. */
	limits.calls = 0;
	fill(readers, conf, secret);
	readers->classify.body_only = body_only;
	return start(readers, &limits, error);
}

double
readers_cpu(struct readers *readers)
{
	pid_t pids[64];
	guint n = worker_pool_readers(readers->pool, pids, G_N_ELEMENTS(pids));
	double sum = 0;

	for (guint i = 0; i < n; i++) {
		struct timespec used;
		clockid_t clock;

		if (clock_getcpuclockid(pids[i], &clock) == 0 &&
		    clock_gettime(clock, &used) == 0)
			sum += used.tv_sec + used.tv_nsec / 1e9;
	}
	return sum;
}

void
readers_stop(struct readers **readers)
{
	if (*readers == NULL)
		return;
	worker_pool_free(&(*readers)->pool);
	rules_free(&(*readers)->rules);
	g_strfreev((*readers)->inboxes);
	g_ptr_array_unref((*readers)->domains);
	explicit_bzero(&(*readers)->classify.feature_key,
	    sizeof((*readers)->classify.feature_key));
	g_clear_pointer(readers, g_free);
}

struct worker_pool *
readers_pool(struct readers *readers)
{
	return readers->pool;
}
