import { concatBytes } from '@noble/hashes/utils.js';
import {
  ctr,
  encodePacketHeader,
  PACKET_CONTEXT,
  PACKET_HEADER_BYTES,
  packetMac,
} from '../../../engine/asp/crypto/packet';
import { guestContext } from '../../../engine/asp/guests';
import { certificateBytes } from '../../../engine/asp/identity';
import type { LEGACY_ROWS } from '../../../engine/asp/layouts/legacy';
import { platformOf } from '../../../engine/asp/platform';
import { transportKeys } from '../../../engine/asp/transport';
import { fromHex, u32 } from '../../../engine/core/bytes';
import { filler } from '../lab';
import { ownership, receiver, session, spoiled } from '../owner';
import type { Fields, Parameters, Request } from '../parameters';

/** Places in memory that no trace names: headers, packets, certificates and lists. */
const SCRATCH = {
  header: 'D40',
  packet: 'D41',
  certificate: 'D48',
  session: 'D49',
  chain: 'D50',
  amd: 'D53',
  pek: 'D55',
  oca: 'D56',
  ids: 'D57',
} as const;

const guest = (of: Parameters): Fields => ({ HANDLE: of.handle() });

/** LAUNCH_START and RECEIVE_START: what the other side brings is put into memory first. */
function start(of: Parameters, field: string, usual: string): Fields {
  const { lab } = of;
  const how = of.text('session', usual);
  const policy = of.number('policy', 0);
  const fields: Fields = { HANDLE: of.has('share') ? of.handle('share') : 0, POLICY: policy };
  if (how === 'none') return fields;
  if (how === 'sent') {
    if (platformOf(lab.p).identity)
      lab.poke(lab.address(SCRATCH.certificate), certificateBytes(lab.p, 'pdh'));
  } else {
    const made = session(lab.p, how, of.number('mkpolicy', policy));
    lab.poke(lab.address(SCRATCH.certificate), made.certificate);
    lab.poke(lab.address(SCRATCH.session), made.session);
  }
  return {
    ...fields,
    [`${field}_PADDR`]: lab.address(SCRATCH.certificate),
    [`${field}_LEN`]: of.number('certlen', 0x824),
    SESSION_PADDR: lab.address(SCRATCH.session),
    SESSION_LEN: of.number('seslen', 0x80),
  };
}

/** The fields of a packet, and unless it is left as it is, the packet itself. */
function packet(of: Parameters, address: string, bytes: number, context: 0 | 1 | 2): Fields {
  const { lab } = of;
  const length = of.number('glen', bytes);
  const sent = of.number('tlen', bytes);
  const how = of.text('pkt', 'good');
  if (context !== 0 && how !== 'asis') putPacket(of, how, context, length, sent);
  return {
    HANDLE: of.handle(),
    HDR_PADDR: lab.address(SCRATCH.header),
    HDR_LEN: of.number('hdrlen', PACKET_HEADER_BYTES),
    GUEST_PADDR: of.at('addr', address),
    GUEST_LEN: length,
    TRANS_PADDR: lab.address(SCRATCH.packet),
    TRANS_LEN: sent,
  };
}

/** Room for a packet: what is longer the firmware refuses without reading it. */
const MOST_PACKET = 0x6000;

function putPacket(of: Parameters, how: string, context: 1 | 2, length: number, sent: number): void {
  const { lab } = of;
  const context_ = guestContext(lab.p, of.handle());
  if (!context_ || sent > MOST_PACKET) return;
  const { tek, tik } = transportKeys(lab.p, context_);
  const iv = filler('packet iv', 16);
  const data = ctr(tek, iv, filler('packet', sent));
  const flags = how === 'compressed' ? 1 : 0;
  const mac = packetMac({
    context,
    tik,
    flags,
    iv,
    guestLength: length,
    transLength: sent,
    data,
    ...(context === PACKET_CONTEXT.secret && { measure: fromHex(context_.measurement ?? '') }),
  });
  lab.poke(lab.address(SCRATCH.packet), data);
  const header = encodePacketHeader({ flags, iv, mac: how === 'badmac' ? spoiled(mac, 0) : mac });
  lab.poke(lab.address(SCRATCH.header), header);
}

/** A list of two threads, as the commands for single core complexes take it. */
export function apicIds(of: Parameters): Fields {
  const at = of.at('ids', SCRATCH.ids);
  of.lab.poke(at, concatBytes(u32(of.number('id0', 0)), u32(of.number('id1', 2))));
  return { NUMIDS: of.number('numids', 1), IDS_PADDR: at };
}

const update = (of: Parameters, address: string): Fields => ({
  HANDLE: of.handle(),
  PADDR: of.at('addr', address),
  LENGTH: of.number('len', 4096),
});

const initialise = (of: Parameters): Fields => ({
  FLAGS: of.number('flags', of.number('es', 0)),
  TMR_PADDR: of.at('tmr', 'TMR1'),
  TMR_LENGTH: of.number('tmrlen', 0x100000),
  reserved: of.number('rsvd', 0),
});

const debug = (of: Parameters): Fields => ({
  HANDLE: of.handle(),
  SRC_PADDR: of.at('src', 'D8'),
  DST_PADDR: of.at('dst', 'D9'),
  LENGTH: of.number('len', 64),
});

const swap = (of: Parameters, source: string, destination: string): Fields => ({
  HANDLE: of.handle(),
  FLAGS:
    (of.text('size', '4K') === '2M' ? 1 : 0) |
    (of.number('type', 0) << 1) |
    (of.number('inplace', 0) ? 8 : 0),
  SRC_PADDR: of.at('src', source),
  DST_PADDR: of.at('dst', destination),
  MDATA_PADDR: of.at('mdata', 'D6'),
});

