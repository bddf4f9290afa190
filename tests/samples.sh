#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The sample mail is what its README says: enough of it, readable, of nobody in
# particular, shipped whole, and understood by contrib/quickstart.
set -u
samples=${top_srcdir:-.}/contrib/samples
quickstart=${top_srcdir:-.}/contrib/quickstart

if ! command -v python3 >/dev/null 2>&1; then
	echo '1..0 # SKIP python3 is not installed'
	exit 0
fi

n=0
report() { # NAME FILE: passes when the file of complaints is empty
	n=$((n + 1))
	if [ -s "$2" ]; then
		sed 's/^/# /' "$2"
		echo "not ok $n - $1"
	else
		echo "ok $n - $1"
	fi
}

scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
: >"$scratch/none"
echo 1..10

python3 -B - "$samples" "$scratch" <<'PY' || exit 99
import email
import email.policy
import os
import re
import sys
from email.utils import parseaddr, parsedate_to_datetime

folder, scratch = sys.argv[1:]
HOST = re.compile(r'(?<![\w%.-])(?:[a-z0-9_-]+\.)+(?:com|org|net|info|biz|edu|eu|de'
                  r'|fr|es|it|pl|cz|ru|ua|cn|jp|kr|nl|uk|us|io|me|ch|at)(?![\w-])', re.I)
OURS = re.compile(r'(?:.*\.)?example\.(?:com|org|net)', re.I)
ADDRESS = re.compile(r'[\w.+-]+@([\w.-]+\w)')
LINK = re.compile(r'(?:https?://|mailto:[^@\s]*@)([^/\s"\'<>?:]+)', re.I)
NUMBERS = re.compile(r'\b\d{1,3}(?:\.\d{1,3}){3}\b')
DOCUMENTATION = ('192.0.2.', '198.51.100.', '203.0.113.')
complaints = {}


def complain(about, file, what):
    complaints[about].append('%s: %s' % (file, what))


def texts(message):
    """Decoded text parts, those of messages within too, strictly."""
    for part in message.walk():
        if part.get_content_maintype() == 'text':
            data = part.get_payload(decode=True)
            yield data.decode(part.get_content_charset('us-ascii'))


def look_at_names(file, message, body):
    header = '\n'.join('%s: %s' % field for field in message.items())
    for found in HOST.findall(header + '\n' + body):
        if not OURS.fullmatch(found):
            complain('names', file, found)
    for found in ADDRESS.findall(header + body) + LINK.findall(body):
        if not OURS.fullmatch(found):
            complain('names', file, found)
    for line in message.get_all('Received', []):
        for found in NUMBERS.findall(line):
            if not found.startswith(DOCUMENTATION):
                complain('names', file, found)


def look_at_mime(file, message):
    broken = 'broken' in os.path.basename(file)
    defects = [str(d) for part in message.walk() for d in part.defects]
    try:
        body = '\n'.join(texts(message))
    except (UnicodeDecodeError, LookupError) as error:
        body = ''
        defects.append(str(error))
    for part in message.walk():
        if part['Content-Transfer-Encoding'] is None and not part.is_multipart() \
                and re.search(r'=\n|[^\0-\x7f]', part.get_payload()):
            defects.append('an encoding that is not declared')
    if bool(defects) != broken:
        complain('mime', file, ', '.join(defects) or 'broken by name only')
    return body


def look_at_fields(file, message, ids):
    for name in ('From', 'Date', 'Message-ID'):
        if len(message.get_all(name, [])) != 1 and 'broken' not in file:
            complain('fields', file, 'not one ' + name)
    if '@' not in parseaddr(str(message['From']))[1]:
        complain('fields', file, 'no address in From')
    try:
        if parsedate_to_datetime(message['Date']).year != 2026:
            complain('fields', file, 'another year')
    except (TypeError, ValueError):
        complain('fields', file, 'no readable Date')
    name = str(message['Message-ID'])
    if name in ids:
        complain('ids', file, 'same as ' + ids[name])
    ids[name] = file


def look_at(file, ids):
    with open(os.path.join(folder, file), 'rb') as source:
        data = source.read()
    message = email.message_from_bytes(data, policy=email.policy.default)
    if b'\r' in data or not data.endswith(b'\n'):
        complain('lines', file, 'line ends')
    look_at_fields(file, message, ids)
    look_at_names(file, message, look_at_mime(file, message))
    if file.startswith('new/') and len(message.get_all('To', [])) != 1:
        complain('fields', file, 'not one To')


def main():
    ids = {}
    complaints.update((about, []) for about in
                      ('counts', 'fields', 'ids', 'names', 'mime', 'lines'))
    for kind, least, most in (('ham', 64, 200), ('spam', 64, 200), ('new', 20, 20)):
        files = sorted(os.listdir(os.path.join(folder, kind)))
        if not least <= len(files) <= most:
            complain('counts', kind, len(files))
        for file in files:
            look_at(kind + '/' + file, ids)
    for about, lines in complaints.items():
        with open(os.path.join(scratch, about), 'w') as out:
            out.writelines(line + '\n' for line in lines)


main()
PY

report 'there are enough' "$scratch/counts"
report 'each has one sender, date and name' "$scratch/fields"
report 'no name is given twice' "$scratch/ids"
report 'no name, address or link of anybody' "$scratch/names"
report 'MIME and charsets are right, but where a name says broken' "$scratch/mime"
report 'line ends are LF' "$scratch/lines"

(cd "$samples" && ls ham/* spam/* new/*) | LC_ALL=C sort >"$scratch/there"
sed -n 's,^.*contrib/samples/\([a-z]*/[^ ]*\.eml\).*,\1,p' "$samples/room.am" |
	LC_ALL=C sort >"$scratch/listed"
diff "$scratch/there" "$scratch/listed" >"$scratch/shipped"
report 'all of it is shipped' "$scratch/shipped"

# The classes share inboxes: no inbox gives a class away.
for kind in ham spam new; do
	for inbox in support sales billing; do
		grep -lqi "^to:.*$inbox@example\.com" "$samples/$kind"/*.eml ||
			echo "$kind: none to $inbox"
	done
done >"$scratch/inboxes"
report 'each class has mail to each inbox' "$scratch/inboxes"

# What quickstart's own send makes of each new message.
eval "$(sed -n '/^send() {/,/^}/p' "$quickstart")"
port=25
curl() { printf '%s\n' "$*" >&3; }
for file in "$samples"/new/*.eml; do
	send "$file" 3>"$scratch/call" >/dev/null
	from=$(sed -n 's/.*--mail-from \([^ ]*\) .*/\1/p' "$scratch/call")
	to=$(sed -n 's/.*--mail-rcpt \([^ ]*\) .*/\1/p' "$scratch/call")
	python3 -B - "$file" "$from" "$to" <<'PY'
import email
import sys
from email.utils import parseaddr

file, sender, inbox = sys.argv[1:]
with open(file, 'rb') as source:
    message = email.message_from_binary_file(source)
want = parseaddr(message['From'])[1], parseaddr(message['To'])[1]
if (sender, inbox) != want:
    print('%s: sent from %s to %s' % (file, sender, inbox))
if inbox.split('@')[0] not in ('support', 'sales', 'billing'):
    print('%s: no inbox' % file)
PY
done >"$scratch/sent"
report 'quickstart reads sender and inbox of each new one' "$scratch/sent"

ls "$samples/new" | grep -vE '^(ham|spam|unsure|broken)-[a-z0-9-]+\.eml$' \
	>"$scratch/words"
report 'names of new ones begin with what a person would say' "$scratch/words"
