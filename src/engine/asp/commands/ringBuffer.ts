import { PAGE_SIZE } from '../../core/address';
import type { RingBufferState } from '../../core/aspCells';
import type { Call } from '../call';
import { rangeStatus } from '../checks/address';
import { writable, writableIf } from '../checks/pages';
import { command } from '../command';
import { withoutC } from '../memory';
import { patchPlatform } from '../platform';

const SOURCE = 'AMD-ASPFW sev_mcmd.c (sev_mcmd_ring_buffer)';

const hasHigh = (call: Call): boolean => call.int('HI_SIZE') === 1;

/** The pages in use: the high-priority pair only with HI_SIZE 1. */
const pagesOf = (call: Call): string[] => [
  'LO_CMD_PTR',
  'LO_STATUS_PTR',
  ...(hasHigh(call) ? ['HI_CMD_PTR', 'HI_STATUS_PTR'] : []),
];

export const RING_BUFFER = command({
  id: 0x00f,
  name: 'RING_BUFFER',
  purpose: 'From the next command on, take commands from queues in memory instead of the mailbox.',
  source: SOURCE,
  writes: 'nothing',
  checks: [
    {
      id: 'asp.ring-state',
      says: 'neither SEV nor SNP is initialised',
      status: 'INVALID_PLATFORM_STATE',
      source: SOURCE,
      holds: ({ platform }) => platform.sev === 'UNINIT' && platform.snp === 'UNINIT',
    },
    {
      id: 'asp.ring-on',
      says: 'ring-buffer mode is on already',
      status: 'INVALID_PARAM',
      source: SOURCE,
      holds: ({ platform }) => platform.ring !== null,
    },
    {
      id: 'asp.ring-size',
      says: 'LO_SIZE is not 1, or HI_SIZE neither 0 nor 1',
      status: 'INVALID_PARAM',
      source: SOURCE,
      holds: (call) => call.int('LO_SIZE') !== 1 || call.int('HI_SIZE') > 1,
    },
    {
      id: 'asp.ring-alignment',
      says: 'a page of a queue is not a multiple of 4096',
      status: 'INVALID_ADDRESS',
      source: SOURCE,
      holds: (call) =>
        pagesOf(call).some((name) => withoutC(call.p, call.address(name)) % BigInt(PAGE_SIZE) !== 0n),
    },
    {
      id: 'asp.ring-range',
      says: 'a page of a queue lies in forbidden memory, or not in DRAM',
      status: 'INVALID_ADDRESS',
      source: SOURCE,
      holds: (call) => {
        for (const name of pagesOf(call)) {
          const status = rangeStatus(call.p, call.address(name), PAGE_SIZE);
          if (status) return status;
        }
        return false;
      },
    },
    writable('the low-priority status page', ['LO_STATUS_PTR', PAGE_SIZE]),
    writableIf(hasHigh, 'the high-priority status page', ['HI_STATUS_PTR', PAGE_SIZE]),
  ],
  run: (call) => {
    const at = (name: string): number => Number(withoutC(call.p, call.address(name)));
    const high = hasHigh(call);
    const ring: RingBufferState = {
      lowCommands: at('LO_CMD_PTR'),
      lowStatus: at('LO_STATUS_PTR'),
      highCommands: high ? at('HI_CMD_PTR') : null,
      highStatus: high ? at('HI_STATUS_PTR') : null,
    };
    patchPlatform(call.p, { ring });
  },
});
