import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from '../engine/core/zod';
import { toBase64Url } from './base64';
import { deflate } from './deflate';
import { decodeLink, encodeLink, type LinkPlace, LONGEST_LINK } from './permalink';
import { openSaved, type SavedSession, saveSession, toDocument } from './saved';
import { played, type WorldAction, world } from './testing/world';
import { checkUpgraders } from './upgrade';

const decode = (hash: string) => decodeLink(hash, world.schema);
const play = (saved: SavedSession<WorldAction>): LinkPlace<WorldAction> => ({ kind: 'play', saved });
const saved = saveSession(played([1, 2, 3]), 'map:12');

async function linkOf(document: unknown, version = 1): Promise<string> {
  const bytes = new TextEncoder().encode(typeof document === 'string' ? document : JSON.stringify(document));
  return `#${version}/p/${toBase64Url(await deflate(bytes))}`;
}

/** Refused, by a whole sentence. */
async function sentence(hash: string): Promise<string> {
  const result = await decode(hash);
  if (result.ok) throw new Error(`accepted: ${hash.slice(0, 80)}`);
  expect(result.message).toMatch(/^[A-Z].{10,}[.)]$/s);
  expect(result.where).not.toBe('');
  return `${result.where} | ${result.message}`;
}

describe('released links', () => {
  const scenario = { kind: 'scenario', id: 'cold-boot', step: 3, offset: 0, view: '' };
  it.each([
    ['#s=cold-boot&n=3', scenario],
    ['#1/s/cold-boot/3', scenario],
    ['#1/s/cold-boot/3.42', { ...scenario, offset: 42 }],
    ['#1/s/cold-boot/3/map:page-12@x.0', { ...scenario, view: 'map:page-12@x.0' }],
    ['#1/s/cold-boot/3.42/tlb', { ...scenario, offset: 42, view: 'tlb' }],
    ['#1/s/cold-boot/3/map%3A1', { ...scenario, view: 'map:1' }],
    ['1/s/cold-boot/3', scenario],
    ['#2/s/cold-boot/3.42/tlb', { ...scenario, offset: 42, view: 'tlb' }],
    ['#2/s/cold-boot~off/3', { ...scenario, technology: 'off' }],
    [
      '#2/s/cold-boot~sev-snp~fw-sb3020/3.42',
      { ...scenario, technology: 'sev-snp', mitigation: 'fw-sb3020', offset: 42 },
    ],
  ])('%s', async (hash, value) => {
    expect(await decode(hash)).toEqual({ ok: true, value });
  });

  it('of free play', async () => {
    const hash =
      '#1/p/jZDLbsMgEEX_5a6nUu1YiTrLrtsviLIgZJygYMYC8nAt_r0ir1UX3Q3ocO8ZZlgNvduDZ-wlSDTZaQAj6iAgZLGHoF73ExhJziAMMmicwF3z0S3eO0IS2YFXhJwGAffGJyHcZgQNNUaCjdP4iL7K9c27ICbWAh0f8TOS2qPkBG4IVofRy1USuK2nKPf7fIhidnUuT5VvM4LXG8Iluiyfxh6rq2oAwRp7kC8X6utlVwjGVosEXs_I01gds054btEQkvuR2zoSag8u4j0K_Ym3T7xd_ItfvPj2xUfpT0l2KBuCPcWksf7F3fPWoH2fJIPbVSGcnVzAGMzITQvC1us2gedSfgE';
    expect(await decode(hash)).toEqual({ ok: true, value: play(saved) });
  });

  it('of free play in version 0: no view, no files, and a cursor that counts actions', async () => {
    const { config, actions } = saved;
    const result = await decode(await linkOf({ config, actions, cursor: 2 }, 0));
    expect(result).toEqual({
      ok: true,
      value: play({ config, actions, cursor: { action: 2, offset: 0 }, view: '', blobs: new Map() }),
    });
  });

  it('cannot leave a version without an upgrader', () => {
    const same = { link: (text: string) => text, document: (document: unknown) => document };
    expect(() => checkUpgraders({ 0: same, 2: same }, 0, 3)).toThrow('version 1 to 2');
    expect(() => checkUpgraders({ 0: same, 1: same }, 0, 2)).not.toThrow();
  });
});

