import type { Rule } from '../core/fault';
import type { Platform } from '../core/platform';
import { occupyAsid } from './asids';

/** What binding to an ASID has to know of a guest, with SNP or without. */
export interface Bound {
  /** 0 while it has none. */
  readonly asid: number;
  readonly complexes: number;
  /** Name of the seed of its memory key. */
  readonly vek: string;
  /** With SEV-ES, so also with SNP: it needs one of the lower ASIDs. */
  readonly es: boolean;
  /** It may run at once. */
  readonly runs: boolean;
}

/** What has changed for the guest. */
export interface Binding {
  readonly asid: number;
  readonly activation: 'pending' | 'active';
  readonly complexes: number;
}

/** The one memory channel of this machine. */
const CHANNEL = 0;

const GUEST_KEY: Rule = {
  id: 'asp.guest-key',
  says: 'A guest’s memory key is derived from its random seed for each memory channel and loaded into the slot of its ASID; no software can read it.',
  source: 'AMD-ASPFW umc.c (set_umc_key), sev_guest.h; one channel is modelled',
  standing: 'published',
};

/** Binds a guest to an ASID on these complexes; the first time, its memory key goes into the ASID's slot. */
export function bindAsid(p: Platform, guest: Bound, asid: number, complexes: number): Binding {
  if (guest.asid === 0) {
    p.trace.fact('note', { what: 'key loaded', slot: asid, keyId: guest.vek }, GUEST_KEY);
    p.trace.set('slot', asid, { keyId: guest.vek, channel: CHANNEL });
  }
  occupyAsid(p, asid, complexes, guest.runs);
  return {
    asid,
    activation: guest.runs ? 'active' : 'pending',
    complexes: (guest.complexes | complexes) >>> 0,
  };
}
