import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { readU32 } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok } from '../core/fault';
import type { Platform } from '../core/platform';
import { guestAccess } from './kernelAccess';

/** Where `struct hvm_start_info` names the command line (Xen xen/include/public/arch-x86/hvm/start_info.h). */
export const CMDLINE_AT = 0x18;

/** The command line with which the kernel was started: what its start info names, in page 0. */
export function commandLine(p: Platform, domain: DomainCell): Outcome<string> {
  const page = guestAccess(p, domain, 'read', GUEST_BASE, PAGE_SIZE);
  if (!page.ok) return page;
  const text = page.value.subarray(readU32(page.value, CMDLINE_AT));
  const end = text.indexOf(0);
  return ok(new TextDecoder().decode(end < 0 ? text : text.subarray(0, end)));
}
