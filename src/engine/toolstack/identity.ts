import type { DomainCell } from '../core/cells';
import { type Fault, type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { setIdentity } from '../xen/domctl/identity';
import { call } from '../xen/trail';
import type { SevType, XlConfig } from '../xen/xl/config';

const NEEDS_SNP: Rule = {
  id: 'xl.identity',
  says: 'Only SNP_LAUNCH_FINISH compares an ID block, and only SNP guests have reports with the host’s data.',
  source:
    'AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_finish); the keys id_block, id_auth, author_key and host_data are this project’s own, after QEMU’s sev-snp-guest',
  standing: 'modelled',
};

/** Why a guest cannot have the ID block or host data of its configuration, or null. */
export function identityRefusal(
  { name, encrypted, identity, hostData }: XlConfig,
  sevType: SevType,
): { readonly ok: false; readonly fault: Fault } | null {
  if (!identity && hostData === undefined) return null;
  if (encrypted && sevType === 'sev-snp') return null;
  const key = identity ? 'id_block' : 'host_data';
  const message = `${name} is no SNP guest and takes no ${key}.`;
  return refuse(NEEDS_SNP, 'EINVAL', message, { name }, 'sev_type = "sev-snp".');
}

/** Hands Xen what the owner signed and the host’s data; nothing is said where there is neither. */
export function tellIdentity(p: Platform, config: XlConfig, domain: DomainCell): Outcome<DomainCell> {
  if (!config.identity && config.hostData === undefined) return ok(domain);
  const { id } = domain;
  const told = call(p, 'libxc', 'xc_coco_set_identity', { id }, () => setIdentity(p, id, config));
  return told.ok ? ok(p.state.need('domain', id)) : told;
}
