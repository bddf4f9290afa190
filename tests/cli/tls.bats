#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What is believed of a desk behind TLS, and what is not; and that its key goes nowhere
# else: not into logs, answers, command lines or environments.

load common

MARKER=kept-secret-4711

setup() {
	DESKS=
	command -v openssl >/dev/null || skip "openssl is not installed"
	fresh <<<'inbox "support@example.com" { }'
	certificates >"$T/openssl.log" 2>&1 || { cat "$T/openssl.log"; return 1; }
	python3 "$top_srcdir/tests/tls_desk.py" "$T" >"$T/desks.log" 2>&1 3>&- &
	DESKS=$!
	touch "$T/hits"
	wait_for 20 test -s "$T/ports" || { cat "$T/desks.log"; return 1; }
	printf '%s\n' "$MARKER" >"$T/token"
	chmod 600 "$T/token"
	[ "$(id -u)" -ne 0 ] || chown "$T_USER" "$T/token"
	while read -r kind port; do desk "$kind" "https://127.0.0.1:$port/api/v3"; done <"$T/ports"
}
teardown() {
	[ -n "$DESKS" ] && kill "$DESKS"
	[ -z "${T:-}" ] || done_with
}

desk() { # NAME URL [LINE...]
	local name=$1 url=$2
	shift 2
	printf 'desk "%s" {\n\ttype = liveagent\n\turl = "%s"\n\ttoken-file = "%s"\n\tca-file = "%s"\n\ttimeout = 3s\n\tpoll-interval = 0\n' \
		"$name" "$url" "$T/token" "$T/ca.pem" >>"$T/dg.conf"
	printf '\t%s\n' "$@" '}' >>"$T/dg.conf"
}

# A CA of our own, and of it: good for 127.0.0.1 and localhost, other for another host,
# old from a day that is over; and one that vouches for itself.
certificates() {
	local key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
	cd "$T" || return 1
	openssl req -x509 $key -days 2 -subj "/CN=CA of this test" -keyout ca.key -out ca.pem
	openssl req -x509 $key -days 2 -subj "/CN=127.0.0.1" -addext "subjectAltName=IP:127.0.0.1" \
		-keyout self.key -out self.pem
	for name in good other old; do
		openssl req $key -subj "/CN=desk.example.com" -keyout $name.key -out $name.csr
	done
	printf 'subjectAltName = IP:127.0.0.1, DNS:localhost, DNS:desk.example.com' >good.ext
	printf 'subjectAltName = DNS:other.example.com' >other.ext
	sign() { openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial \
		-extfile "$2.ext" -out "$1.pem" "${@:3}"; }
	sign good good -days 2
	sign other other -days 2
	mkdir ca && touch ca/index && echo 01 >ca/serial
	printf '[ca]\ndefault_ca = own\n[own]\ndatabase = ca/index\nserial = ca/serial\nnew_certs_dir = ca\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n' >ca.conf
	openssl ca -batch -config ca.conf -cert ca.pem -keyfile ca.key -in old.csr \
		-extfile good.ext -startdate 20200101000000Z -enddate 20200102000000Z -out old.pem -notext
	cd - >/dev/null
}

asked() { grep -c "^$1 " "$T/hits" || true; } # KIND: how often the desk got a request

# The token is sent to nobody whose certificate is not in order.
refused() { # KIND PATTERN
	run dg desk test "$1"
	echo "$1: $output"
	[ "$status" -ne 0 ] && [[ "$output" =~ $2 ]] && [ "$(asked "$1")" -eq 0 ]
}

@test "a desk's certificate and TLS version have to be in order" {
	keeper
	for kind in good tls12; do
		run dg desk test $kind
		echo "$output"
		[ "$(asked $kind)" -gt 0 ]
		[[ "$output" != *certificate*fail* ]]
	done
	refused self '[Cc]ertificate'
	refused other '[Cc]ertificate|host name|subject'
	refused old 'expired|[Cc]ertificate'
	refused tls11 'TLS|handshake|version'
	# Nor is one of our own CA's believed where the system alone is asked.
	sed -i '/ca-file/d' "$T/dg.conf"
	rm "$T/hits"
	touch "$T/hits"
	kill -HUP "$KEEPER"
	ready_again() { [ "$(grep -c ' ready' "$T/keeper.log")" -eq 2 ]; }
	wait_for 20 ready_again
	refused good '[Cc]ertificate'
}

