import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../core/address';
import { EXIT } from '../exits';
import { NAE_EVENTS } from './events';
import { encodeIoio } from './ioio';
import {
  GHCB_FIELDS,
  GHCB_PARTS,
  type GhcbField,
  type GhcbValues,
  ghcbHeader,
  ghcbWrites,
  readGhcb,
  written,
} from './layout';
import { REQUEST_RULES } from './refusal';
import { checkRequest, type RequestContext, requestOf } from './request';
import { REFUSALS } from './result';
import { SOFTWARE_EVENT } from './softwareEvents';

const GHCB = 0x7fe0_1000n;
const CONTEXT: RequestContext = {
  ghcb: GHCB,
  versions: { min: 1, max: 2 },
  snp: false,
  registered: null,
};
const SNP: RequestContext = { ...CONTEXT, snp: true, registered: GHCB };
const BUFFER = GHCB + 0x800n;

/** A page with a request; details that are not given are 0 and marked valid. */
function request(code: number, values: GhcbValues = {}, version = 2): Uint8Array {
  const empty = new Uint8Array(PAGE_SIZE);
  const all = { swExitCode: BigInt(code), swExitInfo1: 0n, swExitInfo2: 0n, ...values };
  return written(empty, [...ghcbWrites(empty, all), ...ghcbHeader(version)]);
}

/** The page with one byte changed. */
function poked(page: Uint8Array, offset: number, byte: number): Uint8Array {
  const after = page.slice();
  after[offset] = byte;
  return after;
}

const unmarked = (page: Uint8Array, field: GhcbField): Uint8Array => {
  const { validBit } = GHCB_FIELDS[field];
  const at = GHCB_PARTS.validBitmap.offset + (validBit >> 3);
  return poked(page, at, (page[at] ?? 0) & ~(1 << (validBit & 7)));
};

const io = (access: Partial<Parameters<typeof encodeIoio>[0]>): bigint =>
  encodeIoio({
    port: 0x3f8,
    input: false,
    string: false,
    rep: false,
    bytes: 1,
    addressBits: 64,
    segment: 0,
    ...access,
  });
const OUTSB = io({ string: true, segment: 3 });

const CPUID = request(EXIT.CPUID, { rax: 0x8000_001fn, rcx: 0n });

describe('requests that a hypervisor takes', () => {
  it.each<[string, Uint8Array, RequestContext?]>([
    ['CPUID', CPUID],
    ['CPUID under protocol version 1', request(EXIT.CPUID, { rax: 0n, rcx: 0n }, 1)],
    ['CPUID leaf 0xD with XCR0', request(EXIT.CPUID, { rax: 0xdn, rcx: 0n, xcr0: 7n })],
    ['IN without RAX', request(EXIT.IOIO, { swExitInfo1: io({ input: true }) })],
    ['OUT with RAX', request(EXIT.IOIO, { swExitInfo1: io({}), rax: 0x41n })],
    [
      'OUTS through the whole buffer',
      request(EXIT.IOIO, { swExitInfo1: OUTSB, swExitInfo2: 2032n, swScratch: BUFFER }),
    ],
    ['RDMSR', request(EXIT.MSR, { rcx: 0xc000_0080n })],
    ['WRMSR', request(EXIT.MSR, { rcx: 0xc000_0080n, swExitInfo1: 1n, rax: 0n, rdx: 0n })],
    ['VMMCALL', request(EXIT.VMMCALL, { rax: 17n, cpl: 0n, rdi: 1n })],
    [
      'MMIO in the buffer’s last bytes',
      request(SOFTWARE_EVENT.MMIO_READ, {
        swExitInfo1: 0xfee0_0020n,
        swExitInfo2: 4n,
        swScratch: GHCB + 0xfecn,
      }),
    ],
    ['MMIO of no bytes, wherever', request(SOFTWARE_EVENT.MMIO_WRITE, { swScratch: 0n })],
    [
      'MMIO of 64 KiB elsewhere under version 1',
      request(SOFTWARE_EVENT.MMIO_READ, { swExitInfo2: 0x1_0000n, swScratch: 0x5000n }, 1),
    ],
    ['AP reset hold', request(SOFTWARE_EVENT.AP_RESET_HOLD)],
    [
      'page state change of an SNP guest',
      request(SOFTWARE_EVENT.PAGE_STATE_CHANGE, { swScratch: BUFFER }),
      SNP,
    ],
    [
      'guest request of an SNP guest',
      request(SOFTWARE_EVENT.GUEST_REQUEST, { swExitInfo1: 0x1000n, swExitInfo2: 0x2000n }),
      SNP,
    ],
    ['AP destruction without RAX', request(SOFTWARE_EVENT.AP_CREATION, { swExitInfo1: 0x7_0001_0002n }), SNP],
  ])('%s', (_, page, context = CONTEXT) => {
    expect(checkRequest(page, context)).toBeNull();
  });
});

