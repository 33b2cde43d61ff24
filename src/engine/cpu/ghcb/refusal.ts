import type { Rule } from '../../core/fault';
import type { GhcbField } from './layout';
import { REFUSALS, type RefusalReason } from './result';

/** Why a hypervisor does not take a request; `code` is what it puts into SW_EXITINFO2. */
export interface RequestRefusal {
  readonly reason: RefusalReason;
  readonly code: (typeof REFUSALS)[RefusalReason];
  readonly rule: Rule;
  readonly message: string;
  /** The field that is missing or wrong. */
  readonly field?: GhcbField;
}

export const refusal = (
  reason: RefusalReason,
  rule: Rule,
  message: string,
  field?: GhcbField,
): RequestRefusal => ({ reason, code: REFUSALS[reason], rule, message, ...(field && { field }) });

const published = (id: string, says: string, source: string): Rule => ({
  id: `ghcb.request.${id}`,
  says,
  source,
  standing: 'published',
});

const modelled = (id: string, says: string, source: string): Rule => ({
  id: `ghcb.request.${id}`,
  says,
  source,
  standing: 'modelled',
});

/** What a hypervisor demands of a request; the order is that of Linux KVM. */
export const REQUEST_RULES = {
  registered: published(
    'registered',
    'A guest with SEV-SNP must have registered the address of a GHCB before it uses it.',
    'Linux arch/x86/kvm/svm/sev.c (sev_handle_vmgexit, which ends the guest)',
  ),
  usage: published(
    'usage',
    'GHCB_USAGE must be 0, the layout of the specification.',
    'Linux arch/x86/kvm/svm/sev.c (sev_es_validate_vmgexit)',
  ),
  version: modelled(
    'version',
    'PROTOCOL_VERSION must be one that the hypervisor offered.',
    'modelled: GHCB specification #56421 has the field, Linux KVM does not look at it',
  ),
  missing: published(
    'missing',
    'SW_EXITCODE, SW_EXITINFO1, SW_EXITINFO2 and what the event needs must be marked valid.',
    'Linux arch/x86/kvm/svm/sev.c (sev_es_validate_vmgexit)',
  ),
  event: published(
    'event',
    'SW_EXITCODE must be an event of the specification, and those of SEV-SNP need a guest with SEV-SNP.',
    'GHCB specification #56421; Linux arch/x86/kvm/svm/sev.c answers the latter as if an input were missing',
  ),
  mmioLength: published(
    'mmio-length',
    'From protocol version 2 on an MMIO access has at most 8 bytes.',
    'Linux arch/x86/kvm/svm/sev.c (sev_handle_vmgexit, series of May 2026)',
  ),
  pages: published(
    'pages',
    'The request and the response of a guest request are two different pages, and certificates begin at a page.',
    'GHCB specification #56421; Linux arch/x86/kvm/svm/sev.c answers the former as if an input were missing',
  ),
  jumpTable: published(
    'jump-table',
    'SW_EXITINFO1 of an AP jump table request is 0 to set it and 1 to get it.',
    'Linux arch/x86/kvm/svm/sev.c (sev_handle_vmgexit)',
  ),
  jumpTableAddress: modelled(
    'jump-table-address',
    'The AP jump table lies where guest physical addresses can be: below 2^52.',
    'modelled: APM vol. 2 §5.1; Linux KVM keeps any number',
  ),
  ioSize: modelled(
    'io-size',
    'A port access has 1, 2 or 4 bytes.',
    'modelled: no instruction makes another one, and Linux KVM does not look at it',
  ),
  scratch: published(
    'scratch',
    'A buffer that begins in the GHCB must lie wholly in its shared buffer, bytes 0x800 to 0xFEF.',
    'Linux arch/x86/kvm/svm/sev.c (setup_vmgexit_scratch)',
  ),
  scratchInside: published(
    'scratch-inside',
    'From protocol version 2 on the buffer must lie in the GHCB.',
    'Linux arch/x86/kvm/svm/sev.c (setup_vmgexit_scratch, series of May 2026; it goes by the version of the guest, not of the page)',
  ),
  scratchLimit: published(
    'scratch-limit',
    'A buffer outside the GHCB, as protocol version 1 allows it, has at most 64 KiB.',
    'Linux arch/x86/kvm/svm/sev.c (GHCB_SCRATCH_AREA_LIMIT)',
  ),
  reserved: modelled(
    'reserved',
    'Reserved bytes of a GHCB must be zero.',
    'modelled: GHCB specification #56421 reserves them, Linux KVM does not look at them',
  ),
} as const;
