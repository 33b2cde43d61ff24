import type { Shape } from '../../scenario/assist/shapes';
import type { Surroundings } from '../commands';
import type { Desk } from '../desk';
import type { EditorApi } from '../editorProtocol';
import type { Opened } from '../opener';
import { keptText } from './kept';

/** Work at a stretch before the worker listens again, in milliseconds. */
const SLICE = 12;

/** The editor’s part of the worker. What reads text is loaded when it is first asked for. */
export function createEditor(desk: Desk, current: () => Opened, { now, pause }: Surroundings): EditorApi {
  let schema: Shape | null = null;
  let cancelled = false;
  return {
    source: async () => (await import('./source')).sourceOf(current()),

    builtInText: async (id) => (await import('./texts')).scenarioText(id),

    assist: async (text, offset) => {
      const [{ suggest }, { scenarioJsonSchema }] = await Promise.all([
        import('../../scenario/assist/suggest'),
        import('../../scenario/jsonSchema'),
      ]);
      schema ??= scenarioJsonSchema() as Shape;
      return suggest(text, offset, schema);
    },

    rerun: async (draft, onProgress) => {
      if (desk.working) return { state: 'busy' };
      desk.working = true;
      cancelled = false;
      try {
        const { runDraft } = await import('./rerun');
        const attempt = await runDraft(draft, current(), {
          budgetMs: SLICE,
          now,
          pause,
          onProgress: ({ done, total }) =>
            onProgress(total > 0 ? done / total : 0, `Step ${Math.floor(done) + 1}`),
          cancelled: () => cancelled,
        });
        if (attempt.state !== 'ran') return attempt;
        desk.put(attempt.opened);
        await desk.push();
        return { state: 'ran' };
      } finally {
        desk.working = false;
      }
    },

    cancelRerun: async () => {
      cancelled = true;
    },

    scriptFindings: async () => {
      const { findingsOf } = await import('./findings');
      const { player } = current();
      const text = keptText(player);
      return text === null ? null : findingsOf(player, text);
    },
  };
}
