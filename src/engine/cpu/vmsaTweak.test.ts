import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../core/address';
import { readUint, toHex } from '../core/bytes';
import { Bench } from '../testing/bench';
import { registers } from '../testing/programs';
import { readVmsa } from './vmsa';
import { readVmsaField, VMSA_FIELDS, writeVmsaField } from './vmsaFields';
import { hiddenValue, tweakBitmap, tweaked, unhidden } from './vmsaTweak';

const FEATURE = 0x4000n;

function guest(features: bigint): Bench {
  const bench = new Bench({ technology: 'sev-snp', generation: 'genoa' });
  const extra = `memory=1 sev_features=0x${features.toString(16)}`;
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra });
  bench.done({
    type: 'guest.program',
    guest: 'alice',
    text: 'mov rax, 0x1111\nmov rcx, 0x2222\nmov r15, 0x3333\nnop\nnop\nhlt',
  });
  bench.done({ type: 'guest.step', guest: 'alice', count: 3 });
  return bench;
}

const leave = (bench: Bench) => bench.done({ type: 'host.vmexit', core: bench.domain('alice').core });
const at = (bench: Bench): number => bench.domain('alice').vmsas[0] ?? 0;
const stored = (bench: Bench): Uint8Array =>
  readVmsa(bench.machine, 0, at(bench), bench.domain('alice').asid);
const seenByXen = (bench: Bench): string => toHex(bench.seen({ eye: 'host', c: 0 }, at(bench) + 0x1f0, 16));
const REGISTERS = ['rip', 'rsp', 'rax', 'rcx', 'rdx', 'rbx', 'rbp', 'rsi', 'rdi', 'r8', 'r15'] as const;

describe('a VMSA with VmsaRegProt', () => {
  it('has the registers of an exit behind its nonce, and VMRUN takes it off', () => {
    const bench = guest(FEATURE);
    leave(bench);
    const page = stored(bench);
    const nonce = readVmsaField(page, 'regProtNonce');
    expect(nonce).not.toBe(0n);
    expect(readVmsaField(page, 'rax')).toBe(0x1111n ^ nonce);
    expect(readVmsaField(page, 'rcx')).toBe(0x2222n ^ nonce);
    const fields = [...Array(32).keys()].map((i) => readUint(page, VMSA_FIELDS.fpregXmm.offset + 8 * i, 8));
    expect(new Set(fields)).toEqual(new Set([nonce]));
    expect(registers(bench, 'alice')).toMatchObject({ rax: 0x1111n, rcx: 0x2222n, r15: 0x3333n });
    bench.done({ type: 'guest.continue', guest: 'alice' });
    expect(registers(bench, 'alice')).toMatchObject({ rax: 0x1111n, rcx: 0x2222n, r15: 0x3333n });
  });

  it('leaves as they are the fields that hardware itself looks at', () => {
    const [plain, hidden] = [guest(0n), guest(FEATURE)];
    for (const bench of [plain, hidden]) leave(bench);
    for (const name of ['cr0', 'cr3', 'cr4', 'efer', 'rflags', 'eventInj', 'pcpuId', 'vmpl'] as const)
      expect([name, readVmsaField(stored(hidden), name)]).toEqual([name, readVmsaField(stored(plain), name)]);
  });

  it('gets another nonce at each exit, so that the same registers are another ciphertext each time', () => {
    const bench = guest(FEATURE);
    const seen = new Set<string>();
    const nonces = new Set<bigint>();
    for (let round = 0; round < 8; round++) {
      registers(bench, 'alice');
      leave(bench);
      seen.add(seenByXen(bench));
      nonces.add(readVmsaField(stored(bench), 'regProtNonce'));
    }
    expect(seen.size).toBe(8);
    expect(nonces.size).toBe(8);
  });

  it('gives the same again on the same machine', () => {
    const [one, other] = [guest(FEATURE), guest(FEATURE)];
    for (const bench of [one, other]) leave(bench);
    expect(toHex(stored(one))).toBe(toHex(stored(other)));
  });
});

describe('a VMSA without VmsaRegProt', () => {
  it('has the registers as they are, and the same ciphertext for the same registers', () => {
    const bench = guest(0n);
    leave(bench);
    const page = stored(bench);
    const first = seenByXen(bench);
    for (const name of ['rax', 'rcx'] as const)
      expect(readVmsaField(page, name)).toBe(name === 'rax' ? 0x1111n : 0x2222n);
    expect(readVmsaField(page, 'regProtNonce')).toBe(0n);
    registers(bench, 'alice');
    leave(bench);
    expect(seenByXen(bench)).toBe(first);
    expect(toHex(stored(bench))).toBe(toHex(page));
  });
});

it('a processor without VmsaRegProt refuses a VMSA that asks for it', () => {
  const bench = new Bench({ technology: 'sev-snp', generation: 'milan' });
  const outcome = bench.perform({
    type: 'xl.create',
    config: 'alice.cfg',
    extra: 'memory=1 sev_features=0x4000',
  });
  const entered = outcome.ok ? bench.perform({ type: 'host.vmrun', guest: 'alice', core: 1 }) : outcome;
  expect(entered).toMatchObject({
    fault: { name: 'VMEXIT_INVALID', rule: { id: 'vmrun.features-lacking' } },
  });
});

it('hiding twice is nothing, and hides what the bitmap of the secrets page names and no more', () => {
  const bitmap = tweakBitmap();
  const isNamed = (offset: number) =>
    (((bitmap[Math.floor(offset / 64)] ?? 0) >> ((offset / 8) % 8)) & 1) === 1;
  const any = fc.uint8Array({ minLength: PAGE_SIZE, maxLength: PAGE_SIZE });
  fc.assert(
    fc.property(any, fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (bytes, nonce) => {
      const page = bytes.slice();
      writeVmsaField(page, 'regProtNonce', nonce);
      writeVmsaField(page, 'sevFeatures', FEATURE);
      const hidden = tweaked(page);
      expect(toHex(tweaked(hidden))).toBe(toHex(page));
      for (let at = 0; at < PAGE_SIZE; at += 8)
        expect(readUint(hidden, at, 8)).toBe(readUint(page, at, 8) ^ (isNamed(at) ? nonce : 0n));
      for (const name of REGISTERS) {
        const { offset } = VMSA_FIELDS[name];
        expect(hiddenValue(hidden, offset, readVmsaField(page, name))).toBe(readVmsaField(hidden, name));
        expect(readVmsaField(unhidden(hidden), name)).toBe(readVmsaField(page, name));
      }
    }),
    { numRuns: 20 },
  );
});
