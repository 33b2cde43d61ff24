import { PAGE_SIZE } from '../../core/address';
import { DONE, type Outcome, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { snpEnabled } from '../../rmp/table';
import { printk } from '../console';
import { livingDomains } from '../domains';
import { flushAllCaches } from '../domctl/memory';
import { giveBack } from '../frames';
import { call } from '../trail';
import { command, reclaimWith } from './command';
import { piecesOf, takeBack } from './handOver';
import { freeRegion, regionBytes } from './region';
import { forgetRmp, freeRmp, presentRmp } from './rmpMemory';

const IN_USE: Rule = {
  id: 'xen.asp-in-use',
  says: 'The platform is not shut down under running encrypted guests: SHUTDOWN would drop them all.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_shutdown); that the driver refuses is this project’s choice',
  standing: 'modelled',
};

/** SHUTDOWN, then the flushes; the driver lets go of its buffers (Linux drivers/crypto/ccp/sev-dev.c: __sev_firmware_shutdown). */
export const shutdownAsp = (p: Platform): Outcome<null> =>
  call(p, 'asp-driver', 'sp_dev_destroy', {}, () => {
    const guests = livingDomains(p).filter(({ sev }) => sev);
    if (guests.length > 0)
      return p.trace.refused(
        refuse(
          IN_USE,
          'EBUSY',
          `${guests.length} encrypted guests still run.`,
          { guests: guests.map(({ name }) => name) },
          'Destroy them first.',
        ),
      );
    const stopped = command(p, 'SHUTDOWN', {});
    if (!stopped.ok) return stopped;
    flushAllCaches(p);
    const flushed = command(p, 'DF_FLUSH', {});
    if (!flushed.ok) return flushed;
    const { spare } = p.state.need('driver');
    const returned = returnRegion(p, spare);
    if (!returned.ok) return returned;
    const snp = spare === undefined ? DONE : stopSnp(p);
    if (!snp.ok) return snp;
    const { buffer, data } = p.state.need('driver');
    for (const page of [buffer, data, ...(spare === undefined ? [] : [spare])])
      giveBack(p, 'heap', [[page / PAGE_SIZE, 1]]);
    p.trace.set('driver', 0, null);
    printk(p, 'SEV: the secure processor was shut down');
    return DONE;
  });

/** The trusted region goes before SNP does: only then can its pages be taken back. */
function returnRegion(p: Platform, spare: number | undefined): Outcome<null> {
  const { region, ...others } = p.state.need('driver');
  if (region === undefined) return DONE;
  const snp = spare !== undefined;
  const pieces = snp ? piecesOf(region, regionBytes(snp)) : [];
  const back = takeBack(p, pieces, reclaimWith(p, spare ?? others.buffer));
  if (!back.ok) return back;
  freeRegion(p, region, snp);
  p.trace.set('driver', 0, others);
  return DONE;
}

/** SNP_SHUTDOWN_EX: IOMMU_SNP_SHUTDOWN and X86_SNP_SHUTDOWN. */
const BOTH = 3;

/** SNP goes last. When no core asks the RMP any more, its memory is Xen’s again. */
const stopSnp = (p: Platform): Outcome<null> =>
  call(p, 'asp-driver', 'SNP: SNP_SHUTDOWN_EX', {}, () => {
    const stopped = command(p, 'SNP_SHUTDOWN_EX', { LENGTH: 8, FLAGS: BOTH });
    if (!stopped.ok) return stopped;
    const rmp = presentRmp(p);
    if (!rmp || snpEnabled(p)) return DONE;
    forgetRmp(p);
    freeRmp(p, rmp);
    printk(p, 'SEV-SNP: RMP given back');
    return DONE;
  });
