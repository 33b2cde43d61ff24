import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex, u32 } from '../core/bytes';
import { OWNER_FIRMWARE, pageKey, pageOwner } from '../core/page';
import { dmaRead } from '../memory/bus';
import { AT, Firmware } from '../testing/firmware';
import {
  ALGO,
  certificatePoint,
  decodeCertificate,
  encodeCertificate,
  newCertificate,
  USAGE,
} from './crypto/certificate';
import { ecdhX, ecdsaVerify, keyPairFrom } from './crypto/ecc';
import { ctr, encodePacketHeader, packetMac } from './crypto/packet';
import { wrapSession } from './crypto/session';
import { certifiedKey, verifyCertificate } from './crypto/verifyCertificate';
import { certificateOf } from './identity';
import { transportKeys } from './transport';

const text = (words: string, length = 64): Uint8Array => {
  const out = new Uint8Array(length);
  out.set(new TextEncoder().encode(words));
  return out;
};

const OWNER = keyPairFrom(new Uint8Array(56).fill(3));
const KEYS = { tek: new Uint8Array(16).fill(7), tik: new Uint8Array(16).fill(9) };

/** Puts the owner's certificate and a session for this platform into memory; answers with the fields that name them. */
function ownerSession(fw: Firmware, policy: number) {
  const certificate = newCertificate({
    apiMajor: 1,
    apiMinor: 55,
    usage: USAGE.PDH,
    algo: ALGO['ECDH-SHA256'],
    point: OWNER,
  });
  const pdh = certificatePoint(certificateOf(fw.p, 'pdh'));
  const z = pdh && ecdhX(OWNER.secret, pdh.x, pdh.y);
  if (!z) throw new Error('no point');
  fw.put(AT.certificate, encodeCertificate(certificate));
  fw.put(AT.session, wrapSession({ z, nonce: text('nonce', 16), iv: text('iv', 16), keys: KEYS, policy }));
  return {
    POLICY: policy,
    DH_CERT_PADDR: AT.certificate,
    DH_CERT_LEN: 0x824,
    SESSION_PADDR: AT.session,
    SESSION_LEN: 0x80,
  };
}

const inGuest = (fw: Firmware, asid: number, address: number, length = 64): Uint8Array =>
  dmaRead(fw.p, address, length, asid);

