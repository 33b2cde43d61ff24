import { z } from 'zod';
import { type Measured, measuredBytes, measurement } from '../../engine/asp/crypto/measure';
import { hashesTable } from '../../engine/asp/image/hashesTable';
import { toHex } from '../../engine/core/bytes';
import { hexBytes, hexOf, u8, u32 } from './fields';
import { type CaseResult, hasEntryWith, isRecord, type Recogniser, runSection } from './result';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const measureCase = z.object({
  id: z.string().optional(),
  tik: hexOf(16),
  api_major: u8,
  api_minor: u8,
  build_id: u8,
  policy: u32,
  launch_digest: hexOf(32),
  mnonce: hexOf(16),
  hmac_input: hexBytes.optional(),
  measure: hexBytes,
  launch_measure_blob_base64: z.string().optional(),
  hashes_table: hexBytes.optional(),
  kernel_hex: hexBytes.optional(),
  initrd_hex: hexBytes.optional(),
  cmdline: z.string().optional(),
});

type MeasureCase = z.infer<typeof measureCase>;

const measuredOf = (c: MeasureCase): Measured => ({
  apiMajor: c.api_major,
  apiMinor: c.api_minor,
  buildId: c.build_id,
  policy: c.policy,
  digest: c.launch_digest,
  mnonce: c.mnonce,
});

function runMeasures(json: unknown): CaseResult[] {
  return runSection(json, 'launch_measure', measureCase, (c, compare) => {
    const measure = measurement({ ...measuredOf(c), tik: c.tik });
    if (c.hmac_input) compare('hmac_input', toHex(c.hmac_input), toHex(measuredBytes(measuredOf(c))));
    compare('measure', toHex(c.measure), toHex(measure));
    const blob = c.launch_measure_blob_base64;
    if (blob !== undefined)
      compare('launch_measure_blob_base64', blob, base64(Uint8Array.of(...measure, ...c.mnonce)));
    if (c.hashes_table && c.kernel_hex) {
      const files = { kernel: c.kernel_hex, initrd: c.initrd_hex ?? null, append: c.cmdline ?? null };
      compare('hashes_table', toHex(c.hashes_table), toHex(hashesTable(files)));
    }
  });
}

const swapped = (value: number): number => {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return view.getUint32(0, true);
};

const CHANGED = {
  policy: 'policy',
  build_id: 'buildId',
  api_major: 'apiMajor',
  api_minor: 'apiMinor',
} as const;

/** What a case of `launch_measure_negative` measures instead, from its sentence. */
function changed(measured: Measured, change: string): Measured {
  if (change.startsWith('policy encoded big-endian'))
    return { ...measured, policy: swapped(measured.policy) };
  const [, field = '', before, after] =
    /^(policy|build_id|api_major|api_minor) (\S+) -> (\S+)$/.exec(change) ?? [];
  const name = CHANGED[field as keyof typeof CHANGED];
  if (!name) throw new Error(`change: "${change}" is not known here`);
  if (Number(before) !== measured[name]) throw new Error(`change: ${field} of the base is ${measured[name]}`);
  return { ...measured, [name]: u32.parse(after) };
}

function runNegatives(json: unknown): CaseResult[] {
  const schema = z.object({ base: z.string(), change: z.string(), measure: hexBytes });
  return runSection(json, 'launch_measure_negative', schema, (c, compare) => {
    const list = isRecord(json) && Array.isArray(json.launch_measure) ? json.launch_measure : [];
    const found: unknown = list.find((entry) => isRecord(entry) && entry.id === c.base);
    if (!found) throw new Error(`base: there is no case ${c.base}`);
    const base = measureCase.parse(found);
    const measure = measurement({ ...changed(measuredOf(base), c.change), tik: base.tik });
    compare('measure', toHex(c.measure), toHex(measure));
    const differs = toHex(measure) !== toHex(measurement({ ...measuredOf(base), tik: base.tik }));
    compare(`differs from ${c.base}`, 'true', String(differs));
  });
}

/** Launch measurements of SEV and SEV-ES, in the format of `sev-measurement.json`. */
export const sevMeasurement: Recogniser = {
  name: 'launch measurements of SEV guests',
  recognises: (json) =>
    isRecord(json) &&
    (hasEntryWith(json.launch_measure, 'tik', 'measure') ||
      hasEntryWith(json.launch_measure_negative, 'base', 'change')),
  run: (json) => [...runMeasures(json), ...runNegatives(json)],
};
