import { disposals, memoize, type Departure, type HeldValue } from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

class Client {
  end(): void {}
}
const connect = async (_id: string): Promise<Client> => new Client();

describe('dispose', () => {
  it('knows what it closes', () => {
    memoize(connect, {
      dispose: (client, why) => {
        expectTypeOf(client).toEqualTypeOf<Client>();
        expectTypeOf(why).toEqualTypeOf<Departure>();
      },
    });
    memoize(connect, { dispose: { open: (client) => client.end(), close: async (client) => client.end() } });
    memoize(connect, { dispose: ['$.http', "$.clients['data base']:ignore_missing"] });
  });

  it('refuses functions of something else, and text that is no pointer', () => {
    // @ts-expect-error the function is called with a Client
    memoize(connect, { dispose: (client: number) => client });
    // @ts-expect-error a pointer begins with $
    memoize(connect, { dispose: 'clients.http' });
    // @ts-expect-error what is opened has to be closed
    memoize(connect, { dispose: { open: () => {} } });
  });
});

it('a lease has the value of the call', () => {
  const cached = memoize(connect, { dispose: (client) => client.end() });
  expectTypeOf(cached.lease).toEqualTypeOf<(id: string) => Promise<HeldValue<Client>>>();
  expectTypeOf(disposals).returns.resolves.toEqualTypeOf<boolean>();
});
