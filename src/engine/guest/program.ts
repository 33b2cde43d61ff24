import { PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { guestAccess } from './memory';

const UNDEFINED: Rule = {
  id: 'guest.undefined-opcode',
  says: 'Bytes that are no instruction raise #UD.',
  source: 'APM vol. 2 §8.2.7',
  standing: 'published',
};

const LENGTH: Rule = {
  id: 'guest.small-cpu',
  says: 'This step’s guest CPU knows NOP, MOV EAX/ECX/EDX/EBX imm32, ADD EAX imm32, HLT and RET, and runs at most 64 instructions.',
  source: 'modelled: opcodes of APM vol. 3, a small selection',
  standing: 'modelled',
};

/** `mov eax, 42; add eax, 100; ret`: the code that a guest's kernel carries at its start. */
export const KERNEL = Uint8Array.of(0xb8, 42, 0, 0, 0, 0x05, 100, 0, 0, 0, 0xc3);

const REGISTERS = ['eax', 'ecx', 'edx', 'ebx'] as const;
const LIMIT = 64;

const hasImmediate = (opcode: number): boolean => opcode === 0x05 || (opcode >= 0xb8 && opcode <= 0xbb);

/** The next five bytes; those on the next page only if the instruction reaches there. */
function instruction(p: Platform, domain: DomainCell, ip: number): Outcome<Uint8Array> {
  const here = Math.min(5, PAGE_SIZE - (ip % PAGE_SIZE));
  const head = guestAccess(p, domain, 'fetch', ip, here);
  if (!head.ok || here === 5) return head;
  const whole = new Uint8Array(5);
  whole.set(head.value);
  if (!hasImmediate(whole[0] ?? 0)) return ok(whole);
  const rest = guestAccess(p, domain, 'fetch', ip + here, 5 - here);
  if (rest.ok) whole.set(rest.value, here);
  return rest.ok ? ok(whole) : rest;
}

/** Fetches and runs instructions at a GVA until RET or HLT. Fetches are always private (APM vol. 2 §15.34.5). */
export function execute(p: Platform, domain: DomainCell, at: number): Outcome<Json> {
  const registers: Record<(typeof REGISTERS)[number], number> = { eax: 0, ecx: 0, edx: 0, ebx: 0 };
  let ip = at;
  for (let count = 1; count <= LIMIT; count++) {
    const fetched = instruction(p, domain, ip);
    if (!fetched.ok) return fetched;
    const bytes = fetched.value;
    const opcode = bytes[0] ?? 0;
    const immediate = new DataView(bytes.buffer, bytes.byteOffset).getInt32(1, true);
    if (opcode === 0xc3 || opcode === 0xf4)
      return ok({ ...registers, instructions: count, ended: opcode === 0xc3 ? 'RET' : 'HLT' });
    if (opcode >= 0xb8 && opcode <= 0xbb) registers[REGISTERS[opcode - 0xb8] ?? 'eax'] = immediate >>> 0;
    else if (opcode === 0x05) registers.eax = (registers.eax + immediate) >>> 0;
    else if (opcode !== 0x90) {
      return refuse(
        UNDEFINED,
        '#UD',
        `The bytes ${toHex(bytes)} at 0x${ip.toString(16)} are no instruction that this guest knows.`,
        { address: ip, bytes: toHex(bytes), instruction: count },
        'The page would have to hold code that was written with the key of the guest: a fetch always decrypts.',
      );
    }
    ip += opcode === 0x90 ? 1 : 5;
  }
  return refuse(
    LENGTH,
    'refused',
    `The program ran ${LIMIT} instructions without an end.`,
    { address: at },
    'A RET (c3) or HLT (f4) within reach.',
  );
}
