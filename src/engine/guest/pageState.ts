import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { uint } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { unpackRegisters } from '../core/registers';
import { decodeGhcbMsr, encodeGhcbMsr } from '../cpu/ghcb/msr';
import { SOFTWARE_EVENT } from '../cpu/ghcb/softwareEvents';
import { registersOf } from '../cpu/vmrun';
import { type PageStateWanted, PSC, PSC_LIST, pscEntry } from '../xen/exits/pageState';
import { coreOf } from './memory';
import { ask } from './vc/ask';
import { bufferGpa, ghcbOf, vmgexit } from './vc/ghcb';

const REFUSED: Rule = {
  id: 'guest.page-state-refused',
  says: 'A guest goes on only when the hypervisor says that the page has the state that was asked for.',
  source: 'Linux arch/x86/coco/sev/shared.c (early_page_state_change, vmgexit_psc)',
  standing: 'published',
};

/**
 * Asks the hypervisor to make a page private or shared: by message of the GHCB MSR while there is no GHCB, else as a list of one
 * entry.
 */
export function askForState(
  p: Platform,
  domain: DomainCell,
  gva: number,
  wanted: PageStateWanted,
): Outcome<null> {
  const vcpu = { domain, vcpu: 0 };
  const gpa = gva - GUEST_BASE;
  const ghcb = ghcbOf(p, vcpu);
  if (ghcb === null) {
    const operation = PSC[wanted];
    const answered = vmgexit(p, vcpu, encodeGhcbMsr('pscRequest', { operation, gfn: gpa / PAGE_SIZE }));
    if (!answered.ok) return answered;
    const message = decodeGhcbMsr(answered.value);
    return message.name === 'pscResponse' && message.values.error === 0
      ? DONE
      : notDone(p, domain, gpa, wanted);
  }
  const list = new Uint8Array(PSC_LIST.bytes);
  list.set(uint(pscEntry(gpa, wanted), 8), PSC_LIST.entries);
  const request = {
    code: SOFTWARE_EVENT.PAGE_STATE_CHANGE,
    info1: 0n,
    info2: 0n,
    own: { swScratch: bufferGpa(ghcb) },
  };
  const registers = unpackRegisters(registersOf(p, coreOf(p, vcpu)));
  const answered = ask(p, vcpu, request, registers, list);
  if (!answered.ok) return answered;
  return answered.value.read('swExitInfo2') === 0n ? DONE : notDone(p, domain, gpa, wanted);
}

const notDone = (p: Platform, { name }: DomainCell, gpa: number, wanted: PageStateWanted): Outcome<never> =>
  p.trace.refused(
    refuse(
      REFUSED,
      'refused',
      `Xen does not make GPA 0x${gpa.toString(16)} of ${name} ${wanted}.`,
      { gpa },
      'A page that the hypervisor can give or take back.',
    ),
  );
