import { get } from 'node:http';
import { get as getSecurely } from 'node:https';

export interface HttpRequest {
  readonly url: string;
  /** Certificates to trust, PEM, for `https:`; the machine's own unless stated. */
  readonly ca?: string | undefined;
  readonly timeoutMs: number;
}

/** Status of the answer; its body is not waited for. @throws when none came in time */
export async function httpStatus({ url, ca, timeoutMs }: HttpRequest): Promise<number> {
  const options = { signal: AbortSignal.timeout(timeoutMs), ...(ca === undefined ? {} : { ca }) };
  return new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? getSecurely : get;
    const request = ask(url, options, (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on('error', reject);
  });
}
