import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { STATUSES } from '../../core/status';
import { CALL_PATH, CALLS } from './calls';
import { LAYERS } from './layers';
import { COCO_OPS, DOMCTLS, HYPERCALLS } from './numbers';
import { DEFAULT_POLICIES, DEFAULT_SNP_POLICY, policyBitNames, SEV_POLICY_BITS } from './policy';
import { TIMELINE } from './timeline';

interface Row {
  readonly phase: string;
  readonly function: string;
  readonly note?: string;
  readonly uncertain?: string;
}

/** What the tables are compared with; the text of notes, roles and events is our own. */
interface Original {
  readonly statusLegend: Record<string, string>;
  readonly layers: { id: string; role: string }[];
  readonly lifecyclePhases: string[];
  readonly callPath: Row[];
  readonly hypercalls: { name: string }[];
  readonly domctls: { name: string }[];
  readonly cocoInterface: { hypercall: number; subops: { n: number; name: string; status: string }[] };
  readonly sevPolicyBits: object;
  readonly defaultPolicies: object;
  readonly timeline: { date: string; who: string; status: string }[];
}

const path = fileURLToPath(new URL('../../../../../shared/vectors/xen.json', import.meta.url));
const there = existsSync(path);

describe.skipIf(!there)(
  'the tables agree with xen.json (skipped where the shared vectors are absent)',
  () => {
    const original = (there ? JSON.parse(readFileSync(path, 'utf8')) : null) as Original;
    const named = (list: Readonly<Record<string, object>>): object[] =>
      Object.entries(list).map(([name, entry]) => ({ name, ...entry }));

    it('layers, from top to bottom', () => {
      const ours = Object.entries(LAYERS).map(([id, { role: _, ...layer }]) => ({ id, ...layer }));
      expect(ours).toEqual(original.layers.map(({ role: _, ...layer }) => layer));
    });
    it('statuses', () => expect(Object.keys(STATUSES)).toEqual(Object.keys(original.statusLegend)));
    it('phases', () => expect(Object.keys(CALL_PATH)).toEqual(original.lifecyclePhases));
    it('all 116 calls, in their order', () => {
      const ours = Object.entries(CALL_PATH).flatMap(([phase, calls]) =>
        Object.entries(calls).map(([name, { note: _, ...call }]) => ({ phase, function: name, ...call })),
      );
      const theirs = original.callPath.map(({ note: _, uncertain: __, ...row }) => row);
      expect(ours).toHaveLength(116);
      expect(ours).toEqual(theirs.map((row) => ({ ...row, id: undefined })));
    });
    it('hypercalls and domctls', () => {
      expect(named(HYPERCALLS)).toEqual(original.hypercalls);
      expect(named(DOMCTLS)).toEqual(original.domctls);
      const ops = Object.entries(COCO_OPS).map(([name, { number, status }]) => ({ n: number, name, status }));
      expect(ops).toEqual(original.cocoInterface.subops);
      expect(HYPERCALLS.__HYPERVISOR_coco_op.number).toBe(original.cocoInterface.hypercall);
    });
    it('policies', () => {
      const hexed = Object.entries(DEFAULT_POLICIES).map(([name, policy]) => [
        name,
        `0x${policy.toString(16)}`,
      ]);
      const ours = { ...Object.fromEntries(hexed), branchSnp: DEFAULT_SNP_POLICY };
      expect(original.defaultPolicies).toMatchObject(ours);
      expect(original.sevPolicyBits).toMatchObject(SEV_POLICY_BITS);
    });
    it('the timeline', () => {
      const bare = ({ date, who, status }: Original['timeline'][number]): object => ({ date, who, status });
      expect(TIMELINE.map(bare)).toEqual(original.timeline.map(bare));
    });
  },
);

it('nothing of the encrypted guest’s way is shown as upstream', () => {
  const proposed = Object.entries(CALLS).filter(([name]) => /sev_|snp_|coco|SEV|SNP/.test(name));
  expect(proposed.length).toBeGreaterThan(15);
  for (const [name, { status }] of proposed) expect([name, status]).not.toEqual([name, 'upstream']);
});

it('what remains without proposals is a whole way to an ordinary guest', () => {
  for (const calls of Object.values(CALL_PATH)) {
    expect(Object.values(calls).some(({ status }) => status === 'upstream')).toBe(true);
  }
});

it('a policy’s bits have names', () => {
  expect(policyBitNames(0)).toEqual([]);
  expect(policyBitNames(0x0f)).toEqual(['NODBG', 'NOKS', 'ES', 'NOSEND']);
  expect(policyBitNames(0xffffffff)).toHaveLength(6);
});
