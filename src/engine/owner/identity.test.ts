import { describe, expect, it } from 'vitest';
import { madeIdBlock } from '../asp/snp/testing/idBlocks.node';
import { toBase64 } from '../core/base64';
import { fromHex, toHex } from '../core/bytes';
import type { Json } from '../core/json';
import { Bench } from '../testing/bench';
import { broken } from '../testing/invariants';

const snp = () => new Bench({ technology: 'sev-snp' });
const signed = (bench: Bench, fields: Record<string, Json> = {}) =>
  bench.done({ type: 'owner.identity', config: 'alice.cfg', extra: 'memory=1', ...fields });
const start = { type: 'xl.create', config: 'alice-id.cfg' } as const;
const contextOf = (bench: Bench, guest = 'alice') =>
  bench.state.need('context', (bench.domain(guest).context ?? 0) / 4096);

describe('an ID block that the owner signs', () => {
  it.each([1, 3])('agrees with the launch of a guest of %d vCPUs, and the firmware remembers it', (vcpus) => {
    const bench = snp();
    const { digest } = signed(bench, { extra: `memory=1 vcpus=${vcpus}` });
    bench.done(start);
    expect(bench.domain('alice').launchDigest).toBe(digest);
    const context = contextOf(bench);
    expect(context).toMatchObject({ state: 'RUNNING', authorKey: true });
    expect(context.idBlock?.slice(0, 96)).toBe(digest);
    expect(context.idKeyDigest).not.toBe(context.authorKeyDigest);
    expect([...broken(bench.machine)]).toEqual([]);
  });

  it.each<[string, string, Record<string, Json>, Record<string, Json>]>([
    ['another kernel', 'asp.id-block-digest', {}, { tamper: true }],
    ['another command line', 'asp.id-block-digest', {}, { extra: 'cmdline="init=/bin/sh"' }],
    ['another policy', 'asp.id-block-policy', {}, { extra: `sev_policy=${0x20000}` }],
    ['a policy that the guest has not', 'asp.id-block-policy', { policy: 0xb0000 }, {}],
    ['a signature by somebody else', 'asp.id-block-signature', { forge: true }, {}],
  ])('refuses %s, and xl ends with the firmware’s check', (_, rule, signing, creating) => {
    const bench = snp();
    signed(bench, signing);
    const outcome = bench.perform({ ...start, ...creating });
    expect(outcome.ok ? null : outcome.fault.rule.id).toBe(rule);
    expect([...broken(bench.machine)]).toEqual([]);
    const closed = bench.spans.filter((span) => JSON.stringify(span).includes(rule));
    expect(closed.length).toBeGreaterThan(4);
  });

  it('is refused for what is no SNP guest', () => {
    expect(snp().refused({ type: 'owner.identity', config: 'bob.cfg' })).toBe('owner.id-block-snp');
    expect(snp().refused({ type: 'owner.identity', config: 'none.cfg' })).toBe('owner.id-block-snp');
  });
});

describe('the keys of the configuration', () => {
  const created = (extra: string, bench = snp(), config = 'alice.cfg') =>
    bench.perform({ type: 'xl.create', config, extra: `memory=1 ${extra}` });
  const ruleOf = (outcome: ReturnType<typeof created>) => (outcome.ok ? null : outcome.fault.rule.id);

  it('host_data reaches the firmware, which reports it', () => {
    const bench = snp();
    const data = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
    expect(created(`host_data="${toBase64(data)}"`, bench).ok).toBe(true);
    expect(contextOf(bench)).toMatchObject({ hostData: toHex(data), idBlock: null });
  });

  it('a block of foreign making is refused for its digest', () => {
    const bench = snp();
    const { block, auth } = madeIdBlock();
    const text = `name="carol"\ntype="pvh"\nmemory=1\ncoco=1\nsev_type="sev-snp"\nkernel="/boot/vmlinuz-sev"\nid_block="${toBase64(block)}"\nid_auth="${toBase64(auth)}"\n`;
    bench.done({ type: 'dom0.file', name: 'carol.cfg', text });
    expect(ruleOf(bench.perform({ type: 'xl.create', config: 'carol.cfg' }))).toBe('asp.id-block-digest');
  });

  it.each([
    ['id_block="AAAA"', 'xl.bad-config'],
    ['host_data="no base64"', 'xl.bad-config'],
    [`id_block="${toBase64(fromHex('00'.repeat(96)))}"`, 'xl.bad-config'],
  ])('%s is refused with its place', (extra, rule) => {
    const outcome = created(extra);
    expect(ruleOf(outcome)).toBe(rule);
    expect(outcome.ok ? '' : outcome.fault.message).toMatch(/^alice\.cfg:\d+:\d+: /);
  });

  it('a guest without SNP takes none of it', () => {
    const data = toBase64(new Uint8Array(32));
    expect(ruleOf(created(`host_data="${data}"`, snp(), 'bob.cfg'))).toBe('xl.identity');
  });
});
