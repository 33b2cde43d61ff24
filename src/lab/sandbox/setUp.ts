import type { Action } from '../../engine/actions';
import { completeConfig } from '../../engine/config';
import { GUEST_BASE, PAGE_SIZE } from '../../engine/core/address';
import type { MachineConfig } from '../../engine/core/config';
import { LEVELS, SANDBOX_LEVELS, type SandboxLevel } from './levels';

/** How each game begins: Alice with a PIN, a balance, a page that she serves, a place for mail, and a program. */

export const VICTIM = 'alice';
/** Her domain number: she is the only guest. */
export const VICTIM_ID = 1;

/** One aligned block of 16 bytes each. */
export const PIN = 'PIN=4711, secret';
export const BALANCE = { before: 'balance=1000 EUR', after: 'balance=0010 EUR' } as const;
const GREETING = 'Good day, visit!';
const NO_MAIL = 'no mail so far..';

/** What she keeps, a page each, in the order in which she takes the pages. The program comes behind two tables of hers. */
const PAGES = { pin: 0, account: 1, greeting: 2, inbox: 3, program: 6 } as const;
export type PlaceName = keyof typeof PAGES;
export const PLACE_NAMES = Object.keys(PAGES) as PlaceName[];

/** GVA of one of her pages. */
export const placeOf = (level: SandboxLevel, name: PlaceName): number =>
  GUEST_BASE + (LEVELS[level].firstPage + PAGES[name]) * PAGE_SIZE;

/** The same as GPA: her kernel maps all of her memory in a row. */
export const gpaOf = (level: SandboxLevel, name: PlaceName): number => placeOf(level, name) - GUEST_BASE;

const PROGRAM = 'till';

const hexadecimal = (address: number): string => `0x${address.toString(16)}`;

const program = (level: SandboxLevel): string => `; the till: looks up the balance and the PIN, then rests
begin: mov rsi, ${hexadecimal(placeOf(level, 'account'))}
mov rax, [rsi]
mov rdx, [rsi+8]
mov rdi, ${hexadecimal(placeOf(level, 'pin'))}
mov r15, [rdi]
mov r14, [rdi+8]
mov eax, 0x80000000
cpuid
hlt
jmp begin`;

const write = (name: PlaceName, data: string): Action => ({
  type: 'guest.write',
  guest: VICTIM,
  name,
  data,
});

/** What happens before the first move. */
export function setUpOf(level: SandboxLevel): readonly Action[] {
  const { extra, careful } = LEVELS[level];
  const handler: Action = { type: 'guest.handler', guest: VICTIM, checks: true, shares: 'needed' };
  return [
    { type: 'xl.create', config: `${VICTIM}.cfg`, extra },
    ...(careful ? [handler] : []),
    write('pin', PIN),
    write('account', BALANCE.before),
    write('greeting', GREETING),
    write('inbox', NO_MAIL),
    { type: 'guest.program', guest: VICTIM, name: PROGRAM, text: program(level) },
  ];
}

export const machineFor = (level: SandboxLevel, seed?: number): MachineConfig =>
  completeConfig({ ...LEVELS[level].machine, ...(seed === undefined ? {} : { seed }) });

/** Whether a session began as one of the games; the seed may be any. */
export function levelPlayed(config: MachineConfig, actions: readonly Action[]): SandboxLevel | null {
  const machine = JSON.stringify(config);
  const found = SANDBOX_LEVELS.find((level) => {
    const setUp = setUpOf(level);
    return (
      setUp.length <= actions.length &&
      JSON.stringify(machineFor(level, config.seed)) === machine &&
      setUp.every((action, n) => textOf(action) === textOf(actions[n]!))
    );
  });
  return found ?? null;
}

/** An action as text, for comparing; fields in the order of their names. */
export const textOf = (action: Action): string =>
  JSON.stringify(Object.entries(action).sort(([a], [b]) => (a < b ? -1 : 1)));
