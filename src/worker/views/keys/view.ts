import { guestContext, liveHandles } from '../../../engine/asp/guests';
import { platformOf } from '../../../engine/asp/platform';
import type { HandleCell, PlatformCell } from '../../../engine/core/aspCells';
import { fromHex } from '../../../engine/core/bytes';
import { HOST_KEY } from '../../../engine/core/key';
import { pageKey } from '../../../engine/core/page';
import type { Platform } from '../../../engine/core/platform';
import { isUp } from '../../../engine/look';
import { domains } from '../../../engine/xen/domains';
import type { Journal } from '../../../history/journal';
import type { KeysView, KeyView } from '../../firmwareViews';
import type { Host } from '../../protocol';
import { commandRecord } from '../firmware/log';
import { commandAction, sensibleFields } from '../firmware/parameters';
import { choose, guestList, lastCommand } from '../firmware/view';
import {
  amdCertificateView,
  type Certified,
  certificateView,
  type Exported,
  exportedCertificates,
} from './certificates';

/** What differs from key to key; the rest follows from the machine. */
type Fixed = Pick<
  KeyView,
  'id' | 'name' | 'long' | 'kind' | 'maker' | 'madeBy' | 'readBy' | 'protects' | 'source'
>;
type State = Pick<KeyView, 'presence' | 'where'> & Partial<Omit<KeyView, keyof Fixed>>;

const INSIDE = 'only the secure processor';

const key = (
  id: string,
  name: string,
  long: string,
  kind: KeyView['kind'],
  of: Pick<KeyView, 'maker' | 'madeBy' | 'readBy' | 'protects' | 'source'>,
): Fixed => ({ id, name, long, kind, ...of });

const SESSION_SOURCE = 'AMD-ASPFW sev_channel.c';

