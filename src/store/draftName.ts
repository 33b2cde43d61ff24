import type { KeptDraft } from './drafts';

const SUFFIX = '.scenario.yaml';

/** A file’s name that no draft has yet: `cold-boot.scenario.yaml`, `cold-boot-2.scenario.yaml`, … */
export function freeName(name: string, drafts: readonly Pick<KeptDraft, 'name'>[]): string {
  const stem = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
  const taken = new Set(drafts.map((draft) => draft.name));
  for (let n = 1; ; n++) {
    const free = `${stem}${n === 1 ? '' : `-${n}`}${SUFFIX}`;
    if (!taken.has(free)) return free;
  }
}

/** The title that a scenario’s text gives itself, also while the rest cannot be read. */
function titleIn(text: string): string | null {
  const [, written = ''] = /^title:[ \t]*(.{1,200})$/m.exec(text) ?? [];
  return written.trim().replace(/^(["'])(.*)\1$/, '$2') || null;
}

/** The name under which a scenario is handed out, made from its title. */
export function fileName(text: string): string {
  const words = (titleIn(text) ?? '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '');
  return `${words || 'my'}${SUFFIX}`;
}
