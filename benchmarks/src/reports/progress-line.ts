import type { WriteStream } from 'node:tty';

export interface ProgressLine {
  readonly show: (doing: string) => void;
  /** Makes room for what is to stay. */
  readonly clear: () => void;
}

/** Tells what is being done: on a terminal in one line that changes, otherwise once for each step, without its rounds. */
export function progressLine(stream: WriteStream): ProgressLine {
  let last = '';
  if (stream.isTTY) {
    return { show: (doing) => stream.write(`\r\u001b[K${doing}`), clear: () => stream.write('\r\u001b[K') };
  }
  return {
    show: (doing) => {
      const [step = ''] = doing.split(':');
      if (step !== last) stream.write(`${step} ...\n`);
      last = step;
    },
    clear: () => {},
  };
}
