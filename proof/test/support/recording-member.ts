/** A member that writes down, in FOLDER, a load of each key that it is told, and answers with the value. */
import type { NumberedOrder, NumberedReport } from '@memo/test-servers';
import { Recorder } from '../../src/history/recorder.js';

const recorder = new Recorder(String(process.env['FOLDER']), 'child');
process.on('message', ({ number, order }: NumberedOrder<string>) => {
  const result = recorder.newValue(order, 'load');
  recorder.loadBegan(result);
  process.send?.({ number, result } satisfies NumberedReport);
});
process.send?.({ number: 0 } satisfies NumberedReport);
