import { toHex } from '../core/bytes';
import { type Outcome, ok } from '../core/fault';
import type { Platform } from '../core/platform';
import { command, dataAddress, readData } from './driver/command';

/** A measurement and its nonce (AMD-ASPFW sev_guest.c: sev_guest_measure). */
const MEASUREMENT_BYTES = 48;

/** LAUNCH_MEASURE: closes the launch digest and keeps what the secure processor answers. Hexadecimal, 48 bytes. */
export function measure(p: Platform, id: number): Outcome<string> {
  const { handle } = p.state.need('domain', id);
  const done = command(p, 'LAUNCH_MEASURE', {
    HANDLE: handle ?? 0,
    MEASURE_PADDR: dataAddress(p),
    MEASURE_LEN: MEASUREMENT_BYTES,
  });
  if (!done.ok) return done;
  const measurement = toHex(readData(p, MEASUREMENT_BYTES));
  p.trace.patch('domain', id, { measurement });
  return ok(measurement);
}
