import { type ActionDefinition, defineAction } from '../core/action';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import type { Profile } from '../core/ibsCells';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { z } from '../core/zod';
import { ibsOf, setSampling } from '../cpu/ibs';
import { enterHost } from './domain';
import { onCore } from './onCore';

/** What a hypervisor does with instruction-based sampling: it tells programs apart by what it knows of their code. */

const PROFILE_RULES = {
  fingerprint: {
    id: 'xen.profile-equality',
    says: 'A program whose returns are as far from one another as those of a known binary is that binary, wherever it lies.',
    source:
      'SEVerESt (Werner et al., AsiaCCS 2019); modelled: the same distances, each as often; the paper compares statistics of many samples',
    standing: 'modelled',
  },
  none: {
    id: 'xen.no-profile',
    says: 'Samples have to be kept before they can be compared.',
    source: 'this simulator',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** Profiles that are kept, the newest. */
const MOST = 16;

const profilesOf = (p: Platform): readonly Profile[] => p.state.cell('profiles')?.kept ?? [];

function keep(p: Platform, name: string, distances: readonly number[]): void {
  const others = profilesOf(p).filter((each) => each.name !== name);
  p.trace.set('profiles', 0, { kept: [...others.slice(1 - MOST), { name, distances }] });
}

const sampling = defineAction({
  type: 'cpu.ibs',
  actor: 'hypervisor',
  title: 'Sample instructions',
  help: 'IbsOpCtl (MSR C001_1033) of a core: while it is on, the core tells the host how far apart a guest’s returns are.',
  schema: z.strictObject({
    type: z.literal('cpu.ibs'),
    core: z.optional(field.core('which core, 0 by default')),
    on: field.flag('sample; what was sampled before is gone'),
    keep: z.optional(field.text('under which name the samples are kept that there are', 32)),
  }),
  who: () => 'xen',
  describe: ({ core, on, keep: name }) =>
    `Xen ${on ? 'samples' : 'samples no more'} on core ${core ?? 0}${name === undefined ? '' : `, and keeps “${name}”`}`,
  suggest: () => ({ core: 1, on: true }),
  run: (p, { core, on, keep: name }) =>
    onCore(p, core, (number) => {
      enterHost(p, number);
      const { distances } = ibsOf(p, number);
      if (name !== undefined) keep(p, name, distances);
      setSampling(p, number, on);
      return ok({ distances: [...distances] });
    }),
});

function profileNamed(p: Platform, name: string): Outcome<Profile> {
  const found = profilesOf(p).find((each) => each.name === name);
  if (found) return ok(found);
  return refuse(
    PROFILE_RULES.none,
    'refused',
    `There are no samples “${name}”.`,
    { profile: name },
    'cpu.ibs with keep.',
  );
}

/** Each distance as often; of nothing nobody knows what it is. */
function isSame(a: Profile, b: Profile): boolean {
  const [one, other] = [a, b].map(({ distances }) => [...distances].sort((x, y) => x - y).join());
  return a.distances.length > 0 && one === other;
}

const compare = defineAction({
  type: 'host.compare-samples',
  actor: 'hypervisor',
  title: 'Compare samples',
  help: 'The hypervisor compares what it has sampled of a guest with samples of two binaries that it has run itself.',
  schema: z.strictObject({
    type: z.literal('host.compare-samples'),
    samples: field.text('samples of the guest', 32),
    first: field.text('samples of one binary', 32),
    second: field.text('samples of the other', 32),
  }),
  who: () => 'xen',
  describe: ({ samples, first, second }) =>
    `Xen compares the samples “${samples}” with “${first}” and “${second}”`,
  suggest: () => ({ samples: 'guest', first: 'one', second: 'other' }),
  run: (p, { samples, first, second }): Outcome<Json> => {
    const found: Profile[] = [];
    for (const name of [samples, first, second]) {
      const profile = profileNamed(p, name);
      if (!profile.ok) return profile;
      found.push(profile.value);
    }
    const [own, ...others] = found;
    const equal = others.map((other) => own !== undefined && isSame(own, other));
    const same = equal[0] ? (equal[1] ? 'both' : 'first') : equal[1] ? 'second' : 'neither';
    p.trace.fact(
      'note',
      { what: 'samples compared', samples, first, second, same },
      PROFILE_RULES.fingerprint,
    );
    return ok({ same });
  },
});

export const IBS_ACTIONS: readonly ActionDefinition[] = [
  sampling,
  compare,
] as unknown as readonly ActionDefinition[];
