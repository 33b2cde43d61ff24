import { BookOpen } from 'lucide-react';
import { ModelledBadge } from '../kit/RuleNote';
import type { RuleEntry } from './types';

const MOST_COMMANDS = 6;

/** A rule in full: what it says, where that is written down, and where it stands in the simulator. */
export function RuleItem({ rule }: { readonly rule: RuleEntry }) {
  const { id, says, source, standing, status, files, rooms, commands } = rule;
  return (
    <article className="source-rule" aria-label={id}>
      <p>
        {says} {status && <code>{status}</code>}
      </p>
      <p className="rule-source">
        <BookOpen size={14} aria-hidden="true" />
        <cite>{source}</cite>
        {standing === 'modelled' ? <ModelledBadge /> : <span className="published">published</span>}
      </p>
      <p className="source-place">
        <code>{id}</code>
        <span>
          room {rooms.join(', ')} · {files.map((file) => file.replace('src/engine/', '')).join(', ')}
        </span>
        {commands.length > 0 && (
          <span title={commands.join(', ')}>
            tested by {commands.slice(0, MOST_COMMANDS).join(', ')}
            {commands.length > MOST_COMMANDS && ` and ${commands.length - MOST_COMMANDS} more commands`}
          </span>
        )}
      </p>
    </article>
  );
}