const FIXED = {
  ark: key('ark', 'ARK', 'AMD root key', 'root', {
    maker: 'AMD',
    madeBy: 'AMD, away from any machine: RSA',
    readBy: 'AMD alone; its certificate is public',
    protects: 'It signs itself and the ASK. Its hash is fused into every chip.',
    source: 'AMD-ASPFW amd_cert.h; sev-tool sevapi.h',
  }),
  ask: key('ask', 'ASK', 'AMD SEV key', 'root', {
    maker: 'AMD',
    madeBy: 'AMD, one a product: RSA',
    readBy: 'AMD alone; its certificate is public',
    protects: 'It signs the CEK of every genuine chip.',
    source: 'AMD-ASPFW amd_cert.h; sev-tool sevapi.h',
  }),
  cek: key('cek', 'CEK', 'chip endorsement key', 'root', {
    maker: 'chip',
    madeBy: 'the chip, from a secret that is unique to it (KDF sev-chip-endorsement-key)',
    readBy: INSIDE,
    protects: 'It signs the PEK: this platform is a genuine AMD chip.',
    source: 'AMD-ASPFW sev_plat.c',
  }),
  oca: key('oca', 'OCA', 'owner’s certificate authority', 'platform', {
    maker: 'owner',
    madeBy: 'the platform’s owner, or the firmware while the platform owns itself',
    readBy: 'its owner; self-owned: only the secure processor',
    protects:
      'It signs the PEK: this platform belongs to that owner. POLICY.DOMAIN lets guests move only within it.',
    source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_pek_cert_import)',
  }),
  pek: key('pek', 'PEK', 'platform endorsement key', 'platform', {
    maker: 'firmware',
    madeBy: 'the firmware, at random; kept sealed in the flash memory',
    readBy: INSIDE,
    protects: 'It signs the PDH and the reports of ATTESTATION.',
    source: 'AMD-ASPFW sev_plat.c, sev_cert.c',
  }),
  pdh: key('pdh', 'PDH', 'platform Diffie-Hellman key', 'platform', {
    maker: 'firmware',
    madeBy: 'the firmware, at random; PDH_GEN makes another',
    readBy: 'the private half only the secure processor; the public half everybody',
    protects: 'A guest owner, or another platform, agrees with it on a secret (ECDH on P-384).',
    source: 'AMD-ASPFW sev_channel.c',
  }),
  master: key('master', 'master', 'master secret of a session', 'session', {
    maker: 'both ends',
    madeBy: 'both ends by themselves: KDF(x of the ECDH, sev-master-secret, nonce)',
    readBy: 'the guest’s owner and the secure processor',
    protects: 'KEK and KIK follow from it.',
    source: SESSION_SOURCE,
  }),
  kek: key('kek', 'KEK', 'key encryption key', 'session', {
    maker: 'both ends',
    madeBy: 'both ends: KDF(master secret, sev-kek)',
    readBy: 'the guest’s owner and the secure processor',
    protects: 'It wraps TEK and TIK (AES-128-CTR).',
    source: SESSION_SOURCE,
  }),
  kik: key('kik', 'KIK', 'key integrity key', 'session', {
    maker: 'both ends',
    madeBy: 'both ends: KDF(master secret, sev-kik)',
    readBy: 'the guest’s owner and the secure processor',
    protects: 'It authenticates the wrapped keys (HMAC-SHA-256).',
    source: SESSION_SOURCE,
  }),
  tek: key('tek', 'TEK', 'transport encryption key', 'session', {
    maker: 'guest’s owner',
    madeBy: 'the guest’s owner, or the sending firmware: 16 random bytes',
    readBy: 'who made it and the secure processor',
    protects: 'Launch secrets and migration packets on their way (AES-128-CTR).',
    source: SESSION_SOURCE,
  }),
  tik: key('tik', 'TIK', 'transport integrity key', 'session', {
    maker: 'guest’s owner',
    madeBy: 'the guest’s owner, or the sending firmware: 16 random bytes',
    readBy: 'who made it and the secure processor',
    protects: 'The measurement, secrets, packets and the policy (HMAC-SHA-256).',
    source: SESSION_SOURCE,
  }),
  vek: key('vek', 'VEK seed', 'VM encryption key', 'memory', {
    maker: 'firmware',
    madeBy: 'the firmware, at random, at LAUNCH_START or RECEIVE_START',
    readBy: INSIDE,
    protects: 'The guest’s memory keys follow from it, one a memory channel.',
    source: 'AMD-ASPFW sev_guest.c, umc.c',
  }),
  memory: key('memory', 'memory key', 'key in the slot of the ASID', 'memory', {
    maker: 'firmware',
    madeBy: 'the firmware: KDF(VEK seed, sev-vm-encryption-key-0, channel), at ACTIVATE',
    readBy: 'the AES engine of the memory controller; no software at all',
    protects: 'Every private page of the guest, in the DRAM; with SEV-ES its vCPUs’ registers, too.',
    source: 'AMD-ASPFW umc.c; APM vol. 2 §15.34.2',
  }),
  oek: key('oek', 'OEK', 'offline encryption key', 'memory', {
    maker: 'firmware',
    madeBy: 'the firmware, at random, with the guest',
    readBy: INSIDE,
    protects: 'Pages that SWAP_OUT takes out of the guest’s memory.',
    source: 'AMD-ASPFW sev_mcmd.c',
  }),
  host: key('host', 'host key', 'memory key of slot 0', 'memory', {
    maker: 'ASP',
    madeBy: 'the secure processor at each reset, at random',
    readBy: 'the AES engine of the memory controller; no software at all',
    protects: 'What the hypervisor and Domain-0 map with C = 1 (SME).',
    source: 'APM vol. 2 §7.10',
  }),
} as const;

const LINKS: KeysView['links'] = [
  { from: 'ark', to: 'ask', how: 'signs' },
  { from: 'ask', to: 'cek', how: 'signs' },
  { from: 'cek', to: 'pek', how: 'signs' },
  { from: 'oca', to: 'pek', how: 'signs' },
  { from: 'pek', to: 'pdh', how: 'signs' },
  { from: 'pdh', to: 'master', how: 'agrees' },
  { from: 'master', to: 'kek', how: 'derives' },
  { from: 'master', to: 'kik', how: 'derives' },
  { from: 'kek', to: 'tek', how: 'wraps' },
  { from: 'kek', to: 'tik', how: 'wraps' },
  { from: 'kik', to: 'tek', how: 'checks' },
  { from: 'kik', to: 'tik', how: 'checks' },
  { from: 'vek', to: 'memory', how: 'derives' },
];

