import {
  CreateTagsCommand,
  DeleteTagsCommand,
  type ResourceType,
  type TagSpecification,
} from '@aws-sdk/client-ec2';
import type { Account } from '../cloud/account.ts';
import { tagList } from './kind.ts';

export const tagged = (
  resource: ResourceType,
  tags: Readonly<Record<string, string>>,
): { TagSpecifications: TagSpecification[] } => ({
  TagSpecifications: [{ ResourceType: resource, Tags: tagList(tags) }],
});

/** Brings the tags of anything in EC2 from one set to another. */
export async function retag(
  { ec2 }: Account,
  id: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Promise<void> {
  const gone = Object.keys(before).filter((key) => !(key in after));
  if (gone.length > 0) {
    const Tags = gone.map((Key) => ({ Key }));
    await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags }));
  }
  await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: tagList(after) }));
}
