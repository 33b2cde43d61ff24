import { describe, expect, it } from 'vitest';
import { EXIT } from '../../cpu/exits';
import { isIntercepted } from '../../cpu/intercepts';
import { Bench } from '../../testing/bench';
import { KINDS, ran, registers, run, stopped, withGuests } from '../../testing/programs';

const MARK = 0x1122_3344_5566_7788n;
const mark = `mov rax, 0x${MARK.toString(16)}`;
const APIC = 0x7f00_fee0_0000;

describe.each(KINDS)('a program of %s', (guest) => {
  const bench = () => withGuests([guest]);

  it('goes on behind HLT and PAUSE, intercepted or not', () => {
    const on = bench();
    on.done({ type: 'xen.intercept', guest, event: 'PAUSE', on: true });
    expect(ran(on, guest, 'pause\nmov ebx, 5\nhlt').rbx).toBe(5n);
    const { rip } = registers(on, guest);
    on.done({ type: 'guest.program', guest, text: 'hlt\nmov ebx, 7\nhlt' });
    on.done({ type: 'guest.continue', guest });
    expect(on.done({ type: 'guest.continue', guest })).toMatchObject({ instructions: 2, stopped: 'HLT' });
    expect(registers(on, guest)).toMatchObject({ rbx: 7n });
    expect(registers(on, guest).rip).not.toBe(rip);
  });

  it('keeps XMM0 and XCR0 over an exit', () => {
    const text = `${mark}\nmovq xmm0, rax\nxor eax, eax\ncpuid\nmovq rbx, xmm0\nxor ecx, ecx\nxgetbv\nhlt`;
    expect(ran(bench(), guest, text)).toMatchObject({ rbx: MARK, xmm0: MARK, rax: 1n, rdx: 0n });
  });

  it('changes XCR0 with XSETBV, which CPUID then shows', () => {
    const set = 'xor ecx, ecx\nxor edx, edx\nmov eax, 7\nxsetbv\n';
    const size = 'mov eax, 13\nxor ecx, ecx\ncpuid\nhlt';
    expect(ran(bench(), guest, size).rbx).toBe(0x240n);
    expect(ran(bench(), guest, set + size)).toMatchObject({ rbx: 0x340n, xcr0: 7n });
  });

  it('reads and writes DR7 with the register that it names', () => {
    const text = `${mark}\nmov ebx, 1\nmov dr7, rbx\nmov rcx, dr7\nhlt`;
    expect(ran(bench(), guest, text)).toMatchObject({ rax: MARK, rcx: 0x401n, dr7: 0x401n });
    expect(stopped(bench(), guest, `${mark}\nmov dr7, rax\nhlt`)).toBe('isa.debug-upper');
  });

  it('keeps the bytes of RAX that IN does not read', () => {
    const input = (text: string) => ran(bench(), guest, `${mark}\nmov edx, 0x3fd\n${text}\nhlt`).rax;
    expect(input('in al, dx')).toBe(0x1122_3344_5566_7760n);
    expect(input('in ax, dx')).toBe(0x1122_3344_5566_0060n);
    expect(input('in eax, dx')).toBe(0x60n);
  });

  it('reads and writes the local APIC with 1, 2, 4 and 8 bytes', () => {
    const text = `
      mov rbx, ${APIC}
      mov rcx, -1
      mov [rbx + 0x80], cl
      mov rcx, [rbx + 0x80]
      movzx eax, byte [rbx + 0x30]
      mov dx, [rbx + 0x30]
      mov rsi, [rbx + 0x30]
      mov edi, [rbx + 0x20]
      hlt`;
    const found = ran(bench(), guest, text);
    expect(found).toMatchObject({ rax: 0x14n, rcx: 0xffn, rsi: 0x50014n, rdi: 0n });
    expect(found.rdx & 0xffffn).toBe(0x14n);
  });

  it('ends with #UD at UD2 and with #BP at INT3', () => {
    expect(run(bench(), guest, 'ud2\nhlt')).toMatchObject({ fault: { name: '#UD' } });
    expect(run(bench(), guest, 'int3\nhlt')).toMatchObject({ fault: { name: '#BP' } });
  });

  it('reads counters that stand still', () => {
    expect(ran(bench(), guest, `${mark}\nmov rdx, rax\nxor ecx, ecx\nrdpmc\nhlt`)).toMatchObject({
      rax: 0n,
      rdx: 0n,
    });
  });
});

