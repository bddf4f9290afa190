# SPDX-License-Identifier: GPL-3.0-or-later
# What tests/line/flow, tests/line/faults and tests/line/rt/flow share.  Needs line.bash.

# Reads the options of all: [-d FOLDER]... [-r REAL] [COUNT [SEED [RATE]]]
flow_options() {
	flow_sources=() flow_real=0
	while [ $# -gt 1 ]; do
		case $1 in
		-d) flow_sources+=("$2"); shift 2 ;;
		-r) flow_real=$2; shift 2 ;;
		*) break ;;
		esac
	done
	flow_count=${1:-500} flow_seed=${2:-$RANDOM} flow_rate=${3:-0.2}
}

flow_make() { # FOLDER
	python3 "$top_srcdir/tests/line/flow.py" make "$1" "$flow_count" "$flow_seed" \
		"$flow_real" "${flow_sources[@]}"
}

# Sends all; what is replied to comes first, as it does in life.  SECONDS is what a
# message may take.
flow_send() { # FOLDER SECONDS
	local wave files
	for wave in $(find "$1" -name "[0-9]*" -type d | sort -V); do
		mapfile -t files < <(find "$wave" -name '*.eml' | sort)
		[ "$(basename "$wave")" != 0 ] || mapfile -t -O ${#files[@]} files <"$1/again"
		line_send --clients 10 --retry 120 "${files[@]}" >"$1/sent" ||
			grep -v ' 250 ' "$1/sent" | head -n 20
		wait_for "$((120 + ${#files[@]} * $2))" line_settled ||
			dg queue list | head -n 20
	done
}

flow_check() { # FOLDER desk|rt DATABASE
	python3 "$top_srcdir/tests/line/flow.py" check "$@" \
		"$LINE/state" "$top_builddir/deskgate" -c "$LINE/deskgate.conf" >"$1/checked"
	local code=$?
	[ -z "${LINE_KEEP:-}" ] || cp -r "$1" "$LINE/in"
	sed "\$s/^/seed $flow_seed: /" "$1/checked"
	return $code
}