/** The keys as they stand: who made each, who can read it, what it protects, and what of it may be seen. */
export function keysView(
  p: Platform,
  journal: Journal,
  cursor: number,
  wanted: number | null,
  host: Host,
): KeysView {
  const platform = platformOf(p);
  const last = lastCommand(journal, cursor, host);
  const chosen = choose(liveHandles(p), wanted, last ? commandRecord(journal, last).handle : null);
  const guest = chosen === null ? null : guestContext(p, chosen);
  const exported = exportedCertificates(p, journal, cursor, host);
  const name =
    chosen === null ? null : (domains(p).findLast((domain) => domain.handle === chosen)?.name ?? null);
  const states: Readonly<Record<keyof typeof FIXED, State>> = {
    ark: { ...ROOT, certificate: amdCertificateView('ark') },
    ask: { ...ROOT, certificate: amdCertificateView('ask') },
    cek: {
      presence: 'present',
      where: 'Worked out anew at each INIT; never stored.',
      ...certified('cek', exported),
    },
    oca: identityState('oca', platform, exported),
    pek: identityState('pek', platform, exported),
    pdh: identityState('pdh', platform, exported),
    ...sessionStates(guest, name),
    ...memoryStates(p, guest, name),
    host: hostState(p),
  };
  return {
    keys: Object.values(FIXED).map((fixed) => ({
      ...fixed,
      modelled: null,
      label: null,
      certificate: null,
      withheld: null,
      open: [],
      protectsGuest: null,
      pages: null,
      ...states[fixed.id as keyof typeof FIXED],
    })),
    links: LINKS,
    guests: guestList(p).map(({ handle, name }) => ({ handle, name })),
    chosen,
    exported: exported && { change: exported.change, pdh: exported.pdh, chain: exported.chain },
    exportAction:
      isUp(p) && host === 'a'
        ? commandAction('PDH_CERT_EXPORT', sensibleFields(p, 'PDH_CERT_EXPORT', 0))
        : null,
  };
}

const ROOT: State = {
  presence: 'present',
  where: 'At AMD. Its certificate comes from AMD’s service and is no secret.',
  modelled:
    'The real ARK and ASK have secrets that only AMD knows: the simulated chips are certified by keys of our own.',
};

/** The certificate where it was exported; never made up for the screen. */
const certified = (
  which: Certified,
  exported: Exported | null,
): Pick<KeyView, 'certificate' | 'withheld'> => ({
  certificate: exported && certificateView(which, exported.certificates),
  withheld: exported
    ? null
    : 'Its certificate has not been exported, or no longer lies where it was put. PDH_CERT_EXPORT gives it out.',
});

function identityState(
  which: 'oca' | 'pek' | 'pdh',
  { identity }: PlatformCell,
  exported: Exported | null,
): State {
  if (!identity)
    return {
      presence: 'absent',
      where: 'The platform is UNINIT: INIT loads it from the flash memory or makes it.',
    };
  const owned = which !== 'pdh' && identity.imported !== null;
  return {
    presence: 'present',
    where: owned ? 'Brought by the platform’s owner with PEK_CERT_IMPORT.' : 'Inside the secure processor.',
    label: identity[which],
    ...certified(which, exported),
  };
}

/** Byte ranges of a session buffer (AMD-ASPFW sev_channel.h). */
const SESSION_FIELDS = [
  ['NONCE', 0x00, 0x10, 'goes into the master secret'],
  ['WRAP_TK', 0x10, 0x30, 'TEK and TIK, encrypted with the KEK'],
  ['WRAP_IV', 0x30, 0x40, 'initialisation vector of the wrap'],
  ['WRAP_MAC', 0x40, 0x60, 'HMAC over WRAP_TK with the KIK'],
  ['POLICY_MAC', 0x60, 0x80, 'HMAC over the policy with the TIK'],
] as const;

type SessionKey = 'master' | 'kek' | 'kik' | 'tek' | 'tik';

