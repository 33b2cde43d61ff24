import { PAGE_SIZE } from '../../core/address';
import { fromHex, readUint } from '../../core/bytes';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { hostStructureKey } from '../../cpu/mode';
import { cachedWrite } from '../../memory/fill';
import { type Fields, hostAddress } from '../driver/command';
import { takeFrames } from '../frames';
import { call } from '../trail';
import type { XlConfig } from '../xl/config';

/** FLAGS of SNP_LAUNCH_FINISH (AMD-ASPFW sev_mcmd.h). */
const ID_BLOCK_EN = 1;
const AUTH_KEY_EN = 2;
const HOST_DATA_BYTES = 32;

/** The driver runs on the first core. */
const COMPLEX = 0;

/**
 * Xen keeps what an SNP guest’s owner signed in two pages of its heap until the launch ends, and after it: they go with the
 * guest’s tables (hypothetical; nobody proposes how Xen is told).
 */
export const setIdentity = (
  p: Platform,
  id: number,
  { identity, hostData }: Pick<XlConfig, 'identity' | 'hostData'>,
): Outcome<null> =>
  call(p, 'hypercall', 'XEN_COCO_domain_set_identity', { id, signed: identity !== undefined }, () => {
    const pages: number[] = [];
    for (const bytes of identity ? [identity.block, identity.auth] : []) {
      const taken = takeFrames(p, 'heap', 1, OWNER_HYPERVISOR);
      if (!taken.ok) return p.trace.refused(taken);
      const { tableFrames } = p.state.need('domain', id);
      p.trace.patch('domain', id, { tableFrames: [...tableFrames, ...taken.value] });
      const spa = (taken.value[0]?.[0] ?? 0) * PAGE_SIZE;
      cachedWrite(p, COMPLEX, spa, fromHex(bytes), hostStructureKey(p), OWNER_HYPERVISOR);
      pages.push(spa);
    }
    const [block = null, auth = null] = pages;
    p.trace.patch('domain', id, {
      identity: { block, auth, author: identity?.author ?? false, hostData: hostData ?? null },
    });
    return DONE;
  });

/** What SNP_LAUNCH_FINISH is told of it. */
export function identityFields(p: Platform, { identity }: DomainCell): Fields {
  if (!identity) return {};
  const { block, auth, author, hostData } = identity;
  const HOST_DATA = hostData === null ? 0n : readUint(fromHex(hostData), 0, HOST_DATA_BYTES);
  if (block === null || auth === null) return { HOST_DATA };
  return {
    HOST_DATA,
    ID_BLOCK_PADDR: hostAddress(p, block),
    ID_AUTH_PADDR: hostAddress(p, auth),
    FLAGS: ID_BLOCK_EN + (author ? AUTH_KEY_EN : 0),
  };
}
