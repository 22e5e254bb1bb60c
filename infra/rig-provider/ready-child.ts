import type { ChildProcess } from 'node:child_process';

const deadlineMs = 20_000;

/** Waits for the one word that a long-lived process of the rig says when it can do its work. */
export function whenReady(child: ChildProcess, name: string, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      reject(new Error(`${name} ${what}; its log: ${log()}`));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`not ready after ${deadlineMs} ms`);
    }, deadlineMs);
    child.once('error', (error) => {
      fail(`cannot start: ${error.message}`);
    });
    child.once('exit', (code) => {
      fail(`ended with exit ${String(code)}`);
    });
    child.stdout?.once('data', () => {
      clearTimeout(timer);
      child.removeAllListeners('exit');
      child.stdout?.destroy();
      resolve();
    });
    child.once('close', () => {
      clearTimeout(timer);
    });
  });
}