@test "a redirect is not followed, an endless answer ends, a stalled one too" {
	keeper
	run dg desk test redirect
	[ "$status" -ne 0 ]
	[ "$(asked redirect)" -gt 0 ]
	! grep -q stolen "$T/hits" || false
	for kind in endless headers stall; do
		started=$SECONDS
		run dg desk test $kind
		echo "$kind: $output"
		[ "$status" -ne 0 ]
		[ "$(asked $kind)" -gt 0 ]
		worker=$(worker_of "$KEEPER")
		peak=$(sed -n 's/VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$worker/status")
		echo "# $kind: $((SECONDS - started)) s, the keeper's peak $((peak / 1024)) MiB" >&3
	done
}

@test "a proxy of the environment is not asked" {
	export https_proxy=http://127.0.0.1:1 HTTPS_PROXY=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1
	keeper
	dg desk test good || true
	[ "$(asked good)" -gt 0 ]
}

@test "a name that leads to a private address is refused, unless that is meant" {
	port=$(sed -n 's/^good //p' "$T/ports")
	sed -i '/^desk/,$d' "$T/dg.conf" # these two alone
	desk named "https://localhost:$port/api/v3"
	# Another port, since the keeper asks that one by itself.
	port=$(sed -n 's/^tls12 //p' "$T/ports")
	desk meant "https://localhost:$port/api/v3" "allow-private = yes"
	keeper
	run dg desk test named
	[ "$status" -ne 0 ]
	[[ "$output" == *"private address"* ]]
	[ "$(asked good)" -eq 0 ]
	dg desk test meant || true
	[ "$(asked tls12)" -gt 0 ]
}

# Runs in the space of rebinding.py, with its own desks: the port of one that listens on
# all addresses.
twice() {
	python3 "$top_srcdir/tests/tls_desk.py" "$T" 0.0.0.0 >"$T/desks.log" 2>&1 3>&- &
	DESKS=$!
	wait_for 20 test -s "$T/ports"
	sed -i '/^desk/,$d' "$T/dg.conf"
	desk named "https://desk.example.com:$(sed -n 's/^good //p' "$T/ports")/api/v3"
	dg desk test named
	dg desk test named
	kill "$DESKS"
}

@test "a name that is public first and private then gains nothing" {
	[ "$(id -u)" -eq 0 ] || skip "only root can make a network of its own"
	unshare --net --mount true 2>/dev/null || skip "no network of its own can be made here"
	kill "$DESKS"
	DESKS=
	rm "$T/ports"
	export T T_USER MARKER top_srcdir top_builddir
	export -f twice desk dg wait_for
	run python3 "$top_srcdir/tests/rebinding.py" "$T" bash -c twice
	echo "$output"
	# The first call reached the desk at the public address; the second did not at the
	# private one.
	[ "$(cat "$T/questions" | tr '\n' ' ')" = "192.88.100.1 127.0.0.1 " ]
	[ "$(grep -c '^good ' "$T/hits")" -ge 1 ]
	[[ "$output" == *"HTTP 401"*"private address"* ]]
}

@test "a desk's key is in no log, answer, command line or environment" {
	port=$(sed -n 's/^good //p' "$T/ports")
	for type in webhook zammad redmine rt; do
		desk $type "https://127.0.0.1:$port/x" "department = \"support\""
		sed -i "/^desk \"$type\"/,/^}/s/type = liveagent/type = $type/" "$T/dg.conf"
	done
	printf 'inbox "sales@example.com" { desk = "good" }\n' >>"$T/dg.conf"
	printf 'log-level = debug\n' | cat - "$T/dg.conf" >"$T/new.conf" && mv "$T/new.conf" "$T/dg.conf"
	keeper || { cat "$T/keeper.log"; false; }
	message "$T/mail" one "A question" <<<"Where is my parcel?"
	dg accept -i sales@example.com -f someone-one@example.org <"$T/mail"
	for kind in good self redirect endless webhook zammad redmine rt; do
		dg desk test $kind >>"$T/said" 2>&1 || true
	done
	wait_for 20 grep -q 'GET\|POST' "$T/hits"
	# The desks got it, so there is something to find.
	grep -q "$MARKER" "$T/hits"
	for pid in "$KEEPER" $(worker_of "$KEEPER") $(servers_of "$KEEPER") $(readers_of "$KEEPER"); do
		tr '\0' '\n' <"/proc/$pid/cmdline" >>"$T/said"
		tr '\0' '\n' <"/proc/$pid/environ" >>"$T/said"
	done
	dg queue list >>"$T/said"
	[ -s "$T/said" ] && [ -s "$T/keeper.log" ]
	run grep -rl "$MARKER" "$T/said" "$T/keeper.log" "$T/state" "$T/state-keys"
	[ "$output" = "" ] || { grep -rh "$MARKER" $output | head -n 3; false; }
}

@test "what is wrong with a secret is told without the secret" {
	printf '%s\nsecond line\n' "$MARKER" >"$T/token"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"holds no token"* ]]
	[[ "$output" != *"$MARKER"* ]]
	printf '%s\n' "$MARKER" >"$T/token"
	sed -i "0,/url = /s|url = .*|url = \"https://user:$MARKER@127.0.0.1/\"|" "$T/dg.conf"
	run dg check
	[ "$status" -eq 78 ]
	[[ "$output" == *"secrets belong in token-file"* ]]
	[[ "$output" != *"$MARKER"* ]]
}
