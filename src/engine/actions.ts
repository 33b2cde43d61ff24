import { ASP_ACTIONS } from './asp/actions';
import type { ActionDefinition } from './core/action';
import type { Fault } from './core/fault';
import { refuse } from './core/fault';
import { fieldInfos } from './core/fields';
import type { JsonObject } from './core/json';
import type { Platform } from './core/platform';
import type { ActionInfo, ActionOffer } from './core/vocabulary';
import { z } from './core/zod';
import { DEVICE_ACTIONS } from './device/actions';
import { GUEST_ACTIONS } from './guest/actions';
import { isUp } from './look';
import { OWNER_ACTIONS } from './owner/actions';
import { PHYSICAL_ACTIONS, WITHOUT_POWER } from './physical/actions';
import { POWER_RULES } from './physical/power';
import { PV_ACTIONS } from './pv/actions';
import { TOOLSTACK_ACTIONS } from './toolstack/actions';
import { XEN_ACTIONS } from './xen/actions';

/** Everything that anybody can do, in the order in which it is offered. */
export const DEFINITIONS: readonly ActionDefinition[] = [
  ...TOOLSTACK_ACTIONS,
  ...OWNER_ACTIONS,
  ...GUEST_ACTIONS,
  ...PV_ACTIONS,
  ...XEN_ACTIONS,
  ...ASP_ACTIONS,
  ...DEVICE_ACTIONS,
  ...PHYSICAL_ACTIONS,
];

const byType = new Map(DEFINITIONS.map((definition) => [definition.type, definition]));

/** An action as plain data: its `type` and the arguments that its schema names. */
export type Action = JsonObject & { readonly type: string };

export const definitionOf = (type: string): ActionDefinition | null => byType.get(type) ?? null;

/** Checks an untrusted action. */
export const actionSchema = z.discriminatedUnion(
  'type',
  DEFINITIONS.map((definition) => definition.schema) as unknown as [
    z.ZodMiniObject<{ type: z.ZodMiniLiteral<string> }>,
  ],
) as unknown as z.ZodMiniType<Action>;

export const vocabulary = (): ActionInfo[] =>
  DEFINITIONS.map(({ type, actor, title, help, schema }) => ({
    type,
    actor,
    title,
    help,
    fields: fieldInfos(schema),
  }));

/** Why an action of this type is impossible at this moment, whatever its arguments. */
export function impossible(p: Platform, definition: ActionDefinition): Fault | null {
  if (p.state.cell('power')?.on !== true && !WITHOUT_POWER.has(definition.type)) {
    return refuse(POWER_RULES.off, 'refused', 'The machine is off.', {}, 'Power on.').fault;
  }
  return definition.impossible?.(p) ?? null;
}

/** The same, told to somebody who may stand in the middle of the power-on, where nothing can be done yet. */
const impossibleNow = (p: Platform, definition: ActionDefinition): Fault | null =>
  p.state.cell('cpuid') === null || (p.state.cell('power')?.on === true && !isUp(p))
    ? refuse(POWER_RULES.off, 'refused', 'The machine is still starting.', {}, 'The end of the power-on.')
        .fault
    : impossible(p, definition);

export const offers = (p: Platform): ActionOffer[] =>
  DEFINITIONS.map((definition) => {
    const why = impossibleNow(p, definition);
    return {
      type: definition.type,
      impossible: why && { why: why.message, rule: why.rule.id, source: why.rule.source },
      suggested: why ? {} : (definition.suggest?.(p) ?? {}),
    };
  });
