import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { rmSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Account } from './account.ts';
import { ApiError, type Call, type Caller, callOf, errorBody } from './call.ts';
import type { Credentials } from './credentials.ts';
import type { Effects } from './effects.ts';
import type { Network } from './network.ts';
import { record } from './record.ts';
import { requireRight } from './rights.ts';
import { apiSocket } from './settings.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Parts {
  readonly cloud: string;
  readonly motoPort: number;
  readonly account: Account;
  readonly network: Network;
  readonly credentials: Credentials;
  readonly effects: Effects;
}

/**
 * The API as clients see it: every call is judged, recorded, done by moto, and then by the hosts and
 * the network of the simulation.
 */
export class ApiServer {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** For instances, by the API's real names. */
  async listenInside(identity: {
    readonly certificate: string;
    readonly key: string;
  }): Promise<void> {
    const { certificate: cert, key } = identity;
    const answer = this.#listener((request) => ({
      kind: 'instance',
      address: request.socket.remoteAddress ?? '',
    }));
    const server = createTlsServer({ cert, key }, answer);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(443, '0.0.0.0', resolve);
    });
  }

  /** For who runs the account, from outside. */
  async listenOutside(): Promise<void> {
    const socket = apiSocket(this.#parts.cloud);
    rmSync(socket, { force: true });
    const server = createServer(this.#listener(() => ({ kind: 'operator' })));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, resolve);
    });
  }

  #listener(callerOf: (request: IncomingMessage) => Caller): RequestListener {
    return (request, response) => {
      this.#handle(request, callerOf(request), response).catch((error: unknown) => {
        process.stderr.write(`${request.url ?? ''}: ${String(error)}\n`);
        response.destroy();
      });
    };
  }

  async #handle(request: IncomingMessage, caller: Caller, response: ServerResponse): Promise<void> {
    const { cloud } = this.#parts;
    const body = await text(request);
    const who = this.#nameOf(caller);
    let call: Call | undefined;
    let answer: Answer;
    try {
      call = callOf(request, body, caller);
      answer = await this.#do(call);
      record(cloud, call, who, { status: answer.status, error: codeIn(answer) });
    } catch (error) {
      const told = asApiError(error);
      const { protocol = 'form', service = '' } = call ?? {};
      answer = {
        status: told.status,
        headers: {
          'content-type': protocol === 'json' ? 'application/x-amz-json-1.1' : 'text/xml',
        },
        body: errorBody(protocol, service, told),
      };
      const seen = call ?? { name: `? ${request.url ?? ''}`, parameters: {} };
      record(cloud, seen, who, { status: told.status, error: told.code });
    }
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  #nameOf(caller: Caller): string {
    if (caller.kind === 'operator') return 'operator';
    return this.#parts.network.interfaceAt(caller.address)?.instance ?? caller.address;
  }

  async #do(call: Call): Promise<Answer> {
    const { account, credentials, effects, network } = this.#parts;
    if (call.caller.kind === 'instance') {
      const instance = network.interfaceAt(call.caller.address)?.instance ?? '';
      await requireRight(account, credentials.roleBehind(instance, call.request), call);
    }
    const own = await effects.instead(call);
    if (own !== undefined) {
      return { status: 200, headers: { 'content-type': 'text/xml' }, body: own };
    }
    const body = await effects.before(call);
    const answer = await this.#pass(call, body);
    if (answer.status < 300) await effects.after(call, answer.body);
    return answer;
  }

  /** The call as it came, but for what was mended in its body. */
  #pass({ request }: Call, body: string): Promise<Answer> {
    const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const passed = httpRequest(
        {
          host: '127.0.0.1',
          port: this.#parts.motoPort,
          method: request.method,
          path: request.url,
          headers: { ...headers, connection: 'close' },
        },
        (reply) => {
          text(reply).then((replied) => {
            const kept = Object.entries(reply.headers)
              .filter(([key]) => key !== 'connection' && key !== 'transfer-encoding')
              .map(([key, value]) => [key, String(value)]);
            resolve({
              status: reply.statusCode ?? 500,
              headers: Object.fromEntries(kept) as Record<string, string>,
              body: replied,
            });
          }, reject);
        },
      );
      passed.once('error', reject);
      passed.end(body);
    });
  }
}

/** A mistake of the simulation is told as one, with its trace in the log. */
function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
  return new ApiError('InternalError', error instanceof Error ? error.message : String(error), 500);
}

function codeIn({ status, body }: Answer): string | undefined {
  if (status < 300) return undefined;
  return /<Code>([^<]+)</.exec(body)?.[1] ?? /"__type":\s*"([^"]+)"/.exec(body)?.[1] ?? 'unknown';
}
