import { allComplexes, masksOf, maxAsid, minSevAsid } from '../../../engine/asp/asids';
import { CERTIFICATE_BYTES } from '../../../engine/asp/crypto/certificate';
import { PACKET_HEADER_BYTES } from '../../../engine/asp/crypto/packet';
import { SESSION_BYTES } from '../../../engine/asp/crypto/session';
import { guestContext } from '../../../engine/asp/guests';
import { type CommandName, LAYOUTS } from '../../../engine/asp/layouts';
import { PAGE_SIZE } from '../../../engine/core/address';
import type { JsonObject } from '../../../engine/core/json';
import type { Platform } from '../../../engine/core/platform';
import { livingDomains } from '../../../engine/xen/domains';
import { hostAddress } from '../../../engine/xen/driver/command';
import { regionBytes } from '../../../engine/xen/driver/region';

/** Fields of a command by name; those that are left out are 0. */
export type Fields = Readonly<Record<string, number | bigint>>;

const CHAIN_BYTES = 3 * CERTIFICATE_BYTES;
/** Pages that a suggestion needs: one for the first output, two for a chain of certificates, one for a session. */
const SCRATCH_PAGES = 4;
const REPORT_BYTES = 0xd0;
const MEASUREMENT_BYTES = 0x30;

/** The last pages of Xen's own heap that nobody has: what is written there disturbs nobody. */
function scratch(p: Platform): number {
  const run = p.state.cell('xen')?.heap.findLast(([, size]) => size >= SCRATCH_PAGES);
  return run ? (run[0] + run[1] - SCRATCH_PAGES) * PAGE_SIZE : 0;
}

/** The last page of the guest's memory and the one before it; scratch pages for a guest that Xen gave none. */
function guestPages(p: Platform, handle: number): readonly [number, number] {
  const run = livingDomains(p)
    .find((domain) => domain.handle === handle)
    ?.frames.at(-1);
  const end = run ? (run[0] + run[1]) * PAGE_SIZE : scratch(p) + SCRATCH_PAGES * PAGE_SIZE;
  return [end - PAGE_SIZE, end - 2 * PAGE_SIZE];
}

/** The first VMSA of a guest, where it has one. */
const vmsaOf = (p: Platform, handle: number): number | undefined =>
  livingDomains(p).find((domain) => domain.handle === handle)?.vmsas[0];

/** INIT as Xen’s driver sent it: with SEV-ES where it set a region aside. */
function initFields(p: Platform): Fields {
  const { region, spare } = p.state.cell('driver') ?? {};
  if (region === undefined) return {};
  return { FLAGS: 1, TMR_PADDR: region, TMR_LENGTH: regionBytes(spare !== undefined) };
}

/** An ASID that the firmware would take for the guest: clean everywhere and in its half; the first of its half otherwise. */
function freeAsid(p: Platform, es: boolean): number {
  const [first, last] = es ? [1, minSevAsid(p) - 1] : [minSevAsid(p), maxAsid(p)];
  for (let asid = first; asid <= last; asid++) {
    const { dirty, clean, allocated, inUse } = masksOf(p, asid);
    if (dirty === 0 && allocated === 0 && inUse === 0 && clean === allComplexes(p)) return asid;
  }
  return first;
}

