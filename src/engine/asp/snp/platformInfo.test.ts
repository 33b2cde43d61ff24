import { expect, it } from 'vitest';
import { readU64 } from '../../core/bytes';
import type { FixName } from '../../core/fixNames';
import { Bench } from '../../testing/bench';
import { REPORT, REPORT_AT, REPORT_FIELDS } from '../messages/report';
import { contextAt } from './context';
import { PLATFORM_INFO_BITS } from './platformInfo';

/** PLATFORM_INFO in a report of Alice’s. */
function told(config: ConstructorParameters<typeof Bench>[0], fixes: FixName[] = []): bigint {
  const bench = new Bench({ technology: 'sev-snp', generation: 'turin', fixes, ...config });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  const p = bench.machine;
  const sender = BigInt(bench.domain('alice').context ?? 0);
  const guest = contextAt(p, sender);
  if (!guest) throw new Error('Alice has no context');
  const out = new Uint8Array(REPORT.answerBytes as number);
  const message = new Uint8Array(4096);
  REPORT.run({ p, sender, guest, vmpck: 0, payload: message, message }, out);
  return readU64(out, REPORT_AT + REPORT_FIELDS.platform);
}

const bits = (...names: (keyof typeof PLATFORM_INFO_BITS)[]): bigint =>
  names.reduce((value, name) => value | (1n << BigInt(PLATFORM_INFO_BITS[name])), 0n);

it.each([
  ['nothing special', {}, [], bits()],
  ['two threads a core', { topology: { sockets: 1, complexes: 2, cores: 2, threads: 2 } }, [], bits('smt')],
  ['transparent encryption', { tsme: true }, [], bits('tsme')],
  ['hidden ciphertext', {}, ['ciphertext-hiding'], bits('ciphertextHiding')],
  ['memory without aliases', {}, ['alias-check'], bits('aliasCheckComplete')],
  [
    'both',
    { tsme: true },
    ['ciphertext-hiding', 'alias-check'],
    bits('tsme', 'ciphertextHiding', 'aliasCheckComplete'),
  ],
] as const)('a report tells of %s', (_, config, fixes, wanted) => {
  expect(told(config, [...fixes])).toBe(wanted);
});