describe('fixes of the machine', () => {
  const fixed = { ...saved, config: { ...saved.config, fixes: ['ciphertext-hiding' as const] } };

  it('are left out while there are none, and read as none where they are left out', async () => {
    expect(toDocument(saved)).not.toHaveProperty('config.fixes');
    expect(await decode(String(await encodeLink(play(saved))))).toEqual({ ok: true, value: play(saved) });
  });

  it('come along, in their order and once', async () => {
    expect(await decode(String(await encodeLink(play(fixed))))).toEqual({ ok: true, value: play(fixed) });
    const twice = ['page-swap-policy', 'ciphertext-hiding'];
    const found = await decode(
      await linkOf({ ...toDocument(saved), config: { ...saved.config, fixes: twice } }, 2),
    );
    expect(found).toMatchObject({
      value: { saved: { config: { fixes: ['ciphertext-hiding', 'page-swap-policy'] } } },
    });
  });

  it('that nobody knows are refused', async () => {
    const config = { ...saved.config, fixes: ['no-such-fix'] };
    expect(await sentence(await linkOf({ ...toDocument(saved), config }, 2))).toMatch(/^config\.fixes/);
  });
});

describe('links', () => {
  it('name any moment of a scenario and come back, in 120 characters with a base of 40', async () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789-'];
    const place = fc.record({
      kind: fc.constant('scenario' as const),
      id: fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 32 }),
      step: fc.nat({ max: 9999 }),
      offset: fc.nat({ max: 999_999 }),
      view: fc.string({ unit: fc.constantFrom(...letters, '@', '.', ':'), maxLength: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(place, async (value) => {
        const link = await encodeLink<WorldAction>(value);
        expect(String(link).length).toBeLessThanOrEqual(80);
        expect(await decode(String(link))).toEqual({ ok: true, value });
        const variant = { ...value, technology: 'sev-snp' as const, mitigation: 'm'.repeat(32) };
        const there = String(await encodeLink<WorldAction>(variant));
        expect(there.length).toBe(String(link).length + 41);
        expect(await decode(there)).toEqual({ ok: true, value: variant });
      }),
    );
  });

  it('carry a free play to the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 8 }), fc.nat(), async (seeds, target) => {
        const session = played(seeds);
        session.seek(target % (session.length + 1));
        const result = await decode(String(await encodeLink(play(saveSession(session, 'x')))));
        if (!result.ok || result.value.kind !== 'play') throw new Error(JSON.stringify(result));
        const opened = openSaved(result.value.saved, world.powerOn);
        expect(opened.digest()).toBe(session.digest());
        expect(opened.position()).toEqual(session.position());
      }),
      { numRuns: 30, examples: [[[1667765613, 0, 0], 25]] },
    );
  });

  it('carry the files that the actions name, and only those', async () => {
    const session = played([]);
    session.addBlob(Uint8Array.of(9));
    const blob = session.addBlob(Uint8Array.of(1, 2, 3));
    session.performNow({ ...world.long(3), blob });
    const result = await decode(String(await encodeLink(play(saveSession(session, '')))));
    expect(result).toMatchObject({
      ok: true,
      value: { saved: { blobs: new Map([[blob, Uint8Array.of(1, 2, 3)]]) } },
    });
  });

  it('say how long they would have been', async () => {
    const bytes = Uint8Array.from({ length: 9000 }, (_, n) => (n * n * 7919) >> 5);
    const link = await encodeLink(play({ ...saved, blobs: new Map([['a', bytes]]) }));
    expect(link).toMatchObject({ tooLong: expect.any(Number) });
  });

  it('are not made for a place that no link can name', async () => {
    const place = { kind: 'scenario' as const, id: 'Bad Name', step: 0, offset: 0, view: '' };
    await expect(encodeLink(place)).rejects.toThrow(RangeError);
  });
});

