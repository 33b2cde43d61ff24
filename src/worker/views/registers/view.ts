import type { DomainCell } from '../../../engine/core/cells';
import type { Platform } from '../../../engine/core/platform';
import { isUp } from '../../../engine/look';
import { livingDomains } from '../../../engine/xen/domains';
import type {
  ControlFieldView,
  PlaceId,
  RegisterCellView,
  RegisterRow,
  RegistersView,
  SideView,
  VcpuChoice,
} from '../../registersProtocol';
import { controlOf } from './control';
import { ghcbPage } from './ghcbPage';
import { rowsOf } from './rows';
import { vcpuAt } from './vcpu';

/** Guests that have a vCPU to show. */
const shownDomains = (p: Platform): DomainCell[] =>
  isUp(p) ? livingDomains(p).filter(({ vmcbs }) => vmcbs.length > 0) : [];

const hasEs = ({ vmsas }: DomainCell): boolean => vmsas.length > 0;

/** What is looked at when nobody has chosen: one guest, and beside one without SEV-ES one with it. */
function usualSides(p: Platform): VcpuChoice[] {
  const domains = shownDomains(p);
  const plain = domains.find((domain) => domain.sev && !hasEs(domain));
  const sealed = domains.find(hasEs);
  const chosen = plain && sealed ? [plain, sealed] : domains.slice(0, 1);
  return chosen.map(({ name }) => ({ guest: name, vcpu: 0 }));
}

function sideOf(p: Platform, domain: DomainCell, vcpu: number): SideView {
  const of = vcpuAt(p, domain, vcpu);
  const ghcb = ghcbPage(p, domain, vcpu);
  return {
    guest: domain.name,
    vcpu,
    asid: domain.asid,
    sev: domain.sev,
    es: of.es,
    snp: domain.snp,
    core: of.core,
    state: p.state.cell('vcpus', domain.id)?.vcpus[vcpu]?.state ?? (vcpu === 0 ? 'runs' : 'waits'),
    pages: {
      vmcb: of.vmcb.spa,
      userRegs: of.userRegs.spa,
      vmsa: of.vmsa?.spa ?? null,
      ghcb: ghcb?.page.spa ?? null,
    },
    rows: rowsOf(p, of, ghcb),
    control: controlOf(of.vmcb.bytes, of.es),
  };
}

/**
 * The registers of some vCPUs at this moment. @param before the same vCPUs a moment before, from which changes are told.
 * A choice that no longer exists is left out.
 */
/** Those of the chosen vCPUs that there are, and if there is none what the machine thinks worth a look. */
export function sidesFor(p: Platform, chosen: readonly VcpuChoice[]): readonly VcpuChoice[] {
  const domains = shownDomains(p);
  const known = chosen.filter(({ guest, vcpu }) =>
    domains.some(({ name, vmcbs }) => name === guest && vcpu < vmcbs.length),
  );
  return known.length > 0 ? known : usualSides(p);
}

export function registersView(
  p: Platform,
  chosen: readonly VcpuChoice[],
  before: readonly SideView[] | null,
): RegistersView {
  const domains = shownDomains(p);
  const sides = chosen.flatMap(({ guest, vcpu }) => {
    const domain = domains.find(({ name, vmcbs }) => name === guest && vcpu < vmcbs.length);
    return domain ? [sideOf(p, domain, vcpu)] : [];
  });
  return {
    guests: domains.map((domain) => ({
      name: domain.name,
      es: hasEs(domain),
      snp: domain.snp,
      vcpus: domain.vmcbs.length,
    })),
    sides: before ? sides.map((side) => marked(side, before)) : sides,
  };
}

function marked(side: SideView, all: readonly SideView[]): SideView {
  const before = all.find(({ guest, vcpu }) => guest === side.guest && vcpu === side.vcpu);
  if (!before) return side;
  const rows = new Map(before.rows.map((row) => [row.name, row.cells]));
  const fields = new Map(before.control.map(({ name, value }) => [name, value]));
  return {
    ...side,
    rows: side.rows.map((row) => ({ ...row, cells: markedCells(row.cells, rows.get(row.name) ?? {}) })),
    control: side.control.map(
      (field): ControlFieldView => ({ ...field, changed: fields.get(field.name) !== field.value }),
    ),
  };
}

function markedCells(now: RegisterRow['cells'], before: RegisterRow['cells']): RegisterRow['cells'] {
  const cells = Object.entries(now) as [PlaceId, RegisterCellView][];
  return Object.fromEntries(
    cells.map(([place, cell]) => {
      const old = before[place];
      const changed = old !== undefined && (old.value !== cell.value || isMark(place, old, cell));
      return [place, { ...cell, changed }];
    }),
  );
}

/** In the GHCB a field also changes when it is marked valid or no longer. */
const isMark = (place: PlaceId, old: RegisterCellView, now: RegisterCellView): boolean =>
  place === 'ghcb' && old.counts !== now.counts;
