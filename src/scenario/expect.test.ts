import { describe, expect, it } from 'vitest';
import type { FactChange } from '../engine/core/change';
import { Player } from '../history/player';
import { judge } from './expect';
import type { Expectation } from './expectation';
import { machineOf } from './machine';
import { parseScenario } from './parse';
import type { Scenario } from './schema';

/** A guest with a private note and a shared one, on a machine whose lines stay in the caches. */
const text = `title: A machine
summary: For the tests.
rows: []
machine: { memory: 4 MiB, generation: rome, writeBack: late }
steps:
  - title: All of it
    narration: Two notes and a read.
    do:
      - { type: xl.create, config: alice.cfg, extra: memory=1 colour=4 }
      - { type: guest.write, guest: alice, name: note, data: 'sixteen letters!' }
      - { type: guest.write, guest: alice, name: open, data: '-' }
      - { type: guest.convert, guest: alice, at: 'alice:open', to: shared }
      - { type: guest.write, guest: alice, at: 'alice:open', data: 'for all to read!' }
      - { type: guest.read, guest: alice, at: 'alice:note', length: 16 }
`;

function scenario(): Scenario {
  const parsed = parseScenario(text, 'test');
  if (!parsed.ok) throw new Error(parsed.refusal.reason);
  return parsed.scenario;
}

const player = Player.start(machineOf(scenario()), scenario());
player.next();

function failuresOf(expected: Expectation): readonly string[] {
  const { session, lamps } = player;
  const changes = Array.from({ length: session.length }, (_, index) => session.journal.at(index));
  const moment = {
    platform: session.machine,
    outcome: session.actions.at(-1)?.outcome ?? null,
    lamps: lamps.at(session.length),
    facts: changes.filter((change): change is FactChange => change.store === 'fact'),
    calls: ['VMRUN', '#VMEXIT', 'VMRUN'],
  };
  return judge(moment, { title: '', narration: '', expect: [expected] }, true).failures;
}

const note = (who: string) => ({ who, at: 'alice:note' });

describe('holds', () => {
  it.each<Expectation>([
    { fault: 'none' },
    { result: { text: 'sixteen letters!', length: 16 } },
    { look: note('alice'), is: 'same', as: 'sixteen letters!' },
    { look: { ...note('alice'), length: 7 }, is: 'same', as: 'sixteen' },
    { look: note('xen'), is: 'same', as: note('dram') },
    { look: note('xen.c1'), is: 'different', as: note('xen.c0') },
    { look: note('xen'), is: 'varied' },
    { look: { who: 'alice', at: 'alice:note', length: 4096 }, is: 'repeating' },
    { look: { who: 'device', at: 'alice:open' }, is: 'same', as: 'for all to read!' },
    { look: { who: 'alice', at: 0 }, is: 'refused', as: '#PF' },
    { look: { who: 'alice', at: 0x300000 }, is: 'refused' },
    { look: { who: 'bob', at: 0 }, is: 'refused' },
    { look: { who: 'alice', at: 'gpa(alice:note)' }, is: 'same', as: 'sixteen letters!' },
    { look: { who: 'alice', at: 'spa(alice:note)' }, is: 'same', as: 'sixteen letters!' },
    { lamp: 'integrity', is: 'green' },
    { asid: 'alice', is: 2 },
    { cache: { at: 'alice:note', key: 'asid(alice)', dirty: true, starts: 'sixteen' }, is: 'present' },
    { cache: { at: 'alice:note', key: 'host' }, is: 'absent' },
    { cache: { at: 'alice:open', key: 'none', complex: 0 }, is: 'present' },
    { tlb: { at: 'alice:note', asid: 2, core: 1, c: true }, is: 'present' },
    { tlb: { at: 'alice:note', asid: 3 }, is: 'absent' },
    { entry: { who: 'alice', at: 'alice:note' }, bit: 47, is: 1 },
    { entry: { who: 'alice', at: 'alice:open' }, bit: 47, is: 0 },
    { entry: { who: 'xen.c1', at: 'alice:note' }, bit: 47, is: 1 },
    { cpuid: 'cBit', is: 47 },
    { cpuid: 'SEV', is: true },
    { slot: 'asid(alice)', is: 'loaded' },
    { slot: 7, is: 'empty' },
    {
      facts: [
        { what: 'wrote', actor: 'alice' },
        { what: 'saw', actor: 'alice' },
      ],
    },
    { lamp: 'integrity', is: 'red', tech: ['sme'] },
    { platform: 'WORKING' },
    { platform: 'WORKING', guests: 1 },
    { handle: 'alice', is: 'RUNNING' },
    { handle: 1, is: 'RUNNING', bound: true },
    { handle: 2, is: 'none' },
    { handle: 'bob', is: 'none' },
    { calls: ['VMRUN', 'VMRUN'] },
    { look: { who: 'alice.key', at: 'spa(alice:note)' }, is: 'same', as: 'sixteen letters!' },
    { terminal: 'xl does not know “colour”' },
    {
      look: { who: 'dram', at: 'memory(alice)' },
      is: 'same',
      as: { who: 'dram', at: 'spa(alice:start info)' },
    },
  ])('%j', (expected) => expect(failuresOf(expected)).toEqual([]));
});

