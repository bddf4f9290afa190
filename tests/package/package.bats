#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian packages, as one who installs them meets them: built from what is
# committed, installed on a fresh Debian 12, used as README.Debian says, and purged.
# DESKGATE_PACKAGES: a folder with packages that were built already.  DESKGATE_FRESH: a
# tarball that keeps the fresh system between runs.

load fresh.bash

setup_file() {
	export DIR PACKAGES LACKS
	DIR=$(mktemp -d "${BATS_TMPDIR:-/tmp}/deskgate-package.XXXXXX")
	PACKAGES=${DESKGATE_PACKAGES:-$DIR/packages}
	LACKS=$(fresh_lacks)
	mkdir -p "$PACKAGES"
}

teardown_file() { rm -rf "$DIR"; }

setup() { ROOT=$DIR/root; }

built() { ls "$PACKAGES"/deskgate_*.deb >/dev/null 2>&1; }

installed() { # FOLDER: what belongs to the package there
	find "$1" -path "$1/proc" -prune -o \( -iname '*deskgate*' -print \) | sort
}

@test "the packages are built, and lintian has nothing to say" {
	! built || skip "DESKGATE_PACKAGES has them already"
	git -C "$top_srcdir" rev-parse >/dev/null 2>&1 || skip "no clone: nothing is committed"
	DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS:-nocheck parallel=2}" \
		run "$top_srcdir/contrib/package" "$PACKAGES"
	echo "$output"
	[ "$status" -eq 0 ]
	built
}

@test "the same commit makes the same tarball" {
	built || skip "no packages"
	git -C "$top_srcdir" rev-parse >/dev/null 2>&1 || skip "no clone: nothing is committed"
	mkdir -p "$DIR/again"
	git -C "$top_srcdir" archive --prefix=deeper/tree/ HEAD | tar -x -C "$DIR/again"
	SOURCE_DATE_EPOCH=$(git -C "$top_srcdir" log -1 --format=%ct) \
		"$top_srcdir/contrib/tarball" "$DIR/again/deeper/tree" "$DIR/again"
	cmp "$DIR"/again/deskgate-*.tar.xz "$PACKAGES"/deskgate_*.orig.tar.xz
}

