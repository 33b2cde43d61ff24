import {
  CircleQuestionMark,
  Cpu,
  GitBranch,
  GitMerge,
  History,
  type LucideIcon,
  Mail,
  Presentation,
  SquareTerminal,
} from 'lucide-react';
import type { Status } from '../../../engine/core/status';

type Marked = Status | 'talk';

/** Each status has a shape and a word; the colour only repeats it. */
const MARKS: Readonly<Record<Marked, { readonly word: string; readonly icon: LucideIcon }>> = {
  upstream: { word: 'upstream', icon: GitMerge },
  rfc: { word: 'RFC', icon: Mail },
  branch: { word: 'branch', icon: GitBranch },
  hypothetical: { word: 'hypothetical', icon: CircleQuestionMark },
  hardware: { word: 'hardware', icon: Cpu },
  'upstream-historical': { word: 'was upstream', icon: History },
  linux: { word: 'Linux', icon: SquareTerminal },
  talk: { word: 'talk', icon: Presentation },
};

export const statusWord = (status: Marked): string => MARKS[status].word;

/** Where a piece stands in public. `bare`: the shape alone, beside a text that says the word. */
export function StatusMark({ status, bare = false }: { readonly status: Marked; readonly bare?: boolean }) {
  const { word, icon: Icon } = MARKS[status];
  if (bare) return <Icon className="status-icon" size={12} aria-hidden="true" />;
  return (
    <span className="status-mark" data-status={status}>
      <Icon size={13} aria-hidden="true" />
      {word}
    </span>
  );
}
