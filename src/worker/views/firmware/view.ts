import { Call } from '../../../engine/asp/call';
import { ruleOf } from '../../../engine/asp/dispatch';
import { guestContext, liveHandles, POLICY } from '../../../engine/asp/guests';
import {
  bufferSize,
  type CommandName,
  LAYOUTS,
  packCommand,
  unpackCommand,
} from '../../../engine/asp/layouts';
import { mailboxOf } from '../../../engine/asp/mailbox';
import { platformOf } from '../../../engine/asp/platform';
import { STATUS } from '../../../engine/asp/status';
import {
  ACTIVATION_MACHINE,
  GUEST_MACHINE,
  PLATFORM_MACHINE,
  SNP_PLATFORM_MACHINE,
} from '../../../engine/asp/transitions';
import type { HandleCell } from '../../../engine/core/aspCells';
import type { Platform } from '../../../engine/core/platform';
import { isUp } from '../../../engine/look';
import { domains } from '../../../engine/xen/domains';
import type { Journal } from '../../../history/journal';
import type { LoggedSpan } from '../../../history/spanLog';
import type { CommandOffer, CommandRun, FirmwareGuest, FirmwareView, RungView } from '../../firmwareViews';
import type { Host } from '../../protocol';
import { commandRecord, isCommand } from './log';
import { COMMAND_NAMES, commandByName } from './names';
import { commandAction, sensibleFields } from './parameters';
import { rehearse } from './rehearse';

/** What the secure processor keeps, what it would answer to each command, and what became of the last one. */
export function firmwareView(
  p: Platform,
  journal: Journal,
  cursor: number,
  wanted: number | null,
  host: Host,
): FirmwareView {
  const { sev, es, guests, identity, ring, snp } = platformOf(p);
  const last = lastCommand(journal, cursor, host);
  const live = liveHandles(p);
  const chosen = choose(live, wanted, last ? commandRecord(journal, last).handle : null);
  const guest = chosen === null ? null : guestContext(p, chosen);
  const ready = isUp(p);
  return {
    ready,
    platform: {
      es,
      guests,
      owned: (identity?.imported ?? null) !== null,
      ring: ring !== null,
      hung: mailboxOf(p).hung,
    },
    guests: guestList(p),
    chosen,
    machines: {
      platform: { ...PLATFORM_MACHINE, current: sev },
      snp: { ...SNP_PLATFORM_MACHINE, current: snp },
      guest: { ...GUEST_MACHINE, current: guest?.state ?? 'UNINIT' },
      activation: { ...ACTIVATION_MACHINE, current: guest?.activation ?? null },
    },
    commands: ready ? COMMAND_NAMES.map((name) => offer(p, name, chosen ?? 1, host)) : [],
    last: last && commandRun(journal, last, cursor),
  };
}

/** The guests that live in the secure processor, with the names that Xen gave them. */
export function guestList(p: Platform): FirmwareGuest[] {
  return liveHandles(p).flatMap((handle) => {
    const cell = guestContext(p, handle);
    return cell ? [guestView(p, handle, cell)] : [];
  });
}

function guestView(p: Platform, handle: number, cell: HandleCell): FirmwareGuest {
  const { state, activation, asid, policy, complexes, vcpus } = cell;
  const domain = domains(p).findLast((each) => each.handle === handle);
  const named = Object.entries(POLICY).filter(([, bit]) => (policy & bit) !== 0);
  return {
    handle,
    name: domain?.name ?? null,
    state,
    activation,
    asid,
    policy,
    policyBits: named.map(([name]) => POLICY_NAMES[name] ?? name),
    complexes,
    vcpus,
  };
}

/** The policy's bits as AMD writes them. */
const POLICY_NAMES: Readonly<Record<string, string>> = {
  noDebug: 'NODBG',
  noKeySharing: 'NOKS',
  es: 'ES',
  noSend: 'NOSEND',
  domain: 'DOMAIN',
  sev: 'SEV',
};