describe('links of strangers', () => {
  const document = toDocument(saved) as Record<string, unknown>;

  it.each([
    ['', 'the link'],
    ['#', 'the link'],
    ['#hello', 'the link'],
    ['#3/s/cold-boot/3', 'newer SEVscope (version 3'],
    ['#1/x/cold-boot', 'neither a scenario'],
    ['#1/s/Cold Boot/3', 'the scenario'],
    ['#1/s/cold-boot/three', 'the scenario'],
    ['#2/s/cold-boot~tdx/3', 'the scenario'],
    ['#2/s/cold-boot~~magic/3', 'the scenario'],
    ['#2/s/cold-boot~sev~Magic/3', 'the scenario'],
    ['#1/s/cold-boot/3/<script>', 'the view'],
    [`#1/s/cold-boot/3/${'a'.repeat(41)}`, 'at most 40'],
    ['#1/p/***', 'characters that no link has'],
    ['#1/p/', 'damaged or cut off'],
    ['#1/p/AAAA', 'damaged or cut off'],
    [`#1/p/${'A'.repeat(LONGEST_LINK)}`, 'none is longer than 8000'],
    ['#s=a&n=b', 'the scenario'],
    ['#s=a', 'neither'],
  ])('%s: %s', async (hash, why) => {
    expect(await sentence(hash)).toContain(why);
  });

  it.each<[string, object, string]>([
    ['memory', { config: { ...saved.config, memory: 2 ** 41 } }, 'config.memory | '],
    ['a field too many', { extra: 1 }, 'the session | '],
    [
      'an unknown action',
      { actions: [saved.actions[0], { type: 'format.disk' }] },
      'actions[1].type | There is',
    ],
    [
      'too many actions',
      { actions: new Array(10_001).fill(saved.actions[0]) },
      'actions | There is a mistake in actions: at most 10000',
    ],
    ['a cursor behind the end', { cursor: { action: 3, offset: 0 } }, 'cursor.action | '],
    ['a file under a wrong name', { blobs: { [`${'0'.repeat(64)}`]: 'AAAA' } }, 'blobs.000000000000 | '],
    ['a file that is none', { blobs: { a: '?' } }, 'blobs.a | '],
    ['a view', { view: 'A' }, 'view | '],
  ])('names %s', async (_, wrong, where) => {
    expect(await sentence(await linkOf({ ...document, ...wrong }))).toContain(where);
  });

  it('are not unpacked beyond 4 MiB', async () => {
    expect(await sentence(await linkOf(' '.repeat(5 * 2 ** 20)))).toContain('more than 4194304 bytes');
  });

  it('are not parsed too deep', async () => {
    expect(await sentence(await linkOf(`${'['.repeat(1_000_000)}`))).toContain('nested too deeply');
    expect(await sentence(await linkOf(`"${'['.repeat(1000)}"`))).not.toContain('nested');
    expect(await sentence(await linkOf(`"\\"${'['.repeat(1000)}"`))).not.toContain('nested');
  });

  it('never throw: random text', async () => {
    const start = fc.constantFrom('', '#', '#1/', '#1/s/', '#1/p/', '#0/', '#s=', '#1/s/a/', '%');
    await fc.assert(
      fc.asyncProperty(start, fc.oneof(fc.string(), fc.base64String()), async (head, tail) => {
        const result = await decode(head + tail);
        if (!result.ok) expect(result.message).toMatch(/^[A-Z].*\.$|^[A-Z].*\)\.$/s);
      }),
      { numRuns: 500 },
    );
  });

  it('never throw: cut off, and with a bit turned', async () => {
    const link = String(await encodeLink(play(saved)));
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: link.length - 1 }),
        fc.nat({ max: 6 }),
        fc.boolean(),
        async (at, bit, cut) => {
          const turned = String.fromCharCode(link.charCodeAt(at) ^ (1 << bit));
          const result = await decode(
            cut ? link.slice(0, at) : link.slice(0, at) + turned + link.slice(at + 1),
          );
          if (!result.ok) expect(result.message.length).toBeGreaterThan(10);
          else if (result.value.kind === 'play')
            expect(z.array(world.schema).safeParse(result.value.saved.actions).success).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });
});
