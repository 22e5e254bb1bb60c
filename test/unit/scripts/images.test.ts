import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import type { EnvironmentPlan } from '../../../infra/plan/model.ts';
import {
  type Aws,
  type Image,
  imageNeeds,
  newestImage,
  pinnedImage,
} from '../../../scripts/lib/aws-images.ts';
import { goldenText } from '../../../scripts/lib/golden-image.ts';
import { withImages } from '../../../scripts/lib/pin-images.ts';
import { plan } from '../../lib/plans.ts';
import { readyStacks } from '../../lib/ready-stacks.ts';

const region = 'eu-central-1';
const onAws = (images: object = {}): EnvironmentPlan =>
  plan('mirrored-cluster', { target: 'aws', aws: { region, images } });
const debian = '136693071363';
const image = (name: string, rest: Partial<Image> = {}): Image => ({
  id: 'ami-0123456789abcdef0',
  name,
  owner: debian,
  architecture: 'arm64',
  made: '2026-01-01T00:00:00.000Z',
  ...rest,
});
/** EC2 that knows these images, and notes what it was asked. */
function ec2(images: readonly Image[], asked: string[] = []): Aws {
  return (args) => {
    asked.push(args.join(' '));
    return Promise.resolve({ code: 0, stdout: JSON.stringify(images), stderr: '' });
  };
}
function needOf(release: string, images: object = {}) {
  const need = imageNeeds(onAws(images)).find((each) => each.release === release);
  if (need === undefined) throw new Error(`no need of ${release}`);
  return need;
}

describe('images of a stack on aws', () => {
  it('are one a release, each for the processor of its instances', () => {
    expect(imageNeeds(onAws()).map(({ release, architecture }) => [release, architecture])).toEqual(
      [
        ['bookworm', 'arm64'],
        ['trixie', 'arm64'],
      ],
    );
  });

  it('are the newest of Debian itself', async () => {
    const asked: string[] = [];
    const older = image('debian-12-arm64-20250101-1');
    const newer = image('debian-12-arm64-20260101-1', {
      id: 'ami-0fedcba9876543210',
      made: '2026-02-01T00:00:00.000Z',
    });
    expect(await newestImage(ec2([older, newer], asked), region, needOf('bookworm'))).toEqual(
      newer,
    );
    expect(asked[0]).toContain(`--region ${region} --owners ${debian}`);
    expect(asked[0]).toContain('Name=name,Values=debian-12-arm64-*');
  });

  it('are refused where Debian has none', async () => {
    await expect(newestImage(ec2([]), region, needOf('trixie'))).rejects.toThrow(
      'Debian has no image of trixie',
    );
  });

  it('once pinned are judged', async () => {
    const need = needOf('bookworm', { bookworm: 'ami-0123456789abcdef0' });
    const judge = (...images: Image[]) => pinnedImage(ec2(images), region, need);
    const right = image('debian-12-arm64-20260101-1');
    expect(await judge(right)).toEqual(right);
    const own = image('our own', { owner: '111122223333' });
    expect(await judge(own)).toEqual(own);
    await expect(judge()).rejects.toThrow('is not there');
    await expect(judge(image('debian-13-arm64-1'))).rejects.toThrow('another release');
    await expect(judge(image('debian-12-amd64-1', { architecture: 'x86_64' }))).rejects.toThrow(
      'another processor',
    );
  });

  it('say what AWS said when it refuses', async () => {
    const refuses: Aws = () =>
      Promise.resolve({ code: 255, stdout: '', stderr: 'Unable to locate credentials\n' });
    await expect(newestImage(refuses, region, needOf('trixie'))).rejects.toMatchObject({
      parts: { value: 'Unable to locate credentials' },
    });
  });

  it('are of no use on the rig', () => {
    expect(() => imageNeeds(plan('warren'))).toThrow('no images of EC2');
  });
});

describe('a pinned image', () => {
  const ready = readyStacks.find(({ stack }) => stack === 'aws-mirrored');
  const text = ready?.text ?? '';
  const pinned = withImages(text, { trixie: image('debian-13-arm64-20260101-1') });

  it('stands in the stack file with its name, and all else stays', () => {
    const line = '        trixie: ami-0123456789abcdef0 # debian-13-arm64-20260101-1\n';
    expect(pinned).toContain(`      images:\n${line}`);
    expect(pinned.replace(`      images:\n${line}`, '')).toBe(text);
  });

  it('is what the next one replaces', () => {
    const renewed = withImages(pinned, {
      trixie: image('debian-13-arm64-20260202-1', { id: 'ami-0fedcba9876543210' }),
    });
    expect(renewed).toBe(
      pinned
        .replace('ami-0123456789abcdef0', 'ami-0fedcba9876543210')
        .replace('20260101', '20260202'),
    );
  });

  it('is what instances boot', () => {
    const { environment } = ready ?? {};
    const config = {
      ...(environment as object),
      aws: { region, images: { trixie: 'ami-1234567a' } },
    };
    const { aws } = planEnvironment(loadEnvironment(config, undefined, 'aws-mirrored'));
    expect(aws?.hosts['balancer-1']?.image).toBe('ami-1234567a');
    expect(aws?.hosts['rabbit-1']?.image).toBeUndefined();
  });
});

it('a golden image holds every package of its hosts', () => {
  const text = goldenText(imageNeeds(onAws()));
  for (const { packages } of onAws().hosts) {
    for (const name of packages) expect(text).toContain(` ${name}`);
  }
});
