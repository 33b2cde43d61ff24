import { type ActionDefinition, defineAction } from '../core/action';
import { hex } from '../core/address';
import { type Fault, ok, type Rule, refuse } from '../core/fault';
import { dataBytes, field } from '../core/fields';
import { WRITER_PHYSICAL } from '../core/page';
import type { Platform } from '../core/platform';
import { shown } from '../core/shown';
import { z } from '../core/zod';
import { featuresOf } from '../cpu/cpuid';
import { rawWrite } from '../memory/controller';
import { boot } from '../xen/boot';
import { initcalls } from '../xen/initcalls';
import { suggestSpa } from '../xen/suggest';
import { POWER_RULES, powerOff } from './power';
import { outsideStick } from './stick';
import { STICK_ACTIONS } from './stickActions';

const spa = field.address('address on the stick (system physical)');

const probeRead = defineAction({
  type: 'probe.read',
  actor: 'physical',
  title: 'Read the stick',
  help: 'A probe on the DRAM bus, or the stick pulled out: the bytes as they are stored.',
  schema: z.strictObject({
    type: z.literal('probe.read'),
    at: spa,
    length: z.optional(field.count('bytes, 64 by default', 1, 4096)),
  }),
  who: () => 'probe',
  describe: ({ at }) => `The probe reads ${hex(at)}`,
  suggest: (p) => ({ at: suggestSpa(p), length: 64 }),
  run: (p, { at, length }) => {
    const wrong = outsideStick(p.config, at, length ?? 64);
    if (wrong) return { ok: false, fault: wrong };
    const bytes = p.state.dram.read(at, length ?? 64);
    p.trace.fact(
      'saw',
      {
        actor: 'probe',
        principal: WRITER_PHYSICAL,
        address: at,
        gpa: null,
        spa: at,
        length: bytes.length,
        key: 'no key',
        private: false,
      },
      POWER_RULES.remanence,
      bytes,
    );
    return ok(shown(bytes));
  },
});

const probeWrite = defineAction({
  type: 'probe.write',
  actor: 'physical',
  title: 'Write the stick',
  help: 'An interposer puts bytes onto the stick, past the memory controller.',
  schema: z.strictObject({
    type: z.literal('probe.write'),
    at: spa,
    data: field.data('text, or bytes as hex:…'),
  }),
  who: () => 'probe',
  describe: ({ at }) => `The probe writes ${hex(at)}`,
  suggest: (p) => ({ at: suggestSpa(p), data: 'hex:00' }),
  run: (p, { at, data }) => {
    const bytes = dataBytes(data);
    const wrong = outsideStick(p.config, at, bytes.length);
    if (wrong) return { ok: false, fault: wrong };
    rawWrite(p, at, bytes, WRITER_PHYSICAL);
    p.trace.fact(
      'wrote',
      {
        actor: 'probe',
        principal: WRITER_PHYSICAL,
        address: at,
        gpa: null,
        spa: at,
        length: bytes.length,
        key: 'no key',
        private: false,
      },
      null,
      bytes,
    );
    return ok({ length: bytes.length });
  },
});

const alreadyOff = (p: Platform): Fault | null =>
  p.state.cell('power')?.on
    ? null
    : refuse(POWER_RULES.off, 'refused', 'The machine is already off.', {}, 'Power.').fault;
const alreadyOn = (p: Platform): Fault | null =>
  p.state.cell('power')?.on
    ? refuse(POWER_RULES.off, 'refused', 'The machine is on.', {}, 'Cut the power first, or reset.').fault
    : null;

const off = defineAction({
  type: 'power.off',
  actor: 'physical',
  title: 'Cut the power',
  help: 'Pulls the plug: caches, registers and keys are gone at once, the stick keeps its bytes for a while.',
  schema: z.strictObject({ type: z.literal('power.off') }),
  who: () => 'probe',
  describe: () => 'The power is cut',
  impossible: alreadyOff,
  run: (p) => {
    powerOff(p);
    return ok(null);
  },
});

const on = defineAction({
  type: 'power.on',
  actor: 'physical',
  title: 'Power on',
  help: 'The machine boots again with new keys; the stick still holds what it held.',
  schema: z.strictObject({ type: z.literal('power.on') }),
  who: () => 'probe',
  describe: () => 'The machine boots again',
  impossible: alreadyOn,
  run: (p) => {
    boot(p);
    initcalls(p);
    return ok(null);
  },
});

const reset = defineAction({
  type: 'machine.reset',
  actor: 'firmware',
  title: 'Reset',
  help: 'Resets the machine: the secure processor makes new keys, everything else starts again.',
  schema: z.strictObject({ type: z.literal('machine.reset') }),
  who: () => 'asp',
  describe: () => 'The machine is reset',
  run: (p) => {
    if (p.state.cell('power')?.on) powerOff(p);
    boot(p);
    initcalls(p);
    return ok(null);
  },
});

const CPUID_RANGE: Rule = {
  id: 'firmware.cpuid',
  says: 'Firmware chooses how the keyed ASIDs are split; EDX lies between 1 and ECX + 1.',
  source: 'APM vol. 3 Fn8000_001F; virtee/snpguest issue 154 (ECX 509, EDX 10)',
  standing: 'published',
};

const cpuid = defineAction({
  type: 'machine.cpuid',
  actor: 'firmware',
  title: 'Set the ASID registers',
  help: 'Sets CPUID Fn8000_001F[ECX], the highest ASID of an encrypted guest, and [EDX], the lowest for one without SEV-ES.',
  schema: z.strictObject({
    type: z.literal('machine.cpuid'),
    ecx: field.count('highest encrypted ASID', 1, 1021),
    edx: field.count('lowest ASID without SEV-ES', 1, 1022),
  }),
  who: () => 'asp',
  describe: ({ ecx, edx }) => `CPUID: ECX = ${ecx}, EDX = ${edx}`,
  suggest: (p) => ({ ecx: featuresOf(p.state).maxAsid, edx: featuresOf(p.state).minPlainAsid }),
  run: (p, { ecx, edx }) => {
    if (edx > ecx + 1)
      return refuse(
        CPUID_RANGE,
        'refused',
        `EDX = ${edx} lies beyond ECX + 1 = ${ecx + 1}.`,
        { ecx, edx },
        `EDX of at most ${ecx + 1}.`,
      );
    const cell = p.state.need('cpuid');
    p.trace.set('cpuid', 0, { ...cell, fn8000001f: { ...cell.fn8000001f, ecx, edx } });
    return ok({ ecx, edx });
  },
});

export const PHYSICAL_ACTIONS: readonly ActionDefinition[] = [
  probeRead,
  probeWrite,
  off,
  on,
  reset,
  cpuid,
  ...STICK_ACTIONS,
] as unknown as readonly ActionDefinition[];

/** Types of action that need no power. */
export const WITHOUT_POWER: ReadonlySet<string> = new Set([
  'probe.read',
  'probe.write',
  'power.on',
  'machine.reset',
  'machine.cpuid',
  'stick.spd',
  'stick.interposer',
]);
