import { describe, expect, it } from 'vitest';
import { measurement } from '../asp/crypto/measure';
import { secretBytes } from '../asp/secrets';
import { fromHex, toHex } from '../core/bytes';
import type { Json } from '../core/json';
import { Bench } from '../testing/bench';
import { expectedDigest } from './check';
import { ownKey, transportOf } from './memory';

const SECRET = 'disk key 8812-4f';
const CMDLINE = 'console=hvc0 swiotlb=force';
const GPA = 0x800;

const session = { type: 'owner.session', config: 'alice.cfg' };
const create = { type: 'xl.create', config: 'alice.cfg', extra: 'memory=1', session: true };
const check = { type: 'owner.check', guest: 'alice' };
const give = { type: 'owner.secret', guest: 'alice', data: SECRET };
const unpause = { type: 'xl.unpause', guest: 'alice' };

function launched(config: ConstructorParameters<typeof Bench>[0] = {}, more: object = {}): Bench {
  const bench = new Bench(config);
  bench.done(session);
  bench.done({ ...create, ...more });
  return bench;
}

describe('a guest whose owner looks before it runs', () => {
  it('waits behind its measurement, gets its secret, and reads it', () => {
    const bench = launched();
    expect(bench.domain('alice')).toMatchObject({ paused: true, finished: false });
    expect(bench.state.need('handle', 1).state).toBe('LSECRET');
    expect(bench.done(check)).toMatchObject({ guest: 'alice', right: true });
    const { spa } = bench.done(give);
    expect(bench.done(unpause)).toMatchObject({ guest: 'alice' });
    expect(bench.state.need('handle', 1).state).toBe('RUNNING');
    const read = bench.done({ type: 'guest.read', guest: 'alice', at: 0x7f0000000000 + GPA, length: 16 });
    expect(bench.state.need('guest', 1).objects.find(({ name }) => name === 'secret')).toBeDefined();
    expect(read.text).toBe(SECRET);
    for (const eye of [{ eye: 'host', c: 0 }, { eye: 'host', c: 1 }, { eye: 'dram' }] as const)
      expect(toHex(bench.seen(eye, Number(spa), 16))).not.toBe(toHex(new TextEncoder().encode(SECRET)));
  });

  it('is measured as LAUNCH_MEASURE is defined, over exactly its image', () => {
    const bench = launched();
    const measured = fromHex(bench.domain('alice').measurement ?? '');
    const expected = measurement({
      tik: transportOf(bench.machine, 'owner · session 1').tik,
      apiMajor: 1,
      apiMinor: 55,
      buildId: 25,
      policy: 0x0b,
      digest: expectedDigest(bench.machine, { cmdline: CMDLINE }),
      mnonce: measured.slice(32),
    });
    expect(toHex(measured.slice(0, 32))).toBe(toHex(expected));
    const digest = expectedDigest(bench.machine, { cmdline: CMDLINE });
    expect(bench.state.need('handle', 1).launchDigest).toBe(toHex(digest));
  });

  it('leaves no key of its owner in anything that the machine records', () => {
    const bench = launched();
    bench.done(check);
    bench.done(give);
    bench.done(unpause);
    const { tek, tik } = transportOf(bench.machine, 'owner · session 1');
    const recorded = new Set<string>();
    const bytes = (value: unknown): void => {
      if (value instanceof Uint8Array) recorded.add(toHex(value));
      else if (typeof value === 'string') recorded.add(value);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(bytes);
    };
    bytes(bench.changes);
    bytes(bench.spans);
    for (const key of [tek, tik, ownKey(bench.machine).secret])
      expect([...recorded].some((each) => each.includes(toHex(key)))).toBe(false);
  });

  it('is started with the same keys on every machine of the same seed, and with others on another', () => {
    const key = (seed: number) => toHex(ownKey(new Bench({ seed }).machine).x);
    expect(key(42)).toBe(key(42));
    expect(key(42)).not.toBe(key(43));
    expect(secretBytes(new Bench({ seed: 7 }).machine.config, 'owner · key', 56)).toHaveLength(56);
  });
});