/** What somebody would pass who means it well: the chosen guest, buffers that nobody uses, lengths as they have to be. */
export function sensibleFields(p: Platform, name: CommandName, handle: number): Fields {
  const page = scratch(p);
  const at = (index: number): bigint => hostAddress(p, page + index * PAGE_SIZE);
  const [inGuest, besideIt] = guestPages(p, handle).map((spa) => hostAddress(p, spa)) as [bigint, bigint];
  const packet = (length: number): Fields => ({
    HDR_PADDR: at(0),
    HDR_LEN: PACKET_HEADER_BYTES,
    GUEST_PADDR: inGuest,
    GUEST_LEN: length,
    TRANS_PADDR: at(1),
    TRANS_LEN: length,
  });
  const certificate = { PDH_CERT_PADDR: at(0), PDH_CERT_LEN: CERTIFICATE_BYTES };
  const session = { SESSION_PADDR: at(3), SESSION_LEN: SESSION_BYTES };
  const asid = name.startsWith('ACTIVATE') ? freeAsid(p, guestContext(p, handle)?.es ?? false) : 0;
  const swap = { SRC_PADDR: inGuest, DST_PADDR: at(1), MDATA_PADDR: at(0) };
  const vmsa = vmsaOf(p, handle);
  const state = vmsa === undefined ? inGuest : hostAddress(p, vmsa);
  const special: Partial<Record<CommandName, Fields>> = {
    INIT: initFields(p),
    INIT_EX: { LENGTH: 0x24, ...initFields(p) },
    PEK_CSR: { CSR_PADDR: at(0), CSR_LEN: CERTIFICATE_BYTES },
    PEK_CERT_IMPORT: {
      PEK_PADDR: at(0),
      PEK_LEN: CERTIFICATE_BYTES,
      OCA_PADDR: at(1),
      OCA_LEN: CERTIFICATE_BYTES,
    },
    PDH_CERT_EXPORT: {
      PDH_PADDR: at(0),
      PDH_LEN: CERTIFICATE_BYTES,
      CERTS_PADDR: at(1),
      CERTS_LEN: CHAIN_BYTES,
    },
    DOWNLOAD_FIRMWARE: { FW_PADDR: at(0), FW_LEN: PAGE_SIZE },
    GET_ID: { ID_PADDR: at(0), ID_LEN: 64 },
    RING_BUFFER: { LO_CMD_PTR: at(0), LO_STATUS_PTR: at(1), LO_SIZE: 1 },
    ACTIVATE: { ASID: asid },
    ACTIVATE_EX: { LENGTH: 0x18, ASID: asid, NUMIDS: 1, IDS_PADDR: at(0) },
    LAUNCH_START: { HANDLE: 0 },
    LAUNCH_UPDATE_DATA: { PADDR: inGuest, LENGTH: PAGE_SIZE },
    LAUNCH_UPDATE_VMSA: { PADDR: state, LENGTH: PAGE_SIZE },
    LAUNCH_MEASURE: { MEASURE_PADDR: at(0), MEASURE_LEN: MEASUREMENT_BYTES },
    LAUNCH_SECRET: packet(16),
    ATTESTATION: { PADDR: at(0), LENGTH: REPORT_BYTES },
    SEND_START: {
      ...certificate,
      PLAT_CERTS_PADDR: at(1),
      PLAT_CERTS_LEN: CHAIN_BYTES,
      ...session,
    },
    SEND_UPDATE_DATA: packet(PAGE_SIZE),
    SEND_UPDATE_VMSA: { ...packet(PAGE_SIZE), GUEST_PADDR: state },
    RECEIVE_START: { HANDLE: 0, ...certificate, ...session },
    RECEIVE_UPDATE_DATA: packet(PAGE_SIZE),
    RECEIVE_UPDATE_VMSA: { ...packet(PAGE_SIZE), GUEST_PADDR: state },
    DBG_DECRYPT: { SRC_PADDR: inGuest, DST_PADDR: at(0), LENGTH: 16 },
    DBG_ENCRYPT: { SRC_PADDR: at(0), DST_PADDR: inGuest, LENGTH: 16 },
    COPY: { SRC_PADDR: inGuest, DST_PADDR: besideIt, LENGTH: PAGE_SIZE },
    SWAP_OUT: swap,
    SWAP_IN: { ...swap, SRC_PADDR: at(1), DST_PADDR: inGuest },
  };
  const takesHandle = LAYOUTS[name].some((field) => field.name === 'HANDLE');
  return { ...(takesHandle && { HANDLE: handle }), ...special[name] };
}

const written = ([name, value]: readonly [string, number | bigint]): string =>
  `${name}=${value > 9 ? `0x${value.toString(16)}` : value}`;

/** The action that sends a command past Xen's driver. */
export const commandAction = (name: CommandName, fields: Fields): JsonObject => ({
  type: 'asp.command',
  command: name,
  ...(Object.keys(fields).length > 0 && { fields: Object.entries(fields).map(written).join(' ') }),
});
