import type { EnvironmentPlan, FilePlan, HostPlan } from '../plan/model.ts';
import type { RenderedFile, RenderedHost } from './model.ts';
import { renderTemplate } from './templates.ts';
import { userData, type UserDataFile } from './user-data.ts';

/** Renders every host of the plan, in the plan's order. Pure apart from reading templates. */
export function renderEnvironment(plan: EnvironmentPlan): RenderedHost[] {
  return plan.hosts.map((host) => renderHost(plan, host));
}

/**
 * Renders the files and the user-data of one host.
 * @throws when a template is missing or names a field that its context does not have; the message
 * names template, host and field.
 */
export function renderHost(plan: EnvironmentPlan, host: HostPlan): RenderedHost {
  const files = host.files.map((file) => renderFile(plan, host, file));
  files.sort((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0));
  refuseDuplicates(host, files);
  // On the rig a host stays whatever its user-data becomes: one way for all files is simpler there.
  const isLate = ({ followsHosts }: FileWithBlock): boolean =>
    plan.target === 'aws' && followsHosts;
  const waits = ({ canWait }: FileWithBlock): boolean => plan.target === 'aws' && canWait;
  return {
    name: host.name,
    files: files.map(asRendered),
    userData: userData(
      host,
      files.filter((file) => !isLate(file) && !waits(file)),
    ),
    lateFiles: files.filter(isLate).map(asRendered),
    latePrograms: files.filter(waits).map(asRendered),
  };
}

type FileWithBlock = RenderedFile &
  UserDataFile & { readonly followsHosts: boolean; readonly canWait: boolean };

const asRendered = ({ path, content, mode, owner, onChange }: RenderedFile): RenderedFile => ({
  ...{ path, content, mode, owner, onChange },
});

function renderFile(plan: EnvironmentPlan, host: HostPlan, file: FilePlan): FileWithBlock {
  try {
    const { content, block } = renderTemplate(file.template, file.context);
    return {
      path: file.path ?? pathOf(file.template),
      content,
      block,
      mode: file.mode ?? '0644',
      owner: file.owner ?? 'root:root',
      onChange: file.onChange,
      followsHosts: file.followsHosts ?? false,
      canWait: file.canWait ?? false,
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `cannot render template "${file.template}" for host "${host.name}" of stack ` +
        `"${plan.stack}": ${reason}`,
      { cause },
    );
  }
}

/** `broker/etc/rabbitmq/rabbitmq.conf.hbs` is `/etc/rabbitmq/rabbitmq.conf` on the host. */
function pathOf(template: string): string {
  const slash = template.indexOf('/');
  const path = template.slice(slash);
  return path.endsWith('.hbs') ? path.slice(0, -'.hbs'.length) : path;
}

function refuseDuplicates(host: HostPlan, files: readonly RenderedFile[]): void {
  for (const [index, file] of files.entries()) {
    if (files[index + 1]?.path === file.path) {
      throw new Error(
        `host "${host.name}" has two files for ${file.path}: a plan may name each path once`,
      );
    }
  }
}
