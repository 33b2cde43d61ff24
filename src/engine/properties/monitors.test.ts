import { describe, expect, it } from 'vitest';
import type { Action } from '../actions';
import type { Technology } from '../core/config';
import { Bench } from '../testing/bench';
import { Availability } from './availability';
import { ControlFlow } from './controlFlow';
import { Freshness } from './freshness';
import type { Monitor } from './observation';

/** What a monitor says of everything that was recorded so far. */
function judged(bench: Bench, monitor: Monitor): string[] {
  for (const [index, change] of bench.changes.entries()) monitor.fold(change, index);
  return monitor.violations.map(({ sentence }) => sentence);
}

const account = 'balance=1000 EUR';

function replayed(technology: 'sev-es' | 'sev-snp'): Bench {
  const { bench, at } = withAccount(technology);
  const place = bench.spaOf('alice', at);
  bench.perform({ type: 'host.copy', from: place, to: 0x8_0000, length: 16 });
  bench.done({ type: 'guest.write', guest: 'alice', at, data: 'balance=0010 EUR' });
  bench.perform({ type: 'host.copy', from: 0x8_0000, to: place, length: 16 });
  bench.perform({ type: 'guest.read', guest: 'alice', at, length: 4 });
  bench.perform({ type: 'guest.read', guest: 'alice', at: at + 6, length: 7 });
  return bench;
}

function withAccount(technology: Technology): { readonly bench: Bench; readonly at: number } {
  const bench = new Bench({ technology });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  return { bench, at: Number(bench.done({ type: 'guest.write', guest: 'alice', data: account }).at) };
}

describe('freshness', () => {
  it('is broken by the first read of old bytes, not by bytes that never were there', () => {
    expect(judged(replayed('sev-es'), new Freshness())).toHaveLength(1);
  });

  it('holds where the RMP refuses the write', () => {
    expect(judged(replayed('sev-snp'), new Freshness())).toEqual([]);
  });

  it('does not call noise old', () => {
    const { bench, at } = withAccount('sev');
    bench.done({ type: 'host.write', at: bench.spaOf('alice', at), data: 'sixteen other by' });
    bench.perform({ type: 'guest.read', guest: 'alice', at, length: 16 });
    expect(judged(bench, new Freshness())).toEqual([]);
  });
});

const PROGRAM = 'mov eax, 0\ncpuid\nmov ecx, eax\nhlt';

function running(technology: 'sev' | 'sev-es'): Bench {
  const bench = new Bench({ technology });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  bench.done({ type: 'guest.program', guest: 'alice', text: PROGRAM });
  bench.done({ type: 'guest.step', guest: 'alice', count: 2 });
  return bench;
}

describe('control flow', () => {
  it.each(['sev', 'sev-es'] as const)('holds while %s answers what was asked', (technology) => {
    const bench = running(technology);
    bench.done({ type: 'guest.continue', guest: 'alice' });
    expect(judged(bench, new ControlFlow())).toEqual([]);
  });

  it('is broken when Xen puts another RIP into the VMCB', () => {
    const bench = running('sev');
    const core = bench.state.need('domain', 1).core;
    bench.perform({ type: 'host.vmexit', core });
    bench.done({ type: 'host.vmcb', guest: 'alice', field: 'rip', value: '0x7f0000001000' });
    bench.perform({ type: 'guest.step', guest: 'alice' });
    expect(judged(bench, new ControlFlow())[0]).toMatch(/^Alice goes on with another RIP than it had/);
  });

  it('is broken by the first instruction that the guest did not put there', () => {
    const bench = running('sev');
    const code = bench.state.need('guest', 1).objects.findLast(({ kind }) => kind === 'code');
    const at = bench.spaOf('alice', code?.address ?? 0);
    bench.done({ type: 'host.write', at, data: `hex:${'f4'.repeat(16)}` });
    bench.perform({ type: 'guest.step', guest: 'alice' });
    expect(judged(bench, new ControlFlow())[0]).toMatch(/^Alice ran at 0x[0-9a-f]+ an instruction/);
  });
});

describe('control flow and events', () => {
  const injected = (technology: 'sev' | 'sev-es', careful: boolean, event: object): string[] => {
    const bench = running(technology);
    bench.done({ type: 'guest.handler', guest: 'alice', checks: careful, shares: 'needed' });
    bench.perform({ type: 'host.inject', guest: 'alice', ...event } as Action);
    return judged(bench, new ControlFlow());
  };

  it.each(['sev', 'sev-es'] as const)(
    'on %s an interrupt that changes no register is none of its business',
    (technology) => {
      expect(injected(technology, false, { kind: 'interrupt', vector: 0x40 })).toEqual([]);
      expect(injected(technology, true, { kind: 'interrupt', vector: 0x80 })).toEqual([]);
    },
  );

  it.each(['sev', 'sev-es'] as const)(
    'is broken on %s by an interrupt behind which RAX is another',
    (technology) => {
      expect(injected(technology, false, { kind: 'interrupt', vector: 0x80 })).toEqual([
        'Alice comes back from interrupt 128 with another RAX.',
      ]);
    },
  );

  it('is broken by an exception that no instruction has raised, whoever handles it', () => {
    const sentence = 'Alice got event 29, which no instruction of it had raised.';
    for (const careful of [true, false])
      expect(injected('sev-es', careful, { kind: 'exception', vector: 29, error: 0x81 })).toEqual([sentence]);
    expect(injected('sev', true, { kind: 'exception', vector: 0 })[0]).toMatch(/^Alice got event 0,/);
  });
});

describe('availability', () => {
  it('is interrupted by a page that the RMP refuses', () => {
    const { bench, at } = withAccount('sev-snp');
    expect(judged(bench, new Availability())).toEqual([]);
    bench.done({ type: 'host.rmpupdate', at: bench.spaOf('alice', at), assigned: false });
    bench.perform({ type: 'guest.read', guest: 'alice', at, length: 16 });
    expect(judged(bench, new Availability())).toHaveLength(1);
  });
});
