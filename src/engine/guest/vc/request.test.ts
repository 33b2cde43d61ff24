import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { u64 } from '../../core/bytes';
import { GPRS, type Gpr, REGISTER_NAMES, type Registers } from '../../core/registers';
import type { Bench } from '../../testing/bench';
import { mark, marksForXen, marksIn } from '../../testing/marks';
import { coreRegisters, type Kind, withGuests } from '../../testing/programs';

const RUNS = Number(process.env.FUZZ_RUNS ?? 10);
const settings = { numRuns: RUNS, seed: Number(process.env.FUZZ_SEED ?? 20_260) };

const APIC = '0x7f00fee00000';
const MARKED: readonly Gpr[] = GPRS.filter((name) => name !== 'rsp');

/** An instruction, and the registers whose 64 bits its request needs. */
interface Line {
  readonly text: string;
  readonly shows?: readonly Gpr[];
}
const line = (text: string, ...shows: Gpr[]): Line => ({ text, shows });

const register = fc.constantFrom(...MARKED);
/** What RBX does not keep while it names the device. */
const stored = fc.constantFrom(...MARKED.filter((name) => name !== 'rbx'));
const number = fc.integer({ min: 0x100, max: 0xfff0 });

/** Moves of marks among registers and private memory. */
const inside: fc.Arbitrary<Line[]> = fc.oneof(
  fc.tuple(register, number).map(([to, n]) => [line(`mov ${to}, ${mark(n)}`)]),
  fc.tuple(register, register).map(([to, from]) => [line(`mov ${to}, ${from}`)]),
  fc.tuple(register, register).map(([from, to]) => [line(`push ${from}`), line(`pop ${to}`)]),
  register.map((from) => [line(`mov [kept], ${from}`)]),
  register.map((to) => [line(`mov ${to}, [kept]`)]),
  register.map((from) => [line(`movq xmm0, ${from}`)]),
  register.map((to) => [line(`inc ${to}`)]),
);

/** What leaves the guest, or may. */
const outside: fc.Arbitrary<Line[]> = fc.oneof(
  fc.constantFrom<Line[]>(
    [line('cpuid', 'rax', 'rcx')],
    [line('vmmcall', 'rax')],
    [line('rdtsc')],
    [line('rdtscp')],
    [line('wbinvd')],
    [line('invd')],
    [line('pause')],
    [line('hlt')],
    [line('out 0xe9, al')],
    [line('in eax, 0x60')],
    [line('mov rsi, dr7')],
    [line('mov ecx, 0x277'), line('rdmsr', 'rcx')],
    [line('mov ecx, 0x277'), line('wrmsr', 'rax', 'rcx', 'rdx')],
    [line(`mov rbx, ${APIC}`), line('mov edi, [rbx + 0x30]')],
  ),
  stored.map((from) => [line(`mov rbx, ${APIC}`), line(`mov [rbx + 0x80], ${from}`, from)]),
);

const program = fc
  .array(fc.oneof(inside, outside), { minLength: 6, maxLength: 16, size: 'max' })
  .map((lines) => lines.flat());

const MARKS = MARKED.map((name, index) => line(`mov ${name}, ${mark(index)}`));
const held = (registers: Registers): number[] =>
  REGISTER_NAMES.flatMap((name) => marksIn(u64(registers[name])));

/** Runs a program a line at a time; after each the guest is interrupted and Xen looks round. */
function watched(
  guest: Kind,
  lines: readonly Line[],
  intercepted: boolean,
  look: (bench: Bench, after: Registers, shown: ReadonlySet<number>) => void,
): void {
  const bench = withGuests([guest], '', { writeBack: lines.length % 2 === 0 ? 'soon' : 'late' });
  for (const event of ['RDTSC', 'RDTSCP', 'PAUSE'])
    bench.done({ type: 'xen.intercept', guest, event, on: intercepted });
  const all = [...MARKS, ...lines];
  const text = [...all.map((each) => each.text), 'hlt', 'kept: dq 0'].join('\n');
  bench.done({ type: 'guest.program', guest, text });
  const { core } = bench.domain(guest);
  const shown = new Set<number>();
  for (const [index, { shows = [] }] of all.entries()) {
    bench.done({ type: 'xen.schedule', guest, core });
    const before = coreRegisters(bench, core);
    for (const name of shows) for (const found of marksIn(u64(before[name]))) shown.add(found);
    bench.done({ type: 'guest.step', guest });
    if (index < MARKS.length - 1) continue;
    const after = coreRegisters(bench, core);
    bench.done({ type: 'host.vmexit', core });
    look(bench, after, shown);
  }
}

describe('what a program keeps in its registers', () => {
  it('no hypervisor sees with SEV-ES, but for what the requests so far had to show', () => {
    fc.assert(
      fc.property(program, fc.boolean(), (lines, intercepted) => {
        watched('alice', lines, intercepted, (bench, _, shown) => {
          expect(marksForXen(bench).filter((found) => !shown.has(found))).toEqual([]);
        });
      }),
      settings,
    );
  });

  it('every hypervisor sees with SEV, all of it', () => {
    fc.assert(
      fc.property(program, fc.boolean(), (lines, intercepted) => {
        watched('bob', lines, intercepted, (bench, after) => {
          const seen = marksForXen(bench);
          expect(held(after).filter((found) => !seen.includes(found))).toEqual([]);
        });
      }),
      settings,
    );
  });

  it('is found where it was shown: a store to a device, and nothing beside it', () => {
    const lines = [line(`mov rbx, ${APIC}`), line('mov [rbx + 0x80], r9', 'r9'), line('mov r9, r8')];
    const seen: number[][] = [];
    watched('alice', lines, false, (bench) => void seen.push(marksForXen(bench)));
    const shown = [MARKED.indexOf('r9')];
    expect(seen).toEqual([[], [], shown, shown]);
  });
});
