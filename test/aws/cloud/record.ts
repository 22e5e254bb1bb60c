import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { type Call } from './call.ts';
import { callsFile } from './settings.ts';

/** One line of the record. */
export interface RecordedCall {
  /** ISO 8601. */
  readonly at: string;
  /** `operator` or the instance's id; its address where no instance has it. */
  readonly caller: string;
  /** e.g. `ec2:ReplaceRoute`. */
  readonly name: string;
  /** Without values of secrets and user-data. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly status: number;
  /** Code of the error that was the answer. */
  readonly error?: string | undefined;
}

const hidden = /^(Value|UserData|Plaintext|PublicKeyMaterial)$/;

export function record(
  cloud: string,
  call: Pick<Call, 'name' | 'parameters'>,
  caller: string,
  answer: { status: number; error?: string | undefined },
): void {
  const parameters = Object.fromEntries(
    Object.entries(call.parameters)
      .filter(([key]) => key !== 'Action' && key !== 'Version')
      .map(([key, value]) => [key, hidden.test(key) ? '(hidden)' : value]),
  );
  const entry: RecordedCall = {
    at: new Date().toISOString(),
    caller,
    name: call.name,
    parameters,
    ...answer,
  };
  appendFileSync(callsFile(cloud), `${JSON.stringify(entry)}\n`, { mode: 0o600 });
}

/** What was called so far, oldest first. */
export function recordedCalls(cloud: string): RecordedCall[] {
  if (!existsSync(callsFile(cloud))) return [];
  return readFileSync(callsFile(cloud), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedCall);
}
