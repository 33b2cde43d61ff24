/** The files of the library and of the attacks as they were written, comments and all. For the browser’s build alone. */
const TEXTS = import.meta.glob<string>(['./library/*.scenario.yaml', './attacks/*.scenario.yaml'], {
  query: '?raw',
  import: 'default',
});

/** The text of a built-in scenario, or null when there is none of that name. */
export async function scenarioText(id: string): Promise<string | null> {
  const load = TEXTS[`./library/${id}.scenario.yaml`] ?? TEXTS[`./attacks/${id}.scenario.yaml`];
  return load ? load() : null;
}
