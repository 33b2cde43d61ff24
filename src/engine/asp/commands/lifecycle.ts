import { clearWbinvd } from '../../cpu/wbinvd';
import { admitAsid, releaseAsid } from '../asids';
import type { Call } from '../call';
import { hasAsid, hasNoAsid, liveGuest } from '../checks/guest';
import { neverHere, platformIn } from '../checks/platform';
import { command } from '../command';
import { GUEST_STATES } from '../guests';
import { patchPlatform } from '../platform';
import { freeBlocks } from '../tmr';

/** A guest loses its ASID, and is forgotten. */

export const DEACTIVATE = command({
  id: 0x022,
  name: 'DEACTIVATE',
  purpose: 'Take the guest’s ASID away. Its key stays in the slot until another guest’s is loaded.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_deactivate), sev_guest.c (sev_guest_deactivate)',
  writes: 'nothing',
  checks: [platformIn('WORKING'), liveGuest, hasAsid],
  run: (call) => {
    clearWbinvd(call.p, releaseAsid(call.p, call.theGuest.asid));
    call.patchGuest({ asid: 0, activation: 'inactive', complexes: 0 });
  },
});

export const DECOMMISSION = command({
  id: 0x020,
  name: 'DECOMMISSION',
  purpose: 'Forget a guest; its handle is free again.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_decommission, mcmd_decommission_common)',
  writes: 'nothing',
  checks: [
    platformIn('WORKING'),
    liveGuest,
    hasNoAsid,
    neverHere(
      'checksum-blocks',
      'the guest’s checksum blocks cannot be returned',
      'ERR_INTERNAL',
      'AMD-ASPFW sev_es.c',
    ),
  ],
  run: (call) => {
    freeBlocks(call.p, call.theGuest.blocks);
    call.p.trace.set('handle', call.handle, null);
    const guests = call.platform.guests - 1;
    patchPlatform(call.p, { guests, sev: guests === 0 ? 'INIT' : 'WORKING' });
  },
});

export const GUEST_STATUS = command({
  id: 0x023,
  name: 'GUEST_STATUS',
  purpose: 'Tell a guest’s policy, ASID and state; of a handle that nobody has, state 0.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_guest_status)',
  writes: 'buffer',
  checks: [platformIn('INIT', 'WORKING')],
  run: (call) => {
    const { guest } = call;
    call.answer('POLICY', guest?.policy ?? 0);
    call.answer('ASID', guest?.asid ?? 0);
    call.answer('STATE', GUEST_STATES[guest?.state ?? 'UNINIT']);
  },
});

/** LAUNCH_FINISH, RECEIVE_FINISH: the guest may run. Its transport keys are forgotten. */
export function admitGuest(call: Call): void {
  const { asid, activation } = call.theGuest;
  if (activation === 'pending') admitAsid(call.p, asid);
  call.patchGuest({
    state: 'RUNNING',
    activation: activation === 'pending' ? 'active' : activation,
    digest: null,
    transport: null,
  });
}
