import { PACKET_HEADER_BYTES } from '../asp/crypto/packet';
import type { Values } from '../asp/layouts';
import { PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok } from '../core/fault';
import type { Platform } from '../core/platform';
import { launchVmsas } from './domctl/vmsas';
import { command, dataAddress, type Fields, hostAddress, readData } from './driver/command';
import { frameAt } from './frames';
import { hasEs } from './kind';
import { call } from './trail';

/** A measurement and its nonce (AMD-ASPFW sev_guest.c: sev_guest_measure). */
const MEASUREMENT_BYTES = 48;

/**
 * LAUNCH_MEASURE: closes the launch digest, with SEV-ES behind the vCPUs’ registers, and keeps what the secure processor answers.
 * Hexadecimal, 48 bytes.
 */
export function measure(p: Platform, id: number): Outcome<string> {
  const { handle, policy } = p.state.need('domain', id);
  const registers = hasEs(policy) ? launchVmsas(p, id) : DONE;
  if (!registers.ok) return registers;
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

/** XEN_COCO_domain_finish_initial_mem: the measurement before the guest runs, so that its owner can look at it. */
export const finishInitialMemory = (p: Platform, id: number): Outcome<DomainCell> =>
  call(p, 'hypercall', 'XEN_COCO_domain_finish_initial_mem', { id }, () => {
    const measured = measure(p, id);
    return measured.ok ? ok(p.state.need('domain', id)) : measured;
  });

/** A secret as its owner sent it, where Domain-0 has put it, and where in the guest it goes. */
export interface SecretPacket {
  /** SPAs. */
  readonly header: number;
  readonly data: number;
  /** GPA. */
  readonly target: number;
  readonly length: number;
}

/** XEN_COCO_domain_update_secrets: hands it to the secure processor, which alone can open it. */
export const updateSecrets = (p: Platform, id: number, packet: SecretPacket): Outcome<number> =>
  call(p, 'hypercall', 'XEN_COCO_domain_update_secrets', { id, length: packet.length }, () => {
    const { handle, frames } = p.state.need('domain', id);
    const frame = frameAt(frames, Math.floor(packet.target / PAGE_SIZE)) ?? 0;
    const spa = frame * PAGE_SIZE + (packet.target % PAGE_SIZE);
    const done = command(p, 'LAUNCH_SECRET', {
      HANDLE: handle ?? 0,
      HDR_PADDR: hostAddress(p, packet.header),
      HDR_LEN: PACKET_HEADER_BYTES,
      GUEST_PADDR: hostAddress(p, spa),
      GUEST_LEN: packet.length,
      TRANS_PADDR: hostAddress(p, packet.data),
      TRANS_LEN: packet.length,
    });
    return done.ok ? ok(spa) : done;
  });

/** A command about the platform that Domain-0 asks for; what it writes goes where the fields say. */
export const askPlatform = (
  p: Platform,
  hypercall: string,
  name: 'PDH_CERT_EXPORT' | 'GET_ID' | 'PLATFORM_STATUS',
  fields: Fields,
): Outcome<Values> => call(p, 'hypercall', hypercall, {}, () => command(p, name, fields));
