import { PAGE_SIZE } from '../../core/address';
import { DONE, type Outcome, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { printk } from '../console';
import { livingDomains } from '../domains';
import { flushAllCaches } from '../domctl/memory';
import { giveBack } from '../frames';
import { call } from '../trail';
import { command } from './command';
import { freeRegion } from './region';

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
    const { buffer, data, region } = p.state.need('driver');
    for (const page of [buffer, data]) giveBack(p, 'heap', [[page / PAGE_SIZE, 1]]);
    if (region !== undefined) freeRegion(p, region);
    p.trace.set('driver', 0, null);
    printk(p, 'SEV: the secure processor was shut down');
    return DONE;
  });
