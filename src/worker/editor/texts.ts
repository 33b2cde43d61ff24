/** The files of the library and of the attacks as they were written, comments and all. For the browser’s build alone. */
const TEXTS = import.meta.glob<string>(
  ['../../scenario/library/*.scenario.yaml', '../../scenario/attacks/*.scenario.yaml'],
  {
    query: '?raw',
    import: 'default',
  },
);

/** The text of a built-in scenario, or null when there is none of that name. */
export async function scenarioText(id: string): Promise<string | null> {
  const load =
    TEXTS[`../../scenario/library/${id}.scenario.yaml`] ??
    TEXTS[`../../scenario/attacks/${id}.scenario.yaml`];
  return load ? load() : null;
}
