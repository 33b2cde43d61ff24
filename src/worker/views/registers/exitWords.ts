import { hex } from '../../../engine/core/address';
import { exitName } from '../../../engine/cpu/exits';
import type { LoggedSpan } from '../../../history/spanLog';
import type { ExitStep, ExitWay } from '../../registersProtocol';

type Lane = ExitStep['lane'];
export type StepWords = Pick<ExitStep, 'lane' | 'name' | 'says'>;

interface Words {
  readonly lane: Lane;
  readonly says: (es: boolean) => string;
}

/** What happens in each call that an exit consists of. */
const CALLS: Readonly<Record<string, Words>> = {
  '#VMEXIT': {
    lane: 'hardware',
    says: (es) =>
      es
        ? 'The core encrypts every register into the VMSA, stores its checksum and loads the host’s values'
        : 'The core stores RIP, RSP, RAX, RFLAGS and control registers into the VMCB and leaves the rest as it is',
  },
  VMRUN: {
    lane: 'hardware',
    says: (es) =>
      es
        ? 'The core checks the VMSA against its checksum and loads every register from it'
        : 'The core loads what is in the VMCB, whoever wrote it',
  },
  svm_asm_do_resume: {
    lane: 'xen',
    says: (es) =>
      es
        ? 'Xen’s stub saves the general registers and finds the host’s values in them'
        : 'Xen’s stub saves the general registers, which still are the guest’s',
  },
  svm_vmexit_handler: { lane: 'xen', says: () => 'Xen reads why the guest left' },
  svm_vmenter_helper: { lane: 'xen', says: () => 'Xen prepares the VMCB for the way back' },
  'GHCB exit handling (VMGEXIT)': {
    lane: 'xen',
    says: () => 'Xen copies the shared page and looks only at what is marked valid',
  },
  'fill GHCB': { lane: 'guest', says: () => 'The handler decides what to reveal and marks it valid' },
  VMGEXIT: { lane: 'guest', says: () => 'The guest asks to leave, which is an exit of the fixed list' },
  'check answer': { lane: 'guest', says: () => 'Is the answer whole, and marked valid?' },
  'check values': { lane: 'guest', says: () => 'Does it agree with what hardware itself has told?' },
};

/** Lane and sentence of a call of an exit; null: it is no step of its own, such as a single load or store. */
export function stepWords({ name, layer }: LoggedSpan, es: boolean): StepWords | null {
  const known = CALLS[name];
  if (known) return { lane: known.lane, name, says: known.says(es) };
  return layer === 'xen' ? { lane: 'xen', name, says: 'Xen does what is asked' } : null;
}

/** Something outside the guest made it leave. */
const FROM_OUTSIDE: readonly string[] = ['INTR', 'NMI', 'VINTR', 'SMI', 'INIT', 'MC'];

const INTERCEPTED: Readonly<Record<Exclude<ExitWay, 'message'>, string>> = {
  plain: 'The VMCB asks for an exit here',
  automatic: 'An exit of the fixed list',
  vc: 'Intercepted, but no exit of the fixed list',
};

const bytesOf = (text: string): string => text.match(/../g)?.join(' ') ?? '';

/** What the guest was doing. @param running the span of its instruction, where there is one. */
export function causeOf(
  code: number,
  way: Exclude<ExitWay, 'message'>,
  running: LoggedSpan | null,
): StepWords {
  const name = exitName(code);
  if (FROM_OUTSIDE.includes(name))
    return { lane: 'hardware', name, says: 'Something outside the guest wants the core' };
  const bytes = typeof running?.args.bytes === 'string' ? ` (${bytesOf(running.args.bytes)})` : '';
  return {
    lane: 'guest',
    name: running ? `${running.name}${bytes}` : name,
    says: name === 'NPF' ? 'The nested tables have no memory there' : INTERCEPTED[way],
  };
}

/** Hardware’s part of #VC. */
export const raisedStep = (code: number): StepWords => ({
  lane: 'hardware',
  name: '#VC',
  says: `The core does not leave: it raises vector 29 in the guest, error code ${hex(code)}`,
});
