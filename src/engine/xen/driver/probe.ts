import { PAGE_SIZE } from '../../core/address';
import { DONE, type Outcome } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import { printk } from '../console';
import { flushAllCaches } from '../domctl/memory';
import { newTable } from '../tables';
import { call } from '../trail';
import { hasCoco } from '../tree';
import { submit } from './command';

/** Is there a platform for encrypted guests: did the driver find a secure processor that answers? */
export const hasPlatform = (p: Platform): boolean => p.state.cell('driver')?.state === 'ready';

/** The driver’s initcall: finds the secure processor, and takes the platform to INIT with everything flushed once. */
export function probeAsp(p: Platform): void {
  if (p.config.technology !== 'sev' || !featuresOf(p.state).has('SEV') || !hasCoco(p)) return;
  const probed = call(p, 'asp-driver', 'amd_sp_probe', {}, () =>
    call(p, 'asp-driver', 'sp_dev_create', { bar: 2 }, () => {
      const [buffer, data] = [newTable(p), newTable(p)];
      if (!buffer.ok) return buffer;
      if (!data.ok) return data;
      for (const page of [buffer.value, data.value]) p.trace.page(page / PAGE_SIZE, { structure: false });
      return call(p, 'asp-driver', 'sp_dev_init', {}, () => initialise(p, buffer.value, data.value));
    }),
  );
  printk(
    p,
    probed.ok
      ? `SEV: ASIDs ${featuresOf(p.state).minPlainAsid} - ${featuresOf(p.state).maxAsid}, ASP initialised`
      : `SEV: the secure processor could not be initialised: ${probed.fault.name}`,
  );
}

/** PLATFORM_STATUS, INIT, WBINVD everywhere, DF_FLUSH: without the last two the first ACTIVATE would be refused. */
function initialise(p: Platform, buffer: number, data: number): Outcome<null> {
  const status = submit(p, 'PLATFORM_STATUS', {}, buffer);
  if (!status.ok) return status;
  const init = submit(p, 'INIT', {}, buffer);
  if (!init.ok) return init;
  flushAllCaches(p);
  const flushed = submit(p, 'DF_FLUSH', {}, buffer);
  if (!flushed.ok) return flushed;
  const { API_MAJOR, API_MINOR } = status.value;
  p.trace.set('driver', 0, { state: 'ready', api: `${API_MAJOR}.${API_MINOR}`, buffer, data, wait: 'poll' });
  return DONE;
}
