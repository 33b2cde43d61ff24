import { pfnOf } from '../core/address';
import { type Rule, refuse } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import { featuresOf } from '../cpu/cpuid';
import { Call } from './call';
import { rangeStatus } from './checks/address';
import type { Check, CommandDefinition } from './command';
import { commandById } from './commands';
import { bufferSize, packCommand, unpackCommand, type Values } from './layouts';
import { type RawAddress, readHost, writeHost } from './memory';
import { platformOf } from './platform';
import { reclaimPage, spaOf, writableStatus } from './snp/pages';
import { rebuildIfStale } from './snp/state';
import { STATUS, type StatusName } from './status';

const NO_COMMAND: Check = {
  id: 'asp.unknown-command',
  says: 'the firmware knows no command of this number',
  status: 'INVALID_COMMAND',
  source: 'AMD-ASPFW sev_dispatch.c (sev_dispatch_master)',
  holds: () => true,
};

const NO_SNP: Check = {
  ...NO_COMMAND,
  id: 'asp.no-snp',
  says: 'the processor has no SEV-SNP, and its firmware none of its commands',
  source: 'modelled: only the firmware of a processor with SEV-SNP is published',
  standing: 'modelled',
};

const BUFFER_RANGE: Check = {
  id: 'asp.buffer-range',
  says: 'the command buffer cannot be read where it is said to lie',
  status: 'INVALID_ADDRESS',
  source: 'AMD-ASPFW sev_dispatch.c (sev_dispatch_master)',
  holds: () => true,
};

const BUFFER_PAGES: Check = {
  id: 'asp.buffer-pages',
  says: 'with SNP initialised: the command writes its buffer, and a page of that is neither Firmware nor Default',
  status: 'BUFFER_PAGE_STATE',
  source: 'AMD-ASPFW sev_dispatch.c (sev_dispatch_master): the status of the page’s test and 0x40',
  holds: () => true,
};

const RECLAIMED: Rule = {
  id: 'asp.buffer-reclaimed',
  says: 'A command that writes its buffer gives the buffer’s page back: once the RMP is written, the page is Reclaim afterwards.',
  source: 'AMD-ASPFW sev_dispatch.c, sev_rmp.c (snp_reclaim_buffer)',
  standing: 'published',
};

/** Ids of SEV-SNP commands (Linux include/linux/psp-sev.h). */
const isSnpCommand = (id: number): boolean => id >= 0x081 && id <= 0x0ce;

/** The command of this number, where this firmware has it. */
const commandOf = (p: Platform, id: number): CommandDefinition | null =>
  isSnpCommand(id) && !featuresOf(p.state).has('SEV-SNP') ? null : commandById(id);

/** What became of a command. */
export interface Answer {
  readonly status: StatusName;
  readonly value: number;
  /** The check that decided; null when all passed. */
  readonly check: Check | null;
  /** The buffer's fields after it, as the firmware holds them. */
  readonly values: Values;
}

export const ruleOf = ({ id, says, source, standing }: Check): Rule => ({
  id,
  says: `Refused when ${says}.`,
  source,
  standing: standing ?? 'published',
});

/** A command's fields as a span shows them: numbers, and what is wider than 32 bits in hexadecimal. */
export const shownValues = (values: Readonly<Values>): JsonObject =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => !name.startsWith('reserved'))
      .map(([name, value]) => [
        name,
        value > 0xffffffffn || name.endsWith('PADDR') ? `0x${value.toString(16)}` : Number(value),
      ]),
  );

