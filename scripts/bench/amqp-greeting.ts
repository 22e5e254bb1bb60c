import { connect } from 'node:net';

const greeting = Buffer.from('AMQP\0\0\x09\x01', 'latin1');
/** First byte of the broker's `connection.start`, a method frame. */
const methodFrame = 1;

export interface GreetingOptions {
  readonly address: string;
  readonly port: number;
  /** Address of this side; the kernel's choice unless stated. */
  readonly from?: string;
  /** Milliseconds from the first packet to the broker's answer. */
  readonly deadlineMs: number;
}

/** Whether a broker answers a client's greeting in AMQP 0-9-1 on a new connection. Never throws. */
export function greets({ address, port, from, deadlineMs }: GreetingOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      ...(from === undefined ? {} : { localAddress: from }),
      host: address,
      port,
      noDelay: true,
    });
    const end = (answered: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answered);
    };
    const timer = setTimeout(() => {
      end(false);
    }, deadlineMs);
    socket.once('connect', () => socket.write(greeting));
    socket.once('data', (data) => {
      end(data[0] === methodFrame);
    });
    socket.once('error', () => {
      end(false);
    });
    socket.once('end', () => {
      end(false);
    });
  });
}
