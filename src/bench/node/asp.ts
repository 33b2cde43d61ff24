import { COMMANDS } from '../../engine/asp/commands';
import { type CommandName, packCommand } from '../../engine/asp/layouts';
import { bellOf, ringMailbox } from '../../engine/asp/mailbox';
import { completeConfig } from '../../engine/config';
import { OWNER_HYPERVISOR } from '../../engine/core/page';
import { wbinvdOn } from '../../engine/cpu/wbinvd';
import { Machine } from '../../engine/machine';
import { rawWrite } from '../../engine/memory/controller';
import { atLeast, type FigureDefinition } from '../figure';
import { median, time } from '../stats';
import { cipherTime } from '../work/cipher';

const SMALL = 16 * 2 ** 20;

const BUFFER = 0x800000;
const GUEST = 0x900000;

/** A guest from LAUNCH_START to DECOMMISSION with its flush, none of it with elliptic curves. */
const LIFE: readonly (readonly [CommandName, Readonly<Record<string, number>>])[] = [
  ['PLATFORM_STATUS', {}],
  ['LAUNCH_START', {}],
  ['ACTIVATE', { HANDLE: 1, ASID: 1 }],
  ['LAUNCH_UPDATE_DATA', { HANDLE: 1, PADDR: GUEST, LENGTH: 4096 }],
  ['LAUNCH_MEASURE', { HANDLE: 1, MEASURE_PADDR: BUFFER + 0x1000, MEASURE_LEN: 48 }],
  ['LAUNCH_FINISH', { HANDLE: 1 }],
  ['GUEST_STATUS', { HANDLE: 1 }],
  ['DBG_DECRYPT', { HANDLE: 1, SRC_PADDR: GUEST, DST_PADDR: GUEST + 0x1000, LENGTH: 64 }],
  ['DEACTIVATE', { HANDLE: 1 }],
  ['DECOMMISSION', { HANDLE: 1 }],
  ['DF_FLUSH', {}],
];

const ROUNDS = 200;

/** Runs guests’ lives through the mailbox; answers with milliseconds. */
function lives(p: Machine, rounds: number): number {
  return time(() => {
    for (let round = 0; round < rounds; round++) {
      for (const [name, fields] of LIFE) {
        if (name === 'DF_FLUSH')
          for (let thread = 0; thread < p.state.tlbs.length; thread++) wbinvdOn(p, thread);
        const bytes = packCommand(name, fields);
        if (bytes.length > 0) rawWrite(p, BUFFER, bytes, OWNER_HYPERVISOR);
        const answer = ringMailbox(p, bellOf(COMMANDS[name].id, BigInt(BUFFER)));
        if (answer?.status !== 'SUCCESS') throw new Error(`${name}: ${answer?.status}`);
      }
    }
  });
}

const commands: FigureDefinition = {
  name: 'asp-commands',
  title: 'Commands of the secure processor without elliptic curves',
  unit: 'a second',
  target: atLeast(10_000),
  run: async () => {
    const nobody = { change: () => {}, open: () => {}, close: () => {} };
    const p = new Machine(completeConfig({ memory: SMALL, generation: 'genoa' }), nobody, new Map(), null);
    rawWrite(p, BUFFER, new Uint8Array(64), OWNER_HYPERVISOR);
    ringMailbox(p, bellOf(COMMANDS.INIT.id, BigInt(BUFFER)));
    for (let thread = 0; thread < p.state.tlbs.length; thread++) wbinvdOn(p, thread);
    ringMailbox(p, bellOf(COMMANDS.DF_FLUSH.id, 0n));
    lives(p, ROUNDS);
    const ms = median(Array.from({ length: 5 }, () => lives(p, ROUNDS)));
    const count = ROUNDS * LIFE.length;
    return {
      value: (count * 1000) / ms,
      reference: { what: 'noble’s ecb over 16 MiB', ratio: ms / cipherTime(SMALL) },
      notes: [`${LIFE.length} commands a guest: ${LIFE.map(([name]) => name).join(', ')}`],
    };
  },
};

export const ASP_FIGURES = [commands];
