import type { RigStack } from './stack.ts';

/** Users of a broker that are made one after the other until there is nobody left to make them. */
export class Users {
  readonly made: string[] = [];
  readonly #stack: RigStack;
  readonly #prefix: string;

  constructor(stack: RigStack, prefix: string) {
    this.#stack = stack;
    this.#prefix = prefix;
  }

  /** @returns once the broker of `host` answers no more, or made twenty */
  async make(host: string): Promise<void> {
    for (let index = 1; index <= 20; index += 1) {
      const name = `${this.#prefix}-${index}`;
      try {
        await this.#stack.change(host, 'PUT', `/api/users/${name}`, {
          password_hash: '',
          tags: '',
        });
      } catch {
        return;
      }
      this.made.push(name);
    }
  }

  async on(host: string): Promise<string[]> {
    const users = await this.#stack.api<{ name: string }[]>(host, '/api/users');
    return users.map(({ name }) => name);
  }
}
