#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What the documents say is done as it says (tests/documents.bash), each on ground of its own:
# a state with a keeper, letters, folders of mail.  The tour and operations.md are in
# documents.bats, those on mail servers in tests/line.

load common
. "$top_srcdir/tests/documents.bash"

setup() {
	fresh <<<'inbox "support@example.com" { }'
	deskgate_in_path
	cd "$T"
}
teardown() {
	[ -z "${DESK:-}" ] || { kill "$DESK" && wait "$DESK"; } || true
	[ "${GNUPGHOME:-}" != "$T/gnupg" ] || gpgconf --kill all
	done_with
}

stop() { kill "$KEEPER"; wait "$KEEPER" || true; KEEPER=; }
spoil() { python3 "$top_srcdir/tests/spoil.py" "$@"; }
tickets() { [ "$(deskgate tickets list --plain | wc -l)" -eq "$1" ]; } # COUNT
given() { [ "$(id -u)" -ne 0 ] || chown -R "$T_USER" "$@"; } # FILE...

letter() { # NAME FROM TEXT
	message "$T/$1" "$1" "Question $1" <<<"$3"
	sed -i "s/^From: .*/From: Anna <$2>/" "$T/$1"
}
write_in() { # NAME FROM
	letter "$1" "$2" "Where is my parcel $1?"
	deskgate accept -i support@example.com -f "$2" <"$T/$1"
}

@test "what backup.md says is done as it says" {
	paths() { sed -e "s#/backup#$T/backup#g" -e "s#/safe#$T/safe#g"; }
	ground() { [ "$1" != "Making one" ] || keeper; }
	deskgate() {
		case $1 in restore) stop; mkdir old; mv state state-keys old ;; esac
		command deskgate "$@"
	}
	mkdir -p backup/old safe
	touch -d "500 days ago" backup/old
	given backup safe
	keeper
	write_in one anna@example.org
	wait_for 60 tickets 1
	walk backup.md
	tickets 1
	[ ! -e backup/old ]
	[ -s "backup/$(date +%F)/manifest.json" ]
}

@test "what damage.md says is done as it says" {
	ground() {
		[ "$1" = "When the keeper does not start" ] || return 0
		stop
		spoil --kind all state-keys/vault/data.mdb
		deskgate-deliver() {
			run command deskgate-deliver -c "$T/dg.conf"
			echo "$output"
			[ "$status" -eq 74 ]
			[[ "$output" == *"error: stop error=io text="*"vault is damaged"*"mail waits in the spool meanwhile"* ]]
		}
	}
	parts() { sed -n 's/^\([a-z]*\): nothing is wrong (.*)$/\1/p'; }
	keeper
	write_in one anna@example.org
	wait_for 60 tickets 1
	[ "$(parts <"$(document damage.md)" | wc -l)" -eq 7 ]
	diff <(parts <"$(document damage.md)") <(deskgate check --deep | parts)
	walk damage.md
	ls state-keys/damaged/vault-*.mdb
}

with_desk() { # LINE of the desk...: a keeper that listens for pushes to it
	[ -z "${KEEPER:-}" ] || stop
	cat >dg.conf <<-TXT
	state-dir = "$T/state"
	push-listen = "127.0.0.1:$port"
	push-token-file = "$T/push.token"
	inbox "support@example.com" { desk = "main" }
	desk "main" {
		$(printf '%s\n' "$@")
	}
	TXT
	keeper
}
fetch() { command curl -s --noproxy '*' -m 10 "$@"; }

@test "what feedback.md says is done as it says" {
	command -v curl >/dev/null || skip "curl is not installed"
	command -v openssl >/dev/null || skip "openssl is not installed"
	local port ticket=
	port=$("$top_srcdir/tests/port.py")
	paths() {
		sed -e "s#/etc/deskgate/#$T/#g" -e "s#127\.0\.0\.1:8025#127.0.0.1:$port#" \
			-e "s#chown deskgate #chown $T_USER #" -e "s#\"ticket\": \"42\"#\"ticket\": \"$ticket\"#"
	}
	ground() {
		[ "$1" = "Signed pushes" ] || return 0
		with_desk 'type = webhook' "url = \"http://127.0.0.1:$(cat port)\"" "token-file = \"$T/secret\""
		write_in one anna@example.org
		wait_for 60 eval 'fetch "http://127.0.0.1:$(cat port)/control/dump" | grep "\"tickets\".*\"id\""'
		ticket=$(fetch "http://127.0.0.1:$(cat port)/control/dump" | python3 -c \
			'import json, sys; print(json.load(sys.stdin)["tickets"][0]["id"])')
	}
	curl() { # the listener starts once there is a token for it
		[ -n "${KEEPER:-}" ] || with_desk 'type = local'
		fetch -o /dev/null -w '%{http_code}\n' "$@" >>answers
	}
	echo "the secret of the desk" >secret
	chmod 0600 secret
	given secret
	python3 "$top_srcdir/tests/line/desks/receiver.py" --secret secret --port-file port >desk.log 2>&1 3>&- &
	DESK=$!
	wait_for 20 test -s port
	walk feedback.md
	cat answers
	[ "$(cat answers)" = $'202\n200' ]
	taught() { deskgate stats --plain | grep '^taught .*learnt'; }
	wait_for 30 taught
}

