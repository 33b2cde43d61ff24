import type { NaeEvent, NaeRequest, Needed } from './event';
import { HARDWARE_EVENTS } from './hardwareEvents';
import type { GhcbField } from './layout';
import { SOFTWARE_EVENTS } from './softwareEvents';

/** Everything that a guest can ask for through a GHCB. */
export const NAE_EVENTS: readonly NaeEvent[] = [...HARDWARE_EVENTS, ...SOFTWARE_EVENTS];

const BY_CODE: ReadonlyMap<number, NaeEvent> = new Map(NAE_EVENTS.map((event) => [event.code, event]));

/** The event of a SW_EXITCODE; undefined where the table has none. */
export const naeEvent = (code: number): NaeEvent | undefined => BY_CODE.get(code);

const needed = (list: readonly Needed[], request: NaeRequest): GhcbField[] =>
  list.filter(({ only }) => !only || only.holds(request)).map(({ field }) => field);

/** Fields that this request must mark valid beside the three that every request does. */
export const inputsOf = (event: NaeEvent, request: NaeRequest): GhcbField[] => needed(event.inputs, request);

/** Fields that an answer of success to this request must mark valid. */
export const outputsOf = (event: NaeEvent, request: NaeRequest): GhcbField[] =>
  needed(event.outputs, request);
