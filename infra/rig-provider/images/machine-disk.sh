#!/bin/sh
# Turns a customized root file system into what a machine host boots:
#   machine-disk.sh ROOT KERNEL DISK
# The kernel has NVMe and ext4 built in: it needs no initial file system to find its root.
set -eu
root=$(CDPATH='' cd -- "${1:?ROOT is missing}" && pwd -P)
[ "$root" != / ] || exit 64
kernel=${2:?KERNEL is missing}
disk=${3:?DISK is missing}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

set -- "$root"/boot/vmlinuz-*
[ $# -eq 1 ] || { echo "one kernel was expected: $*" >&2; exit 65; }
version=${1##*/vmlinuz-}
for option in BLK_DEV_NVME EXT4_FS SERIAL_8250_CONSOLE; do
  grep -q "^CONFIG_$option=y" "$root/boot/config-$version" ||
    { echo "kernel $version has CONFIG_$option not built in" >&2; exit 65; }
done
cp "$1" "$kernel"
find "$root/boot" -mindepth 1 -delete
rm -f "$root"/vmlinuz* "$root"/initrd*

cp -R --no-preserve=ownership "$here/machine-overlay/." "$root/"
# The console is the log of what happens there; nobody logs in.
systemctl --root="$root" mask --quiet serial-getty@ttyS0.service

# As large as a root disk may become; blocks that nobody has written take no place.
raw=$disk.raw
mke2fs -q -t ext4 -d "$root" -m 0 -L root -E lazy_itable_init=1,lazy_journal_init=1 "$raw" 16G
qemu-img convert -f raw -O qcow2 "$raw" "$disk"
rm -f "$raw"
