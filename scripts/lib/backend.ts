import { stateDir } from '../../infra/paths.ts';

/** Where the default backend keeps its stacks. */
export const defaultBackend = `file://${stateDir}/backend`;
