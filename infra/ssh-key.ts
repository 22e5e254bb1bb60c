import { generateKeyPairSync, randomBytes } from 'node:crypto';

export interface SshKeyPair {
  /** One line: type, key, comment. */
  readonly publicKey: string;
  /** OpenSSH's own PEM, without a passphrase. */
  readonly privateKey: string;
}

const type = 'ssh-ed25519';
const blockSize = 8;

/** A new Ed25519 pair in the forms of OpenSSH (its PROTOCOL.key), which Node does not write. */
export function createSshKey(comment: string): SshKeyPair {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const [secret, open] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  const publicBlob = Buffer.concat([field(type), field(open)]);
  return {
    publicKey: `${type} ${publicBlob.toString('base64')} ${comment}`,
    privateKey: privatePem(publicBlob, secret, open, comment),
  };
}

function privatePem(publicBlob: Buffer, secret: Buffer, open: Buffer, comment: string): string {
  // The same number twice: who decrypts with a wrong passphrase sees two.
  const check = randomBytes(4);
  const body = Buffer.concat([
    ...[check, check, field(type), field(open)],
    ...[field(Buffer.concat([secret, open])), field(comment)],
  ]);
  const padding = Buffer.from(
    Array.from({ length: (blockSize - (body.length % blockSize)) % blockSize }, (_, i) => i + 1),
  );
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    // No cipher, no key derivation, one key.
    ...[field('none'), field('none'), field(''), number(1)],
    ...[field(publicBlob), field(Buffer.concat([body, padding]))],
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  const label = 'OPENSSH PRIVATE KEY';
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([number(bytes.length), bytes]);
}