describe('does not hold, and says what is there', () => {
  it.each<[Expectation, string]>([
    [{ fault: '#PF' }, 'Nothing was refused.'],
    [{ fault: 'any' }, 'Nothing was refused.'],
    [{ result: { text: 'other' } }, 'The result is “sixteen letters!”.'],
    [{ look: note('alice'), is: 'different', as: 'sixteen letters!' }, 'Alice sees “sixteen letters!”.'],
    [{ look: note('alice'), is: 'same' }, 'There is nothing to compare with: “as” is missing.'],
    [{ look: note('xen'), is: 'different', as: note('dram') }, ', and so does the DRAM.'],
    [{ look: note('alice'), is: 'refused' }, 'Alice sees “sixteen letters!”.'],
    [{ look: { who: 'alice', at: 0 }, is: 'same', as: 'x' }, 'Alice gets #PF: '],
    [{ look: { who: 'bob', at: 0 }, is: 'same', as: 'x' }, 'Bob gets refused: There is no guest named bob.'],
    [{ look: { who: 'xen', at: 'bob:x' }, is: 'same', as: 'x' }, 'There is no guest named bob.'],
    [{ look: { who: 'xen', at: 'alice:x' }, is: 'same', as: 'x' }, 'Alice has nothing named “x”.'],
    [
      { look: { who: 'xen', at: 'spa(alice:note + 1 GiB)' }, is: 'refused' },
      'Alice was given no memory at GPA',
    ],
    [{ look: { who: 'xen', at: 'pte(8)' }, is: 'refused' }, 'pte() wants an address of a guest.'],
    [
      { look: { who: 'xen', at: 'table(alice, 99)' }, is: 'refused' },
      'Alice has no page-table page number 99.',
    ],
    [{ look: note('xen'), is: 'repeating' }, 'Xen sees 1 blocks of 16 bytes, 1 of them different.'],
    [{ lamp: 'confidentiality', is: 'red' }, 'The confidentiality lamp is green.'],
    [{ asid: 'alice', is: 3 }, 'Alice has ASID 2.'],
    [{ asid: 'bob', is: 2 }, 'There is no guest named bob.'],
    [{ cache: { at: 'alice:note', key: 2 }, is: 'absent' }, 'Complex 0 holds the line'],
    [{ cache: { at: 'alice:note', key: 2, starts: 'other' }, is: 'present' }, 'No cache holds such a line'],
    [{ tlb: { at: 'alice:note', asid: 2, c: false }, is: 'present' }, 'No TLB holds such an entry'],
    [{ entry: { who: 'alice', at: 'alice:note' }, bit: 47, is: 0 }, 'Bit 47 of the entry 0x0000800000'],
    [{ entry: { who: 'bob', at: 0 }, bit: 47, is: 0 }, 'Nobody named bob has page tables.'],
    [{ cpuid: 'cBit', is: 51 }, 'CPUID says cBit = 47.'],
    [{ cpuid: 'SEV-SNP', is: true }, 'CPUID does not report SEV-SNP.'],
    [{ cpuid: 'wings', is: true }, 'CPUID Fn8000_001F has nothing named wings.'],
    [{ slot: 'host', is: 'empty' }, 'The slot for host key is loaded.'],
    [{ platform: 'INIT' }, 'The platform is in state WORKING and knows 1 guest.'],
    [{ platform: 'WORKING', guests: 2 }, 'knows 1 guest.'],
    [{ handle: 'alice', is: 'LSECRET' }, 'Alice is in state RUNNING, bound to ASID 2.'],
    [
      { handle: 1, is: 'RUNNING', bound: false },
      'The guest with handle 1 is in state RUNNING, bound to ASID 2.',
    ],
    [{ handle: 3, is: 'SENT' }, 'The guest with handle 3 is unknown to the secure processor.'],
    [{ calls: ['#VMEXIT', '#VMEXIT'] }, 'No call of #VMEXIT follows after the first 1.'],
    [
      { look: { who: 'alice.key', at: 'alice:note' }, is: 'same', as: 'x' },
      'Hardware with Alice’s key sees 73.',
    ],
    [{ look: { who: 'bob.key', at: 0 }, is: 'same', as: 'x' }, 'There is no guest named bob.'],
    [{ terminal: 'no such words' }, 'xl says only: Parsing config from alice.cfg'],
    [
      { facts: [{ what: 'saw', actor: 'xen' }] },
      'No fact like {"what":"saw","actor":"xen"} follows after the first 0.',
    ],
  ])('%j', (expected, says) => {
    const [sentence, ...more] = failuresOf(expected);
    expect(more).toEqual([]);
    expect(sentence).toContain(`but: `);
    expect(sentence).toContain(says);
  });
});
