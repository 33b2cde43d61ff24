import { hex } from '../../../engine/core/address';
import { exitName } from '../../../engine/cpu/exits';
import type { LoggedSpan } from '../../../history/spanLog';
import type { ExitStep } from '../../registersProtocol';

export type Lane = ExitStep['lane'];

interface Words {
  readonly lane: Lane;
  readonly says: (span: LoggedSpan, es: boolean) => string;
}

const stub = (_: LoggedSpan, es: boolean): string =>
  es
    ? 'Xen’s stub pushes the general registers: they hold the host’s values'
    : 'Xen’s stub pushes the general registers: they still hold the guest’s values';

/** What happens in each call that an exit consists of. Calls that are not named here belong to Xen’s emulation. */
const CALLS: Readonly<Record<string, Words>> = {
  '#VMEXIT': {
    lane: 'hardware',
    says: (_, es) =>
      es
        ? 'The core encrypts all registers into the VMSA, stores its checksum and loads the host’s'
        : 'The core stores RIP, RSP, RAX and RFLAGS into the VMCB and leaves the rest as it is',
  },
  VMRUN: {
    lane: 'hardware',
    says: (_, es) =>
      es
        ? 'The core checks the VMSA and loads all registers from it'
        : 'The core loads the VMCB; the guest goes on',
  },
  svm_asm_do_resume: { lane: 'xen', says: stub },
  svm_vmexit_handler: { lane: 'xen', says: () => 'Xen reads why the guest left' },
  'GHCB exit handling (VMGEXIT)': {
    lane: 'xen',
    says: () => 'Xen copies the shared page and checks what is marked valid',
  },
  'fill GHCB': { lane: 'guest', says: () => 'The handler chooses what to reveal and marks it valid' },
  VMGEXIT: { lane: 'guest', says: () => 'The guest asks to leave: an exit of the fixed list' },
  'check answer': { lane: 'guest', says: () => 'Is everything there, and marked valid?' },
  'check values': { lane: 'guest', says: () => 'Do the values agree with what hardware itself told?' },
};

/** Calls that only carry others. */
const NOT_SHOWN: readonly string[] = ['#VC'];

const LAYERS: Partial<Record<LoggedSpan['layer'], Lane>> = { guest: 'guest', core: 'hardware', xen: 'xen' };

/** Lane and sentence of a call of an exit; null: it is no step of its own. */
export function stepWords(
  span: LoggedSpan,
  es: boolean,
): { readonly lane: Lane; readonly says: string } | null {
  if (NOT_SHOWN.includes(span.name)) return null;
  const known = CALLS[span.name];
  if (known) return { lane: known.lane, says: known.says(span, es) };
  const lane = LAYERS[span.layer];
  return lane ? { lane, says: lane === 'xen' ? 'Xen does what is asked' : '' } : null;
}

const REASONS_OF_XEN: readonly string[] = ['INTR', 'NMI', 'VINTR', 'SMI', 'INIT'];

/** What the guest was doing: by the reason of the exit. */
export function causeOf(
  code: number,
  way: 'plain' | 'automatic' | 'vc',
): Pick<ExitStep, 'lane' | 'name' | 'says'> {
  const name = exitName(code);
  if (REASONS_OF_XEN.includes(name))
    return { lane: 'hardware', name, says: 'Something outside the guest wants the core' };
  if (name === 'NPF')
    return { lane: 'guest', name: 'access', says: 'The nested tables do not lead where the guest wants' };
  return {
    lane: 'guest',
    name,
    says:
      way === 'plain'
        ? 'Intercepted'
        : way === 'vc'
          ? 'Intercepted, and no exit of the fixed list'
          : 'Of the fixed list',
  };
}

/** Hardware’s part of #VC. */
export const raisedStep = (code: number): Pick<ExitStep, 'lane' | 'name' | 'says'> => ({
  lane: 'hardware',
  name: '#VC',
  says: `The core does not leave: it raises vector 29 in the guest, error code ${hex(code)}`,
});
