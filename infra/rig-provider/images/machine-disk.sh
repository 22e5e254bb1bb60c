#!/bin/sh
# Turns a customized root file system into what a machine host boots:
#   machine-disk.sh ROOT KERNEL INITRD DISK
set -eu
root=$(CDPATH='' cd -- "${1:?ROOT is missing}" && pwd -P)
[ "$root" != / ] || exit 64
kernel=${2:?KERNEL is missing}
initrd=${3:?INITRD is missing}
disk=${4:?DISK is missing}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

set -- "$root"/boot/vmlinuz-*
[ $# -eq 1 ] || { echo "one kernel was expected: $*" >&2; exit 65; }
version=${1##*/vmlinuz-}
for option in EXT4_FS SERIAL_8250_CONSOLE RTC_DRV_CMOS; do
  grep -q "^CONFIG_$option=y" "$root/boot/config-$version" ||
    { echo "kernel $version has CONFIG_$option not built in" >&2; exit 65; }
done
cp "$1" "$kernel"
find "$root/boot" -mindepth 1 -delete
rm -f "$root"/vmlinuz* "$root"/initrd*

# The distribution's own initial file system looks for disks of every sort, which takes seconds.
early=$root/early
mkdir -p "$early/bin" "$early/dev" "$early/root"
cp "$root/bin/busybox" "$early/bin/busybox"
cp "$here/machine-init" "$early/init"
chmod 0755 "$early/init"
: > "$early/modules"
for driver in virtio_pci virtio_blk; do
  chroot "$root" modprobe --set-version "$version" --show-depends "$driver" |
    sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | awk '!seen[$0]++' | while read -r file; do
  name=${file##*/}
  case $name in
    *.xz) chroot "$root" busybox xzcat "$file" > "$early/${name%.xz}" ;;
    *) cp "$root/$file" "$early/$name" ;;
  esac
  echo "${name%.xz}" >> "$early/modules"
done
chroot "$root" sh -c 'cd /early && find . | cpio --quiet --create --format=newc' > "$initrd"
rm -r "$early"

cp -R --no-preserve=ownership "$here/machine-overlay/." "$root/"
# The console is the log of what happens there; nobody logs in.
systemctl --root="$root" mask --quiet serial-getty@ttyS0.service

# As large as a root disk may become; blocks that nobody has written take no place.
raw=$disk.raw
mke2fs -q -t ext4 -d "$root" -m 0 -L root -E lazy_itable_init=1,lazy_journal_init=1 "$raw" 16G
qemu-img convert -f raw -O qcow2 "$raw" "$disk"
rm -f "$raw"
