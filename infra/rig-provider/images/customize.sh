#!/bin/sh
# Turns a fresh root file system into a base image:
#   customize.sh ROOT
# It runs after mmdebstrap and not as its hook, because mmdebstrap keeps its apt settings in ROOT/tmp:
# without them its last steps would work on this machine's own package lists.
# Whatever a package's installation left behind that is a host's own must go: hosts share this tree.
set -eu
root=$(CDPATH='' cd -- "${1:?ROOT is missing}" && pwd -P)
[ "$root" != / ] || exit 64
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

cp -R --no-preserve=ownership "$here/overlay/." "$root/"

# Enabled is what the preset names; hosts enable the rest themselves.
systemctl --root="$root" preset-all --quiet
systemctl --root="$root" set-default --quiet multi-user.target
# What other units pull in whether it is enabled or not: housekeeping, consoles, sessions of people,
# and file systems of a kernel that is not the host's own.
systemctl --root="$root" mask --quiet \
	apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer \
	systemd-tmpfiles-clean.timer \
	console-getty.service getty@tty1.service systemd-logind.service systemd-user-sessions.service \
	dev-hugepages.mount dev-mqueue.mount sys-kernel-config.mount sys-kernel-debug.mount \
	sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
	modprobe@configfs.service modprobe@dm_mod.service modprobe@drm.service \
	modprobe@efi_pstore.service modprobe@fuse.service modprobe@loop.service

# Identity: an empty file, because a missing one means "first boot" to systemd.
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/etc/hostname" "$root"/etc/ssh/ssh_host_*
rm -f "$root/var/lib/systemd/random-seed"

# Broker state: the cookie above all, which would be the same in every environment.
rm -rf "$root/var/lib/rabbitmq/.erlang.cookie" "$root"/var/lib/rabbitmq/mnesia/* \
	"$root"/var/log/rabbitmq/*

# Hosts reach no mirror; its address, and what apt needed for it, are this machine's affair.
: >"$root/etc/apt/sources.list"
rm -rf "$root"/etc/apt/sources.list.d/* "$root/etc/apt/apt.conf.d/99mmdebstrap"
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/cache/debconf/*-old
rm -rf "$root/var/lib/cloud" "$root"/tmp/* "$root"/var/tmp/* "$root"/run/*
find "$root/var/log" -type f -delete

# The caches that systemd would bring up to date at the first boot (ldconfig and the like) are.
touch -r "$root/usr" "$root/etc/.updated" "$root/var/.updated"
