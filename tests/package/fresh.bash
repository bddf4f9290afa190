# SPDX-License-Identifier: GPL-3.0-or-later
# A fresh Debian 12 in a folder, and programs in it that see no network but loopback.

# The machine's own sources, so that its mirror is asked.
fresh_mirror() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
		2>/dev/null | awk '
		$1 == "URIs:" { print $2; exit }
		$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^(https?|file):/) { print $i; exit } }'
}

# What stands in the way of it; prints nothing where all is there.
fresh_lacks() {
	[ "$(id -u)" -eq 0 ] || { echo "needs root"; return; }
	command -v debootstrap >/dev/null || { echo "needs debootstrap"; return; }
	[ -n "$(fresh_mirror)" ] || { echo "no source of packages in /etc/apt"; return; }
	unshare --net --pid --fork --mount true 2>/dev/null || echo "no namespaces here"
}

# FOLDER: made of DESKGATE_FRESH, a tarball, where that is told and there; else by
# debootstrap, and kept in that tarball.
fresh_make() {
	mkdir -p "$1"
	if [ -s "${DESKGATE_FRESH:-}" ]; then
		tar -x -C "$1" -f "$DESKGATE_FRESH"
		return
	fi
	debootstrap --variant=minbase --include=ca-certificates,postfix,procps \
		bookworm "$1" "$(fresh_mirror)" || return
	cp -a /etc/apt/. "$1/etc/apt/"
	printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
	chmod +x "$1/usr/sbin/policy-rc.d"
	[ -z "${DESKGATE_FRESH:-}" ] || tar -c -C "$1" -f "$DESKGATE_FRESH" .
}

# FOLDER WORD...: apt-get there, with the machine's network.
fresh_apt() {
	local root=$1; shift
	cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
	# shellcheck disable=SC2016
	DEBIAN_FRONTEND=noninteractive unshare --mount -- sh -c '
		root=$1; shift
		mount -t proc proc "$root/proc" && exec chroot "$root" apt-get -q -y "$@"' \
		sh "$root" "$@"
}

# FOLDER COMMAND...: alone; what it starts ends with it.
fresh_run() {
	local root=$1; shift
	# shellcheck disable=SC2016
	unshare --net --pid --fork --kill-child --mount --uts -- sh -c '
		root=$1; shift
		ip link set lo up && mount -t proc proc "$root/proc" &&
		hostname mail.example.net && exec chroot "$root" "$@"' sh "$root" "$@"
}
