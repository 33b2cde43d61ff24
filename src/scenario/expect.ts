import type { FactChange } from '../engine/core/change';
import type { Json, JsonObject } from '../engine/core/json';
import { domainNamed } from '../engine/xen/domain';
import { checkCache, checkCpuid, checkEntry, checkSlot, checkTlb } from './chip';
import type { Expectation } from './expectation';
import { checkHandle, checkPlatform } from './firmware';
import { isFor } from './meantFor';
import { type Finding, finding, type Moment } from './moment';
import type { PredictOption, Step } from './schema';
import { checkLook, nameOf } from './sights';
import { checkValue } from './values';

/** What the machine shows about one expectation. Changes nothing. */
function check(moment: Moment, expected: Expectation): Finding {
  if ('fault' in expected) return checkFault(moment, expected.fault, expected.rule);
  if ('result' in expected) return checkResult(moment, expected.result);
  if ('look' in expected) return checkLook(moment, expected);
  if ('lamp' in expected) return checkLamp(moment, expected.lamp, expected.is);
  if ('asid' in expected) return checkAsid(moment, expected.asid, expected.is);
  if ('cache' in expected) return checkCache(moment, expected);
  if ('tlb' in expected) return checkTlb(moment, expected);
  if ('entry' in expected) return checkEntry(moment, expected);
  if ('cpuid' in expected) return checkCpuid(moment, expected.cpuid, expected.is);
  if ('slot' in expected) return checkSlot(moment, expected.slot, expected.is);
  if ('platform' in expected) return checkPlatform(moment, expected);
  if ('handle' in expected) return checkHandle(moment, expected);
  if ('value' in expected) return checkValue(moment, expected);
  if ('calls' in expected) return checkCalls(moment, expected.calls);
  if ('terminal' in expected) return checkTerminal(moment, expected.terminal);
  return checkFacts(moment, expected.facts);
}

/** How a step's expectations fared: one sentence for each that did not hold, and for each that was not meant for this machine. */
export interface Verdict {
  readonly failures: readonly string[];
  readonly elsewhere: readonly string[];
}

/**
 * Judges a step's expectations. An expectation without technologies of its own is meant for the machine that the scenario
 * names for itself, its `home`, and does not fail elsewhere.
 */
export function judge(moment: Moment, step: Step, home: boolean): Verdict {
  const { technology } = moment.platform.config;
  const failures: string[] = [];
  const elsewhere: string[] = [];
  for (const expected of step.expect ?? []) {
    if (!isFor(expected, technology)) {
      elsewhere.push(`only for ${expected.tech?.join(', ')}: ${JSON.stringify(expected)}`);
      continue;
    }
    const { holds, says } = check(moment, expected);
    if (holds) continue;
    if (!home && !expected.tech)
      elsewhere.push(`at home it is ${JSON.stringify(expected)}; on ${technology}: ${says}`);
    else failures.push(`expected ${JSON.stringify(expected)}, but: ${says}`);
  }
  return { failures, elsewhere };
}

/** Whether all of some conditions hold that are meant for this machine, and what it shows about the first that does not. */
export function holding(
  moment: Moment,
  conditions: readonly Expectation[],
): { readonly reached: boolean; readonly says: string } {
  const findings = conditions
    .filter((each) => isFor(each, moment.platform.config.technology))
    .map((each) => check(moment, each));
  const failed = findings.find(({ holds }) => !holds);
  return { reached: !failed && findings.length > 0, says: (failed ?? findings[0])?.says ?? '' };
}

/** The options of a step's question that came true, each with what the machine shows about it. */
export function trueOptions(
  moment: Moment,
  step: Step,
): { readonly index: number; readonly because: string }[] {
  return (step.predict?.options ?? []).flatMap((option, index) => {
    const findings = conditions(option)
      .filter((condition) => isFor(condition, moment.platform.config.technology))
      .map((condition) => check(moment, condition));
    if (findings.length === 0 || !findings.every(({ holds }) => holds)) return [];
    const sentences = new Set(findings.map(({ says }) => says));
    return [{ index, because: [...(option.because ? [option.because] : []), ...sentences].join(' ') }];
  });
}

