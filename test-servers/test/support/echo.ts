/** A member of a fleet that answers what it is told, fails when that is `fail`, and never answers `nothing`. */
import type { NumberedOrder, NumberedReport } from '../../src/index.js';

if (process.env['BROKEN'] !== undefined) process.exit(3);
process.on('message', ({ number, order }: NumberedOrder<string>) => {
  if (order === 'nothing') return;
  const report: NumberedReport = order === 'fail' ? { number, error: 'Error: told to' } : { number, result: order };
  process.send?.(report);
});
process.send?.({ number: 0 } satisfies NumberedReport);
