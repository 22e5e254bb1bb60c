import { join } from 'node:path';

import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import { hostKinds } from '../../infra/rig/host-kinds.ts';
import { machineImage } from '../../infra/rig-provider/images/catalogue.ts';
import { machineParts } from '../../infra/rig-provider/images/store.ts';
import { chooseAcceleration } from '../../infra/rig-provider/machines/acceleration.ts';
import type { Progress } from './progress.ts';
import type { SetupResult } from './setup.ts';

/** Says which hosts are virtual machines, and whether the processor runs them or qemu emulates it. */
export async function announceMachines(
  plan: EnvironmentPlan,
  images: SetupResult['images'],
  progress: Progress,
): Promise<void> {
  const kinds = hostKinds(plan);
  const machines = plan.hosts.filter(({ name }) => kinds.get(name) === 'machine');
  const [first] = machines;
  const image = first && images[machineImage(first.image)];
  if (image === undefined) return;
  const acceleration = await chooseAcceleration(join(image.rootfs, machineParts.kernel));
  const names = machines.map(({ name }) => name).join(', ');
  const how = acceleration === 'kvm' ? 'with KVM' : 'emulated, many times slower than containers';
  progress.note(`virtual machines, ${how}: ${names}`);
}