/** Bytes of an erased buffer for the persistent data. */
const NV_BYTES = 0x8000;

/** What each legacy command is sent, and what has to lie in memory for it. */
export const LEGACY_REQUESTS: { readonly [N in keyof typeof LEGACY_ROWS]: Request } = {
  NOP: () => ({}),
  INIT: initialise,
  INIT_EX: (of) => {
    const at = of.at('nv', 'NV');
    if (of.number('erasenv', 1) === 1) of.lab.poke(at, new Uint8Array(NV_BYTES).fill(0xff));
    return {
      ...initialise(of),
      LENGTH: of.number('len', 0x24),
      NV_PADDR: at,
      NV_LENGTH: of.number('nvlen', NV_BYTES),
    };
  },
  SHUTDOWN: () => ({}),
  PLATFORM_RESET: () => ({}),
  PLATFORM_STATUS: () => ({}),
  PEK_GEN: () => ({}),
  PDH_GEN: () => ({}),
  DF_FLUSH: () => ({}),
  PEK_CSR: (of) => ({ CSR_PADDR: of.at('addr', 'D0'), CSR_LEN: of.number('len', 0x824) }),
  PEK_CERT_IMPORT: (of) => {
    const { lab } = of;
    const made = ownership(lab.p, of.text('how', 'good'));
    const pek = of.at('pek', SCRATCH.pek);
    const oca = of.at('oca', SCRATCH.oca);
    lab.poke(pek, made.pek);
    lab.poke(oca, made.oca);
    return {
      PEK_PADDR: pek,
      PEK_LEN: of.number('peklen', 0x824),
      OCA_PADDR: oca,
      OCA_LEN: of.number('ocalen', 0x824),
    };
  },
  PDH_CERT_EXPORT: (of) => ({
    PDH_PADDR: of.at('pdh', 'D0'),
    PDH_LEN: of.number('pdhlen', 0x824),
    CERTS_PADDR: of.at('certs', 'D1'),
    CERTS_LEN: of.number('certslen', 0x186c),
  }),
  GET_ID: (of) => ({ ID_PADDR: of.at('addr', 'D0'), ID_LEN: of.number('len', 64) }),
  DOWNLOAD_FIRMWARE: (of) => ({ FW_PADDR: of.at('addr', 'D0'), FW_LEN: of.number('len', 4096) }),
  RING_BUFFER: (of) => ({
    LO_CMD_PTR: of.at('cmd', 'D20'),
    LO_STATUS_PTR: of.at('stat', 'D21'),
    LO_SIZE: of.number('size', 1),
  }),
  DECOMMISSION: guest,
  DEACTIVATE: guest,
  GUEST_STATUS: guest,
  LAUNCH_FINISH: guest,
  SEND_FINISH: guest,
  SEND_CANCEL: guest,
  RECEIVE_FINISH: guest,
  ACTIVATE: (of) => ({ HANDLE: of.handle(), ASID: of.number('asid', 1) }),
  ACTIVATE_EX: (of) => {
    return {
      LENGTH: of.number('len', 0x18),
      HANDLE: of.handle(),
      ASID: of.number('asid', 1),
      ...apicIds(of),
    };
  },
  LAUNCH_START: (of) => start(of, 'DH_CERT', 'none'),
  RECEIVE_START: (of) => start(of, 'PDH_CERT', 'good'),
  LAUNCH_UPDATE_DATA: (of) => update(of, 'D8'),
  LAUNCH_UPDATE_VMSA: (of) => update(of, 'D7'),
  LAUNCH_MEASURE: (of) => ({
    HANDLE: of.handle(),
    MEASURE_PADDR: of.at('addr', 'D0'),
    MEASURE_LEN: of.number('len', 48),
  }),
  LAUNCH_SECRET: (of) => packet(of, 'D8', 64, PACKET_CONTEXT.secret),
  ATTESTATION: (of) => ({
    HANDLE: of.handle(),
    PADDR: of.at('addr', 'D0'),
    LENGTH: of.number('len', 208),
  }),
  SEND_START: (of) => {
    const { lab } = of;
    const certificates = receiver(lab.p, of.text('certs', 'good'));
    lab.poke(lab.address(SCRATCH.certificate), certificates.pdh);
    lab.poke(lab.address(SCRATCH.chain), certificates.platform);
    lab.poke(lab.address(SCRATCH.amd), certificates.amd);
    return {
      HANDLE: of.handle(),
      PDH_CERT_PADDR: lab.address(SCRATCH.certificate),
      PDH_CERT_LEN: of.number('pdhlen', 0x824),
      PLAT_CERTS_PADDR: lab.address(SCRATCH.chain),
      PLAT_CERTS_LEN: of.number('platlen', 0x186c),
      AMD_CERTS_PADDR: lab.address(SCRATCH.amd),
      AMD_CERTS_LEN: of.number('amdlen', certificates.amd.length),
      SESSION_PADDR: of.at('session', SCRATCH.session),
      SESSION_LEN: of.number('seslen', 0x80),
    };
  },
  SEND_UPDATE_DATA: (of) => packet(of, 'D8', 64, 0),
  SEND_UPDATE_VMSA: (of) => packet(of, 'D7', 4096, 0),
  RECEIVE_UPDATE_DATA: (of) => packet(of, 'D8', 64, PACKET_CONTEXT.data),
  RECEIVE_UPDATE_VMSA: (of) => packet(of, 'D7', 4096, PACKET_CONTEXT.data),
  COPY: (of) => ({ ...debug(of), LENGTH: of.number('len', 4096) }),
  DBG_DECRYPT: debug,
  DBG_ENCRYPT: debug,
  SWAP_OUT: (of) => swap(of, 'D8', 'D9'),
  SWAP_IN: (of) => swap(of, 'D9', 'D8'),
};
