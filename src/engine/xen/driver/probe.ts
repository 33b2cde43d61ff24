import { PAGE_SIZE } from '../../core/address';
import { atLeast } from '../../core/config';
import { DONE, type Outcome, ok, type Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import { printk } from '../console';
import { flushAllCaches } from '../domctl/memory';
import { newTable } from '../tables';
import { call } from '../trail';
import { hasCoco, knowsEs, knowsSnp } from '../tree';
import { type Fields, reclaimWith, submit } from './command';
import { giveToFirmware, piecesOf, takeBack } from './handOver';
import { freeRegion, regionBytes, takeRegion } from './region';
import { startSnp } from './snp';

/** Is there a platform for encrypted guests: did the driver find a secure processor that answers? */
export const hasPlatform = (p: Platform): boolean => p.state.cell('driver')?.state === 'ready';

/** Did the driver also start it for SEV-ES? */
export const hasEsPlatform = (p: Platform): boolean =>
  hasPlatform(p) && p.state.cell('driver')?.region !== undefined;

/** And for SNP? */
export const hasSnpPlatform = (p: Platform): boolean =>
  hasPlatform(p) && p.state.cell('driver')?.spare !== undefined;

/** The driver’s initcall: finds the secure processor, and takes the platform to INIT with everything flushed once. */
export function probeAsp(p: Platform): void {
  if (!atLeast(p.config, 'sev') || !featuresOf(p.state).has('SEV') || !hasCoco(p)) return;
  const probed = call(p, 'asp-driver', 'amd_sp_probe', {}, () =>
    call(p, 'asp-driver', 'sp_dev_create', { bar: 2 }, () => {
      const [buffer, data] = [newTable(p), newTable(p)];
      if (!buffer.ok) return buffer;
      if (!data.ok) return data;
      for (const page of [buffer.value, data.value]) p.trace.page(page / PAGE_SIZE, { structure: false });
      return call(p, 'asp-driver', 'sp_dev_init', {}, () => initialise(p, buffer.value, data.value));
    }),
  );
  const { minPlainAsid, maxAsid } = featuresOf(p.state);
  printk(
    p,
    probed.ok
      ? `SEV: ASIDs ${minPlainAsid} - ${maxAsid}, ASP initialised`
      : `SEV: the secure processor could not be initialised: ${probed.fault.name}`,
  );
  if (probed.ok && wantsEs(p)) printk(p, `SEV-ES: ${sayEs(p, minPlainAsid)}`);
}

const SETUP: Rule = {
  id: 'firmware.es-asids',
  says: 'The firmware’s setup decides how many ASIDs are kept for SEV-ES, and CPUID Fn8000_001F[EDX] tells; with technology SEV-ES it is set to nine.',
  source:
    'modelled: a choice in the BIOS; virtee/snpguest issue 154 (log of a real host: SEV-ES ASIDs 1 - 9)',
  standing: 'modelled',
};

/** Is SEV-ES switched on, and does this Xen go on to it? */
const wantsEs = (p: Platform): boolean =>
  atLeast(p.config, 'sev-es') && featuresOf(p.state).has('SEV-ES') && knowsEs(p);

function sayEs(p: Platform, minPlainAsid: number): string {
  if (!hasEsPlatform(p)) return 'no memory for the trusted memory region, left out';
  return minPlainAsid > 1 ? `ASIDs 1 - ${minPlainAsid - 1}` : 'no ASIDs';
}

/** Is SEV-SNP switched on, and does this Xen go on to it? */
const wantsSnp = (p: Platform): boolean => atLeast(p.config, 'sev-snp') && knowsSnp(p);

/** PLATFORM_STATUS, SNP, INIT, WBINVD everywhere, DF_FLUSH: without the last two the first ACTIVATE would be refused. */
function initialise(p: Platform, buffer: number, data: number): Outcome<null> {
  const status = submit(p, 'PLATFORM_STATUS', {}, buffer);
  if (!status.ok) return status;
  const spare = wantsSnp(p) ? withSpare(p, buffer) : null;
  const started = wantsEs(p) ? startWithEs(p, buffer, spare) : start(p, buffer, null);
  if (!started.ok) return started;
  flushAllCaches(p);
  const flushed = submit(p, 'DF_FLUSH', {}, buffer);
  if (!flushed.ok) return flushed;
  const { API_MAJOR, API_MINOR } = status.value;
  const api = `${API_MAJOR}.${API_MINOR}`;
  const region = started.value === null ? {} : { region: started.value };
  const more = spare === null ? {} : { spare };
  p.trace.set('driver', 0, { state: 'ready', api, buffer, data, wait: 'poll', ...region, ...more });
  return DONE;
}

/** Initialises SNP. Answers with a second page for command buffers, or null where SNP is left out. */
function withSpare(p: Platform, buffer: number): number | null {
  if (!startSnp(p, buffer)) return null;
  const spare = newTable(p);
  if (!spare.ok) return null;
  p.trace.page(spare.value / PAGE_SIZE, { structure: false });
  return spare.value;
}

/** INIT’s flag for SEV-ES. */
const ES = 1;

/** INIT; with a region (its SPA) also for SEV-ES. Its address goes without the C-bit (Linux drivers/crypto/ccp/sev-dev.c). */
function start(
  p: Platform,
  buffer: number,
  region: { readonly spa: number; readonly bytes: number } | null,
): Outcome<number | null> {
  const es: Fields = region ? { FLAGS: ES, TMR_PADDR: region.spa, TMR_LENGTH: region.bytes } : {};
  const done = submit(p, 'INIT', es, buffer);
  return done.ok ? ok(region?.spa ?? null) : done;
}

/** The part of the branch: DF_FLUSH will make the region the secure processor’s own; with SNP it has to be a firmware page. */
const startWithEs = (p: Platform, buffer: number, spare: number | null): Outcome<number | null> =>
  call(p, 'asp-driver', 'SEV-ES: trusted memory region, INIT', {}, () => {
    p.trace.fact('note', { what: 'ASIDs set aside', asids: featuresOf(p.state).minPlainAsid - 1 }, SETUP);
    const region = takeRegion(p, spare !== null);
    if (!region.ok) return start(p, buffer, null);
    const bytes = regionBytes(spare !== null);
    const pieces = spare === null ? [] : piecesOf(region.value, bytes);
    const reclaim = reclaimWith(p, spare ?? buffer);
    const given = giveToFirmware(p, pieces, reclaim);
    const started = given.ok ? start(p, buffer, { spa: region.value, bytes }) : given;
    if (started.ok) return started;
    if (given.ok) takeBack(p, pieces, reclaim);
    freeRegion(p, region.value, spare !== null);
    return started;
  });
