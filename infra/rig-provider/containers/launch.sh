#!/bin/sh
# Boots one host with systemd-nspawn. Standard input says what the host gets, one item a line:
#   volume NAME FILE MOUNT    a file with ext4, mounted over MOUNT of the host
#   secret NAME BASE64        a file below the host's secret folder; so no secret is an argument
# Environment: RIG_CGROUP control group, RIG_DISKS folder of the host, RIG_IMAGE its lower root.
# Arguments: the systemd-nspawn command, to which the volumes' mounts are added.
#
# All mounts are in a mount namespace of this host's own: they go with its last process, and the
# machine never sees them.
set -eu

if [ "${RIG_STAGE:-}" != mounts ]; then
  echo $$ > "$RIG_CGROUP/cgroup.procs"
  RIG_STAGE=mounts exec unshare --mount --propagation private sh "$0" "$@"
fi
unset RIG_STAGE
cd "$RIG_DISKS"

mkdir -p root work secrets volumes
mount -t overlay overlay -o "lowerdir=$RIG_IMAGE,upperdir=$RIG_DISKS/upper,workdir=$RIG_DISKS/work" root
mount -t tmpfs -o mode=0700,size=4m tmpfs secrets

# nspawn keeps locks and sockets there; this way they go with the host too.
mkdir -p /run/systemd/nspawn
mount -t tmpfs -o mode=0755,size=1m tmpfs /run/systemd/nspawn

while read -r kind name first second; do
  case $kind in
    volume)
      mkdir -p "volumes/$name"
      mount -t ext4 -o loop,noatime,noinit_itable "$first" "volumes/$name"
      # A fresh disk belongs to whom the folder that it covers belongs to.
      if [ -d "root$second" ]; then
        chown --reference="root$second" "volumes/$name"
        chmod --reference="root$second" "volumes/$name"
      fi
      set -- "$@" "--bind=$RIG_DISKS/volumes/$name:$second"
      ;;
    secret)
      printf %s "$first" | (umask 0377 && base64 -d > "secrets/$name")
      ;;
  esac
done
exec < /dev/null

# The console goes to a file of at most 8 MiB; what comes after that is read and dropped, because
# a full pipe would stop the host. Earlier lives keep one file.
if [ -f console.log ]; then mv -f console.log console.old.log; fi
rm -f console.fifo
mkfifo -m 0600 console.fifo
{
  # Groups that hold groups must not hold processes once a controller is on.
  mkdir -p "$RIG_CGROUP/console"
  sh -c 'echo $PPID > "$1/cgroup.procs"' console "$RIG_CGROUP/console"
  dd bs=512 count=16384 of=console.log status=none
  exec cat > /dev/null
} < console.fifo 2> /dev/null &
exec > console.fifo 2>&1
rm -f console.fifo
exec "$@"
