import { type Fault, refuse } from '../core/fault';
import type { JsonObject } from '../core/json';
import { type NestedFaultBit, nestedFaultCode, type PageFaultBit, pageFaultCode } from '../memory/faultBits';
import type { RmpAccess } from './access';
import type { RmpStep } from './check';
import type { RmpEntry } from './entry';

/** Error code of the #VC that a guest gets for a page that it has not accepted (APM vol. 2 §15.36.10). */
export const PAGE_NOT_VALIDATED = 0x404;

/** What the access was to, beside what the table is asked. */
export interface Target {
  /** Virtual address; for a device the one that it emits. */
  readonly virtual: number;
  readonly spa: number;
}

type Bit = Exclude<NestedFaultBit, 'NOT_RESTARTABLE'>;

/** EXITINFO1 of the nested page fault of an access, with the bits that tell about the RMP. The page was present. */
export function nestedCode({ kind }: Pick<RmpAccess, 'kind'>, bits: readonly Bit[]): number {
  const table = kind === 'walk' || kind === 'update';
  return nestedFaultCode([
    'P',
    ...(kind === 'write' || kind === 'update' ? (['W'] as const) : []),
    'U',
    ...(kind === 'fetch' ? (['I/D'] as const) : []),
    table ? 'table' : 'final',
    ...bits,
  ]);
}

/** Error code of the host’s page fault. */
function hostCode({ kind, user }: RmpAccess): number {
  const bits: PageFaultBit[] = ['P', 'RMP'];
  if (kind === 'write' || kind === 'update') bits.push('W');
  if (user) bits.push('U');
  return pageFaultCode(bits);
}

const hex = (n: number): string => `0x${n.toString(16)}`;

function told({ raises, bits }: RmpStep, access: RmpAccess, { virtual, spa }: Target): [string, JsonObject] {
  switch (raises) {
    case '#PF':
      return [`Host page fault at ${hex(virtual)}`, { errorCode: hostCode(access), cr2: virtual }];
    case '#NPF':
      return [
        `Nested page fault at GPA ${hex(access.gpa)}`,
        { exitInfo1: nestedCode(access, bits), exitInfo2: access.gpa },
      ];
    case '#VC':
      return [
        `#VC ${hex(PAGE_NOT_VALIDATED)} at ${hex(virtual)}`,
        { errorCode: PAGE_NOT_VALIDATED, cr2: virtual },
      ];
    case 'IO_PAGE_FAULT':
      return [`The IOMMU stops the device at ${hex(virtual)}`, { spa }];
  }
}

/** The fault that a failed check raises. `inputs` carries the error code that somebody gets, and what the check was about. */
export function rmpFault(step: RmpStep, entry: RmpEntry | null, access: RmpAccess, target: Target): Fault {
  const { check, raises } = step;
  const [message, code] = told(step, access, target);
  return refuse(
    check.rule,
    raises,
    `${message}, SPA ${hex(target.spa)}: ${check.name} does not hold. ${check.rule.says}`,
    { check: check.name, spa: target.spa, ...check.inputs(entry, access), ...code },
    check.remedy,
  ).fault;
}
