#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Figures for Prometheus: who is told, what, and in which form.

load common

setup_file() {
	# Installed, it would bring a daemon.
	type -P promtool >/dev/null ||
		unpacked "$BATS_FILE_TMPDIR" prometheus >"$BATS_FILE_TMPDIR/log" 2>&1 || true
}
promtool() {
	local unpacked=$BATS_FILE_TMPDIR/root/usr/bin/promtool
	if [ -x "$unpacked" ]; then "$unpacked" "$@"; else command promtool "$@"; fi
}
have_promtool() {
	[ -x "$BATS_FILE_TMPDIR/root/usr/bin/promtool" ] || type -P promtool >/dev/null ||
		skip "promtool is not here, nor could it be fetched: $(tail -n 1 "$BATS_FILE_TMPDIR/log")"
}

setup() {
	command -v curl >/dev/null || skip "curl is not installed"
	PORT=$("$top_srcdir/tests/port.py")
	fresh <<TXT
metrics-listen = "127.0.0.1:$PORT"
inbox "support@example.com" { }
TXT
	message "$T/one" one "A question" <<<"Where is my order 4711?"
}
teardown() { done_with; }

page() { curl -sS -m 10 --noproxy '*' -o "$T/page" -D "$T/head" -w '%{http_code}' "$@"; }
figures() { [ "$(page "http://127.0.0.1:$PORT/metrics")" = 200 ]; }
figure() { # SAMPLE VALUE: a page that is older than this has it
	figures && grep -qxF "$1 $2" "$T/page"
}

@test "the figures are told in the text format, each with its help and type" {
	keeper
	wait_for 20 figures
	grep -qi '^Content-Type: text/plain; version=0.0.4; charset=utf-8' "$T/head"
	grep -q '^# HELP deskgate_spool_entries ' "$T/page"
	grep -q '^# TYPE deskgate_spool_entries gauge$' "$T/page"
	grep -qx 'deskgate_spool_entries{state="held"} 0' "$T/page"
	grep -qx 'deskgate_model_lessons{model="installation",class="spam"} 0' "$T/page"
	grep -q '^deskgate_start_time_seconds{program="deliver"} [0-9]' "$T/page"
	# the milter does not run, and nothing is told in its place
	! grep -q 'program="milter"' "$T/page"
	[ "$(page "http://127.0.0.1:$PORT/")" = 404 ]
	[ "$(page -X POST "http://127.0.0.1:$PORT/metrics")" = 405 ]
}

@test "a message that becomes a ticket is counted at its desk" {
	keeper
	wait_for 20 figure 'deskgate_tickets_total{desk="local",how="made"}' 0
	deskgate -c "$T/dg.conf" accept -i support@example.com -f someone-one@example.org <"$T/one"
	wait_for 20 figure 'deskgate_tickets_total{desk="local",how="made"}' 1
	figure 'deskgate_desk_answers_total{desk="local",answer="taken"}' 1
	figure 'deskgate_deliver_seconds_count{desk="local"}' 1
	figure 'deskgate_deliver_seconds_bucket{desk="local",le="+Inf"}' 1
	# nothing of the person
	! grep -qi 'someone\|example\.org\|question' "$T/page"
}

@test "who is not of this machine is told only when the settings name him" {
	[ "$(id -u)" -ne 0 ] || printf 'user = "%s"\n' "$T_USER" >>"$T/dg.conf"
	sed -i 's/^metrics-listen.*/metrics-listen = "0.0.0.0:9477"/' "$T/dg.conf"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"$T/dg.conf:2: metrics-listen: 0.0.0.0:9477 is reached from outside: "* ]]
	sed -i '2a metrics-from = { "192.0.2.0/24" }' "$T/dg.conf"
	run dg check
	[ "$status" -eq 0 ]
	sed -i 's/192.0.2.0.24/somewhere/' "$T/dg.conf"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"$T/dg.conf:3: metrics-from: "* ]]
	# whom the settings do not name is hung up on
	sed -i -e 's/somewhere/192.0.2.1/' -e "2s/.*/metrics-listen = \"127.0.0.1:$PORT\"/" "$T/dg.conf"
	keeper
	run page "http://127.0.0.1:$PORT/metrics"
	[ "$status" -ne 0 ]
}

