import type { Rule } from '../../core/fault';
import { PAGE_STATES, type PageState } from '../../rmp/types';
import type { CommandName } from '../layouts';

/** The state machine of a page in the RMP: who takes it from which state to which. */

/** What moves a page: an instruction, a command, or any command whose buffer the firmware has written. */
export type PageMover = 'RMPUPDATE' | 'PVALIDATE' | 'RMPADJUST' | 'PSMASH' | typeof ANY_COMMAND | CommandName;

/** A command that is not about pages, of whose buffer the dispatcher disposes. */
export const ANY_COMMAND = 'command buffer';

/** One edge. An edge from a state to itself names what works on such pages and leaves their state. */
export interface PageEdge {
  readonly from: PageState;
  readonly to: PageState;
  readonly by: readonly PageMover[];
  /** What has to hold beside the checks. */
  readonly when?: string;
  readonly rule: Rule;
}

interface Way extends Omit<PageEdge, 'from'> {
  readonly from: readonly PageState[];
}

const rule = (id: string, says: string, source: string, standing: Rule['standing'] = 'published'): Rule => ({
  id: `rmp.page-${id}`,
  says,
  source,
  standing,
});

const COMMANDS = 'AMD-ASPFW sev_mcmd.c';

const RULES = {
  update: rule(
    'update',
    'RMPUPDATE gives a page that is not immutable to the hypervisor, to a guest that has yet to accept it, or to the firmware.',
    'APM vol. 2 §15.36.3, §15.36.11, table 15-35; AMD-ASPFW sev_rmp.c (rmp_entry_get_state)',
  ),
  marked: rule(
    'marked',
    'Nothing keeps RMPUPDATE from a GPA in a page of the firmware: the firmware then reads a mark that it did not make, or a combination without a name.',
    'modelled; AMD-ASPFW sev_rmp.h (RMP_GPA_STATE)',
    'modelled',
  ),
  frozen: rule(
    'frozen',
    'Where RMPUPDATE changes only immutable, validation stays: so a page is made ready to be swapped out or moved.',
    'AMD-ASPFW sev_mcmd.c (snp_mcmd_swap_out, snp_mcmd_page_move)',
  ),
  oldVmsa: rule(
    'old-vmsa',
    'A context page that was given back through a command buffer keeps its VMSA bit, and is one again when only immutable changes.',
    'modelled; AMD-ASPFW sev_rmp.c (snp_reclaim_buffer)',
    'modelled',
  ),
  validate: rule(
    'validate',
    'With PVALIDATE a guest accepts its page, or takes that back. Nobody else can.',
    'APM vol. 2 §15.36.6',
  ),
  adjust: rule(
    'adjust',
    'RMPADJUST changes what other VMPLs may do with an accepted page, and whether it is a VMSA; never its state.',
    'APM vol. 2 §15.36.7',
  ),
  smash: rule(
    'smash',
    'PSMASH and SNP_PAGE_UNSMASH change the size of pages and leave their state.',
    'Linux arch/x86/virt/svm/sev.c (psmash); AMD-ASPFW sev_mcmd.c (snp_mcmd_page_unsmash)',
  ),
  init: rule(
    'init',
    'SNP_INIT writes the whole RMP, whatever was there.',
    'AMD-ASPFW sev_rmp.c (configure_rmp)',
  ),
  iommu: rule(
    'iommu',
    'The firmware holds the IOMMU’s logs from SNP_INIT on.',
    `${COMMANDS} (snp_mcmd_init)`,
  ),
  shutdown: rule(
    'shutdown',
    'SNP_SHUTDOWN_EX gives the IOMMU’s logs back.',
    `${COMMANDS} (snp_mcmd_shutdown)`,
  ),
  create: rule(
    'create',
    'A page of the firmware becomes a guest’s context.',
    `${COMMANDS} (snp_mcmd_gctx_create)`,
  ),
  decommission: rule(
    'decommission',
    'A context that is erased is a page of the firmware again.',
    `${COMMANDS} (snp_decommission_common)`,
  ),
  metadata: rule(
    'metadata',
    'A page of the firmware becomes a guest’s metadata page: empty, swapped in, or moved there.',
    `${COMMANDS} (snp_mcmd_md_init, snp_mcmd_swap_in, snp_mcmd_page_move)`,
  ),
  metadataGone: rule(
    'metadata-gone',
    'A metadata page that was swapped out or moved away is a page of the firmware again.',
    `${COMMANDS} (snp_mcmd_swap_out, snp_mcmd_page_move)`,
  ),
  fixed: rule(
    'fixed',
    'Pages of the firmware become the hypervisor’s for ever.',
    `${COMMANDS} (snp_mcmd_page_set_state)`,
  ),
  reclaim: rule(
    'reclaim',
    'SNP_PAGE_RECLAIM takes immutable away, so that software can have the page; what a guest had accepted stays accepted.',
    `${COMMANDS} (snp_mcmd_page_reclaim)`,
  ),
  buffer: rule(
    'buffer',
    'The page of a buffer that the firmware wrote goes back without being asked for.',
    'AMD-ASPFW sev_dispatch.c; sev_rmp.c (snp_reclaim_buffer)',
  ),
  bufferAnyState: rule(
    'buffer-any-state',
    'While SNP is shut down and the RMP stays written, nobody looks at the state of a command buffer, and its page loses immutable all the same.',
    'AMD-ASPFW sev_dispatch.c; sev_rmp.c (snp_reclaim_buffer)',
  ),
  launch: rule(
    'launch',
    'SNP_LAUNCH_UPDATE measures a page, encrypts it, and accepts it for the guest.',
    `${COMMANDS} (snp_mcmd_launch_update)`,
  ),
  moved: rule(
    'moved',
    'A page that has moved is at its new place what it was, without immutable; the old place is the guest’s, not accepted.',
    `${COMMANDS} (snp_mcmd_page_move)`,
  ),
  swapIn: rule(
    'swap-in',
    'A page that the guest had accepted is accepted again when it comes back.',
    `${COMMANDS} (snp_mcmd_swap_in)`,
  ),
  swapOut: rule(
    'swap-out',
    'The place of a page that was swapped out is no longer accepted.',
    `${COMMANDS} (snp_mcmd_swap_out)`,
  ),
} as const;

