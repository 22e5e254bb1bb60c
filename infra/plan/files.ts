import type { FilePlan, Reaction } from './model.ts';

/** Takes up changed broker settings without the loss of a queue's majority. */
export const onBrokerChange: Reaction = ['/usr/local/sbin/broker-restart'];
export const onUnitFileChange: Reaction = ['systemctl', 'daemon-reload'];

/** A file of `templates/`; read at its next use unless a reaction is stated. */
export const templateFile = (
  template: string,
  context: FilePlan['context'],
  rest: Partial<Omit<FilePlan, 'template' | 'context'>> = {},
): FilePlan => ({ template, context, onChange: 'none', ...rest });

/** A program of `templates/`: mode 0755. */
export const programFile = (template: string, context: FilePlan['context'] = {}): FilePlan =>
  templateFile(template, context, { mode: '0755' });

export const reload = (unit: string): Reaction => ['systemctl', 'reload', unit];
/** For a unit that settings may have kept from running: a plain reload would refuse. */
export const reloadOrStart = (unit: string): Reaction => ['systemctl', 'reload-or-restart', unit];
export const restart = (unit: string): Reaction => ['systemctl', 'restart', unit];
