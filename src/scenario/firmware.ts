import { domainNamed } from '../engine/xen/domain';
import type { HandleExpectation, PlatformExpectation } from './expectation';
import { type Finding, finding, type Moment } from './moment';
import { nameOf } from './sights';

/** Expectations about what the secure processor keeps: the state of the platform, and of each guest that it knows. */

export function checkPlatform({ platform: p }: Moment, { platform, guests }: PlatformExpectation): Finding {
  const cell = p.state.cell('platform');
  const [state, count] = [cell?.sev ?? 'UNINIT', cell?.guests ?? 0];
  const says = `The platform is in state ${state} and knows ${count} ${count === 1 ? 'guest' : 'guests'}.`;
  return finding(state === platform && (guests ?? count) === count, says);
}

export function checkHandle({ platform: p }: Moment, { handle, is, bound }: HandleExpectation): Finding {
  const named = typeof handle === 'string' ? domainNamed(p, handle) : null;
  if (named && !named.ok) return finding(is === 'none', named.fault.message);
  const number = named ? named.value.handle : (handle as number);
  const guest = number === null ? null : p.state.cell('handle', number);
  const name = named ? nameOf(named.value.name) : `The guest with handle ${number}`;
  if (!guest) return finding(is === 'none', `${name} is unknown to the secure processor.`);
  const asid = guest.asid === 0 ? 'without an ASID' : `bound to ASID ${guest.asid}`;
  const fits = guest.state === is && (bound ?? guest.asid !== 0) === (guest.asid !== 0);
  return finding(fits, `${name} is in state ${guest.state}, ${asid}.`);
}