@test "what filter.md says is done as it says" {
	paths() {
		sed -e "s#/etc/deskgate/deskgate.conf#$T/dg.conf#" \
			-e "s#/srv/mail/support/.Archive#$T/ham#" -e "s#/srv/mail/support/.Junk#$T/spam#"
	}
	corpus 40
	for n in $(seq 40); do echo "ham ham/$n"; echo "spam spam/$n"; done >index
	walk filter.md
	[ "$(wc -l <results)" -eq 80 ]
	grep -q '<svg' curves.svg
}

@test "what inboxes.md says is done as it says" {
	# The day has to come yet.
	paths() { sed "s/2027-01-31/$(date -d '+60 days' +%F)/"; }
	deskgate() {
		case $* in "inbox open"*)
			stop
			sed -i 's/^inbox .*/inbox "support@example.com" { erase-after = 1s announce-before = 1s }/' dg.conf
			keeper
			command deskgate inbox end support@example.com
			wait_for 60 in_state erased ;;
		esac
		command deskgate "$@"
	}
	in_state() { command deskgate inbox status --json | grep -q "\"state\": *\"$1\""; }
	keeper
	write_in one anna@example.org
	wait_for 60 tickets 1
	walk inboxes.md
	in_state active
	tickets 0
}

@test "what migrating.md says is done as it says" {
	paths() { sed -e "s#/srv/mail/support/.Archive#$T/ham#" -e "s#/srv/mail/support/.Junk#$T/spam#"; }
	corpus 5
	sed -i '1i X-Bogosity: Ham, spamicity=0.1' ham/*
	sed -i '1i X-Bogosity: Spam, spamicity=0.9' spam/*
	walk migrating.md
}

asked() { # the number of the last request
	deskgate privacy requests --all --plain | cut -f1 | sort -n | tail -n 1
}
add_requests() { # up to NUMBER
	while [ "$(asked)" -lt "$1" ]; do deskgate privacy request add access a.b@example.net; done
}

@test "what privacy.md says is done as it says" {
	ground() {
		case $1 in
		Restricting*)
			write_in three anna@example.org
			wait_for 60 tickets 1 ;;
		"The register of requests") add_requests 6 ;;
		esac
	}
	deskgate() {
		case $* in
		"privacy request refuse 8"*) add_requests 8 ;;
		"operator delete imap:ann") [[ "$(command deskgate operator list)" == *imap:ann* ]] ;;
		esac
		command deskgate "$@"
	}
	keeper
	write_in one anna@example.org
	write_in two a.b@example.net
	wait_for 60 tickets 2
	deskgate train --as imap:ann spam one
	walk privacy.md
	[ -s anna.tar ]
	ls breach/affected.csv
	[ "$(asked)" -eq 8 ]
	[[ "$(deskgate privacy receipt 7)" == *done*verified* ]]
	[[ "$(deskgate privacy receipt 8)" == *refused*verified* ]]
	[[ "$(command deskgate operator list)" != *imap:ann* ]]
}

# What is there of the project is a stand-in, and the key is made for the test.
@test "what releasing.md says is done as it says" {
	command -v git >/dev/null || skip "git is not installed"
	command -v gpg >/dev/null || skip "gpg is not installed"
	paths() { sed -e "s#VERSION#9.9.9#g" -e "s#REPOSITORY#$T/tree#" -e "s#build-release#$top_builddir#"; }
	tests/upgrade/make() {
		if [ "$(id -u)" -eq 0 ]; then
			setpriv --reuid "$T_USER" --regid "$(id -g "$T_USER")" --clear-groups tests/upgrade/make "$@"
		else
			command tests/upgrade/make "$@"
		fi
	}
	sha256sum() { tar -c -J -f "$1" -C release . && command sha256sum "$@"; }
	ground() { cd "$T/tree"; }
	gpg() { # a stranger has what was published
		if [ "$1" = --verify ]; then
			mkdir "$T/stranger"
			cp "$2" "$3" "$T/stranger"
			cd "$T/stranger"
		fi
		command gpg "$@"
	}
	export GNUPGHOME=$T/gnupg GIT_CONFIG_GLOBAL=$T/gitconfig GIT_CONFIG_NOSYSTEM=1
	mkdir -m 0700 gnupg
	gpg --batch --quiet --passphrase '' --quick-gen-key 'Somebody <somebody@example.org>' ed25519 sign 3>&-
	git config --global user.name Somebody
	git config --global user.email somebody@example.org
	git config --global init.defaultBranch main
	mkdir -p tree/tests/upgrade
	cp "$top_srcdir/tests/upgrade/make" tree/tests/upgrade/
	cp -r "$top_srcdir/contrib" tree/
	chmod -R u+w tree
	git -C tree init -q
	git -C tree add .
	git -C tree commit -q -m "A beginning"
	echo >>tree/contrib/doc/tour.md
	given tree/tests
	walk releasing.md
	[ -s "$T/tree/tests/upgrade/9.9.9.tar.xz" ]
}

@test "what watching.md says is done as it says" {
	deskgate() {
		case $* in
		top)
			export TERM=xterm
			python3 "$top_srcdir/tests/terminal.py" "until model" "type q" end -- deskgate top >top
			grep -q '^exit 0' top ;;
		*) command deskgate "$@" ;;
		esac
	}
	keeper
	walk watching.md
	[ -s top ]
}
