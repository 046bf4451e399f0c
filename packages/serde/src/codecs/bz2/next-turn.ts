/** What runtimes have for coming back later; none of it is everywhere. */
interface Scheduling {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly MessageChannel?: new () => { readonly port1: Port; readonly port2: Port };
  readonly setTimeout?: (callback: () => void, delay: number) => unknown;
}

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
  close(): void;
}

let lastTurn = Promise.resolve();
let lastMeans: unknown;

/**
 * Waits until the event loop has dealt with what is due, such as timers and sockets. Each who waits gets a turn of his own,
 * so that much work at the same time does not fill one turn. Where the runtime has nothing to wait with, nobody waits.
 */
export function nextTurn(): Promise<void> {
  const { setImmediate, MessageChannel, setTimeout } = globalThis as unknown as Scheduling;
  const means = setImmediate ?? MessageChannel ?? setTimeout;
  // Turns of a clock that tests put in its place may never come; nobody must wait for those after it has gone.
  if (means !== lastMeans) lastTurn = Promise.resolve();
  lastMeans = means;
  lastTurn = lastTurn.then(turn);
  return lastTurn;
}

function turn(): Promise<void> {
  const { setImmediate, MessageChannel, setTimeout } = globalThis as unknown as Scheduling;
  return new Promise((resolve) => {
    if (setImmediate !== undefined) setImmediate(resolve);
    // Browsers make nested timers wait for 4 ms, but not messages.
    else if (MessageChannel !== undefined) send(new MessageChannel(), resolve);
    else if (setTimeout !== undefined) setTimeout(resolve, 0);
    else resolve();
  });
}

function send({ port1, port2 }: { readonly port1: Port; readonly port2: Port }, arrived: () => void): void {
  port1.onmessage = () => {
    // An open port would keep a process alive.
    port1.close();
    arrived();
  };
  port2.postMessage(null);
}