describe('each broken link', () => {
  it('a PDH of Domain-0’s own: the owner makes no session', () => {
    const bench = new Bench();
    expect(bench.refused({ ...session, forge: true })).toBe('owner.chain');
    expect(bench.refused(create)).toBe('xl.no-session');
  });

  it('another policy than the owner’s: LAUNCH_START refuses the session', () => {
    const bench = new Bench();
    bench.done(session);
    expect(bench.refused({ ...create, extra: `${create.extra} sev_policy=0` })).toBe(
      'asp.session-policy-mac',
    );
    expect(bench.state.cell('domain', 1)?.alive).toBe(false);
  });

  it('a new PDH since: the session cannot be opened', () => {
    const bench = new Bench();
    bench.done(session);
    bench.done({ type: 'asp.command', command: 'PDH_GEN' });
    expect(bench.refused(create)).toBe('asp.session-wrap-mac');
  });

  const wrong: [string, object][] = [
    ['a changed kernel', { tamper: true }],
    ['another command line', { extra: `${create.extra} cmdline="init=/bin/sh"` }],
  ];
  it.each(wrong)('%s: the measurement is wrong and the owner withholds', (_, more) => {
    const bench = launched({}, more);
    expect(bench.done(check)).toMatchObject({ right: false });
    expect(bench.refused(give)).toBe('owner.withholds');
  });

  it('without anybody who looks, the changed kernel runs and nobody knows', () => {
    const bench = new Bench();
    expect(bench.done({ type: 'xl.create', config: 'alice.cfg', tamper: true }).paused).toBeUndefined();
  });

  it('nobody has checked yet: the owner withholds', () => {
    expect(launched().refused(give)).toBe('owner.withholds');
  });

  it('the measurement of an earlier launch: the owner is taken in, the firmware is not', () => {
    const bench = launched();
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    bench.done({ ...create, tamper: true });
    expect(bench.done(check)).toMatchObject({ right: false });
    expect(bench.done({ ...check, replay: true })).toMatchObject({ right: true });
    const outcome = bench.perform(give);
    expect(outcome.ok ? null : outcome.fault.name).toBe('BAD_MEASUREMENT');
    expect(outcome.ok ? null : outcome.fault.rule.id).toBe('asp.packet-mac');
  });

  it('a packet changed on its way: the firmware refuses it', () => {
    const bench = launched();
    bench.done(check);
    expect(bench.refused({ ...give, tamper: true })).toBe('asp.packet-mac');
    bench.done(give);
  });

  it('a guest that runs already: no secret any more', () => {
    const bench = launched();
    bench.done(check);
    bench.done(unpause);
    expect(bench.refused(give)).toBe('asp.guest-lsecret');
  });

  it('without a session there is nobody to ask, and after a reset Domain-0 has lost it', () => {
    const bench = new Bench();
    expect(bench.refused(check)).toBe('owner.no-session');
    bench.done(session);
    expect(bench.refused(check)).toBe('owner.not-measured');
    bench.done({ type: 'machine.reset' });
    expect(bench.refused(create)).toBe('xl.no-session');
    bench.done(session);
    bench.done(create);
  });

  it('a secret that is too long for its place', () => {
    const bench = launched();
    bench.done(check);
    expect(bench.refused({ ...give, data: 'x'.repeat(1025) })).toBe('owner.secret-length');
    expect(bench.done({ ...give, data: 'x'.repeat(1024) }).gpa).toBe(GPA as Json);
  });
});

it('today’s Xen has no such driver, and the RFC’s createdomain carries no session', () => {
  const bench = new Bench({ xen: 'upstream' });
  expect(bench.refused(session)).toBe('xen.asp-missing');
  expect(bench.refused(create)).toBe('xl.session-unknown');
  expect(new Bench({ xen: 'rfc-2025-05' }).refused(create)).toBe('xl.session-unknown');
});
