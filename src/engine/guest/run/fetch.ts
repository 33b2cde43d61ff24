import { PAGE_SIZE } from '../../core/address';
import { toHex } from '../../core/bytes';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { decode } from '../../cpu/isa/decode';
import type { Instruction } from '../../cpu/isa/instructions';
import { type Vcpu, vcpuAccess } from '../memory';

export const UNDEFINED: Rule = {
  id: 'guest.undefined-opcode',
  says: 'Bytes that are no instruction raise #UD.',
  source: 'APM vol. 2 §8.2.7; modelled: this guest CPU knows a selection of APM vol. 3',
  standing: 'published',
};

/** Bytes that the longest instruction has (APM vol. 3 §1.1). */
const LONGEST = 15;

/** The instruction at a GVA and its bytes; those on the next page are fetched only if it reaches there. */
export interface Fetched {
  readonly instruction: Instruction;
  readonly bytes: Uint8Array;
}

/** Fetches are always private (APM vol. 2 §15.34.5). */
export function fetchInstruction(p: Platform, vcpu: Vcpu, ip: number): Outcome<Fetched> {
  const here = Math.min(LONGEST, PAGE_SIZE - (ip % PAGE_SIZE));
  const head = vcpuAccess(p, vcpu, 'fetch', ip, here);
  if (!head.ok) return head;
  let bytes = head.value;
  let found = decode(bytes);
  if (found === 'more' && here < LONGEST) {
    const rest = vcpuAccess(p, vcpu, 'fetch', ip + here, LONGEST - here);
    if (!rest.ok) return rest;
    bytes = new Uint8Array([...bytes, ...rest.value]);
    found = decode(bytes);
  }
  if (found !== null && found !== 'more')
    return ok({ instruction: found, bytes: bytes.slice(0, found.length) });
  const shown = toHex(bytes.subarray(0, 5));
  return refuse(
    UNDEFINED,
    '#UD',
    `The bytes ${shown} at 0x${ip.toString(16)} are no instruction that this guest knows.`,
    { address: ip, bytes: shown },
    'The page would have to hold code that was written with the key of the guest: a fetch always decrypts.',
  );
}
