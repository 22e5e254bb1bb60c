import { at, type Finding, finding, type Graph, ofType } from './graph.ts';

/** Disks and secrets are encrypted, under the environment's own key. */
export function unencrypted(graph: Graph): Finding[] {
  return [
    ...ofType(graph, 'aws:ebs/volume:Volume').flatMap((volume) =>
      isUnder(volume, 'kmsKeyId') && volume.inputs['encrypted'] === true
        ? []
        : [finding(volume, 'is not encrypted under a key of the environment')],
    ),
    ...ofType(graph, 'aws:ec2/instance:Instance').flatMap((instance) =>
      at(instance.inputs, 'rootBlockDevice', 'encrypted') === true &&
      isUnder(instance, 'rootBlockDevice')
        ? []
        : [
            finding(
              instance,
              'has a root disk that is not encrypted under a key of the environment',
            ),
          ],
    ),
    ...ofType(graph, 'aws:ssm/parameter:Parameter').flatMap((parameter) =>
      parameter.inputs['type'] === 'SecureString' && isUnder(parameter, 'keyId')
        ? []
        : [finding(parameter, 'is not a SecureString under a key of the environment')],
    ),
    ...ofType(graph, 'aws:kms/key:Key').flatMap((key) =>
      key.inputs['enableKeyRotation'] === true ? [] : [finding(key, 'is never rotated')],
    ),
  ];
}

/** By what the input was made from: the key's name exists only after its creation. */
const isUnder = ({ references }: Graph[number], input: string): boolean =>
  (references[input] ?? []).some((urn) => urn.includes('aws:kms/key:Key::'));
