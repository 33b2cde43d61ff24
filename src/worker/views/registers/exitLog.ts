import { exitName } from '../../../engine/cpu/exits';
import type { Journal } from '../../../history/journal';
import type { LoggedSpan, SpanLog } from '../../../history/spanLog';
import type { ExitLog, ExitRecord, ExitWay, VcpuChoice } from '../../registersProtocol';

/** Most exits that are told of. */
const MOST = 200;
/** Most calls behind a #VMEXIT that are looked at for the VMRUN that ends it. */
const FOLLOWING = 400;

const HANDLER = '#VC';
const ASKING = 'VMGEXIT';

const isExit = ({ layer, name, args }: LoggedSpan, { guest, vcpu }: VcpuChoice): boolean =>
  layer === 'core' && name === '#VMEXIT' && args.guest === guest && args.vcpu === vcpu;

export const isEntry = ({ layer, name, args }: LoggedSpan, guest: string): boolean =>
  layer === 'core' && name === 'VMRUN' && args.guest === guest;

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

/** What follows a #VMEXIT in the same call, up to the VMRUN with which the guest goes on, if it does. */
export function behind(spans: SpanLog, exit: LoggedSpan, choice: VcpuChoice): LoggedSpan[] {
  const inside: LoggedSpan[] = [];
  for (let id = exit.id + 1; id < spans.end && id <= exit.id + FOLLOWING; id++) {
    const span = spans.get(id);
    if (!span || span.action !== exit.action || span.depth < exit.depth) break;
    if (isExit(span, choice)) break;
    inside.push(span);
    if (span.depth === exit.depth && isEntry(span, choice.guest)) return inside;
  }
  // Nothing let it run again here: only Xen’s stub belongs to the exit, and what it called.
  const end = inside.findIndex(({ depth, name }) => depth === exit.depth && !OWN_CALLS.includes(name));
  return end < 0 ? inside : inside.slice(0, end);
}

const OWN_CALLS: readonly string[] = ['svm_asm_do_resume', 'svm_vmexit_handler'];

/** The call or the #VMEXIT that an exit is told of by, with the last span that belongs to it. */
export function rootOf(spans: SpanLog, exit: LoggedSpan, choice: VcpuChoice): LoggedSpan {
  return callAround(spans, exit, choice.guest) ?? exit;
}

function wayOf(root: LoggedSpan, es: boolean): ExitWay {
  if (root.name === HANDLER) return 'vc';
  if (root.name === ASKING) return 'message';
  return es ? 'automatic' : 'plain';
}

export function recordOf(spans: SpanLog, root: LoggedSpan, choice: VcpuChoice, es: boolean): ExitRecord {
  const { id, action, start, args, name, fault } = root;
  const following = name === '#VMEXIT' ? behind(spans, root, choice) : [];
  const code = typeof args.code === 'number' ? exitName(args.code) : name;
  return {
    id,
    action,
    start,
    end: Math.max(root.end, ...following.map(({ end }) => end)),
    name: code,
    way: wayOf(root, es),
    refused: fault !== null || following.some((span) => span.fault !== null),
  };
}

/** The exits of a vCPU in the record, before the cursor and after it. @param es whether it is a guest with SEV-ES. */
export function exitLog({ spans }: Journal, choice: VcpuChoice, es: boolean): ExitLog {
  const records: ExitRecord[] = [];
  let [id, last] = [spans.end - 1, -1];
  for (; id >= spans.first && records.length < MOST; id--) {
    const span = spans.get(id);
    if (!span || !isExit(span, choice)) continue;
    const root = rootOf(spans, span, choice);
    if (root.id === last) continue;
    last = root.id;
    records.push(recordOf(spans, root, choice, es));
  }
  return { records: records.reverse(), shortened: id >= spans.first };
}
