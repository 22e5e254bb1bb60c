/**
 * Values as the engine sends them: secrets come in an envelope, values that a preview cannot know
 * yet as one fixed text. Both constants are part of Pulumi's wire protocol.
 */
const signatureKey = '4dabf18193072939515e22adb298388d';
const secretSignature = '1b47061264138c4ac30d75fd1eb44270';
const outputSignature = 'd0e6a833031e9bbcd3f4e8bde6ca49a4';
const unknownValue = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

type Properties = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Properties {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The plain value with every secret's envelope taken off, at any depth. */
export function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (!isObject(value)) return value;
  const signature = value[signatureKey];
  if (signature === secretSignature) return unwrap(value['value']);
  if (signature === outputSignature) {
    return value['value'] === undefined ? unknownValue : unwrap(value['value']);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner)]));
}

/** Top-level properties with a part that is not known before the deployment. */
export function unknownProperties(plain: Properties): string[] {
  return Object.keys(plain).filter((key) => holdsUnknown(plain[key]));
}

function holdsUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  if (Array.isArray(value)) return value.some(holdsUnknown);
  return isObject(value) && Object.values(value).some(holdsUnknown);
}

/** The same properties with the named ones in a secret's envelope; undefined ones are left out. */
export function wrapSecrets(plain: object, secrets: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(plain)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]: [string, unknown]) => [
        key,
        secrets.includes(key) ? { [signatureKey]: secretSignature, value } : value,
      ]),
  );
}
