# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# How tests/run counts: sourced by it, and by the test of it.

passed=0 failed=0 skipped=0

# Adds a TAP log to the sums, by test number, so that nothing a test prints counts
# twice.  A plan that is missing or was not kept is a failure for each test that
# did not run, and so is an exit code that no test explains.  No failure is
# expected: "not ok" is one, whatever follows.
tap() { # NAME FILE EXIT-CODE
	local sums plan ran ok bad skip
	sums=$(awk '
		/^1\.\.[0-9]+/ && !planned { planned = 1; plan = substr($1, 4) + 0 }
		/^(not )?ok [0-9]+/ {
			number = $1 == "ok" ? $2 : $3
			if (number in seen) next
			seen[number] = 1; ran++
			if (/^ok.*# (skip|SKIP)/) skip++
			else if ($1 == "ok") ok++
			else bad++
		}
		END { print planned ? plan : -1, ran + 0, ok + 0, bad + 0, skip + 0 }
	' "$2")
	read -r plan ran ok bad skip <<<"$sums"
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	if [ "$plan" -eq 0 ]; then # "1..0 # SKIP why": all of it
		echo "ok - $1 $(sed -n 's/^1\.\.0 *//p' "$2")"
		skipped=$((skipped + 1))
	fi
	told "$2"
	if [ "$plan" -lt 0 ]; then
		tail -n 40 "$2"
		broken "$1 ran no test to its end (see $2)"
	elif [ "$ran" -lt "$plan" ]; then
		echo "not ok - $1: $((plan - ran)) of $plan tests did not run (see $2)"
		failed=$((failed + plan - ran))
	elif [ "$3" -ne 0 ] && [ "$bad" -eq 0 ]; then
		broken "$1 ended with $3 (see $2)"
	fi
}

# The failures of a TAP log, with what each says of itself, and the skips.
told() { # FILE
	awk '
		/^not ok [0-9]/ || /^ok [0-9]+ .*# (skip|SKIP)/ { print; left = 25; next }
		!/^#/ { left = 0 }
		left > 0 { left--; print substr($0, 1, 300) }
	' "$1"
}

# Automake's lines of `make check` as TAP; its own total is the plan.
made() { # LOG
	awk '
		function line(word, mark) {
			name = $0; sub(/^[A-Z]+: /, "", name)
			printf "%s %d - %s%s\n", word, ++n, name, mark
		}
		/^PASS: / { line("ok", "") }
		/^(FAIL|XFAIL|XPASS|ERROR): / { line("not ok", "") }
		/^SKIP: / { line("ok", / # SKIP/ ? "" : " # SKIP") }
		/^# TOTAL: +[0-9]+/ { plan += $3; planned = 1 }
		END { if (planned) print "1.." plan }
	' "$1"
}

broken() { # NAME: a part that did not run to its end is a failure
	echo "not ok - $1"
	failed=$((failed + 1))
}
