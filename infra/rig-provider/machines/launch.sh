#!/bin/sh
# Boots one host with qemu. Standard input is that of identity.sh: what the host gets.
# Environment: RIG_CGROUP control group, RIG_DISKS folder of the host, RIG_NETNS its network namespace.
# RIG_STATE, where it is set: a saved state, which the command finds as file descriptor 3.
# Arguments: the qemu command; its standard output is the console.
#
# The disk with the identity holds secrets: it is in memory, in a mount namespace of this host's own,
# which goes with its last process.
set -eu

if [ "${RIG_STAGE:-}" != mounts ]; then
  mkdir -p "$RIG_CGROUP/machine" "$RIG_CGROUP/console"
  echo $$ > "$RIG_CGROUP/machine/cgroup.procs"
  RIG_STAGE=mounts exec nsenter --net="$RIG_NETNS" -- unshare --mount --propagation private sh "$0" "$@"
fi
unset RIG_STAGE
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd "$RIG_DISKS"

mkdir -p identity
mount -t tmpfs -o mode=0700,size=32m tmpfs identity
sh "$here/identity.sh" identity seed
exec < /dev/null

# The console goes to a file of at most 8 MiB; what comes after that is read and dropped, because
# a full pipe would stop the host. Earlier lives keep one file.
if [ -f console.log ]; then mv -f console.log console.old.log; fi
rm -f console.fifo
mkfifo -m 0600 console.fifo
{
  sh -c 'echo $PPID > "$1/cgroup.procs"' console "$RIG_CGROUP/console"
  # qemu writes byte by byte: with larger blocks dd would count every byte as one.
  dd bs=1 count=8388608 of=console.log status=none
  exec cat > /dev/null
} < console.fifo 2> /dev/null &
exec > console.fifo
rm -f console.fifo
if [ -n "${RIG_STATE:-}" ]; then exec 3< "$RIG_STATE"; fi
exec "$@"
