import type { HostPlan } from '../plan/model.ts';

/** A file with its content as a YAML literal block (see templates.ts). */
export interface UserDataFile {
  readonly path: string;
  readonly block: string;
  readonly mode: string;
  readonly owner: string;
}

/** Run once by cloud-init, after every file is there. */
export const bootCommand = '/usr/local/lib/rabbitmq-ha-kit/boot';

/**
 * The `#cloud-config` document of one host: its name, its files and the boot command. Built by hand:
 * a YAML library would take most of the time of a render, and the shape never varies.
 */
export function userData(
  host: Pick<HostPlan, 'name' | 'fqdn'>,
  files: readonly UserDataFile[],
): string {
  const entries = files.map((file) => {
    // Owners other than root come with packages: those files wait for the final stage.
    const owner = file.owner === 'root:root' ? '' : `    owner: ${file.owner}\n    defer: true\n`;
    return `  - path: ${file.path}\n    permissions: '${file.mode}'\n${owner}    content: ${file.block}\n`;
  });
  return `#cloud-config
hostname: ${host.name}
fqdn: ${host.fqdn}
prefer_fqdn_over_hostname: false
manage_etc_hosts: false
write_files:
${entries.join('')}runcmd:
  - [${bootCommand}]
`;
}
