import { type FigureDefinition, missedBy, type Result } from './figure';
import { digits } from './stats';

/** Under what circumstances was measured. */
export interface Circumstances {
  readonly cores: number;
  readonly node: string;
  /** Other programs at work make figures worse: the load average when the run began and when it ended. */
  readonly loadBefore: number;
  readonly loadAfter: number;
}

const HEAD = ['figure', 'measured', 'target', 'met?', 'to reference'] as const;

export function table(results: readonly Result[], circumstances: Circumstances): string {
  const rows: readonly (readonly string[])[] = [HEAD, ...results.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const notes = results.flatMap(({ definition, outcome }) =>
    notesOf(outcome).map((note) => `  ${definition.name}: ${note}`),
  );
  const { cores, node, loadBefore, loadAfter } = circumstances;
  const load = `${cores} cores, Node ${node}, load average ${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after`;
  return [
    lines[0],
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...lines.slice(1),
    '',
    ...notes,
    '',
    load,
  ].join('\n');
}

export function json(results: readonly Result[], circumstances: Circumstances): string {
  const figures = results.map(({ definition: { name, title, unit, target }, outcome }) => {
    if ('failed' in outcome) return { name, title, unit, target, failed: outcome.failed };
    const { figure } = outcome;
    const missed = target && missedBy(target, figure.value);
    return { name, title, unit, target, ...figure, met: target && missed === 0, missedBy: missed };
  });
  return JSON.stringify({ circumstances, figures }, null, 2);
}

function row({ definition, outcome }: Result): string[] {
  const { name, title, unit, target } = definition;
  const first = `${title} (${name})`;
  const wanted = target
    ? `${target.bound === 'at most' ? '≤' : '≥'} ${digits(target.value)} ${unit}`.trimEnd()
    : '';
  if ('failed' in outcome) return [first, 'not measured', wanted, '', ''];
  const { value, reference } = outcome.figure;
  const ratio = reference ? `${digits(reference.ratio)} × ${reference.what}` : '';
  return [first, `${digits(value)} ${unit}`.trimEnd(), wanted, verdict(definition, value), ratio];
}

function verdict({ target, unit }: FigureDefinition, value: number): string {
  if (!target) return '';
  const missed = missedBy(target, value);
  return missed === 0 ? 'yes' : `missed by ${digits(missed)} ${unit}`.trimEnd();
}

const notesOf = (outcome: Result['outcome']): readonly string[] =>
  'failed' in outcome ? [`not measured: ${outcome.failed}`] : outcome.figure.notes;
