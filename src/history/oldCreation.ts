const MIB = 1024 * 1024;
const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: MIB, GiB: 1024 * MIB };

/**
 * A document from before xl: its guests were made and destroyed by actions of the simulator’s own, of any size and without
 * a configuration file. What is not recognised is passed on.
 */
export function creationByXl(document: unknown): unknown {
  if (!isRecord(document)) return document;
  const { config, actions, script } = document;
  const usual = usualBytes(config);
  return {
    ...document,
    config: isRecord(config) ? { xen: 'project', ...config } : config,
    actions: Array.isArray(actions) ? actions.map((each) => byXl(each, usual)) : actions,
    ...(isRecord(script) ? { script: inScript(script, usual) } : {}),
  };
}

/** The same in a script that the session brings along. */
function inScript(script: Readonly<Record<string, unknown>>, usual: number): unknown {
  const { scenario } = script;
  if (!isRecord(scenario) || !Array.isArray(scenario.steps)) return script;
  const steps = scenario.steps.map((step: unknown) =>
    isRecord(step) && Array.isArray(step.do)
      ? { ...step, do: step.do.map((each: unknown) => byXl(each, usual)) }
      : step,
  );
  return { ...script, scenario: { ...scenario, steps } };
}

function byXl(action: unknown, usual: number): unknown {
  if (!isRecord(action)) return action;
  const { type, guest, memory, sev, ...rest } = action;
  if (type === 'guest.destroy') return { ...action, type: 'xl.destroy' };
  if (type !== 'guest.create') return action;
  const size = Math.max(1, Math.ceil(bytesOf(memory, usual) / MIB));
  const coco = sev === undefined ? '' : ` coco=${sev ? 1 : 0}`;
  return { ...rest, type: 'xl.create', config: 'alice.cfg', extra: `name="${guest}" memory=${size}${coco}` };
}

/** What a guest got that asked for no size: a quarter of the machine, at most 4 MiB. */
function usualBytes(config: unknown): number {
  const memory = isRecord(config) ? Number(config.memory) : Number.NaN;
  return Math.min(Number.isFinite(memory) ? memory / 4 : Number.POSITIVE_INFINITY, 4 * MIB);
}

/** A size in bytes, or as scripts write it: `16 MiB`. */
function bytesOf(memory: unknown, usual: number): number {
  if (typeof memory === 'number') return memory;
  const [, count, unit = ''] = /^(\d+) ?([KMG]iB)$/.exec(String(memory)) ?? [];
  return count === undefined ? usual : Number(count) * (UNITS[unit] ?? 1);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
