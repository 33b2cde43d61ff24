import { CURRENT_VERSION } from './upgrade';

/** A moment in a built-in scenario: all that its link has to say, since the scenario gives the rest. */
export interface ScenarioMoment {
  readonly id: string;
  /** Steps done. */
  readonly step: number;
  /** Changes into the step that follows. */
  readonly offset: number;
  readonly view: string;
}

const FORM = /^([a-z0-9-]{1,32})\/(\d{1,4})(?:\.(\d{1,6}))?(?:\/([^/]*))?$/;

/** What the window shows, in the interface's own words: a tab, a page. */
export const VIEW = /^[a-z0-9@.:x-]{0,40}$/;

/** Reads what follows `s/` in a link; null when it has another form. The view is as it came, unchecked. */
export function scenarioMoment(text: string): ScenarioMoment | null {
  const [, id, step, offset, view] = FORM.exec(text) ?? [];
  return id === undefined ? null : { id, step: Number(step), offset: Number(offset ?? 0), view: view ?? '' };
}

/** A link from `s/` on. @throws RangeError on a scenario, step or view that no link can name: a bug of the caller. */
export function scenarioPart({ id, step, offset, view }: ScenarioMoment): string {
  const text = `${id}/${step}${offset > 0 ? `.${offset}` : ''}${view ? `/${view}` : ''}`;
  if (!VIEW.test(scenarioMoment(text)?.view ?? '?')) throw new RangeError(`no link can name ${text}`);
  return `s/${text}`;
}

/** The whole address of a moment, from `#` on: at most 90 characters, without a view at most 49. */
export const scenarioLink = (moment: ScenarioMoment): string => `#${CURRENT_VERSION}/${scenarioPart(moment)}`;
