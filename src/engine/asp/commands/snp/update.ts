import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../../core/address';
import { fromHex, toHex } from '../../../core/bytes';
import type { Rule } from '../../../core/fault';
import { PROCESSOR_SIGNATURES } from '../../../cpu/signature';
import { withPermissions } from '../../../rmp/permissions';
import type { Call } from '../../call';
import { copyable, misaligned, rangeStatus } from '../../checks/address';
import {
  bytesAsked,
  contextIn,
  isBound,
  isContext,
  outsideTable,
  ownedByGuest,
  PAGE_OFFSET,
  pageIn,
  reserved,
  sizeAsked,
  snpInitialised,
  wantsLarge,
} from '../../checks/snp';
import { type Check, command } from '../../command';
import { readHost, writeGuest } from '../../memory';
import { CPUID_PAGE_CHECKS, correctedCpuidPage } from '../../snp/cpuidPage';
import { extendDigest } from '../../snp/launchDigest';
import { launchVmsa } from '../../snp/launchVmsa';
import {
  PAGE_CONTENTS,
  PAGE_TYPES,
  type PageRecord,
  type PageType,
  pageTypeOf,
  type VmplPermissions,
} from '../../snp/pageInfo';
import { findPage, MUTABLE, setPage } from '../../snp/pages';
import { secretsPage } from '../../snp/secretsPage';

/** A page of the host’s becomes the guest’s first memory. */
const SOURCE = 'AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_update)';

const MEASURED: Rule = {
  id: 'asp.snp-measured',
  says: 'Each page that a launch adds is measured with its type, place and permissions, encrypted in place, and accepted in the guest’s name.',
  source: SOURCE,
  standing: 'published',
};

const typeOf = (call: Call): PageType | null => pageTypeOf((call.int('FLAGS') >>> 1) & 7);
const isImiPage = (call: Call): boolean => (call.int('FLAGS') & 0x10) !== 0;

/** Bytes 1 to 3 of VMPL_PERMS. */
const permissionsOf = (call: Call): VmplPermissions => {
  const [, vmpl1 = 0, vmpl2 = 0, vmpl3 = 0] = call.bytes('VMPL_PERMS', 8);
  return [vmpl1, vmpl2, vmpl3];
};

const ONLY_SMALL: readonly (PageType | null)[] = ['VMSA', 'SECRETS', 'CPUID'];

const isReadable = (call: Call): boolean =>
  rangeStatus(call.p, call.address('PAGE_PADDR'), bytesAsked(call)) === null;

/** The firmware reads the page before it looks at the table in it. */
const cpuidPage: readonly Check[] = CPUID_PAGE_CHECKS.map(({ holds, ...check }, i) => {
  const given = (call: Call) => call.copyIn('PAGE_PADDR', PAGE_SIZE);
  const processor = (call: Call) => PROCESSOR_SIGNATURES[call.p.config.generation];
  return {
    ...check,
    holds: (call: Call) =>
      typeOf(call) === 'CPUID' && isReadable(call) && holds(given(call), processor(call)),
    // The values as they should be are shown to the host, in the clear.
    ...(i > 0 && {
      refusing: (call: Call) => call.copyOut('PAGE_PADDR', correctedCpuidPage(given(call), processor(call))),
    }),
  };
});

/** What is stored of 4 KiB that were given. */
function stored(call: Call, type: PageType, given: Uint8Array): Uint8Array {
  const { p, context } = call;
  switch (type) {
    case 'ZERO':
      return new Uint8Array(PAGE_SIZE);
    case 'SECRETS':
      return secretsPage(p, context);
    case 'VMSA':
      return launchVmsa(p, given, context.tscFrequency);
    default:
      return given;
  }
}

function add(call: Call): void {
  const { p, context } = call;
  const type = typeOf(call);
  const { entry } = findPage(p, call.address('PAGE_PADDR'));
  if (!type || !entry) throw new Error('a command went on without its page');
  const permissions = permissionsOf(call);
  let digest = fromHex(context.digest);
  let imd = fromHex(context.imd);
  for (let offset = 0; offset < bytesAsked(call); offset += PAGE_SIZE) {
    const at = call.address('PAGE_PADDR') + BigInt(offset);
    const given = readHost(p, at, PAGE_SIZE);
    const contents = PAGE_CONTENTS[type](given);
    const record: PageRecord = { type, gpa: entry.gpa + offset, contents, permissions, imi: isImiPage(call) };
    digest = extendDigest(digest, record) as typeof digest;
    if (record.imi) imd = extendDigest(imd, record) as typeof imd;
    writeGuest(p, at, stored(call, type, given), context.asid);
  }
  p.trace.fact('note', { what: 'page measured', type, gpa: entry.gpa, size: bytesAsked(call) }, MEASURED);
  setPage(p, call.address('PAGE_PADDR'), {
    ...MUTABLE,
    validated: true,
    vmsa: entry.vmsa || type === 'VMSA',
    permissions: permissions.reduce((all, mask, i) => withPermissions(all, i + 1, mask), entry.permissions),
  });
  call.patchContext({ digest: toHex(digest), imd: toHex(imd) });
}

export const SNP_LAUNCH_UPDATE = command({
  id: 0x0a1,
  name: 'SNP_LAUNCH_UPDATE',
  purpose: 'Measure a page into the launch digest and encrypt it in place with the guest’s key.',
  source: `${SOURCE}; cpuid_lookup.c (sanitize_cpuid_list)`,
  writes: 'nothing',
  checks: [
    reserved(
      'bits 11:0 of an address, FLAGS bits 31:5, the reserved field, or VMPL_PERMS outside bits 31:8',
      ['GCTX_PADDR', PAGE_OFFSET],
      ['PAGE_PADDR', PAGE_OFFSET],
      ['FLAGS', 0xffffffe0n],
      ['reserved'],
      ['VMPL_PERMS', 0xffffffff_000000ffn],
    ),
    snpInitialised,
    outsideTable('GCTX_PADDR'),
    isContext(),
    outsideTable('PAGE_PADDR'),
    pageIn('PAGE_PADDR', 'Pre-Guest'),
    sizeAsked('PAGE_PADDR'),
    {
      ...misaligned(LARGE_PAGE_SIZE, 'PAGE_PADDR'),
      holds: (call) => wantsLarge(call) && misaligned(LARGE_PAGE_SIZE, 'PAGE_PADDR').holds(call),
    },
    {
      id: 'asp.snp-type-size',
      says: 'PAGE_TYPE is VMSA, SECRETS or CPUID, and the page is not one of 4 KiB',
      status: 'INVALID_PAGE_SIZE',
      source: SOURCE,
      holds: (call) => wantsLarge(call) && ONLY_SMALL.includes(typeOf(call)),
    },
    {
      id: 'asp.snp-page-type',
      says: `PAGE_TYPE is none of 1 to ${Object.keys(PAGE_TYPES).length}`,
      status: 'INVALID_PARAM',
      source: SOURCE,
      holds: (call) => typeOf(call) === null,
    },
    contextIn('LAUNCH'),
    isBound,
    ownedByGuest('PAGE_PADDR'),
    {
      id: 'asp.snp-imi-page',
      says: 'the guest waits to absorb another one, and IMI_PAGE is 0',
      status: 'INVALID_PARAM',
      source: SOURCE,
      holds: (call) => call.context.imi && !isImiPage(call),
    },
    ...cpuidPage,
    copyable('the page', ['PAGE_PADDR', bytesAsked]),
  ],
  run: add,
});
