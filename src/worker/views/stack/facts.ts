import type { Layer } from '../../../engine/core/span';
import { CALLS } from '../../../engine/xen/path/calls';
import type { Call } from '../../../engine/xen/path/calls/call';
import type { LayerId } from '../../../engine/xen/path/layers';
import type { CallFacts } from '../../protocol';

/** By name; an entry such as `hypercall / operation` also by each of its parts. */
const KNOWN: ReadonlyMap<string, Call> = new Map([
  ...Object.entries(CALLS).flatMap(([name, call]) =>
    name.split(' / ').map((part): [string, Call] => [part, call]),
  ),
  ...Object.entries(CALLS),
]);

/** The firmware's own source; commands that the path does not list are found there too. */
const FIRMWARE = 'amd/AMD-ASPFW';

/** Where calls run that the path does not list, by the engine's own layer. The toolstack's run where their callers do. */
const LANES: Readonly<Partial<Record<Layer, LayerId>>> = {
  asp: 'firmware',
  xen: 'xen',
  guest: 'cpu',
  core: 'cpu',
  memory: 'cpu',
  device: 'cpu',
  physical: 'cpu',
};

export const MAILBOX = 'CmdBufAddr_Lo/Hi, CmdResp';

/** The layer in which a call runs. */
export const laneOf = (name: string, layer: Layer, caller: LayerId | null): LayerId =>
  layer === 'asp' ? 'firmware' : (KNOWN.get(name)?.layer ?? LANES[layer] ?? caller ?? 'xl');

/** What is known of a call. One of software that no source names is the simulator's own, and never looks like upstream. */
export function factsOf(name: string, lane: LayerId): CallFacts {
  const call = KNOWN.get(name);
  if (call) {
    const { status, file, source, note = null, aspCommands = [], refuses = [] } = call;
    return { status, file, source, note, aspCommands, refuses };
  }
  const hardware = lane === 'firmware' || lane === 'mailbox' || lane === 'cpu';
  return {
    status: hardware ? 'hardware' : 'hypothetical',
    file: null,
    source: lane === 'firmware' ? FIRMWARE : null,
    note: hardware ? null : 'a step of this simulator that no public source gives this name',
    aspCommands: [],
    refuses: [],
  };
}
