import type { Action } from '../../../engine/actions';
import type { Platform } from '../../../engine/core/platform';
import type { Machine } from '../../../engine/machine';
import type { Session } from '../../../history/session';
import type { LoggedSpan, SpanLog } from '../../../history/spanLog';
import type { ExitRecord, ExitStep, ExitView, VcpuChoice } from '../../registersProtocol';
import { partsOf, recordOf } from './exitLog';
import { causeOf, raisedStep, stepWords } from './exitWords';
import { reasonAt, registersAt, validAt } from './revealed';

/** Most steps of one exit. */
const MOST = 40;

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
  const parts = partsOf(spans, root, choice);
  const steps = parts.flatMap((span): ExitStep[] => {
    const words = span.name === '#VC' ? null : stepWords(span, es);
    if (!words) return [];
    const { start, end, fault } = span;
    const shows = shownBy(session, span, choice, es);
    return [{ key: `${span.id}`, ...words, start, at: end, shows, refused: fault?.message ?? null }];
  });
  return {
    record,
    steps: [...before(spans, root, record), ...steps.slice(0, MOST), ...after(root, record)],
  };
}

/** The span of the instruction that a guest’s program was running. */
function running(spans: SpanLog, { parent }: LoggedSpan): LoggedSpan | null {
  const around = parent === null ? undefined : spans.get(parent);
  return around?.layer === 'guest' && typeof around.args.bytes === 'string' ? around : null;
}

/** What comes before the first call of the record. */
function before(spans: SpanLog, root: LoggedSpan, { way }: ExitRecord): ExitStep[] {
  const { id, start, args } = root;
  if (way === 'message' || typeof args.code !== 'number') return [];
  const none = { start, at: start, shows: null, refused: null };
  const cause = { key: `${id} cause`, ...causeOf(args.code, way, running(spans, root)), ...none };
  return way === 'vc' ? [cause, { key: `${id} raised`, ...raisedStep(args.code), ...none }] : [cause];
}

/** How the handler of #VC ends. */
function after({ id, end, fault }: LoggedSpan, { way }: ExitRecord): ExitStep[] {
  if (way !== 'vc') return [];
  const refused = fault?.message ?? null;
  const says = refused ? 'The handler gives up' : 'The handler goes back, behind the instruction';
  const name = refused ? 'end' : 'IRET';
  return [{ key: `${id} end`, lane: 'guest', name, says, start: end, at: end, shows: null, refused }];
}

function shownBy(
  session: Session<Action, Machine>,
  span: LoggedSpan,
  choice: VcpuChoice,
  es: boolean,
): ExitStep['shows'] {
  const at = <T>(look: (p: Platform) => T): T => session.visit(span.end, look);
  switch (span.name) {
    case '#VMEXIT':
      return { to: 'xen', what: at((p) => reasonAt(p, choice)) };
    case 'svm_asm_do_resume':
      return { to: 'xen', what: es ? [] : at((p) => registersAt(p, choice)) };
    case 'fill GHCB':
      return { to: 'xen', what: at((p) => validAt(p, choice)) };
    case 'GHCB exit handling (VMGEXIT)':
      return { to: 'guest', what: at((p) => validAt(p, choice)) };
    default:
      return null;
  }
}