describe('a launch', () => {
  it('measures plaintext, encrypts it in place, and opens a secret only for what was measured', () => {
    const fw = new Firmware().init();
    const { HANDLE = 0n } = fw.done('LAUNCH_START', ownerSession(fw, 1)).buffer;
    fw.done('ACTIVATE', { HANDLE, ASID: 3 });
    const kernel = text('the guest’s kernel', 0x6000);
    fw.put(AT.guest, kernel);
    fw.done('LAUNCH_UPDATE_DATA', { HANDLE, PADDR: AT.guest, LENGTH: kernel.length });
    expect(fw.get(AT.guest, 64)).not.toEqual(kernel.slice(0, 64));
    expect(inGuest(fw, 3, AT.guest, kernel.length)).toEqual(kernel);
    expect(pageKey(fw.p.state.pages.get(AT.guest / 4096))).toBe(5);

    fw.done('LAUNCH_MEASURE', { HANDLE, MEASURE_PADDR: AT.out, MEASURE_LEN: 64 });
    const [measure, mnonce] = [fw.get(AT.out, 32), fw.get(AT.out + 32, 16)];
    const digest = Buffer.from(fw.p.state.need('handle', 1).launchDigest ?? '', 'hex');
    const input = Buffer.concat([Uint8Array.of(4, 1, 55, 25), u32(1), digest, mnonce]);
    expect(toHex(measure)).toBe(createHmac('sha256', KEYS.tik).update(input).digest('hex'));

    const secret = text('the disk’s password');
    const iv = text('packet', 16);
    const data = ctr(KEYS.tek, iv, secret);
    const of = {
      context: 1 as const,
      tik: KEYS.tik,
      flags: 0,
      iv,
      guestLength: 64,
      transLength: 64,
      data,
      measure,
    };
    fw.put(AT.header, encodePacketHeader({ flags: 0, iv, mac: packetMac(of) }));
    fw.put(AT.packet, data);
    const packet = {
      HANDLE,
      HDR_PADDR: AT.header,
      HDR_LEN: 0x34,
      GUEST_PADDR: AT.other,
      GUEST_LEN: 64,
      TRANS_PADDR: AT.packet,
      TRANS_LEN: 64,
    };
    fw.done('LAUNCH_SECRET', packet);
    expect(inGuest(fw, 3, AT.other)).toEqual(secret);
    fw.put(AT.header, encodePacketHeader({ flags: 0, iv, mac: packetMac({ ...of, measure: mnonce }) }));
    expect(fw.command('LAUNCH_SECRET', packet).status).toBe('BAD_MEASUREMENT');
  });

  it('gives a guest that shares a key the same bytes under its own ASID', () => {
    const fw = new Firmware().init();
    const first = fw.guest('LUPDATE', { asid: 3 });
    fw.done('LAUNCH_START', { HANDLE: first });
    fw.done('ACTIVATE', { HANDLE: 2, ASID: 4 });
    fw.put(AT.guest, text('shared'));
    fw.done('LAUNCH_UPDATE_DATA', { HANDLE: first, PADDR: AT.guest, LENGTH: 64 });
    expect(inGuest(fw, 4, AT.guest)).toEqual(text('shared'));
    expect(fw.p.state.need('slot', 3)).toEqual(fw.p.state.need('slot', 4));
  });

  it('signs an attestation report with the PEK', () => {
    const fw = new Firmware().init();
    const handle = fw.guest('RUNNING', { policy: 1 });
    fw.done('ATTESTATION', { HANDLE: handle, PADDR: AT.out, MNONCE: 0x1234n, LENGTH: 0xd0 });
    const report = fw.get(AT.out, 0xd0);
    expect([report[0], report[1], report[48]]).toEqual([0x34, 0x12, 1]);
    const key = certificatePoint(certificateOf(fw.p, 'pek'));
    const number = (at: number) => report.slice(at, at + 48).reverse();
    const signature = { r: number(64), s: number(64 + 72) };
    expect(key && ecdsaVerify(key, report.slice(0, 52), 'sha256', signature)).toBe(true);
  });
});

describe('certificates', () => {
  const chain = (fw: Firmware) => {
    fw.done('PDH_CERT_EXPORT', {
      PDH_PADDR: AT.certificate,
      PDH_LEN: 0x824,
      CERTS_PADDR: AT.chain,
      CERTS_LEN: 0x186c,
    });
    const at = (address: number) => decodeCertificate(fw.get(address, 0x824));
    return [at(AT.certificate), at(AT.chain), at(AT.chain + 0x824), at(AT.chain + 2 * 0x824)];
  };

  it('are exported as a chain that verifies, and stay the same over SHUTDOWN', () => {
    const fw = new Firmware().init();
    const [pdh, pek, oca, cek] = chain(fw);
    for (const [child, signer] of [
      [pdh, pek],
      [pek, oca],
      [pek, cek],
      [oca, oca],
    ]) {
      const key = signer && certifiedKey(signer);
      expect(child && key && verifyCertificate(child, key)).toBe('valid');
    }
    expect(cek?.signatures[0].usage).toBe(USAGE.NONE);
    fw.done('SHUTDOWN');
    fw.init();
    expect(chain(fw)).toEqual([pdh, pek, oca, cek]);
    fw.done('PDH_GEN');
    expect(chain(fw)[0]).not.toEqual(pdh);
    expect(chain(fw)[1]).toEqual(pek);
    fw.done('SHUTDOWN');
    fw.done('PLATFORM_RESET');
    fw.init();
    expect(chain(fw)[1]).not.toEqual(pek);
    expect(chain(fw)[3]).toEqual(cek);
  });

  it('cost nothing until somebody asks for them', () => {
    const fw = new Firmware();
    const before = performance.now();
    for (let i = 0; i < 20; i++) {
      fw.done('INIT');
      fw.done('PEK_GEN');
      fw.done('SHUTDOWN');
    }
    expect((performance.now() - before) / 20).toBeLessThan(20);
  });
});

