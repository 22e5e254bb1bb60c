import type { IncomingMessage } from 'node:http';

/** Who called: the account's operator, from outside of the VPC, or an instance by its address. */
export type Caller =
  { readonly kind: 'operator' } | { readonly kind: 'instance'; readonly address: string };

/** One call of the API, whatever protocol its service speaks. */
export interface Call {
  readonly caller: Caller;
  /** As in the signature, e.g. `ec2`. */
  readonly service: string;
  /** e.g. `RunInstances`; for Route 53 method and path. */
  readonly action: string;
  /** `ec2:RunInstances`. */
  readonly name: string;
  /** Fields of a form, flat and named as on the wire, or those of a JSON body; empty for XML. */
  readonly parameters: Record<string, unknown>;
  readonly protocol: 'form' | 'json' | 'xml';
  readonly request: IncomingMessage;
  readonly body: string;
}

/** An answer of the API that is an error. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Reads what a request asks for. @throws ApiError when it is not signed as every call must be. */
export function callOf(request: IncomingMessage, body: string, caller: Caller): Call {
  const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(
    request.headers.authorization ?? '',
  );
  const service = scope?.[1];
  if (service === undefined) {
    throw new ApiError(
      'MissingAuthenticationToken',
      'Request is missing Authentication Token',
      403,
    );
  }
  const base = { caller, service, request, body };
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    const action = target.slice(target.lastIndexOf('.') + 1);
    const parameters = JSON.parse(body === '' ? '{}' : body) as Record<string, unknown>;
    return { ...base, action, name: `${service}:${action}`, parameters, protocol: 'json' };
  }
  const form = new URLSearchParams(body);
  const action = form.get('Action');
  if (action !== null) {
    const parameters = Object.fromEntries(form);
    return { ...base, action, name: `${service}:${action}`, parameters, protocol: 'form' };
  }
  const path = `${request.method ?? ''} ${request.url ?? ''}`;
  return { ...base, action: path, name: `${service}:${path}`, parameters: {}, protocol: 'xml' };
}

/** A field of a form that must be there. */
export function field(call: Call, name: string): string {
  const value = call.parameters[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new ApiError('MissingParameter', `The request must contain the parameter ${name}`);
}

/** Values of a form's numbered fields, e.g. `InstanceId` for `InstanceId.1`, `InstanceId.2`, ... */
export const list = (call: Call, name: string): string[] =>
  Object.entries(call.parameters)
    .filter(([key]) => new RegExp(`^${name}\\.\\d+$`).test(key))
    .map(([, value]) => String(value));

const escapeXml = (text: string): string =>
  text.replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** The error as the service's protocol tells it. */
export function errorBody(protocol: Call['protocol'], service: string, error: ApiError): string {
  if (protocol === 'json') return JSON.stringify({ __type: error.code, message: error.message });
  const told = `<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message></Error>`;
  return service === 'ec2'
    ? `<Response><Errors>${told}</Errors><RequestID>simulated</RequestID></Response>`
    : `<ErrorResponse>${told}<RequestId>simulated</RequestId></ErrorResponse>`;
}
