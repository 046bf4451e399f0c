/** What runtimes have for coming back later; none of it is everywhere. */
interface Scheduling {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly MessageChannel?: new () => { readonly port1: Port; readonly port2: Port };
  readonly setTimeout?: (callback: () => void, delay: number) => unknown;
}

interface Port {
  onmessage: ((message: never) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/**
 * Waits until the event loop has dealt with what is due: timers, sockets, other work cut into steps. Where the runtime has
 * nothing to wait with, it does not wait.
 */
export function nextTurn(): Promise<void> {
  const { setImmediate, MessageChannel, setTimeout } = globalThis as unknown as Scheduling;
  return new Promise((resolve) => {
    if (setImmediate !== undefined) setImmediate(resolve);
    // Browsers let nested timers wait for 4 ms, messages not at all.
    else if (MessageChannel !== undefined) send(new MessageChannel(), resolve);
    else if (setTimeout !== undefined) setTimeout(resolve, 0);
    else resolve();
  });
}

function send({ port1, port2 }: { readonly port1: Port; readonly port2: Port }, arrived: () => void): void {
  port1.onmessage = () => {
    // An open port keeps a process alive.
    port1.close();
    arrived();
  };
  port2.postMessage(undefined);
}
