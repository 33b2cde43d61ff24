import { GUEST_BASE, PAGE_SIZE } from '../../../engine/core/address';
import type { DomainCell } from '../../../engine/core/cells';
import { keyName } from '../../../engine/core/key';
import type { Platform } from '../../../engine/core/platform';
import { selectKey } from '../../../engine/cpu/key';
import { keyContext, selector } from '../../../engine/cpu/mode';
import { translate } from '../../../engine/cpu/translate';
import { modeOf, onCore } from '../../../engine/look';
import { type SeenPage, seenPage } from './reach';

/** The page in which a vCPU talks to the hypervisor, as the guest’s own tables lead there now. */
export interface GhcbPage {
  readonly gva: number;
  readonly gpa: number;
  readonly page: SeenPage;
  /** The key with which the guest reads it, in the engine’s words. */
  readonly key: string;
}

/** Null: the guest has none, or its tables do not lead to it. */
export function ghcbPage(p: Platform, { id, name }: DomainCell, vcpu: number): GhcbPage | null {
  const gva = p.state.cell('guest', id)?.ghcbs?.[vcpu];
  const mode = gva === undefined ? null : modeOf(p, name);
  if (gva === undefined || !mode) return null;
  const { outcome } = translate(onCore(p, mode), mode.id, gva, 'read');
  if (!outcome.ok) return null;
  const { spa, gpa, c, nestedC } = outcome.value;
  const choice = selectKey({ ...keyContext(p, mode.cell), kind: 'data', c, nestedC });
  const key = selector(choice.key, mode.cell.asid);
  return {
    gva,
    gpa: gpa ?? gva - GUEST_BASE,
    page: seenPage(p, mode.cell.complex, spa - (spa % PAGE_SIZE), key),
    key: keyName(key),
  };
}