describe('the persistent data', () => {
  const EX = { LENGTH: 0x24, NV_PADDR: AT.nv, NV_LENGTH: 0x8000 };

  it('live in the host’s buffer after INIT_EX, and whoever changes it loses them', () => {
    const fw = new Firmware();
    fw.put(AT.nv, new Uint8Array(0x8000).fill(0xff));
    fw.done('INIT_EX', EX);
    const { identity } = fw.p.state.need('platform');
    expect(fw.p.state.cell('flash')).toBe(null);
    fw.done('SHUTDOWN');
    fw.done('INIT_EX', EX);
    expect(fw.p.state.need('platform').identity).toEqual(identity);
    fw.done('SHUTDOWN');
    const stored = fw.get(AT.nv, 0x8000);
    stored[100] = (stored[100] ?? 0) ^ 1;
    fw.put(AT.nv, stored);
    expect(fw.command('INIT_EX', EX).status).toBe('SECURE_DATA_INVALID');
    expect(new Set(fw.get(AT.nv, 0x8000))).toEqual(new Set([0xff]));
    fw.done('INIT_EX', EX);
    expect(fw.p.state.need('platform').identity).not.toEqual(identity);
  });

  it('do not open on another chip', () => {
    const [one, other] = [new Firmware({ seed: 1 }), new Firmware({ seed: 2 })];
    one.put(AT.nv, new Uint8Array(0x8000).fill(0xff));
    one.done('INIT_EX', EX);
    other.put(AT.nv, one.get(AT.nv, 0x8000));
    expect(other.command('INIT_EX', EX).status).toBe('SECURE_DATA_INVALID');
  });
});

/** Moves bytes from one machine's memory to another's, as a network does. */
function carry(from: Firmware, to: Firmware, address: number, length: number): void {
  to.put(address, from.get(address, length));
}

describe('live migration between two platforms', () => {
  /** SEND_START on one towards the other, RECEIVE_START there; answers with the handle there. */
  function handshake(one: Firmware, other: Firmware, handle: number, policy: number): number {
    const out = { PDH_PADDR: AT.certificate, PDH_LEN: 0x824, CERTS_PADDR: AT.chain, CERTS_LEN: 0x186c };
    other.done('PDH_CERT_EXPORT', out);
    carry(other, one, AT.certificate, 0x824);
    const to = {
      PDH_CERT_PADDR: AT.certificate,
      PDH_CERT_LEN: 0x824,
      SESSION_PADDR: AT.session,
      SESSION_LEN: 0x80,
    };
    one.done('SEND_START', { HANDLE: handle, ...to });
    carry(one, other, AT.session, 0x80);
    one.done('PDH_CERT_EXPORT', out);
    carry(one, other, AT.certificate, 0x824);
    return Number(other.done('RECEIVE_START', { POLICY: policy, ...to }).buffer.HANDLE);
  }

  const packet = (handle: number, length = 4096) => ({
    HANDLE: handle,
    HDR_PADDR: AT.header,
    HDR_LEN: 0x34,
    GUEST_PADDR: AT.guest,
    GUEST_LEN: length,
    TRANS_PADDR: AT.packet,
    TRANS_LEN: length,
  });

  it('carries memory, which nobody on the way can read or change', () => {
    const [one, other] = [new Firmware({ seed: 1 }).init(), new Firmware({ seed: 2 }).init()];
    const handle = one.guest('LUPDATE', { asid: 3 });
    const page = text('a page of the guest', 4096);
    one.put(AT.guest, page);
    one.done('LAUNCH_UPDATE_DATA', { HANDLE: handle, PADDR: AT.guest, LENGTH: 4096 });
    one.done('LAUNCH_MEASURE', { HANDLE: handle, MEASURE_PADDR: AT.out, MEASURE_LEN: 48 });
    one.done('LAUNCH_FINISH', { HANDLE: handle });
    const there = handshake(one, other, handle, 0);
    other.done('ACTIVATE', { HANDLE: there, ASID: 7 });
    one.done('SEND_UPDATE_DATA', packet(handle));
    expect(one.get(AT.packet, 64)).not.toEqual(page.slice(0, 64));
    carry(one, other, AT.packet, 4096);
    carry(one, other, AT.header, 0x34);
    other.done('RECEIVE_UPDATE_DATA', packet(there));
    expect(inGuest(other, 7, AT.guest, 4096)).toEqual(page);
    other.put(AT.packet, text('changed on the way'));
    expect(other.command('RECEIVE_UPDATE_DATA', packet(there)).status).toBe('BAD_MEASUREMENT');
    one.done('SEND_FINISH', { HANDLE: handle });
    other.done('RECEIVE_FINISH', { HANDLE: there });
    expect(one.command('ACTIVATE', { HANDLE: handle, ASID: 4 }).status).toBe('ACTIVE');
    expect(other.p.state.need('handle', there)).toMatchObject({ state: 'RUNNING', activation: 'active' });
    const keys = [one, other].map(({ p }) => p.state.need('handle', 1).transport);
    expect(keys).toEqual([null, null]);
  });

  it('goes to platforms of the same owner only, where the policy has DOMAIN', () => {
    const [one, other] = [new Firmware({ seed: 1 }).init(), new Firmware({ seed: 2 }).init()];
    const handle = one.guest('RUNNING', { policy: 16 });
    other.done('PDH_CERT_EXPORT', {
      PDH_PADDR: AT.certificate,
      PDH_LEN: 0x824,
      CERTS_PADDR: AT.chain,
      CERTS_LEN: 0x186c,
    });
    carry(other, one, AT.certificate, 0x824);
    carry(other, one, AT.chain, 0x186c);
    const sent = one.command('SEND_START', {
      HANDLE: handle,
      PDH_CERT_PADDR: AT.certificate,
      PDH_CERT_LEN: 0x824,
      PLAT_CERTS_PADDR: AT.chain,
      PLAT_CERTS_LEN: 0x186c,
      SESSION_PADDR: AT.session,
      SESSION_LEN: 0x80,
    });
    expect([sent.status, sent.check?.id]).toEqual(['POLICY_FAILURE', 'asp.send-other-domain']);
  });

  it('needs a PDH that is one', () => {
    const fw = new Firmware().init();
    const handle = fw.guest('RUNNING');
    const sent = fw.sendStart(handle, { PDH_CERT_PADDR: AT.chain });
    expect([sent.status, sent.check?.id]).toEqual(['INVALID_CERTIFICATE', 'asp.session-certificate']);
  });
});

