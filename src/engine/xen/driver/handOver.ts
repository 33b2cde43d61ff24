import { COMMANDS } from '../../asp/commands';
import type { CommandName } from '../../asp/layouts';
import { withoutC } from '../../asp/memory';
import { LARGE_PAGE_SIZE, PAGE_SIZE, pageBase } from '../../core/address';
import { DONE, type Outcome, type Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { snpEnabled } from '../../rmp/table';
import { updateRmp } from '../rmp';
import { call } from '../trail';

/**
 * While SNP is initialised the firmware writes only to its own pages. So whatever a command makes it write is handed to it
 * before, and taken back after (Linux drivers/crypto/ccp/sev-dev.c: snp_map_cmd_buf_desc, snp_unmap_cmd_buf_desc).
 * Modelled: the driver hands the pages themselves over, where Linux hands over a copy unless they are a guest’s.
 */
const MARKED: Rule = {
  id: 'xen.firmware-pages',
  says: 'Pages that a command makes the firmware write are handed to it with RMPUPDATE (assigned, immutable, ASID 0), and come back with SNP_PAGE_RECLAIM and RMPUPDATE.',
  source: 'Linux drivers/crypto/ccp/sev-dev.c (rmp_mark_pages_firmware, snp_reclaim_pages)',
  standing: 'published',
};

/** Buffers beside its own that a command makes the firmware write: field of the address, and field of the length. */
const WRITTEN: Partial<Record<CommandName, readonly (readonly [address: string, length: string])[]>> = {
  PEK_CSR: [['CSR_PADDR', 'CSR_LEN']],
  PDH_CERT_EXPORT: [
    ['PDH_PADDR', 'PDH_LEN'],
    ['CERTS_PADDR', 'CERTS_LEN'],
  ],
  GET_ID: [['ID_PADDR', 'ID_LEN']],
  LAUNCH_UPDATE_DATA: [['PADDR', 'LENGTH']],
  LAUNCH_UPDATE_VMSA: [['PADDR', 'LENGTH']],
  LAUNCH_MEASURE: [['MEASURE_PADDR', 'MEASURE_LEN']],
  LAUNCH_SECRET: [['GUEST_PADDR', 'GUEST_LEN']],
  ATTESTATION: [['PADDR', 'LENGTH']],
  SEND_START: [['SESSION_PADDR', 'SESSION_LEN']],
  SEND_UPDATE_DATA: [
    ['HDR_PADDR', 'HDR_LEN'],
    ['TRANS_PADDR', 'TRANS_LEN'],
  ],
  SEND_UPDATE_VMSA: [
    ['HDR_PADDR', 'HDR_LEN'],
    ['TRANS_PADDR', 'TRANS_LEN'],
  ],
  RECEIVE_UPDATE_DATA: [['GUEST_PADDR', 'GUEST_LEN']],
  RECEIVE_UPDATE_VMSA: [['GUEST_PADDR', 'GUEST_LEN']],
  DBG_DECRYPT: [['DST_PADDR', 'LENGTH']],
  DBG_ENCRYPT: [['DST_PADDR', 'LENGTH']],
};

/** A page of the RMP: 4 KiB, or 2 MiB where a buffer fills them. */
export interface Piece {
  readonly spa: number;
  readonly large: boolean;
}

/** The pages that a run of bytes touches. */
export function piecesOf(start: number, length: number): Piece[] {
  const pieces: Piece[] = [];
  const end = start + length;
  for (let spa = pageBase(start); spa < end; ) {
    const large = spa % LARGE_PAGE_SIZE === 0 && end - spa >= LARGE_PAGE_SIZE;
    pieces.push({ spa, large });
    spa += large ? LARGE_PAGE_SIZE : PAGE_SIZE;
  }
  return pieces;
}

/** Does the firmware write its answer into the command’s buffer, and look at the page first? */
export const writesBuffer = (name: CommandName): boolean => {
  const { writes, unguarded } = COMMANDS[name];
  return writes !== 'nothing' && !unguarded;
};

type Given = Readonly<Record<string, number | bigint>>;

/** Pages beside the command’s buffer that a command makes the firmware write, each once. */
export function writtenPieces(p: Platform, name: CommandName, fields: Given): Piece[] {
  const pieces = new Map<number, Piece>();
  for (const [address, length] of WRITTEN[name] ?? []) {
    const start = Number(withoutC(p, BigInt(fields[address] ?? 0)));
    for (const piece of piecesOf(start, Number(fields[length] ?? 0))) pieces.set(piece.spa, piece);
  }
  return [...pieces.values()];
}

/** Makes pages the firmware’s; where one refuses, those before it go back. */
export function giveToFirmware(p: Platform, pieces: readonly Piece[], back: Reclaim): Outcome<null> {
  if (pieces.length === 0 || !snpEnabled(p)) return DONE;
  const given: Piece[] = [];
  const done = call(p, 'asp-driver', 'SNP: pages to the firmware', { pages: pieces.length }, () => {
    p.trace.fact('note', { what: 'pages for the firmware', pages: pieces.length }, MARKED);
    for (const { spa, large } of pieces) {
      const updated = updateRmp(p, spa, { assigned: true, immutable: true, large });
      if (!updated.ok) return updated;
      given.push({ spa, large });
    }
    return DONE;
  });
  if (!done.ok) takeBack(p, given, back);
  return done;
}

/** SNP_PAGE_RECLAIM of a page. */
export type Reclaim = (piece: Piece) => Outcome<unknown>;

/** Pages become the hypervisor’s again. The first refusal ends it: the rest stays the firmware’s. */
export function takeBack(p: Platform, pieces: readonly Piece[], reclaim: Reclaim): Outcome<null> {
  if (pieces.length === 0 || !snpEnabled(p)) return DONE;
  return call(p, 'asp-driver', 'SNP: pages back', { pages: pieces.length }, () => {
    for (const piece of pieces) {
      const reclaimed = reclaim(piece);
      if (!reclaimed.ok) return reclaimed;
      const updated = updateRmp(p, piece.spa, { large: piece.large });
      if (!updated.ok) return updated;
    }
    return DONE;
  });
}
