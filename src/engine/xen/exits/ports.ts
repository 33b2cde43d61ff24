import type { Platform } from '../../core/platform';
import { decodeIoio } from '../../cpu/ghcb/ioio';
import { printk } from '../console';
import { type Answer, type Asked, NOTHING } from './answer';

/** Xen’s debug port for guests (Xen xen/arch/x86/hvm/hvm.c, hvm_print_line), and a serial port as QEMU has it. */
const DEBUG_PORT = 0xe9;
const SERIAL = { data: 0x3f8, status: 0x3fd } as const;
/** Transmitter empty and idle (16550 line status). */
const READY = 0x60;

const VISIBLE = /[^\x20-\x7e]/g;

function print(p: Platform, { domain }: Asked, bytes: Uint8Array): void {
  const text = String.fromCharCode(...bytes).replace(VISIBLE, '.');
  printk(p, `d${domain.id}: ${text}`);
}

const ofRegister = (value: bigint, bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

/** What nobody answers reads as ones. */
const answerOf = (port: number): bigint =>
  port === SERIAL.status ? BigInt(READY) : port === DEBUG_PORT ? 0xe9n : 2n ** 32n - 1n;

/**
 * A port access as EXITINFO1 describes it. IN keeps the upper bytes of RAX that it does not read, but a 32-bit one clears
 * the upper half (APM vol. 3, IN).
 */
export function port(p: Platform, asked: Asked): Answer {
  const { port: number, input, string, bytes } = decodeIoio(asked.info1);
  if (input) {
    const value = BigInt.asUintN(8 * bytes, answerOf(number));
    if (string) {
      const count = Number(asked.info2);
      const element = ofRegister(value, bytes);
      const filled = Uint8Array.from({ length: count * bytes }, (_, i) => element[i % bytes] ?? 0);
      return { registers: {}, bytes: filled };
    }
    if (bytes === 4) return { registers: { rax: value } };
    const rax = asked.read('rax');
    return { registers: { rax: ((rax >> BigInt(8 * bytes)) << BigInt(8 * bytes)) | value } };
  }
  const out = string ? asked.bytes : ofRegister(asked.read('rax'), bytes);
  if (number === DEBUG_PORT || number === SERIAL.data) print(p, asked, out);
  return NOTHING;
}
