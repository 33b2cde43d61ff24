import { z } from 'zod';
import { type Replay, replayFixed, replayKvm, replayPerCpu } from './asid-replay';
import { canonical } from './canonical';
import { type Compare, hasEntryWith, isRecord, type Recogniser, runSection } from './result';

const ALLOCATORS: Readonly<Record<string, (params: unknown) => Replay>> = {
  perPcpuGeneration: replayPerCpu,
  fixedPerDomain: replayFixed,
  kvmSevBitmap: replayKvm,
};

const fields = z.record(z.string(), z.unknown());

const trace = z.object({
  allocator: z.enum(['perPcpuGeneration', 'fixedPerDomain', 'kvmSevBitmap']),
  params: z.unknown(),
  steps: z
    .array(
      z.object({
        event: z.string(),
        args: z.unknown(),
        expect: fields,
        stateAfter: fields.optional(),
      }),
    )
    .min(1),
});

/** Plays the steps; everything that the trace expects must be so, except the reason, which is for people. */
function compareTrace({ allocator, params, steps }: z.infer<typeof trace>, compare: Compare): void {
  const replay = ALLOCATORS[allocator]!(params);
  for (const [i, step] of steps.entries()) {
    const got = replay(step);
    const at = `step ${i + 1}: `;
    for (const [field, value] of Object.entries(step.expect)) {
      if (field !== 'why') compare(at + field, canonical(value), canonical(got.expect[field]));
    }
    if (step.stateAfter) compare(`${at}stateAfter`, canonical(step.stateAfter), canonical(got.stateAfter));
  }
}

/** Both allocators of Xen, and KVM's, step by step, in the format of `asidTraces` of `xen.json`. */
export const asidTraces = {
  name: 'ASID traces',
  recognises: (json: unknown) =>
    isRecord(json) && hasEntryWith(json.asidTraces, 'allocator', 'params', 'steps'),
  run: (json: unknown) => runSection(json, 'asidTraces', trace, compareTrace),
} satisfies Recogniser;
