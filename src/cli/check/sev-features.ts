import { z } from 'zod';
import { SEV_FEATURES, statusBit } from '../../engine/cpu/sevFeatures';
import { hasEntryWith, isRecord, type Recogniser } from './result';
import { entryNamed, runTable, sentence } from './tables';

const bit = z.number().int().min(0).max(63);
const row = z.object({ bit, name: sentence, sevStatusBit: bit });

/** Bits of SEV_FEATURES and where SEV_STATUS shows them, in the format of `sevFeatures` of `cpu.json`. */
export const sevFeatures = {
  name: 'SEV_FEATURES',
  recognises: (json: unknown) =>
    isRecord(json) && hasEntryWith(json.sevFeatures, 'bit', 'name', 'sevStatusBit'),
  run: (json: unknown) =>
    runTable('sevFeatures', (json as { sevFeatures: unknown }).sevFeatures, row, (entry, compare) => {
      const taken = Object.entries(SEV_FEATURES).find(([, feature]) => feature.bit === entry.bit);
      if (entry.name === 'reserved') compare('name', entry.name, taken?.[0] ?? 'reserved');
      else compare('bit', String(entry.bit), String(entryNamed('feature', entry.name, SEV_FEATURES).bit));
      compare('bit of SEV_STATUS', String(entry.sevStatusBit), String(statusBit(entry.bit)));
    }),
} satisfies Recogniser;
