# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Mail with markers to a desk of any kind, and what is left of a person who is erased.

load ../../cli/common
load ../../cli/marked

ANNA=qxannaaddressqxanna@example.org
BERT=zybertaddresszybert@example.org

# A state whose mail goes to the desk "away"; its section from standard input.
traces_setup() {
	fresh < <(printf 'retry-min = 1s\ninbox "support@example.com" { desk = "away" action-unsure = ticket }\n'; cat)
	mkdir -m 1777 "$T/tmp"
	mkdir -m 0777 "$T/backups"
}

sent() { [ -z "$(dg queue list --plain)" ] && [ "$(dg queue list --all --plain | wc -l)" -eq 2 ]; }

# Mail of two people, taught, delivered, backed up and handed out.
traces_deliver() {
	local who
	export TMPDIR=$T/tmp
	keeper
	for who in qxanna zybert; do
		marked "$T/mail" support@example.com $who
		dg accept -i support@example.com -f "${who}address${who}@example.org" <"$T/mail"
		dg train ham "$T/mail"
	done
	rm "$T/mail"
	markers qxanna >"$T/anna"
	markers zybert >"$T/bert"
	wait_for 60 sent
	dg privacy export -o "$T/out.tar" $ANNA
	[ "$(tar -xOf "$T/out.tar" | grep -ac qxannadisplayqxanna)" -ge 1 ]
	rm "$T/out.tar"
	dg backup "$T/backups/state" --vault "$T/backups/vault"
}

receipt() { dg privacy receipt --json 2; } # the export was the first
state_is() { [ "$(receipt | python3 -c 'import json, sys; print(json.load(sys.stdin)["request"]["state"])')" = "$1" ]; }
outcome_of() { # of the desk
	receipt | python3 -c '
import json, sys
print([h["outcome"] for h in json.load(sys.stdin)["request"]["holders"] if h["holder"] == "desk away"][0])'
}


# She writes again, once what is meant is over: that is hers, and stays.
comes_back() {
	sleep 4 # the second of the erasure, and the desk's clock
	printf '%s\n' "From: <$ANNA>" "To: support@example.com" "Subject: Back again" \
		"Message-ID: <again@example.org>" "Date: $(date -R)" "" "Hello again." >"$T/again"
	dg accept -i support@example.com -f $ANNA <"$T/again"
	wait_for 60 delivered
}
delivered() { [ -z "$(dg queue list --plain)" ]; }

# A new keeper asks the desk at once; waits until it has.
ask_anew() {
	kill "$KEEPER"
	wait "$KEEPER" || true
	keeper
	wait_for 60 asked
}
asked() { receipt | python3 -c 'import json, sys; sys.exit(json.load(sys.stdin)["busy"])'; }
words_of() { # of the desk
	receipt | python3 -c '
import json, sys
print([h.get("words") for h in json.load(sys.stdin)["request"]["holders"] if h["holder"] == "desk away"][0])'
}

# No byte of her here, in backups made before, or in the log; all that is his.
traces_gone() {
	traces "$T/anna"
	echo "$output"
	[ "$status" -eq 0 ]
	run python3 "$top_srcdir/tests/traces.py" "$T/anna" "$T/backups"
	echo "$output"
	[ "$status" -eq 0 ]
	run dg privacy find --plain $ANNA
	echo "$output"
	[[ "$output" != *messages* && "$output" != *lessons\ [1-9]* ]]
	[ "$(dg privacy find --plain $BERT | grep -c 'lessons 1\|done 1')" -ge 2 ]
	dg model verify
}
