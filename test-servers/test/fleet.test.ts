import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startFleet, startMember } from '../src/index.js';

describe('a member of a fleet', () => {
  const echo = new URL('support/echo.ts', import.meta.url);

  it('answers, or says why it cannot', async () => {
    await using fleet = await startFleet<string>(echo, [{}, {}]);
    expect(await Promise.all(fleet.members.map((member, index) => member.tell(String(index))))).toEqual(['0', '1']);
    await expect(fleet.members[0]!.tell('fail')).rejects.toThrow('Error: told to');
  });

  it('leaves nobody waiting when it ends', async () => {
    const member = await startMember<string>(echo, {});
    const answer = expect(member.tell('nothing')).rejects.toThrow('The member ended with SIGKILL');
    await member.end();
    await answer;
    await expect(member.tell('a')).rejects.toThrow();
    await member.end();
  });

  it('does nothing while it is frozen, and goes on afterwards', async () => {
    const member = await startMember<string>(echo, {});
    try {
      member.pause();
      const answer = member.tell('a');
      expect(await Promise.race([answer, pause(200, 'no answer')])).toBe('no answer');
      member.resume();
      expect(await answer).toBe('a');
    } finally {
      await member.end();
    }
  });

  it('that ends before it is ready was never started', async () => {
    await expect(startMember(echo, { BROKEN: 'yes' })).rejects.toThrow(/echo\.ts ended with 3 before it was ready$/);
  });
});
