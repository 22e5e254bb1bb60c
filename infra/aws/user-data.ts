import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** Place of the byte that names the system on which a gzip file was made. */
const systemByte = 9;
const unknownSystem = 255;

/** User-data as EC2 is given it: the same text gives the same letters, on any machine. */
export function compressed(userData: string): string {
  const bytes = gzipSync(userData, { level: 9 });
  bytes[systemByte] = unknownSystem;
  return bytes.toString('base64');
}

/** Says nothing but that other user-data has another one. */
export const digestOf = (userData: string): string =>
  createHash('sha256').update(userData).digest('hex').slice(0, 16);
