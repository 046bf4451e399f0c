/** A process of a fleet under proof: it is told by messages what to do. Its settings are MEMBER of the environment. */
import type { NumberedOrder, NumberedReport } from '@memo/test-servers';
import { ProofMember } from './member.js';
import type { MemberOrder, MemberSettings } from './orders.js';

const member = new ProofMember(JSON.parse(String(process.env['MEMBER'])) as MemberSettings);

process.on('message', ({ number, order }: NumberedOrder<MemberOrder>) => {
  const report = (outcome: Omit<NumberedReport, 'number'>): unknown => process.send?.({ ...outcome, number });
  member.carryOut(order).then(
    (result) => report({ result }),
    (error: unknown) => report({ error: String(error) }),
  );
});
// Whoever gives the orders is gone, however that came about.
process.on('disconnect', () => process.exit());
process.send?.({ number: 0 } satisfies NumberedReport);