describe('ASIDs and flushes', () => {
  it('an ASID comes back only after WBINVD everywhere and DF_FLUSH, and meanwhile the old key stays in its slot', () => {
    const fw = new Firmware().init();
    const first = fw.guest('RUNNING', { asid: 3 });
    const second = fw.guest('LUPDATE');
    const slot = fw.p.state.need('slot', 3);
    fw.done('DEACTIVATE', { HANDLE: first });
    fw.done('DECOMMISSION', { HANDLE: first });
    expect(fw.p.state.need('slot', 3)).toEqual(slot);
    const again = () => fw.command('ACTIVATE', { HANDLE: second, ASID: 3 }).status;
    expect(again()).toBe('DF_FLUSH_REQUIRED');
    expect(fw.command('DF_FLUSH').status).toBe('WBINVD_REQUIRED');
    fw.wbinvd(0, 1, 2);
    expect(fw.command('DF_FLUSH').status).toBe('WBINVD_REQUIRED');
    fw.wbinvd(3);
    expect(again()).toBe('SUCCESS');
    expect(fw.p.state.need('slot', 3)).not.toEqual(slot);
  });

  it('INIT says little, however many ASIDs there are', () => {
    const fw = new Firmware();
    const before = fw.changes.length;
    fw.done('INIT');
    expect(fw.changes.length - before).toBeLessThan(40);
    fw.wbinvd();
    const flushed = fw.changes.length;
    fw.done('DF_FLUSH');
    expect(fw.changes.length - flushed).toBeLessThan(20);
  });
});