@test "a place to listen that is none is refused with its line" {
	for place in 9477 localhost:9477 unix:metrics.sock unix: "unix:/$(printf '%0120d' 0)"; do
		sed -i "s#^metrics-listen.*#metrics-listen = \"$place\"#" "$T/dg.conf"
		run dg check
		[ "$status" -eq 78 ]
		[[ "$output" == *"$T/dg.conf:2: metrics-listen: "*"; write "* ]]
	done
}

@test "figures are told at a socket of this host" {
	sed -i "s#^metrics-listen.*#metrics-listen = \"unix:$T/state/run/keeper/metrics.sock\"#" "$T/dg.conf"
	keeper
	at() { [ "$(page --unix-socket "$T/state/run/keeper/metrics.sock" http://x/metrics)" = 200 ]; }
	wait_for 20 at
	grep -q '^deskgate_build_info{version="' "$T/page"
	[ "$(stat -c %a "$T/state/run/keeper/metrics.sock")" = 660 ]
	kill "$KEEPER"
	wait "$KEEPER" || true
	KEEPER=
	[ ! -e "$T/state/run/keeper/metrics.sock" ]
}

@test "without metrics-listen nobody listens" {
	sed -i '/^metrics-listen/d' "$T/dg.conf"
	keeper
	dg stats >/dev/null
	run curl -s -m 5 "http://127.0.0.1:$PORT/metrics"
	[ "$status" -eq 7 ]
}

@test "the figures are in order to promtool" {
	have_promtool
	keeper
	wait_for 20 figures
	promtool check metrics <"$T/page"
}

# The names in the table of contrib/doc/watching.md.
documented() { sed -n 's/^| `\(deskgate_[a-z_]*\)` .*/\1/p' "$top_srcdir/contrib/doc/watching.md" | sort; }
@test "every figure is documented, and every documented one is told" {
	keeper
	wait_for 20 figures
	sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$T/page" | sort >"$T/told"
	# the milter's are told once it has run
	grep -oh '"deskgate_[a-z_]*"' "$top_srcdir/milter/counts.c" | tr -d '"' | sort >"$T/milter"
	[ "$(wc -l <"$T/milter")" -ge 10 ]
	documented >"$T/documented"
	diff <(sort -u "$T/told" "$T/milter") "$T/documented"
}

@test "the dashboard and the alerts ask for documented figures alone" {
	documented >"$T/documented"
	python3 - "$T/documented" "$top_srcdir/contrib/watch/grafana.json" \
		"$top_srcdir/contrib/watch/deskgate.rules.yml" <<'PY'
import json, re, sys
known = set(open(sys.argv[1]).read().split())
board = json.load(open(sys.argv[2]))
asked = [t["expr"] for p in board["panels"] for t in p["targets"]]
alerts = [l.split("expr:", 1)[1] for l in open(sys.argv[3]) if "expr:" in l]
assert len(known) > 30 and len(asked) > 30 and len(alerts) > 10

def names(lines):
    # what stands before { or [ or an operator, without a histogram's suffix
    found = {n for l in lines for n in re.findall(r"\bdeskgate_[a-z_]+", l)}
    return {re.sub(r"_(bucket|sum|count)$", "", n) for n in found}

for what, lines in (("dashboard", asked), ("alerts", alerts)):
    wrong = names(lines) - known
    assert not wrong, (what, wrong)
# and each figure has its place on the dashboard, but for what are no curves
missing = known - names(asked) - {"deskgate_build_info", "deskgate_start_time_seconds",
                                  "deskgate_filesystem_size_bytes"}
assert not missing, missing
PY
}

@test "the alerts are in order to promtool" {
	have_promtool
	promtool check rules "$top_srcdir/contrib/watch/deskgate.rules.yml"
}