/** Runs one command as the firmware's dispatcher does. @param buffer address of the command buffer as it was passed. */
export function execute(p: Platform, id: number, buffer: RawAddress): Answer {
  rebuildIfStale(p);
  const command = commandOf(p, id);
  if (!command) {
    const check = commandById(id) ? NO_SNP : NO_COMMAND;
    return within(p, `command 0x${id.toString(16).padStart(3, '0')}`, {}, () => ended(p, check, 0, 0));
  }
  const { name, checks } = command;
  const size = bufferSize(name);
  const unfit = badBuffer(p, command, buffer, size);
  if (unfit) return within(p, name, {}, () => ended(p, unfit, 0, checks.length));
  const unreadable = size > 0 && rangeStatus(p, buffer, size) !== null;
  const reads = size > 0 && !command.readsNothing && !unreadable;
  const bytes = reads ? readHost(p, buffer, size) : new Uint8Array(size);
  const call = new Call(p, unpackCommand(name, bytes));
  return within(p, name, unreadable ? {} : shownValues(call.values), () => {
    const answer = unreadable ? ended(p, BUFFER_RANGE, 0, checks.length) : carryOut(command, call);
    if (writesBack(command, answer.status)) writeHost(p, buffer, packCommand(name, call.values));
    if (isGuarded(command)) giveBack(p, buffer);
    return answer;
  });
}

/** Has the firmware to look at the pages of the buffer, which it is going to write? */
const isGuarded = ({ writes, unguarded }: CommandDefinition): boolean => writes !== 'nothing' && !unguarded;

/** Why the dispatcher does not even begin, with SNP initialised; null when it does. */
function badBuffer(p: Platform, command: CommandDefinition, buffer: RawAddress, size: number): Check | null {
  const { snp, rmpInitialised } = platformOf(p);
  if (snp !== 'INIT' || !rmpInitialised || !isGuarded(command)) return null;
  const range = rangeStatus(p, buffer, size);
  if (range) return { ...BUFFER_RANGE, status: range };
  const pages = writableStatus(p, buffer, size);
  return (
    pages && { ...BUFFER_PAGES, status: pages === 'INVALID_PARAM' ? 'BUFFER_IN_RMP' : 'BUFFER_PAGE_STATE' }
  );
}

/** Only the first page, although all of them were looked at. */
function giveBack(p: Platform, buffer: RawAddress): void {
  if (!reclaimPage(p, buffer)) return;
  p.trace.fact('note', { what: 'page given back', page: pfnOf(spaOf(p, buffer)) }, RECLAIMED);
}

function writesBack({ writes }: CommandDefinition, status: StatusName): boolean {
  if (writes === 'nothing') return false;
  return status === 'SUCCESS' || (status === 'INVALID_LENGTH' && writes === 'buffer and lengths');
}

/** The checks in their order, and what the command does when all of them pass. */
function carryOut({ first, checks, run }: CommandDefinition, call: Call): Answer {
  first?.(call);
  const { without } = call.p.config;
  for (const [i, check] of checks.entries()) {
    if (check.id === without) continue;
    const holds = check.holds(call);
    if (holds === false) continue;
    check.refusing?.(call);
    const status = holds === true ? check.status : holds;
    return ended(call.p, { ...check, status }, i + 1, checks.length, call.values);
  }
  run(call);
  call.p.trace.fact('check', { at: null, of: checks.length, status: 'SUCCESS' });
  return { status: 'SUCCESS', value: 0, check: null, values: call.values };
}

/**
 * A check has ended the command. The fact says which of how many (0: the dispatcher's own), so that a screen can show those
 * before it as passed and those behind it as not reached.
 */
function ended(p: Platform, check: Check, at: number, of: number, values: Values = {}): Answer {
  const { status } = check;
  p.trace.fact('check', { check: check.id, at, of, status }, ruleOf(check));
  return { status, value: STATUS[status].value, check, values };
}

/** The command's span; a refusal closes it with the check that refused. */
function within(p: Platform, name: string, args: JsonObject, body: () => Answer): Answer {
  p.trace.open('asp', 'asp', name, args);
  const answer = body();
  const { status, value } = answer;
  p.trace.close({ status, value }, refusalOf(name, answer));
  return answer;
}

/** The refusal of a command as a fault, for spans and actions; null for one that was carried out. */
export function refusalOf(name: string, { status, check, values }: Answer): ReturnType<typeof refuse> | null {
  if (!check || status === 'SUCCESS') return null;
  const { says } = check;
  const remedy = `It would not be so that ${says}.`;
  return refuse(ruleOf(check), status, `${name}: ${says}.`, shownValues(values), remedy);
}