/** What RMPUPDATE may change: no immutable entry. */
const SOFT: readonly PageState[] = ['Hypervisor', 'Reclaim', 'Guest-Invalid', 'Guest-Valid'];
const COVERED = PAGE_STATES.filter((state) => state !== 'Default');
const INIT = ['SNP_INIT', 'SNP_INIT_EX'] as const;
const SHUT_DOWN = 'SNP is shut down, and the RMP still written';

const WAYS: readonly Way[] = [
  { from: SOFT, to: 'Hypervisor', by: ['RMPUPDATE'], when: 'not assigned', rule: RULES.update },
  {
    from: SOFT,
    to: 'Guest-Invalid',
    by: ['RMPUPDATE'],
    when: 'assigned to an ASID, at a GPA',
    rule: RULES.update,
  },
  {
    from: SOFT,
    to: 'Pre-Guest',
    by: ['RMPUPDATE'],
    when: 'assigned to an ASID, and immutable',
    rule: RULES.update,
  },
  {
    from: SOFT,
    to: 'Firmware',
    by: ['RMPUPDATE'],
    when: 'assigned to ASID 0, and immutable',
    rule: RULES.update,
  },
  {
    from: SOFT,
    to: 'Reclaim',
    by: ['RMPUPDATE'],
    when: 'assigned to ASID 0, not immutable',
    rule: RULES.update,
  },
  ...(['Metadata', 'Firmware-IOMMU', 'Invalid'] as const).map(
    (to): Way => ({
      from: SOFT,
      to,
      by: ['RMPUPDATE'],
      when: 'ASID 0, immutable, and a GPA that is not 0',
      rule: RULES.marked,
    }),
  ),
  {
    from: ['Guest-Valid'],
    to: 'Pre-Swap',
    by: ['RMPUPDATE'],
    when: 'only immutable changes',
    rule: RULES.frozen,
  },
  {
    from: ['Reclaim'],
    to: 'Context',
    by: ['RMPUPDATE'],
    when: 'it was a context before, and only immutable changes',
    rule: RULES.oldVmsa,
  },
  { from: ['Guest-Invalid'], to: 'Guest-Valid', by: ['PVALIDATE'], rule: RULES.validate },
  {
    from: ['Guest-Valid'],
    to: 'Guest-Invalid',
    by: ['PVALIDATE'],
    when: 'the guest takes it back',
    rule: RULES.validate,
  },
  { from: ['Guest-Valid'], to: 'Guest-Valid', by: ['RMPADJUST'], rule: RULES.adjust },
  ...(['Guest-Invalid', 'Guest-Valid'] as const).map(
    (state): Way => ({ from: [state], to: state, by: ['PSMASH'], when: 'it is 2 MiB', rule: RULES.smash }),
  ),
  ...(['Pre-Guest', 'Pre-Swap'] as const).map(
    (state): Way => ({
      from: [state],
      to: state,
      by: ['SNP_PAGE_UNSMASH'],
      when: 'it is one of 512 alike',
      rule: RULES.smash,
    }),
  ),
  { from: COVERED, to: 'Hypervisor', by: INIT, when: 'it is DRAM', rule: RULES.init },
  { from: COVERED, to: 'HV-fixed', by: INIT, when: 'it is no DRAM, or listed', rule: RULES.init },
  { from: COVERED, to: 'Firmware', by: INIT, when: 'the RMP lies there', rule: RULES.init },
  {
    from: ['Hypervisor'],
    to: 'Firmware-IOMMU',
    by: INIT,
    when: 'the IOMMU’s logs lie there',
    rule: RULES.iommu,
  },
  {
    from: ['Firmware-IOMMU'],
    to: 'Reclaim',
    by: ['SNP_SHUTDOWN_EX'],
    when: 'with IOMMU_SNP_SHUTDOWN',
    rule: RULES.shutdown,
  },
  { from: ['Firmware'], to: 'Context', by: ['SNP_GCTX_CREATE'], rule: RULES.create },
  { from: ['Context'], to: 'Firmware', by: ['SNP_DECOMMISSION'], rule: RULES.decommission },
  {
    from: ['Context'],
    to: 'Firmware',
    by: ['SNP_GUEST_REQUEST'],
    when: 'the message VM_EXPORT, not a copy',
    rule: RULES.decommission,
  },
  {
    from: ['Firmware'],
    to: 'Metadata',
    by: ['SNP_PAGE_MD_INIT', 'SNP_PAGE_SWAP_IN', 'SNP_PAGE_MOVE'],
    rule: RULES.metadata,
  },
  {
    from: ['Metadata'],
    to: 'Firmware',
    by: ['SNP_PAGE_SWAP_OUT', 'SNP_PAGE_MOVE'],
    rule: RULES.metadataGone,
  },
  { from: ['Firmware'], to: 'HV-fixed', by: ['SNP_PAGE_SET_STATE'], rule: RULES.fixed },
  { from: ['Firmware', 'Metadata'], to: 'Reclaim', by: ['SNP_PAGE_RECLAIM'], rule: RULES.reclaim },
  { from: ['Pre-Guest'], to: 'Guest-Invalid', by: ['SNP_PAGE_RECLAIM'], rule: RULES.reclaim },
  { from: ['Pre-Swap'], to: 'Guest-Valid', by: ['SNP_PAGE_RECLAIM'], rule: RULES.reclaim },
  {
    from: ['Firmware'],
    to: 'Reclaim',
    by: [ANY_COMMAND],
    when: 'its page was the buffer',
    rule: RULES.buffer,
  },
  {
    from: ['Context', 'Metadata', 'Firmware-IOMMU'],
    to: 'Reclaim',
    by: [ANY_COMMAND],
    when: SHUT_DOWN,
    rule: RULES.bufferAnyState,
  },
  { from: ['HV-fixed'], to: 'Hypervisor', by: [ANY_COMMAND], when: SHUT_DOWN, rule: RULES.bufferAnyState },
  {
    from: ['Pre-Guest'],
    to: 'Guest-Invalid',
    by: [ANY_COMMAND],
    when: SHUT_DOWN,
    rule: RULES.bufferAnyState,
  },
  { from: ['Pre-Swap'], to: 'Guest-Valid', by: [ANY_COMMAND], when: SHUT_DOWN, rule: RULES.bufferAnyState },
  { from: ['Invalid'], to: 'Reclaim', by: [ANY_COMMAND], when: SHUT_DOWN, rule: RULES.bufferAnyState },
  { from: ['Pre-Guest'], to: 'Guest-Valid', by: ['SNP_LAUNCH_UPDATE'], rule: RULES.launch },
  { from: ['Pre-Guest'], to: 'Guest-Invalid', by: ['SNP_PAGE_MOVE'], rule: RULES.moved },
  {
    from: ['Pre-Guest'],
    to: 'Guest-Valid',
    by: ['SNP_PAGE_MOVE'],
    when: 'the source was Pre-Swap',
    rule: RULES.moved,
  },
  { from: ['Pre-Swap'], to: 'Guest-Invalid', by: ['SNP_PAGE_MOVE'], rule: RULES.moved },
  {
    from: ['Pre-Guest'],
    to: 'Pre-Swap',
    by: ['SNP_PAGE_SWAP_IN'],
    when: 'it was accepted when it went',
    rule: RULES.swapIn,
  },
  { from: ['Pre-Swap'], to: 'Pre-Guest', by: ['SNP_PAGE_SWAP_OUT'], rule: RULES.swapOut },
];

const isLoop = (way: Way, from: PageState): boolean => way.from.length > 1 && from === way.to;

/** Every edge, each with all that can take it for one reason. */
export const PAGE_EDGES: readonly PageEdge[] = WAYS.flatMap((way) =>
  way.from.filter((from) => !isLoop(way, from)).map((from): PageEdge => ({ ...way, from })),
);

/**
 * The edge that a page took.
 * @param by the call in which it happened.
 * @param asp the secure processor was at work: it may have given its command’s buffer back.
 */
export function pageEdge(from: PageState, to: PageState, by: string, asp: boolean): PageEdge | null {
  const between = PAGE_EDGES.filter((edge) => edge.from === from && edge.to === to);
  const named = between.find((edge) => (edge.by as readonly string[]).includes(by));
  return named ?? (asp ? (between.find((edge) => edge.by.includes(ANY_COMMAND)) ?? null) : null);
}
