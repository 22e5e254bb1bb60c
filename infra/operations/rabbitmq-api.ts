import type { Channel } from './channel.ts';

/**
 * The management API of one broker, asked on the broker's own host (`mq-api`, docs/host.md): no
 * password and no port ever leaves the host.
 */
export interface BrokerApi {
  readonly host: string;
  get<T>(path: string, options?: ApiOptions): Promise<T>;
  put(path: string, body: unknown, options?: ApiOptions): Promise<void>;
  post(path: string, body: unknown, options?: ApiOptions): Promise<void>;
  delete(path: string, options?: ApiOptions): Promise<void>;
}

export interface ApiOptions {
  /** Milliseconds; 10,000 unless stated. */
  readonly timeoutMs?: number;
}

export function brokerApi(channel: Channel, host: string): BrokerApi {
  const call = async (method: string, path: string, body: unknown, options?: ApiOptions) => {
    const timeoutMs = options?.timeoutMs ?? 10_000;
    // mq-api has a limit of its own, in seconds, which must not end a long import early.
    const limit = `MQ_API_TIMEOUT=${Math.ceil(timeoutMs / 1000)}`;
    const argv = ['env', limit, '/usr/local/sbin/mq-api', method, path];
    const result = await channel.run(host, argv, {
      ...(body === undefined ? {} : { input: JSON.stringify(body) }),
      timeoutMs,
    });
    if (result.code !== 0) {
      const seen = `${result.stderr.trim()} ${result.stdout.trim()}`.trim().slice(-500);
      throw new Error(`${method} ${path} on ${host} failed: ${seen}`);
    }
    return result.stdout;
  };
  return {
    host,
    get: async (path, options) => JSON.parse(await call('GET', path, undefined, options)) as never,
    put: async (path, body, options) => {
      await call('PUT', path, body, options);
    },
    post: async (path, body, options) => {
      await call('POST', path, body, options);
    },
    delete: async (path, options) => {
      await call('DELETE', path, undefined, options);
    },
  };
}
