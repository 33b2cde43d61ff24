import { useEffect, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import { comparisonStore, leaveComparison, playOn, readScript } from '../../store/compare';
import { openRoom } from '../../store/view';
import { Empty, Waiting } from '../kit/Waiting';
import { CompareHead } from './CompareHead';
import { Comparison } from './Comparison';
import { readPlace, roomOf, usualSides } from './place';
import './compare.css';

/** One script on two to four machines in lockstep. `rest`: scenario, machines and step, as the address has them. */
export default function CompareRoom({ rest }: { readonly rest: string }) {
  const place = useMemo(() => readPlace(rest), [rest]);
  const comparison = useStore(comparisonStore);
  const heading = useRef<HTMLHeadingElement>(null);
  const { id } = place;
  const script = comparison.id === id ? comparison.script : null;
  useEffect(() => {
    void readScript(id);
    heading.current?.focus();
    return leaveComparison;
  }, [id]);

  const sides = useMemo(() => {
    if (!script) return [];
    const known = place.sides.filter(
      ({ mitigation }) =>
        mitigation === null || script.attack?.mitigations.some((each) => each.id === mitigation),
    );
    return known.length > 0 ? known : usualSides(script);
  }, [script, place.sides]);
  const wanted = roomOf({ id, sides, step: 0 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address stands for the machines
  useEffect(() => {
    if (script) void playOn(sides);
  }, [script, wanted]);

  const failed = comparison.state === 'failed';
  return (
    <div className="compare">
      <CompareHead heading={heading} title={script?.title ?? null} />
      {failed && (
        <Empty title="This cannot be compared">
          <p>{comparison.reason}.</p>
        </Empty>
      )}
      {!failed && !script && <Waiting what="Reading the script" />}
      {script && (
        <Comparison
          script={script}
          sides={sides}
          played={comparison.played}
          step={Math.min(place.step, script.steps.length)}
          onGo={(step) => openRoom(roomOf({ id, sides, step }))}
          onSides={(next) =>
            openRoom(roomOf({ id, sides: next, step: Math.min(place.step, script.steps.length) }))
          }
        />
      )}
    </div>
  );
}