describe('requests that a hypervisor refuses', () => {
  const buffer = (swScratch: bigint, bytes = 8n, version = 2) =>
    request(SOFTWARE_EVENT.MMIO_READ, { swExitInfo2: bytes, swScratch }, version);

  it.each<
    [string, Uint8Array, keyof typeof REFUSALS, keyof typeof REQUEST_RULES, GhcbField?, RequestContext?]
  >([
    ['usage 1', poked(CPUID, 0xffc, 1), 'usage', 'usage'],
    ['version 0', request(EXIT.CPUID, { rax: 0n, rcx: 0n }, 0), 'invalid input', 'version'],
    ['version 3', request(EXIT.CPUID, { rax: 0n, rcx: 0n }, 3), 'invalid input', 'version'],
    ['a code that is not marked', unmarked(CPUID, 'swExitCode'), 'missing input', 'missing', 'swExitCode'],
    ['no SW_EXITINFO2', unmarked(CPUID, 'swExitInfo2'), 'missing input', 'missing', 'swExitInfo2'],
    ['CPUID without RCX', unmarked(CPUID, 'rcx'), 'missing input', 'missing', 'rcx'],
    [
      'CPUID leaf 0xD without XCR0',
      request(EXIT.CPUID, { rax: 0xdn, rcx: 1n }),
      'missing input',
      'missing',
      'xcr0',
    ],
    ['OUT without RAX', request(EXIT.IOIO, { swExitInfo1: io({}) }), 'missing input', 'missing', 'rax'],
    [
      'WRMSR without RDX',
      request(EXIT.MSR, { swExitInfo1: 1n, rcx: 0n, rax: 0n }),
      'missing input',
      'missing',
      'rdx',
    ],
    ['VMMCALL without CPL', request(EXIT.VMMCALL, { rax: 0n }), 'missing input', 'missing', 'cpl'],
    ['an exit that no guest forwards', request(EXIT.HLT), 'invalid event', 'event', 'swExitCode'],
    ['a call that nobody defines', request(0x8000_0006), 'invalid event', 'event', 'swExitCode'],
    [
      'a page state change without SNP',
      request(SOFTWARE_EVENT.PAGE_STATE_CHANGE, { swScratch: BUFFER }),
      'invalid event',
      'event',
      'swExitCode',
    ],
    [
      'a port access of 3 bytes',
      request(EXIT.IOIO, { swExitInfo1: 0x30n, rax: 0n }),
      'invalid input',
      'ioSize',
      'swExitInfo1',
    ],
    ['MMIO of 9 bytes', buffer(BUFFER, 9n), 'invalid input', 'mmioLength', 'swExitInfo2'],
    ['a buffer before the shared one', buffer(GHCB + 0x7f8n), 'scratch', 'scratch', 'swScratch'],
    ['a buffer over its end', buffer(GHCB + 0xfecn), 'scratch', 'scratch', 'swScratch'],
    ['no buffer', buffer(0n), 'scratch', 'scratch', 'swScratch'],
    ['a buffer round the end of memory', buffer(2n ** 64n - 4n, 8n, 1), 'scratch', 'scratch', 'swScratch'],
    ['a buffer elsewhere under version 2', buffer(0x5000n), 'scratch', 'scratchInside', 'swScratch'],
    ['64 KiB and a byte elsewhere', buffer(0x5000n, 0x1_0001n, 1), 'scratch', 'scratchLimit', 'swScratch'],
    [
      'OUTS of more than fits',
      request(EXIT.IOIO, { swExitInfo1: OUTSB, swExitInfo2: 2033n, swScratch: BUFFER }),
      'scratch',
      'scratch',
      'swScratch',
    ],
    [
      'a third thing to do with the AP jump table',
      request(SOFTWARE_EVENT.AP_JUMP_TABLE, { swExitInfo1: 2n }),
      'invalid input',
      'jumpTable',
      'swExitInfo1',
    ],
    [
      'a guest request into the request',
      request(SOFTWARE_EVENT.GUEST_REQUEST, { swExitInfo1: 0x1000n, swExitInfo2: 0x1000n }),
      'invalid input',
      'pages',
      'swExitInfo2',
      SNP,
    ],
    ['a reserved byte', poked(CPUID, 0xff0, 1), 'invalid input', 'reserved'],
    ['a byte beside CPL', poked(CPUID, 0xcc, 1), 'invalid input', 'reserved'],
    [
      'an address that is not registered',
      CPUID,
      'not registered',
      'registered',
      undefined,
      { ...SNP, registered: null },
    ],
  ])('%s', (_, page, reason, rule, field, context = CONTEXT) => {
    const refused = checkRequest(page, context);
    expect(refused).toMatchObject({ reason, code: REFUSALS[reason], rule: REQUEST_RULES[rule] });
    expect(refused?.field).toBe(field);
  });

  it('says which field, and which bit', () => {
    expect(checkRequest(unmarked(CPUID, 'rcx'), CONTEXT)?.message).toBe(
      'CPUID needs RCX; bit 97 of VALID_BITMAP is clear.',
    );
  });
});

describe('any page', () => {
  const pages = fc.uint8Array({ minLength: PAGE_SIZE, maxLength: PAGE_SIZE });
  const codes = fc.constantFrom(...NAE_EVENTS.map(({ code }) => code));

  it('is judged, and never changed', () => {
    fc.assert(
      fc.property(pages, fc.boolean(), (page, snp) => {
        const copy = page.slice();
        const refused = checkRequest(page, snp ? SNP : CONTEXT);
        expect(refused && REFUSALS[refused.reason]).toBe(refused?.code ?? null);
        expect(page).toEqual(copy);
      }),
      { numRuns: 100 },
    );
  });

  it('with a known event is judged by its own values', () => {
    const values = fc.record({
      swExitInfo1: fc.bigInt(0n, 2n ** 64n - 1n),
      swExitInfo2: fc.bigInt(0n, 2n ** 64n - 1n),
      swScratch: fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(GHCB, GHCB + 0xfffn)),
      rax: fc.bigInt(0n, 2n ** 64n - 1n),
    });
    fc.assert(
      fc.property(codes, values, fc.constantFrom(1, 2), (code, given, version) => {
        const page = request(code, given, version);
        expect(requestOf(page)).toMatchObject({ code, info1: given.swExitInfo1, rax: given.rax });
        const refused = checkRequest(page, SNP);
        if (refused?.reason === 'missing input')
          expect(readGhcb(page, refused.field ?? 'swExitCode')).toBe(0n);
        else expect(['invalid input', 'scratch', undefined]).toContain(refused?.reason);
      }),
    );
  });
});
