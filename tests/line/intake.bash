# SPDX-License-Identifier: GPL-3.0-or-later
# What the intake tests share (contrib/doc/intake.md): one Postfix and one Deskgate for a
# file, messages with the header fields a test is about, and a look at what became of them.
#
#	load intake.bash
#	setup_file() { intake_start <<'TXT'
#	inbox "support@example.com" { }
#	TXT
#	}
#	teardown_file() { intake_stop; }
#	@test "intake 31: an empty subject is (no subject)" {
#		intake_mail "$M" no-subject "" <<<"Hello"
#		intake_send "$M"
#		[ "$(intake_ticket no-subject | intake_get 'd["subject"]')" = "(no subject)" ]
#	}
. "$top_srcdir/tests/line/line.bash"

setup() { M=$BATS_TEST_TMPDIR/mail; }

# Settings from standard input, more of main.cf from $1; LINE and LINE_PORT are exported.
# Postfix takes every address of example.com, plus addresses too; what no inbox takes over
# lands in the mailbox `rest` (line_box rest).
intake_start() {
	line_need_root
	export LINE LINE_PORT
	line_start "recipient_delimiter = +
virtual_mailbox_maps = static:rest/
smtpd_authorized_xclient_hosts = 127.0.0.1
${1:-}"
}

intake_stop() { line_stop; }

# A message: FILE ID SUBJECT ["FIELD: VALUE"]..., the body from standard input.
# From is someone-ID@example.org and the Message-ID <ID@client.example.org>, as message()
# of tests/mail.bash makes them.  A FIELD that is there is replaced, another one is added
# below; "FIELD:" alone takes it out.  A field may be named twice with "+FIELD: VALUE".
intake_mail() {
	local file=$1
	message "$@"
	shift 3
	python3 - "$file" "$@" <<'PY'
import sys
path, wanted = sys.argv[1], sys.argv[2:]
with open(path, 'rb') as f:
    head, body = f.read().split(b'\n\n', 1)
fields = head.split(b'\n')
for one in wanted:
    one = one.encode('utf-8', 'surrogateescape')
    name, value = one.split(b':', 1)
    if name.startswith(b'+'):
        fields.append(one[1:])
        continue
    at = [i for i, f in enumerate(fields)
          if f.split(b':', 1)[0].lower() == name.lower()]
    if not value:
        fields = [f for i, f in enumerate(fields) if i not in at]
    elif at:
        fields[at[0]] = one
    else:
        fields.append(one)
with open(path, 'wb') as f:
    f.write(b'\n'.join(fields) + b'\n\n' + body)
PY
}

# Hands FILE... to Postfix, which must take them all, and waits until each has come to
# rest.  Options of line_send: --from ADDRESS, --to ADDRESS (again for more),
# --xclient ADDRESS.  The envelope's sender is the address in From, unless --from says so.
intake_send() {
	local file options=() files=() from
	while [ $# -gt 0 ]; do
		case $1 in
		--*) options+=("$1" "$2"); shift 2 ;;
		*) files+=("$1"); shift ;;
		esac
	done
	for file in "${files[@]}"; do
		from=$(sed -n '1,/^$/s/^From:.*<\([^<>]*@[^<>]*\)>.*/\1/p' "$file" | head -n 1)
		line_send --from "${from:-customer@example.org}" "${options[@]}" \
			"$file" || return 1
	done
	wait_for 60 line_settled
}

# Every ticket with a message of this Message-ID (without "@client.example.org", unless it
# has an @), as a JSON list of what `tickets show --json` says of each.
intake_tickets() { # ID
	local id=$1
	[[ $id == *@* ]] || id+=@client.example.org
	line_tickets "$id"
}

# The one ticket with this message; fails when there is none, or more.
intake_ticket() { # ID
	intake_tickets "$1" | python3 -c 'import json, sys
d = json.load(sys.stdin)
print(json.dumps(d[0]) if len(d) == 1 else "%d tickets" % len(d))
sys.exit(len(d) != 1)'
}

# How many tickets have a message with this Message-ID.
intake_count() { intake_tickets "$1" | intake_get 'len(d)'; } # ID

# The same ticket: succeeds when all IDs are in one.
intake_joined() { # ID ID...
	local first one
	first=$(intake_ticket "$1" | intake_get 'd["code"]') || return 1
	shift
	for one; do
		[ "$(intake_ticket "$one" | intake_get 'd["code"]')" = "$first" ] ||
			return 1
	done
}

# A Python expression over d, the JSON of standard input.
intake_get() { # EXPRESSION
	python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"
}

# The one message of a ticket with this Message-ID, as JSON: text, note, attachments ...
intake_message() { # ID
	intake_ticket "$1" | python3 -c 'import json, sys
want = sys.argv[1] if "@" in sys.argv[1] else sys.argv[1] + "@client.example.org"
print(json.dumps([m for m in json.load(sys.stdin)["messages"] if m["message_id"] == want][0]))' "$1"
}

# All that Deskgate itself wrote on the ticket of this message: verdict, reasons, remarks.
intake_note() { # ID
	intake_ticket "$1" | intake_get '"\n".join(m["text"] or "" for m in d["messages"] if m["author"] == "deskgate")'
}

# The entry in quarantine whose raw source has this Message-ID: its reason and verdict, as
# `quarantine show` words them; fails when there is none.
intake_held() { # ID
	local id
	for id in $(dg quarantine list --plain | cut -f 1); do
		if dg quarantine show --raw "$id" | grep -qi "^Message-ID: <$1@"; then
			dg quarantine show "$id"
			return 0
		fi
	done
	return 1
}

# The log's lines about messages since the test file began.
intake_log() { grep "$@" "$LINE/log/deskgate.log"; } # GREP OPTIONS AND PATTERN
