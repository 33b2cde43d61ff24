import { traced } from '../asp';
import { looksLikeTraces } from '../asp/format';
import type { CaseResult } from './result';

/**
 * Recorded answers of the firmware, one JSON object a line. A case is a step that counts; those whose outcome hung on
 * something that the recording replaced are none.
 */
export const firmwareTraces = {
  name: 'traces of firmware commands',
  recognises: looksLikeTraces,
  run: (path: string, text: string): CaseResult[] =>
    traced(path, text).flatMap(({ id, verdict }) => {
      if (verdict.kind === 'agrees') return [{ id, mismatches: [] }];
      return verdict.kind === 'differs' ? [{ id, mismatches: verdict.differences }] : [];
    }),
};
