import { type EngineEvent, nameOf, type ResourceStep } from './pulumi.ts';

const verbs: Readonly<Record<string, string>> = {
  create: 'creating',
  update: 'updating',
  delete: 'deleting',
  replace: 'replacing',
  'create-replacement': 'replacing',
  'delete-replaced': 'replacing',
};

/** What an update did, gathered from its events. */
export interface UpdateAccount {
  /** Take the next event; returns what people should read now, if anything. */
  take(event: EngineEvent): string | undefined;
  /** Errors of resources and program, each once, without decoration. */
  readonly errors: readonly string[];
  /** Number of resources by operation, e.g. `{create: 31}`; empty before the end. */
  readonly changes: Readonly<Record<string, number>>;
  /** Outputs of the stack so far; secrets are masked. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Names of resources that the update works on right now. */
  readonly pending: readonly string[];
}

export function accountOfUpdate(): UpdateAccount {
  const errors: string[] = [];
  const pending = new Map<string, ResourceStep>();
  let changes: Record<string, number> = {};
  let outputs: Readonly<Record<string, unknown>> = {};
  return {
    errors,
    get changes() {
      return changes;
    },
    get outputs() {
      return outputs;
    },
    get pending() {
      return [...pending.keys()].map(nameOf);
    },
    take(event) {
      const before = event.resourcePreEvent?.metadata;
      if (before !== undefined) {
        const verb = verbs[before.op];
        if (verb === undefined || before.type.startsWith('pulumi:')) return undefined;
        pending.set(before.urn, before);
        return `${verb} ${titleOf(before)}`;
      }
      const told = event.resOutputsEvent?.metadata;
      if (told?.type === 'pulumi:pulumi:Stack') outputs = told.new?.outputs ?? outputs;
      const after = event.resOutputsEvent?.metadata ?? event.resOpFailedEvent?.metadata;
      if (after !== undefined) pending.delete(after.urn);
      if (event.summaryEvent?.resourceChanges !== undefined) {
        changes = { ...event.summaryEvent.resourceChanges };
      }
      if (event.error !== undefined) addError(errors, event.error);
      const said = event.diagnosticEvent;
      if (said?.severity === 'error') addError(errors, said.message);
      return said?.severity === 'info#err' ? said.message.trim() : undefined;
    },
  };
}

/** Colour marks of the engine, e.g. `<{%reset%}>`. */
const marks = /<\{%[^%]*%\}>/g;

/** How the engine wraps what a provider's check refuses; the name of the resource is enough. */
const refusal = /^\S+ resource '([^']+)': property \S+ value \{.*?\} has a problem: /s;

function addError(errors: string[], message: string): void {
  const plain = message.replaceAll(marks, '').replace(refusal, '$1: ').trim();
  const summary = plain === 'update failed' || plain === 'preview failed';
  if (plain !== '' && !summary && !errors.includes(plain)) errors.push(plain);
}

/** `host broker-1`, from the type and the name that the program gave. */
function titleOf(step: ResourceStep): string {
  const type = step.type.slice(step.type.lastIndexOf(':') + 1);
  return `${type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()} ${nameOf(step.urn)}`;
}