@test "the package names every library that its programs load" {
	built || skip "no packages"
	dpkg-deb -x "$PACKAGES"/deskgate_*.deb "$DIR/look"
	cp "$DIR"/look/usr/share/doc/deskgate/deskgate.spdx.json* "$DIR/"
	gunzip -f "$DIR"/deskgate.spdx.json.gz 2>/dev/null || true
	for program in "$DIR"/look/usr/bin/* "$DIR"/look/usr/sbin/*; do
		readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
	done | sort -u >"$DIR/needed"
	[ -s "$DIR/needed" ]
	python3 - "$DIR" <<'PY'
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
told = json.loads((folder / "deskgate.spdx.json").read_text())
names = {one["name"] for one in told["packages"]}
lacking = set((folder / "needed").read_text().split()) - names
assert told["spdxVersion"] == "SPDX-2.3" and not lacking, lacking
PY
}

# One list of files for every kind of package.  What Debian alone has: AppArmor,
# logrotate, its own folder for zsh and for documents.
@test "the RPM's list of files is that of the package" {
	built || skip "no packages"
	dpkg-deb -c "$PACKAGES"/deskgate_*.deb | awk '!/^d/ { print substr($6, 2) }' |
		sed -e 's,^/lib/systemd,/usr/lib/systemd,' -e 's,/zsh/vendor-completions/,/zsh/site-functions/,' |
		grep -v '^/usr/share/doc/\|^/usr/share/lintian/\|^/etc/apparmor.d/\|^/etc/logrotate.d/' >"$DIR/has"
	python3 - "$top_srcdir/contrib/rpm/deskgate.spec" "$DIR/has" <<'PY'
import fnmatch, re, sys
folders = {"_sysconfdir": "/etc", "_bindir": "/usr/bin", "_sbindir": "/usr/sbin",
           "_mandir": "/usr/share/man", "_datadir": "/usr/share",
           "_sysusersdir": "/usr/lib/sysusers.d", "_tmpfilesdir": "/usr/lib/tmpfiles.d",
           "_unitdir": "/usr/lib/systemd/system"}
lines = open(sys.argv[1]).read().split("%files\n")[1].splitlines()
told = [re.sub(r"%\{(\w+)\}", lambda m: folders[m[1]], line.split()[-1])
        for line in lines if line and not line.startswith(("%license", "%doc"))]
has = open(sys.argv[2]).read().split()
extra = [one for one in has if not any(fnmatch.fnmatch(one, each) for each in told)]
lacking = [each for each in told if not fnmatch.filter(has, each)]
print("only in the package:", extra, "only in the RPM:", lacking)
sys.exit(bool(extra or lacking or not has))
PY
}

package() { basename "$PACKAGES"/deskgate_*.deb; }
put_in() { # LOG: installs what is built in the root
	fresh_apt "$ROOT" install --no-install-recommends iproute2 "/root/$(package)" \
		>"$DIR/$1.log" 2>&1 || { tail -n 20 "$DIR/$1.log"; false; }
	grep -q '^deskgate-milter:' "$ROOT/etc/passwd"
	[ "$(chroot "$ROOT" stat -c '%U %a' /var/lib/deskgate-keys)" = "deskgate 750" ]
}
take_the_tour() { # [MTA]
	run fresh_run "$ROOT" bash /root/mail "$@"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"The printer is on fire"* ]]
}
purge() { # LOG: nothing of it is left, nobody either
	fresh_apt "$ROOT" purge deskgate >"$DIR/$1.log" 2>&1
	rm -f "$ROOT"/root/deskgate* "$ROOT"/var/cache/apt/archives/deskgate*
	run installed "$ROOT"
	echo "$output"
	[ -z "$output" ]
	run grep deskgate "$ROOT/etc/passwd" "$ROOT/etc/group" "$ROOT/etc/shadow"
	echo "$output"
	[ "$status" -eq 1 ]
}

@test "a fresh Debian: installed, the tour of README.Debian, a message, its ticket" {
	[ -z "$LACKS" ] || skip "$LACKS"
	built || skip "no packages"
	fresh_make "$ROOT" >"$DIR/fresh.log" 2>&1 || { tail -n 5 "$DIR/fresh.log"; false; }
	cp "$PACKAGES"/deskgate_*.deb "$top_srcdir/debian/tests/mail" "$ROOT/root/"
	fresh_apt "$ROOT" update >"$DIR/apt.log" 2>&1
	cp -a "$ROOT" "$DIR/other"
	put_in first
	[ "$(chroot "$ROOT" stat -c '%U %G %a' /var/spool/postfix/deskgate)" = "deskgate-milter postfix 2750" ]
	take_the_tour
}

@test "installed anew over itself it keeps state and settings" {
	[ -d "$ROOT/var/lib/deskgate/spool" ] || skip "not installed: see above"
	fresh_apt "$ROOT" install --reinstall --no-install-recommends \
		"/root/$(package)" >"$DIR/again.log" 2>&1
	grep -q '^inbox "support@example.com"' "$ROOT/etc/deskgate/deskgate.conf"
	take_the_tour
}

@test "removed it keeps settings and state; purged nothing is left; and it can come again" {
	[ -d "$ROOT/var/lib/deskgate/spool" ] || skip "not installed: see above"
	fresh_apt "$ROOT" remove deskgate >"$DIR/remove.log" 2>&1
	[ -f "$ROOT/etc/deskgate/deskgate.conf" ]
	[ -d "$ROOT/var/lib/deskgate-keys" ]
	[ ! -e "$ROOT/usr/sbin/deskgate-milter" ]
	purge purge
	cp "$PACKAGES"/deskgate_*.deb "$ROOT/root/"
	put_in anew
	take_the_tour
	purge purged
}

@test "a fresh Debian with Sendmail: installed, the tour, a message, its ticket, purged" {
	[ -d "$DIR/other" ] || skip "no fresh Debian: see above"
	ROOT=$DIR/other
	# Where a host's name has no dot, Sendmail waits a minute for a better one; it looks
	# senders' domains up, and nobody answers for DNS.
	printf '%s\n' '127.0.0.1 mail.example.net localhost' '192.0.2.1 example.org' \
		'192.0.2.2 example.com' >"$ROOT/etc/hosts"
	fresh_apt "$ROOT" purge postfix >"$DIR/sendmail.log" 2>&1
	fresh_apt "$ROOT" install --no-install-recommends sendmail-bin sendmail-cf m4 \
		>>"$DIR/sendmail.log" 2>&1 || { tail -n 20 "$DIR/sendmail.log"; false; }
	printf 'hosts files\naliases files\n' >"$ROOT/etc/mail/service.switch"
	put_in with-sendmail
	take_the_tour sendmail
	purge purge-sendmail
}
