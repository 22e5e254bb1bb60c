import { userDataLimit } from '../../render/compressed-user-data.ts';
import { at, type Finding, finding, type Graph, ofType } from './graph.ts';

/** Credentials of a host's role are for the host: not for what is tricked into asking for them. */
export const openMetadata = (graph: Graph): Finding[] =>
  ofType(graph, 'aws:ec2/instance:Instance')
    .filter(
      ({ inputs }) =>
        at(inputs, 'metadataOptions', 'httpTokens') !== 'required' ||
        at(inputs, 'metadataOptions', 'httpPutResponseHopLimit') !== 1,
    )
    .map((instance) =>
      finding(
        instance,
        'answers for metadata without a token, or further away than the host itself',
      ),
    );

/** Compressed, of a size that EC2 takes. */
export const oversizedUserData = (graph: Graph): Finding[] =>
  ofType(graph, 'aws:ec2/instance:Instance').flatMap((instance) => {
    const { userData, userDataBase64 } = instance.inputs;
    if (userData !== undefined || typeof userDataBase64 !== 'string') {
      return [finding(instance, 'has user-data that is not compressed')];
    }
    const size = Buffer.from(userDataBase64, 'base64').length;
    return size <= userDataLimit
      ? []
      : [finding(instance, `has ${size} bytes of user-data; EC2 takes ${userDataLimit}`)];
  });
