import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFile, encodeFile, LARGEST_FILE } from './file';
import { openSaved, saveSession } from './saved';
import { played, world } from './testing/world';

const saved = saveSession(played([4, 5]), 'map');
const bytes = encodeFile(saved) as Uint8Array;
const decode = (content: Uint8Array | string) =>
  decodeFile(typeof content === 'string' ? new TextEncoder().encode(content) : content, world.schema);

describe('session file', () => {
  it('opens as the session that was saved, files included', () => {
    const session = played([1]);
    const blob = session.addBlob(Uint8Array.from({ length: 100_000 }, (_, n) => n));
    session.performNow({ ...world.long(40), blob });
    session.seek(session.length - 3);
    const result = decode(encodeFile(saveSession(session, 'tlb')) as Uint8Array);
    if (!result.ok) throw new Error(result.message);
    const opened = openSaved(result.value, world.powerOn);
    expect(opened.digest()).toBe(session.digest());
    expect(opened.position()).toEqual(session.position());
    expect(result.value.view).toBe('tlb');
  });

  it('opens in the version before', () => {
    const { config, actions } = saved;
    const old = { format: 'sevscope-session', version: 0, config, actions, cursor: 1 };
    const result = decode(JSON.stringify(old));
    expect(result).toMatchObject({
      ok: true,
      value: { actions, cursor: { action: 1, offset: 0 }, view: '' },
    });
  });

  it('opens at the end of an action that has become shorter', () => {
    const session = openSaved({ ...saved, cursor: { action: 0, offset: 1_000_000 } }, world.powerOn);
    expect(session.position()).toMatchObject({ action: 0, change: session.actions[0]!.end });
  });

  it.each([
    ['', 'the file', 'JSON'],
    ['[]', 'the file', 'expected object'],
    ['{"format":"other","version":1}', 'format', 'not a session of SEVscope'],
    ['{"format":"sevscope-session","version":9}', 'version', 'newer SEVscope'],
    ['{"format":"sevscope-session","version":1}', 'config', 'expected object'],
    ['{"format":"sevscope-session","version":0}', 'config', 'expected object'],
  ])('%s is refused at %s', (text, where, why) => {
    const result = decode(text);
    expect(result).toMatchObject({ ok: false, where, message: expect.stringContaining(why) });
  });

  it('is refused when it is not text, or too large', () => {
    expect(decode(Uint8Array.of(0xff, 0xfe))).toMatchObject({ ok: false, where: 'the file' });
    const huge = { length: LARGEST_FILE + 1 } as Uint8Array;
    expect(decode(huge)).toMatchObject({ ok: false, message: expect.stringContaining('none is larger') });
  });

  it('never throws: cut off, and with a bit turned', () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 }), fc.boolean(), (at, bit, cut) => {
        const other = bytes.slice(0, cut ? at : bytes.length);
        if (!cut) other[at]! ^= 1 << bit;
        const result = decode(other);
        if (!result.ok) expect(result.message.length).toBeGreaterThan(10);
        if (cut) expect(result.ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