describe('of a guest with SEV', () => {
  it('Xen gives debug registers away at the first access and does not ask again', () => {
    const bench = withGuests(['bob']);
    const vmcb = bench.domain('bob').vmcbs[0] ?? 0;
    expect(isIntercepted(bench.machine, 0, vmcb, EXIT.DR7_READ)).toBe(true);
    ran(bench, 'bob', 'mov rbx, dr7\nhlt');
    expect(isIntercepted(bench.machine, 0, vmcb, EXIT.DR7_READ)).toBe(false);
    expect(isIntercepted(bench.machine, 0, vmcb, EXIT.DR7_WRITE)).toBe(false);
  });

  it('Xen injects #GP for an XCR0 that there is not', () => {
    const bench = withGuests(['bob']);
    bench.done({ type: 'xen.intercept', guest: 'bob', event: 'XSETBV', on: true });
    expect(stopped(bench, 'bob', 'xor ecx, ecx\nxor edx, edx\nmov eax, 4\nxsetbv\nhlt')).toBe(
      'guest.injected',
    );
  });

  it('Xen emulates no instruction that needs the guest’s memory beside the device', () => {
    const text = `mov rbx, ${APIC}\ncall [rbx + 0x30]\nhlt`;
    expect(stopped(withGuests(['bob']), 'bob', text)).toBe('xen.mmio-one-place');
  });

  it('Xen cannot do string I/O: it finds no page tables', () => {
    const text = 'lea rsi, [text]\nmov ecx, 4\nmov edx, 0xe9\nrep outsb\nhlt\ntext: ascii "four"';
    expect(stopped(withGuests(['bob']), 'bob', text)).toBe('xen.string-io');
  });
});

describe('of a guest without encryption', () => {
  const STRINGS = `
    lea rsi, [text]
    lea rdi, [text]
    mov ecx, 4
    mov edx, 0xe9`;
  const END = '\nmov rax, [text]\nhlt\ntext: ascii "abcdefgh"\n';
  const plain = (part: { technology: 'off' | 'sme'; sme?: 'full' }) => {
    const bench = new Bench(part);
    bench.done({ type: 'xl.create', config: 'bob.cfg', extra: 'memory=1 coco=0' });
    return bench;
  };
  const lines = (bench: Bench) => bench.state.need('ring').lines.at(-1);

  it.each([{ technology: 'off' }, { technology: 'sme', sme: 'full' }] as const)(
    'Xen moves strings between ports and its memory: %o',
    (part) => {
      const bench = plain(part);
      expect(ran(bench, 'bob', `${STRINGS}\nrep outsb${END}`).rcx).toBe(0n);
      expect(lines(bench)).toContain('abcd');
      ran(bench, 'bob', `${STRINGS}\nadd rsi, 2\nstd\nmov ecx, 2\nrep outsw${END}`);
      expect(lines(bench)).toContain('cdab');
      expect(ran(bench, 'bob', `${STRINGS}\nmov edx, 0x3fd\ninsd${END}`)).toMatchObject({
        rax: 0x6867_6665_0000_0060n,
        rcx: 4n,
      });
    },
  );

  it('a string that leads out of its memory faults, and nothing has moved', () => {
    const bench = plain({ technology: 'off' });
    expect(stopped(bench, 'bob', `${STRINGS}\nmov rsi, 0x1000\nrep outsb${END}`)).toBe('paging.not-present');
    expect(registers(bench, 'bob').rcx).toBe(4n);
  });
});
