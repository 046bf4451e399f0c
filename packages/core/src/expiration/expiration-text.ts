import type { TextFault } from '../time/text-fault.js';
import type { TimeOfDay } from '../time/time-of-day.js';

/** What text says about when something expires. */
export type ExpirationMeaning =
  | { readonly kind: 'duration'; readonly milliseconds: number }
  | { readonly kind: 'moment'; readonly epochMilliseconds: number }
  | TimeOfDay
  | { readonly kind: 'pointer' };

export type { TextFault, TimeOfDay };

/** Reads an expiration written as text. Beyond the sign that it is one, a data pointer is not read. */
export type ReadExpirationText = (text: string) => ExpirationMeaning | TextFault;

// Coming: readExpirationText(text): ExpirationMeaning | TextFault here; adviceFor(fault): string in time/text-fault.ts;
// readTimeOfDay(text): TimeOfDay | TextFault in time/time-of-day-text.ts; nextTimeOfDay(timeOfDay, after): number in
// time/time-of-day.ts.