/** The keys of the guest's session while the firmware keeps them: until the launch is over. */
function sessionStates(guest: HandleCell | null, name: string | null): Readonly<Record<SessionKey, State>> {
  const all = (state: State): Readonly<Record<SessionKey, State>> => ({
    master: state,
    kek: state,
    kik: state,
    tek: state,
    tik: state,
  });
  if (!guest) return all({ presence: 'absent', where: 'No guest lives in the secure processor.' });
  const { transport, state } = guest;
  if (!transport && (state === 'RUNNING' || state === 'SENT'))
    return all({
      presence: 'gone',
      where: `The guest is ${state}: the firmware has forgotten the keys of its launch, if it ever had some.`,
      protectsGuest: name,
    });
  if (!transport) {
    const none: State = { presence: 'absent', where: 'The guest was launched without a session.' };
    const zeros: State = {
      ...none,
      where: 'The guest was launched without a session: zeros serve as its transport keys.',
      modelled:
        'What the firmware does without a session is not published; the simulator takes its zeroed context.',
    };
    return { ...all(none), tek: zeros, tik: zeros };
  }
  const held: State = { presence: 'present', where: 'Inside the secure processor.', protectsGuest: name };
  if (transport.by === 'firmware') {
    const drawn: State = { ...held, label: transport.name };
    const wrapped: State = {
      presence: 'gone',
      where: 'Made for the receiver’s PDH by SEND_START, and forgotten when the session buffer was wrapped.',
    };
    return { ...all(wrapped), tek: drawn, tik: drawn };
  }
  const bytes = fromHex(transport.session);
  const open = SESSION_FIELDS.map(([field, from, to, meaning]) => ({
    name: field,
    bytes: bytes.slice(from, to),
    meaning,
  }));
  const part = (...names: readonly string[]): State => ({
    ...held,
    open: open.filter((each) => names.includes(each.name)),
  });
  return {
    master: part('NONCE'),
    kek: part('WRAP_TK', 'WRAP_IV'),
    kik: part('WRAP_MAC'),
    tek: part('WRAP_TK'),
    tik: part('WRAP_TK', 'POLICY_MAC'),
  };
}

function memoryStates(
  p: Platform,
  guest: HandleCell | null,
  name: string | null,
): Readonly<Record<'vek' | 'memory' | 'oek', State>> {
  if (!guest) {
    const none: State = { presence: 'absent', where: 'No guest lives in the secure processor.' };
    return { vek: none, memory: none, oek: none };
  }
  const slot = guest.asid === 0 ? null : p.state.cell('slot', guest.asid);
  return {
    vek: {
      presence: 'present',
      where: 'Inside the secure processor, in the guest’s context.',
      label: guest.vek,
      protectsGuest: name,
    },
    oek: {
      presence: 'present',
      where: 'Inside the secure processor, in the guest’s context.',
      label: guest.oek,
      protectsGuest: name,
    },
    memory: slot
      ? {
          presence: 'present',
          where: `In slot ${guest.asid} of the memory controller.`,
          label: slot.keyId,
          protectsGuest: name,
          pages: pagesUnder(p, guest.asid),
        }
      : {
          presence: 'absent',
          where: 'The guest has no ASID: ACTIVATE loads its key into a slot.',
          protectsGuest: name,
        },
  };
}

function hostState(p: Platform): State {
  const slot = p.state.cell('slot', HOST_KEY);
  if (!slot) return { presence: 'absent', where: 'The machine has no host key yet, or no power.' };
  return {
    presence: 'present',
    where: 'In slot 0 of the memory controller.',
    label: slot.keyId,
    pages: pagesUnder(p, HOST_KEY),
  };
}

/** Pages whose bytes the memory controller wrote with the key of a slot: how many, and the first. */
function pagesUnder(p: Platform, slot: number): KeyView['pages'] {
  // What a page's word calls the key: 2 for the host's, 2 + ASID for a guest's (engine/core/page.ts).
  const wanted = 2 + slot;
  let count = 0;
  let first = -1;
  for (const [chunk, words] of p.state.pages.chunks)
    for (let i = 0; i < words.length; i++) {
      if (pageKey(words[i]!) !== wanted) continue;
      count++;
      const pfn = chunk * words.length + i;
      if (first < 0 || pfn < first) first = pfn;
    }
  return count > 0 ? { count, first } : null;
}
