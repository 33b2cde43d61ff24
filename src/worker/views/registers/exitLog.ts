import { exitName } from '../../../engine/cpu/exits';
import { decodeGhcbMsr, GHCB_MSR } from '../../../engine/cpu/ghcb/msr';
import type { Journal } from '../../../history/journal';
import type { LoggedSpan, SpanLog } from '../../../history/spanLog';
import type { ExitLog, ExitRecord, ExitWay, VcpuChoice } from '../../registersProtocol';

/** Most exits that are told of. */
const MOST = 200;
/** Most calls behind a #VMEXIT that are looked at for the VMRUN that ends it. */
const FOLLOWING = 400;

const LEAVING = '#VMEXIT';
const ENTERING = 'VMRUN';
const HANDLER = '#VC';
const ASKING = 'VMGEXIT';

/** What belongs to an exit beside what is called inside: Xen’s stub, its handler, and the way back. */
const OWN_CALLS: readonly string[] = ['svm_asm_do_resume', 'svm_vmexit_handler', 'svm_vmenter_helper'];

const isExit = ({ layer, name, args }: LoggedSpan, { guest, vcpu }: VcpuChoice): boolean =>
  layer === 'core' && name === LEAVING && args.guest === guest && args.vcpu === vcpu;

const isEntry = ({ layer, name, args }: LoggedSpan, { guest }: VcpuChoice): boolean =>
  layer === 'core' && name === ENTERING && args.guest === guest;

/** The spans inside a span, in the order in which they began. */
function inside(spans: SpanLog, root: LoggedSpan): LoggedSpan[] {
  const found: LoggedSpan[] = [];
  for (let id = root.id + 1; id < spans.end; id++) {
    const span = spans.get(id);
    if (!span || span.depth <= root.depth) break;
    found.push(span);
  }
  return found;
}

/** The guest’s own call around an exit: the handler of #VC, or outside one the VMGEXIT. */
function callAround(spans: SpanLog, exit: LoggedSpan, guest: string): LoggedSpan | null {
  let found: LoggedSpan | null = null;
  for (let id = exit.parent; id !== null; ) {
    const span = spans.get(id);
    if (!span) break;
    const own = span.layer === 'guest' && span.actor === guest;
    if (own && (span.name === HANDLER || (span.name === ASKING && found === null))) found = span;
    id = span.parent;
  }
  return found;
}

/** The calls that follow a #VMEXIT and belong to it, up to the VMRUN with which the guest goes on in the same action. */
function behind(spans: SpanLog, exit: LoggedSpan, choice: VcpuChoice): LoggedSpan[] {
  const found: LoggedSpan[] = [];
  for (let id = exit.id + 1; id < spans.end && id <= exit.id + FOLLOWING; id++) {
    const span = spans.get(id);
    if (!span || span.action !== exit.action || isExit(span, choice)) break;
    if (isEntry(span, choice)) return [...found, span];
    if (OWN_CALLS.includes(span.name)) {
      const parts = inside(spans, span);
      found.push(span, ...parts);
      id += parts.length;
    }
  }
  return found;
}

/** The #VMEXIT with what belongs to it, or the guest’s call with what is inside, in their order. */
export const partsOf = (spans: SpanLog, root: LoggedSpan, choice: VcpuChoice): LoggedSpan[] =>
  root.name === LEAVING ? [root, ...behind(spans, root, choice)] : [root, ...inside(spans, root)];

function wayOf(root: LoggedSpan, es: boolean): ExitWay {
  if (root.name === HANDLER) return 'vc';
  if (root.name === ASKING) return 'message';
  return es ? 'automatic' : 'plain';
}

/** The reason of an exit by its name; of a message its title. */
function nameOf({ name, args }: LoggedSpan): string {
  if (typeof args.code === 'number') return exitName(args.code);
  if (typeof args.msr !== 'string') return name;
  const message = decodeGhcbMsr(BigInt(args.msr));
  return message.name && message.name !== 'gpa' ? GHCB_MSR[message.name].title : name;
}

export function recordOf(spans: SpanLog, root: LoggedSpan, choice: VcpuChoice, es: boolean): ExitRecord {
  const parts = partsOf(spans, root, choice);
  return {
    id: root.id,
    action: root.action,
    start: root.start,
    end: Math.max(...parts.map(({ end }) => end)),
    name: nameOf(root),
    way: wayOf(root, es),
    refused: parts.some(({ fault }) => fault !== null),
  };
}

/** The exits of a vCPU in the record, before the cursor and after it. @param es whether it is a guest with SEV-ES. */
export function exitLog({ spans }: Journal, choice: VcpuChoice, es: boolean): ExitLog {
  const records: ExitRecord[] = [];
  let [id, last] = [spans.end - 1, -1];
  for (; id >= spans.first && records.length < MOST; id--) {
    const span = spans.get(id);
    if (!span || !isExit(span, choice)) continue;
    const root = callAround(spans, span, choice.guest) ?? span;
    if (root.id === last) continue;
    last = root.id;
    records.push(recordOf(spans, root, choice, es));
  }
  return { records: records.reverse(), shortened: id >= spans.first };
}
