import { guestContext } from '../../engine/asp/guests';
import { platformOf } from '../../engine/asp/platform';
import { contextAt } from '../../engine/asp/snp/context';
import { findPage } from '../../engine/asp/snp/pages';
import { statusOf } from '../../engine/asp/status';
import type { PageRow, Post, Step } from './format';
import type { Lab } from './lab';

/** What differs between a recorded step and the engine's. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

const shownStatus = (value: number): string =>
  `0x${value.toString(16)} ${statusOf(value)?.name ?? ''}`.trim();

export function compareStatus(step: Step, got: number, lab: Lab): Difference[] {
  const { check } = lab.decided();
  const shown = check ? `${shownStatus(got)} by ${check}` : shownStatus(got);
  if (step.internal === true)
    return got !== 0 ? [] : [{ what: 'status', expected: 'some error', got: shown }];
  if (step.status === undefined || step.status === null || step.status === got) return [];
  return [{ what: 'status', expected: shownStatus(step.status), got: shown }];
}

export const compareHost = ({ host }: Step, got: string): Difference[] =>
  host === undefined || host === got ? [] : [{ what: 'host', expected: host, got }];

interface Shown {
  readonly st: string;
  readonly asid: number;
  readonly act: string;
}

const shownGuest = (guest: Shown | null | undefined): string =>
  guest ? `${guest.st}, ASID ${guest.asid}, ${guest.act}` : 'none';

/** A page as traces write it. GPAs are without the mark that metadata pages have. */
function shownPage(lab: Lab, label: string): string {
  const { state, entry } = findPage(lab.p, BigInt(lab.address(label)));
  const name = state.toUpperCase().replace('-', '_');
  if (!entry) return name;
  const { large, asid, gpa, vmsa } = entry;
  return [name, large ? '2M' : '4K', asid, `0x${(gpa % 2 ** 48).toString(16)}`, vmsa ? 1 : 0].join(', ');
}

const shownRow = (row: PageRow): string => row.join(', ');

/** The pages that a step names, as they have to be after it. */
function expectedPages({ pre, pages }: Step): Readonly<Record<string, PageRow>> {
  const after = pages === 'same' ? pre : pages;
  return after === undefined || after === 'same' ? {} : after;
}

/** Platform, guests with and without SNP, and the pages that a step names. */
export function compareState(
  lab: Lab,
  expected: Post,
  guests: ReadonlyMap<string, number>,
  step: Step,
): Difference[] {
  const { p } = lab;
  const { sev, snp, rmpInitialised } = platformOf(p);
  const out: Difference[] = [];
  const note = (what: string, wanted: unknown, got: unknown): void => {
    if (wanted !== got) out.push({ what, expected: String(wanted), got: String(got) });
  };
  note('SEV platform', expected.sev, sev);
  note('SNP platform', expected.snp, snp);
  note('RMP initialised', expected.rmp, rmpInitialised);
  for (const label of new Set([...Object.keys(expected.guests ?? {}), ...guests.keys()])) {
    const own = guestContext(p, guests.get(label) ?? 0);
    const shown = own && { st: own.state, asid: own.asid, act: own.activation };
    note(`guest ${label}`, shownGuest(expected.guests?.[label]), shownGuest(shown));
  }
  for (const label of lab.contexts) {
    const own = contextAt(p, BigInt(lab.address(label)));
    const shown = own && { st: own.state, asid: own.asid, act: own.activation };
    note(`context ${label}`, shownGuest(expected.gctx?.[label]), shownGuest(shown));
  }
  for (const [label, row] of Object.entries(expectedPages(step)))
    note(`page ${label}`, shownRow(row), shownPage(lab, label));
  return out;
}
