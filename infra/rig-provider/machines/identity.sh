#!/bin/sh
# Writes what tells a machine from others of its image to a disk, in place: a tar archive, which the
# machine reads at each boot (see usr/lib/rig/identity of the image).
#   identity.sh FOLDER SEED
# FOLDER holds the disk and is in memory. Standard input, one item a line:
#   host NAME VALUE          for the machine's host.env
#   volume SERIAL MOUNT      a disk with ext4 that it mounts over MOUNT
#   secret NAME BASE64       a file below its secret folder; so no secret is an argument
set -eu
size=8388608
folder=${1:?FOLDER is missing}
tree=$folder/tree
rm -rf "$tree"
mkdir -m 0700 "$tree" "$tree/secrets"
cp -R "${2:?SEED is missing}" "$tree/seed"
: > "$tree/host.env"
: > "$tree/volumes"

while read -r kind name value; do
  case $kind in
    host) echo "$name=$value" >> "$tree/host.env" ;;
    volume) echo "$name $value" >> "$tree/volumes" ;;
    secret) printf %s "$value" | (umask 0377 && base64 -d > "$tree/secrets/$name") ;;
  esac
done

# Machines that go on from one saved state know the same random numbers to come.
head -c 256 /dev/urandom > "$tree/entropy"
tar -C "$tree" -cf "$folder/new" .
rm -rf "$tree"
if [ "$(stat -c %s "$folder/new")" -gt "$size" ]; then
  echo "user-data and secrets take more than $size bytes" >&2
  exit 65
fi
truncate -s "$size" "$folder/new"
dd if="$folder/new" of="$folder/disk" bs=1M conv=notrunc status=none
rm -f "$folder/new"
