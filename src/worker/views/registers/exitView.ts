import type { Action } from '../../../engine/actions';
import { readUint } from '../../../engine/core/bytes';
import type { Platform } from '../../../engine/core/platform';
import { EXIT, exitCodeOf, exitName } from '../../../engine/cpu/exits';
import { GHCB_FIELD_NAMES, GHCB_FIELDS, isValid, readGhcb } from '../../../engine/cpu/ghcb/layout';
import { VMCB_FIELDS } from '../../../engine/cpu/vmcb';
import type { Machine } from '../../../engine/machine';
import { domainNamed } from '../../../engine/xen/domain';
import type { Session } from '../../../history/session';
import type { LoggedSpan } from '../../../history/spanLog';
import type { CarriedView, ExitRecord, ExitStep, ExitView, VcpuChoice } from '../../registersProtocol';
import { exitDetail } from './control';
import { behind, recordOf } from './exitLog';
import { causeOf, raisedStep, stepWords } from './exitWords';
import { ghcbPage } from './ghcbPage';
import { hexOf, rowsOf } from './rows';
import { vcpuAt } from './vcpu';

/** Most steps of one exit. */
const MOST = 40;

type Shows = NonNullable<ExitStep['shows']>;

/** The steps of one exit, with what each shows to the other side: read from the machine at those very moments. */
export function exitView(
  session: Session<Action, Machine>,
  choice: VcpuChoice,
  id: number,
  es: boolean,
): ExitView | null {
  const { spans } = session.journal;
  const root = spans.get(id);
  if (!root) return null;
  const record = recordOf(spans, root, choice, es);
  const own = root.name === '#VMEXIT' ? [root, ...behind(spans, root, choice)] : inside(session, root);
  const steps = own.slice(0, MOST).flatMap((span): ExitStep[] => {
    const words = stepWords(span, es);
    if (!words) return [];
    return [
      {
        key: `${span.id}`,
        ...words,
        name: span.name,
        start: span.start,
        at: span.end,
        shows: shownBy(session, span, choice, es),
        refused: span.fault?.message ?? null,
      },
    ];
  });
  return { record, steps: [...before(root, record), ...steps, ...after(root, record)] };
}

function inside(session: Session<Action, Machine>, root: LoggedSpan): LoggedSpan[] {
  const { spans } = session.journal;
  const found: LoggedSpan[] = root.name === 'VMGEXIT' ? [root] : [];
  for (let id = root.id + 1; id < spans.end; id++) {
    const span = spans.get(id);
    if (!span || span.depth <= root.depth) break;
    found.push(span);
  }
  return found;
}

/** What comes before the first call of the record. */
function before({ id, start, args }: LoggedSpan, { way }: ExitRecord): ExitStep[] {
  const { code } = args;
  if (way === 'message' || typeof code !== 'number') return [];
  const none = { start, at: start, shows: null, refused: null };
  const cause = { key: `${id} cause`, ...causeOf(code, way), ...none };
  return way === 'vc' ? [cause, { key: `${id} raised`, ...raisedStep(code), ...none }] : [cause];
}

function after({ id, end, fault }: LoggedSpan, { way }: ExitRecord): ExitStep[] {
  if (way !== 'vc') return [];
  const name = fault ? 'refused' : 'IRET';
  const says = fault ? fault.message : 'The handler goes back behind the instruction';
  return [
    {
      key: `${id} end`,
      lane: 'guest',
      name,
      says,
      start: end,
      at: end,
      shows: null,
      refused: fault?.message ?? null,
    },
  ];
}

function shownBy(
  session: Session<Action, Machine>,
  span: LoggedSpan,
  choice: VcpuChoice,
  es: boolean,
): Shows | null {
  const at = <T>(look: (p: Platform) => T): T => session.visit(span.end, look);
  switch (span.name) {
    case '#VMEXIT':
      return { to: 'xen', what: at((p) => reasonAt(p, choice)) };
    case 'svm_asm_do_resume':
      return es ? { to: 'xen', what: [] } : { to: 'xen', what: at((p) => registersAt(p, choice)) };
    case 'fill GHCB':
      return { to: 'xen', what: at((p) => validAt(p, choice)) };
    case 'GHCB exit handling (VMGEXIT)':
      return { to: 'guest', what: at((p) => validAt(p, choice)) };
    default:
      return null;
  }
}

/** The reason in the VMCB. */
function reasonAt(p: Platform, { guest, vcpu }: VcpuChoice): CarriedView[] {
  const domain = domainNamed(p, guest);
  if (!domain.ok) return [];
  const { vmcb } = vcpuAt(p, domain.value, vcpu);
  const field = (name: 'exitCode' | 'exitInfo1' | 'exitInfo2') => {
    const { offset, size } = VMCB_FIELDS[name];
    return readUint(vmcb.bytes, offset, size);
  };
  const code = exitCodeOf(field('exitCode'));
  const detail = exitDetail(code, field('exitInfo1'), field('exitInfo2'));
  const reason = [{ label: 'EXITCODE', value: `${hexOf(field('exitCode'), 2)} ${exitName(code)}` }];
  const next = code === EXIT.VMGEXIT ? [] : detail.map((value) => ({ label: 'EXITINFO', value }));
  return [...reason, ...next];
}

/** Every register that Xen finds as the guest has it. */
function registersAt(p: Platform, { guest, vcpu }: VcpuChoice): CarriedView[] {
  const domain = domainNamed(p, guest);
  if (!domain.ok) return [];
  return rowsOf(p, vcpuAt(p, domain.value, vcpu), null).flatMap(({ label, cells: { xen } }) =>
    xen?.reach === 'both' ? [{ label, value: xen.value }] : [],
  );
}

/** Every field of the GHCB that is marked valid. */
function validAt(p: Platform, { guest, vcpu }: VcpuChoice): CarriedView[] {
  const domain = domainNamed(p, guest);
  const found = domain.ok ? ghcbPage(p, domain.value, vcpu) : null;
  if (!found) return [];
  const { bytes } = found.page;
  return GHCB_FIELD_NAMES.filter((name) => isValid(bytes, name)).map((name) => ({
    label: GHCB_FIELDS[name].label,
    value: hexOf(readGhcb(bytes, name), GHCB_FIELDS[name].size),
  }));
}
