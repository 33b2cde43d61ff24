import { offers, vocabulary } from '../engine/actions';
import { GUEST_BASE, PAGE_SIZE } from '../engine/core/address';
import { refuse } from '../engine/core/fault';
import type { Platform } from '../engine/core/platform';
import { translate } from '../engine/cpu/translate';
import { gpaOf, look, modeOf, onCore } from '../engine/look';
import { DOMAIN_RULES, domainNamed } from '../engine/xen/domain';
import { encodeFile } from '../history/file';
import { ATTACK_CARDS } from '../scenario/attackCards';
import { SCENARIO_CARDS } from '../scenario/cards';
import { completions } from './console/complete';
import { knownOf } from './console/knownOf';
import { keep } from './keep';
import type { Opened } from './opener';
import type { EngineApi } from './protocol';
import { scriptView } from './script';
import { performedSummary } from './summary';
import { accessView } from './views/access';
import { asidView } from './views/asids';
import { changeView } from './views/changes';
import { chipView } from './views/chip';
import { compareView } from './views/compare';
import { EntropyView } from './views/entropy';
import { commandLog } from './views/firmware/log';
import { mailboxView } from './views/firmware/mailbox';
import { firmwareView } from './views/firmware/view';
import { keysView } from './views/keys/view';
import { matrixView } from './views/matrix';
import { pageView } from './views/page';
import { assemblyView } from './views/registers/assembly';
import { exitLog } from './views/registers/exitLog';
import { exitView } from './views/registers/exitView';
import { ghcbNow, registersNow } from './views/registers/now';
import { programView } from './views/registers/programView';
import { tracesView } from './views/registers/traces';
import { isSealed } from './views/registers/vcpu';
import { RmpColours } from './views/rmp/colours';
import { lastLadder, whatIf } from './views/rmp/ladder';
import { RmpLog } from './views/rmp/log';
import { machineOf, permissionsSetAt, type Recorded } from './views/rmp/machine';
import { rmpEntryView, rmpRows, rmpView } from './views/rmp/table';
import { enablingView } from './views/stack/enabling';
import { insideView } from './views/stack/inside';
import { stackView } from './views/stack/view';
import { timelineView } from './views/timeline';
import { touchesOf } from './views/touches';
import { walkView } from './views/walk';
import { configFilesOf, xlReading } from './views/xlReading';

const LONGEST_LOOK = 1024 * 1024;
const MOST_CHANGES = 1000;

/** The questions that the window asks: each answers from the open session and moves nothing. */
export type Queries = Pick<
  EngineApi,
  | 'catalogue'
  | 'script'
  | 'answer'
  | 'actions'
  | 'offers'
  | 'complete'
  | 'look'
  | 'page'
  | 'walk'
  | 'frames'
  | 'addressOf'
  | 'chip'
  | 'matrix'
  | 'asids'
  | 'registers'
  | 'exits'
  | 'exit'
  | 'traces'
  | 'ghcb'
  | 'program'
  | 'assemble'
  | 'rmp'
  | 'rmpRows'
  | 'rmpPages'
  | 'rmpMachine'
  | 'rmpPagesIn'
  | 'rmpPermissionsSet'
  | 'rmpEntry'
  | 'rmpLadder'
  | 'stack'
  | 'inside'
  | 'enabling'
  | 'readXl'
  | 'configFiles'
  | 'firmware'
  | 'commandLog'
  | 'mailbox'
  | 'keys'
  | 'access'
  | 'changes'
  | 'timeline'
  | 'compare'
  | 'entropy'
  | 'digest'
  | 'save'
>;

/**
 * @param current the open session. @param viewed the host that is looked at. @throws Error
 * when a question comes before a session stands: a bug of the window.
 */