const conditions = ({ when }: PredictOption): readonly Expectation[] => (Array.isArray(when) ? when : [when]);

function checkFault({ outcome }: Moment, name: string, rule: string | undefined): Finding {
  if (!outcome || outcome.ok) return finding(name === 'none', 'Nothing was refused.');
  const { fault } = outcome;
  const holds = (name === 'any' || name === fault.name) && (rule ?? fault.rule.id) === fault.rule.id;
  return finding(holds, `${fault.name}: ${fault.message} (${fault.rule.id})`);
}

function checkResult({ outcome }: Moment, wanted: { readonly [field: string]: Json }): Finding {
  if (!outcome?.ok)
    return finding(false, outcome ? `It was refused: ${outcome.fault.message}` : 'Nothing was done.');
  const says = `The result is ${inShort(outcome.value)}.`;
  return finding(isPartOf(wanted, outcome.value), says);
}

/** A result for a sentence: what was read as text, anything else as it is. */
function inShort(value: Json): string {
  const text = typeof value === 'object' && value !== null && 'text' in value ? value.text : null;
  const shown = typeof text === 'string' ? `“${text}”` : JSON.stringify(value);
  return shown.length > 120 ? `${shown.slice(0, 119)}…` : shown;
}

function checkLamp({ lamps }: Moment, name: string, is: 'green' | 'red'): Finding {
  const lamp = lamps.find((each) => each.name === name);
  const violated = lamp?.violated ?? false;
  return finding(violated === (is === 'red'), `The ${name} lamp is ${violated ? 'red' : 'green'}.`);
}

function checkAsid({ platform }: Moment, guest: string, is: number): Finding {
  const domain = domainNamed(platform, guest);
  if (!domain.ok) return finding(false, domain.fault.message);
  return finding(domain.value.asid === is, `${nameOf(guest)} has ASID ${domain.value.asid}.`);
}

function checkFacts({ facts }: Moment, wanted: readonly JsonObject[]): Finding {
  let found = 0;
  for (const fact of facts) if (found < wanted.length && matches(fact, wanted[found]!)) found++;
  const last = wanted[Math.min(found, wanted.length - 1)];
  const says =
    found === wanted.length
      ? 'The record of this step shows it.'
      : `No fact like ${JSON.stringify(last)} follows after the first ${found}.`;
  return finding(found === wanted.length, says);
}

function checkCalls({ calls }: Moment, wanted: readonly string[]): Finding {
  let done = 0;
  for (const name of calls) if (name === wanted[done]) done++;
  if (done === wanted.length) return finding(true, 'The calls of this step were made in this order.');
  return finding(false, `No call of ${wanted[done]} follows after the first ${done}.`);
}

function checkTerminal({ facts }: Moment, wanted: string): Finding {
  const lines = facts.flatMap(({ data: { what, line } }) => (what === 'terminal' ? [String(line)] : []));
  const said = lines.find((line) => line.includes(wanted));
  if (said) return finding(true, `xl says: ${said}`);
  return finding(false, lines.length > 0 ? `xl says only: ${lines.join(' / ')}` : 'xl says nothing.');
}

const matches = (fact: FactChange, { what, rule, ...data }: JsonObject): boolean =>
  fact.what === what && (rule === undefined || fact.rule?.id === rule) && isPartOf(data, fact.data);

/** Every named field is there with that value; lists must be equal. */
function isPartOf(wanted: Json, given: Json): boolean {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted))
    return JSON.stringify(wanted) === JSON.stringify(given);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false;
  return Object.entries(wanted).every(
    ([name, value]) => name in given && isPartOf(value as Json, (given as JsonObject)[name]!),
  );
}
