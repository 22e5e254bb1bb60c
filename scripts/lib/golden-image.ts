import type { ImageNeed } from './aws-images.ts';

/** What images of a user's own must hold, for people who build them. */
export const goldenText = (needs: readonly ImageNeed[]): string =>
  needs
    .map(({ release, architecture, hosts, packages }) =>
      [
        `aws.images.${release}: Debian ${release}, ${architecture}, for ${hosts.join(', ')}`,
        `  packages: ${packages.join(' ')}`,
        ...rest.map((line) => `  ${line}`),
        '',
      ].join('\n'),
    )
    .join('\n');

const rest = [
  'cloud-init with the data source Ec2, a time client (chrony or systemd-timesyncd), and an',
  'openssh-server for shells by instance-connect, or the agent of Systems Manager for session-manager;',
  'e2fsprogs and udev, which every image of Debian has. Services of the packages are disabled and have',
  'never run: no Erlang cookie, nothing under /var/lib/rabbitmq, no machine id, no keys of a host.',
  'A package that is missing is installed at the first boot, if the host has a way to a mirror.',
];
