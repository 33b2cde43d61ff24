import { TECHNOLOGIES, type Technology } from '../engine/core/config';
import { CURRENT_VERSION } from './version';

/** A moment in a built-in scenario: all that its link has to say, since the scenario gives the rest. */
export interface ScenarioMoment {
  readonly id: string;
  /** Where it is followed on another machine than its own, or with a switch of its attack: which technology. */
  readonly technology?: Technology | undefined;
  /** The switch of its attack that is on. */
  readonly mitigation?: string | undefined;
  /** Steps done. */
  readonly step: number;
  /** Changes into the step that follows. */
  readonly offset: number;
  readonly view: string;
}

const FORM =
  /^([a-z0-9-]{1,32})(?:~([a-z-]{1,12})(?:~([a-z][a-z0-9.-]{0,31}))?)?\/(\d{1,4})(?:\.(\d{1,6}))?(?:\/([^/]*))?$/;

/** What the window shows, in the interface's own words: a tab, a page. */
export const VIEW = /^[a-z0-9@.:x-]{0,40}$/;

/** Reads what follows `s/` in a link; null when it has another form. The view is as it came, unchecked. */
export function scenarioMoment(text: string): ScenarioMoment | null {
  const [, id, tech, mitigation, step, offset, view] = FORM.exec(text) ?? [];
  const technology = TECHNOLOGIES.find((each) => each === tech);
  if (id === undefined || technology !== tech) return null;
  return {
    id,
    ...(technology && { technology }),
    ...(mitigation && { mitigation }),
    step: Number(step),
    offset: Number(offset ?? 0),
    view: view ?? '',
  };
}

/**
 * A link from `s/` on; a mitigation needs its technology.
 * @throws RangeError on a scenario, step or view that no link can name: a bug of the caller.
 */
export function scenarioPart({ id, technology, mitigation, step, offset, view }: ScenarioMoment): string {
  const variant = [technology, technology && mitigation].flatMap((part) => (part ? `~${part}` : [])).join('');
  const text = `${id}${variant}/${step}${offset > 0 ? `.${offset}` : ''}${view ? `/${view}` : ''}`;
  if (!VIEW.test(scenarioMoment(text)?.view ?? '?')) throw new RangeError(`no link can name ${text}`);
  return `s/${text}`;
}

/** The whole address of a moment, from `#` on: at most 90 characters, without a view at most 49; a variant adds up to 41. */
export const scenarioLink = (moment: ScenarioMoment): string => `#${CURRENT_VERSION}/${scenarioPart(moment)}`;