/** The guest that was asked for, else the one that the last command was about, else the first that lives. */
export function choose(live: readonly number[], ...wanted: readonly (number | null)[]): number | null {
  return wanted.find((handle) => handle !== null && live.includes(handle)) ?? live[0] ?? null;
}

/** Tries the command's own checks on the real state, one after the other, and takes back what they moved. */
function offer(p: Platform, name: CommandName, handle: number, host: Host): CommandOffer {
  const command = commandByName(name)!;
  const fields = sensibleFields(p, name, handle);
  const size = bufferSize(name);
  const decided = rehearse(p, (platform) => {
    const call = new Call(
      platform,
      unpackCommand(name, size > 0 ? packCommand(name, fields) : new Uint8Array(0)),
    );
    for (const [i, check] of command.checks.entries()) {
      const holds = check.holds(call);
      if (holds === false) continue;
      return { at: i + 1, check: { ...check, status: holds === true ? check.status : holds } };
    }
    return null;
  });
  const status = decided?.check.status ?? 'SUCCESS';
  const { id, purpose, source, checks } = command;
  return {
    name,
    id,
    purpose,
    source,
    aboutGuest: LAYOUTS[name].some((field) => field.name === 'HANDLE'),
    status,
    meaning: STATUS[status].meaning,
    check: decided && { at: decided.at, of: checks.length, rule: ruleOf(decided.check) },
    // Actions are the first host's: the second one is only looked at.
    action: host === 'a' ? commandAction(name, fields) : null,
  };
}

/** The newest command that has begun before the cursor. */
export function lastCommand({ spans }: Journal, cursor: number, host: Host): LoggedSpan | null {
  for (let id = spans.lowerBound(cursor) - 1; id >= spans.first; id--) {
    const span = spans.get(id);
    if (span && isCommand(span, host) && span.start < cursor) return span;
  }
  return null;
}

/** A command with its checks: those that passed, the one that refused, and those that were not reached. */
function commandRun(journal: Journal, span: LoggedSpan, cursor: number): CommandRun {
  const record = commandRecord(journal, span);
  const command = commandByName(span.name);
  const running = cursor < span.end;
  const decided = decision(journal, span, cursor);
  const status = running ? '' : record.status;
  return {
    ...record,
    status,
    purpose: command?.purpose ?? 'No command of this firmware has this number.',
    meaning: status in STATUS ? STATUS[status as keyof typeof STATUS].meaning : '',
    value: status in STATUS ? STATUS[status as keyof typeof STATUS].value : null,
    rungs: rungs(command?.checks ?? [], decided),
    running,
  };
}

type Decision = ReturnType<typeof decision>;

/** The fact in which the firmware told which check ended the command. */
function decision(journal: Journal, { start, end }: LoggedSpan, cursor: number) {
  for (
    let index = Math.min(end, cursor, journal.length) - 1;
    index >= Math.max(start, journal.firstKept);
    index--
  ) {
    const change = journal.at(index);
    if (change.store === 'fact' && change.what === 'check' && 'of' in change.data)
      return { at: change.data.at as number | null, status: String(change.data.status), rule: change.rule };
  }
  return null;
}

type Checks = NonNullable<ReturnType<typeof commandByName>>['checks'];

function rungs(checks: Checks, decided: Decision): RungView[] {
  // Check 0 is the dispatcher's own, before all others.
  const own: RungView[] =
    decided?.at === 0 && decided.rule
      ? [{ rule: decided.rule, status: decided.status, reached: 'refused' }]
      : [];
  return [
    ...own,
    ...checks.map((check, i): RungView => {
      const refused = decided?.at === i + 1;
      const passed = decided !== null && (decided.at === null || i + 1 < decided.at);
      return {
        rule: refused && decided.rule ? decided.rule : ruleOf(check),
        status: refused ? decided.status : check.status,
        reached: refused ? 'refused' : passed ? 'passed' : 'not reached',
      };
    }),
  ];
}