export function queries(current: () => Opened, viewed: () => Platform): Queries {
  const [entropy, farEntropy] = [new EntropyView(), new EntropyView()];
  const [colours, farColours] = [new RmpColours(), new RmpColours()];
  const tableLog = new RmpLog();
  const machine = () => {
    current();
    return viewed();
  };
  const session = () => current().player.session;
  const host = () => (machine() === session().machine ? 'a' : 'b');
  const coloursNow = () => (host() === 'a' ? colours : farColours);
  const record = (): Recorded => ({
    p: machine(),
    journal: session().journal,
    cursor: host() === 'a' ? session().position().change : 0,
    title: (action) => {
      const performed = session().actions[action];
      return performed ? performedSummary(performed, action).title : 'Power on';
    },
  });
  return {
    catalogue: async () => ({ vocabulary: vocabulary(), scenarios: SCENARIO_CARDS, attacks: ATTACK_CARDS }),
    script: async () => {
      const { player, scenarioId } = current();
      return scriptView(scenarioId ?? '', player);
    },
    answer: async (step) => current().player.answer(step),
    actions: async (from) =>
      session()
        .actions.slice(from)
        .map((performed, i) => performedSummary(performed, from + i)),
    offers: async () => offers(session().machine),
    complete: async (line, caret) => {
      return completions(line, caret, knownOf(session().machine));
    },
    look: async (eye, address, length) =>
      look(machine(), eye, address, Math.min(Math.max(1, length), LONGEST_LOOK)),
    page: async (pfn) => {
      const { journal, actions } = session();
      const { change } = session().position();
      const recorded = actions
        .map((performed, i) => performedSummary(performed, i))
        .map(({ index, title, start, end }) => ({ action: index, title, start, end }));
      const powerOn = { action: -1, title: 'Power on', start: 0, end: session().bootEnd };
      const touches = touchesOf(pfn, [powerOn, ...recorded], change, journal.firstKept, (index) =>
        journal.at(index),
      );
      return pageView(machine(), pfn, machine() === session().machine ? touches : []);
    },
    walk: async (who, virtual) =>
      walkView(machine(), who, virtual) ?? {
        who,
        virtual,
        result: null,
        fault: refuse(DOMAIN_RULES.none, 'refused', `There is no ${who}.`, { who }, 'A living guest, or xen.')
          .fault,
        entries: [],
        checks: [],
      },
    frames: async (guest, virtual, length) =>
      framesOf(machine(), guest, virtual, Math.min(length, LONGEST_LOOK)),
    addressOf: async (pfn, guest) => {
      const domain = domainNamed(machine(), guest);
      const gpa = domain.ok ? gpaOf(domain.value, pfn * PAGE_SIZE) : null;
      return gpa === null ? null : gpa + GUEST_BASE;
    },
    chip: async () => chipView(machine()),
    matrix: async () => matrixView(machine()),
    asids: async () => asidView(machine()),
    registers: async (chosen) => registersNow(session(), host(), chosen),
    exits: async (choice) => exitLog(session().journal, choice, isSealed(machine(), choice)),
    exit: async (choice, id) => exitView(session(), choice, id, isSealed(machine(), choice)),
    traces: async () => tracesView(machine()),
    ghcb: async (choice) => ghcbNow(session(), host(), choice),
    program: async (choice) => programView(machine(), choice),
    assemble: async (text) => assemblyView(text),
    rmp: async () => rmpView(machine()),
    rmpRows: async (first, count) => rmpRows(machine(), first, count),
    rmpPages: async (aspect) => coloursNow().of(machine(), aspect),
    rmpMachine: async (pfn) => (rmpView(machine()) ? machineOf(record(), tableLog, coloursNow(), pfn) : null),
    rmpPagesIn: async (state) => coloursNow().pagesIn(machine(), state),
    rmpPermissionsSet: async (pfn) => (host() === 'a' ? permissionsSetAt(record(), tableLog, pfn) : null),
    rmpEntry: async (pfn) => (rmpView(machine()) ? rmpEntryView(machine(), pfn) : null),
    rmpLadder: async (question) =>
      question
        ? whatIf(machine(), question)
        : lastLadder(machine(), session().journal, session().position().change),
    stack: async () => stackView(session(), session().position().action, session().config.xen),
    inside: async (from, to) => insideView(session().journal, from, to),
    enabling: async () => enablingView(),
    readXl: async (text) => xlReading(session().machine, text),
    configFiles: async () => configFilesOf(session().machine),
    firmware: async (handle) =>
      firmwareView(machine(), session().journal, session().position().change, handle, host()),
    commandLog: async () => commandLog(session().journal, host()),
    mailbox: async () => mailboxView(machine(), session().journal, session().position().change, host()),
    keys: async (handle) =>
      keysView(machine(), session().journal, session().position().change, handle, host()),
    access: async () => accessView(session().journal, session().position().change),
    changes: async (from, count) => {
      const { journal } = session();
      const first = Math.max(from, journal.firstKept);
      const last = Math.min(from + Math.min(count, MOST_CHANGES), journal.length);
      return Array.from({ length: Math.max(0, last - first) }, (_, i) =>
        changeView(journal.at(first + i), first + i),
      );
    },
    timeline: async (from, to, width) =>
      timelineView(session().journal.spans, session().length, from, to, width),
    compare: async (a, b) => compareView(a, b, session().compare(a, b)),
    entropy: async () => (machine() === session().machine ? entropy : farEntropy).of(machine().state),
    digest: async () => session().digest(),
    save: async () => {
      const file = encodeFile(keep(current()));
      if ('tooLarge' in file) throw new RangeError(`the session would be a file of ${file.tooLarge} bytes`);
      return new Blob([file], { type: 'application/json' });
    },
  };
}

/** The frame behind each page of a guest's range, as its own tables lead there now; -1 where nothing is mapped. */
function framesOf(p: Platform, guest: string, virtual: number, length: number): number[] {
  const mode = modeOf(p, guest);
  const first = virtual - (virtual % PAGE_SIZE);
  const pages = Math.ceil((virtual + length - first) / PAGE_SIZE);
  if (!mode) return Array.from({ length: pages }, () => -1);
  const platform = onCore(p, mode);
  return Array.from({ length: pages }, (_, i) => {
    const { outcome } = translate(platform, mode.id, first + i * PAGE_SIZE, 'read');
    return outcome.ok ? outcome.value.spa : -1;
  });
}
