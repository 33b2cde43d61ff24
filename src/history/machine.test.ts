import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Action, actionSchema, offers } from '../engine/actions';
import { completeConfig } from '../engine/config';
import type { Machine } from '../engine/machine';
import { createGuest } from '../engine/testing/guests';
import { decodeLink, encodeLink } from './permalink';
import { powerOn } from './player';
import { openSaved, saveSession } from './saved';
import { Session } from './session';

const config = completeConfig({ memory: 4 * 2 ** 20 });

type Real = Session<Action, Machine>;

/** Does what the machine offers at that moment, one offer a number; a file to load is nothing that it can suggest. */
function perform(session: Real, choices: readonly number[]): void {
  for (const choice of choices) {
    session.seek(session.length);
    const possible = offers(session.machine).filter((offer) => !offer.impossible);
    const { type, suggested } = possible[choice % possible.length]!;
    const action = actionSchema.safeParse({ type, ...suggested });
    if (action.success) session.performNow(action.data);
  }
}

function played(choices: readonly number[], budget?: number): Real {
  const session: Real = new Session({ config, powerOn, budget });
  session.performNow(createGuest('alice'));
  perform(session, choices);
  return session;
}

const choices = fc.array(fc.nat(), { maxLength: 12 });

describe('the history of the real machine', () => {
  it('seeks to where a replay would arrive', () => {
    fc.assert(
      fc.property(choices, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (chosen, targets) => {
        const [session, straight] = [played(chosen), played(chosen)];
        for (const target of targets.map((n) => n % (session.length + 1)).sort((a, b) => a - b)) {
          session.seek(session.length);
          session.seek(0);
          session.seek(target);
          straight.seek(target);
          expect(session.digest()).toBe(straight.digest());
        }
      }),
      { numRuns: 15 },
    );
  });

  it('makes forgotten changes again', () => {
    fc.assert(
      fc.property(choices, fc.nat(), (chosen, target) => {
        const [small, large] = [played(chosen, 1000), played(chosen)];
        for (const session of [small, large]) session.seek(target % (large.length + 1));
        expect(small.digest()).toBe(large.digest());
        expect(small.position()).toEqual(large.position());
      }),
      { numRuns: 15 },
    );
  });

  it('comes back from a what-if', () => {
    fc.assert(
      fc.property(choices, choices, fc.nat(), (chosen, others, target) => {
        const session = played(chosen);
        session.seek(target % (session.length + 1));
        const [digest, position] = [session.digest(), session.position()];
        session.fork();
        perform(session, others);
        session.returnToMain();
        expect([session.digest(), session.position()]).toEqual([digest, position]);
      }),
      { numRuns: 15 },
    );
  });

  it('travels in a link', async () => {
    await fc.assert(
      fc.asyncProperty(choices, async (chosen) => {
        const session = played(chosen);
        const link = await encodeLink({ kind: 'play', saved: saveSession(session, 'map') });
        const place = await decodeLink(String(link), actionSchema);
        if (!place.ok || place.value.kind !== 'play') throw new Error(JSON.stringify(place));
        expect(openSaved(place.value.saved, powerOn).digest()).toBe(session.digest());
      }),
      { numRuns: 15 },
    );
  });
});
