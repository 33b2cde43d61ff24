import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { PARTING_KINDS, partingAt, partings } from '../../lab/partings';
import { formatSide, MOST_SIDES, type Side } from '../../lab/side';
import type { PlayedSide } from '../../store/compare';
import type { ComparedScript } from '../../worker/compare/protocol';
import { cssVars } from '../kit/cssVars';
import { Column } from './Column';
import { CompareTimeline } from './CompareTimeline';
import { anotherSide } from './place';
import { ScriptBar } from './ScriptBar';
import { useLockstep } from './useLockstep';

interface Props {
  readonly script: ComparedScript;
  readonly sides: readonly Side[];
  readonly played: Readonly<Record<string, PlayedSide>>;
  /** Steps that are done. */
  readonly step: number;
  readonly onGo: (step: number) => void;
  readonly onSides: (sides: readonly Side[]) => void;
}

/** Script above, a column a machine, one timeline below. */
export function Comparison({ script, sides, played, step, onGo, onSides }: Props) {
  const last = script.steps.length;
  const known = useMemo(() => sides.map((side) => played[formatSide(side)]), [sides, played]);
  const rows = useMemo(() => {
    const count = Math.min(...known.map((side) => side?.records.length ?? 0));
    return Array.from({ length: count }, (_, at) => known.flatMap((side) => side?.records[at] ?? []));
  }, [known]);
  const found = useMemo(() => partings(rows), [rows]);
  const here = useMemo(
    () => PARTING_KINDS.flatMap((kind) => (step > 0 ? (partingAt(kind, rows, step) ?? []) : [])),
    [rows, step],
  );
  const lockstep = useLockstep({ step, last, ready: rows.length, go: onGo });
  return (
    <>
      <ScriptBar script={script} step={step} parting={found[0] ?? null} onGo={onGo} lockstep={lockstep} />
      <section
        className="compare-columns"
        aria-label="Machines side by side"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        style={cssVars({ '--sides': sides.length })}
      >
        {sides.map((side, index) => (
          <Column
            // biome-ignore lint/suspicious/noArrayIndexKey: a place keeps its map while its machine changes
            key={index}
            index={index}
            side={side}
            script={script}
            played={known[index]}
            row={rows[step - 1] ?? null}
            step={step}
            partings={here}
            onChange={(next) => onSides(sides.map((each, at) => (at === index ? next : each)))}
            onRemove={sides.length > 2 ? () => onSides(sides.filter((_, at) => at !== index)) : null}
          />
        ))}
        {sides.length < MOST_SIDES && (
          <button
            type="button"
            className="button compare-add"
            onClick={() => onSides([...sides, anotherSide(sides)])}
          >
            <Plus aria-hidden />
            Add a machine
          </button>
        )}
      </section>
      <CompareTimeline
        script={script}
        sides={sides}
        rows={rows}
        step={step}
        partings={found}
        here={here}
        onGo={onGo}
      />
    </>
  );
}
