import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Outcome, ok } from '../../core/fault';
import type { MonitorCell } from '../../core/guestCells';
import type { Platform } from '../../core/platform';
import type { Vcpu } from '../memory';
import { readBytes, writeBytes } from './monitor';
import { AREA, type SvsmResult } from './protocol';

/** In the monitor’s first page: how long the secret is, and its bytes (modelled). */
const VAULT = { length: 0x800, secret: 0x810, most: 64 } as const;

/** The secret that the kernel has put behind the calling area; what it wrote there is cleared. */
export function keep(
  p: Platform,
  vcpu: Vcpu,
  { own, area }: MonitorCell,
  length: number,
): Outcome<SvsmResult> {
  if (length === 0 || length > VAULT.most) return ok('INVALID_PARAMETER');
  const given = readBytes(p, vcpu, area + AREA.buffer, length);
  if (!given.ok) return given;
  const bytes = new Uint8Array(VAULT.most);
  bytes.set(given.value);
  const steps = [
    () => writeBytes(p, vcpu, own + VAULT.length, Uint8Array.of(length)),
    () => writeBytes(p, vcpu, own + VAULT.secret, bytes),
    () => writeBytes(p, vcpu, area + AREA.buffer, new Uint8Array(length)),
  ];
  for (const step of steps) {
    const done = step();
    if (!done.ok) return done;
  }
  return ok('SUCCESS');
}

/** Signs what lies behind the calling area, and leaves the 32 bytes of the signature there. */
export function sign(
  p: Platform,
  vcpu: Vcpu,
  { own, area }: MonitorCell,
  length: number,
): Outcome<SvsmResult> {
  const kept = readBytes(p, vcpu, own + VAULT.length, VAULT.secret - VAULT.length + VAULT.most);
  if (!kept.ok) return kept;
  const size = kept.value[0] ?? 0;
  if (size === 0 || length === 0 || length > AREA.most) return ok('INVALID_PARAMETER');
  const message = readBytes(p, vcpu, area + AREA.buffer, length);
  if (!message.ok) return message;
  const secret = kept.value.subarray(VAULT.secret - VAULT.length).subarray(0, size);
  const written = writeBytes(p, vcpu, area + AREA.buffer, hmac(sha256, secret, message.value));
  return written.ok ? ok('SUCCESS') : written;
}