describe('SEV-ES', () => {
  it('protects a VMSA with a checksum in memory that is the firmware’s from the first DF_FLUSH on', () => {
    const fw = new Firmware();
    fw.splitAsids(3);
    fw.done('INIT', { FLAGS: 1, TMR_PADDR: AT.tmr, TMR_LENGTH: 0x100000 });
    const owner = () => pageOwner(fw.p.state.pages.get(AT.tmr / 4096));
    expect(fw.command('LAUNCH_START', { POLICY: 4 }).status).toBe('SUCCESS');
    fw.wbinvd();
    fw.done('DF_FLUSH');
    fw.done('ACTIVATE', { HANDLE: 1, ASID: 1 });
    const vmsa = text('registers', 4096);
    fw.put(AT.guest, vmsa);
    fw.done('LAUNCH_UPDATE_VMSA', { HANDLE: 1, PADDR: AT.guest, LENGTH: 4096 });
    const stored = inGuest(fw, 1, AT.guest, 4096);
    const pointer = Number(new DataView(stored.buffer, stored.byteOffset).getBigUint64(0x388, true));
    expect(pointer).toBe(AT.tmr + 0x80000);
    expect(fw.get(pointer, 8)).not.toEqual(new Uint8Array(8));
    expect(fw.command('GET_ID', { ID_PADDR: AT.tmr, ID_LEN: 64 }).status).toBe('INVALID_ADDRESS');
    expect(fw.p.state.need('platform').tmr).toMatchObject({ live: true, blocks: [0] });
    fw.done('SHUTDOWN');
    expect(fw.get(pointer, 8)).toEqual(new Uint8Array(8));
    expect(owner()).not.toBe(OWNER_FIRMWARE);
  });
});

describe('swapped pages', () => {
  it('come back only with their record, and not to another guest', () => {
    const fw = new Firmware().init();
    const [first, second] = [fw.guest('LUPDATE', { asid: 3 }), fw.guest('LUPDATE', { asid: 4 })];
    const page = text('swapped', 4096);
    fw.put(AT.guest, page);
    fw.done('LAUNCH_UPDATE_DATA', { HANDLE: first, PADDR: AT.guest, LENGTH: 4096 });
    const out = { SRC_PADDR: AT.guest, DST_PADDR: AT.packet, MDATA_PADDR: AT.record };
    fw.done('SWAP_OUT', { HANDLE: first, ...out, SOFTWARE_DATA: 77 });
    fw.put(AT.guest, new Uint8Array(4096));
    const back = { SRC_PADDR: AT.packet, DST_PADDR: AT.guest, MDATA_PADDR: AT.record };
    expect(fw.command('SWAP_IN', { HANDLE: second, ...back }).status).toBe('BAD_MEASUREMENT');
    fw.done('SWAP_IN', { HANDLE: first, ...back });
    expect(inGuest(fw, 3, AT.guest, 4096)).toEqual(page);
    fw.put(AT.record + 8, Uint8Array.of(78));
    expect(fw.command('SWAP_IN', { HANDLE: first, ...back }).status).toBe('BAD_MEASUREMENT');
  });
});

describe('debugging', () => {
  it('reads and writes guest memory where the policy allows it', () => {
    const fw = new Firmware().init();
    const handle = fw.guest('RUNNING', { asid: 3 });
    fw.put(AT.out, text('from the host'));
    fw.done('DBG_ENCRYPT', { HANDLE: handle, SRC_PADDR: AT.out, DST_PADDR: AT.guest, LENGTH: 64 });
    expect(inGuest(fw, 3, AT.guest)).toEqual(text('from the host'));
    fw.done('DBG_DECRYPT', { HANDLE: handle, SRC_PADDR: AT.guest, DST_PADDR: AT.other, LENGTH: 64 });
    expect(fw.get(AT.other, 64)).toEqual(text('from the host'));
    fw.done('COPY', { HANDLE: handle, SRC_PADDR: AT.guest, DST_PADDR: AT.other, LENGTH: 4096 });
    expect(inGuest(fw, 3, AT.other)).toEqual(text('from the host'));
    expect(fw.get(AT.other, 64)).not.toEqual(fw.get(AT.guest, 64));
  });
});

it('a guest without a session has zeros as transport keys', () => {
  const fw = new Firmware().init();
  fw.guest('LUPDATE');
  expect(transportKeys(fw.p, fw.p.state.need('handle', 1)).tek).toEqual(new Uint8Array(16));
});
