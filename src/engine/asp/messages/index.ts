import { ABSORB, ABSORB_NOMA } from './absorb';
import { CPUID } from './cpuid';
import { EXPORT } from './export';
import { IMPORT } from './import';
import { KEY } from './key';
import type { GuestMessage } from './message';
import { REPORT } from './report';
import { TSC_INFO } from './tscInfo';
import { VMRK } from './vmrk';

/** Every question that a guest can ask the firmware. */
const GUEST_MESSAGES: readonly GuestMessage[] = [
  CPUID,
  KEY,
  REPORT,
  EXPORT,
  IMPORT,
  ABSORB,
  VMRK,
  ABSORB_NOMA,
  TSC_INFO,
];

const byType = new Map(GUEST_MESSAGES.map((message) => [message.type, message]));

/** The question with this number, or null. */
export const messageOfType = (type: number): GuestMessage | null => byType.get(type) ?? null;
