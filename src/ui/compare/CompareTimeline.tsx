import type { SideStep } from '../../lab/lockstep';
import type { Parting } from '../../lab/partings';
import { formatSide, type Side, sideName } from '../../lab/side';
import { ATTACK_CHECKS } from '../../scenario/checks';
import type { ComparedScript } from '../../worker/compare/protocol';
import { hueVar, ownerHue } from '../kit/owners';
import { COMPARED, KIND_WORDS, partingWords } from './words';

interface Props {
  readonly script: ComparedScript;
  readonly sides: readonly Side[];
  /** What every machine came to, step by step, as far as known. */
  readonly rows: readonly (readonly SideStep[])[];
  readonly step: number;
  /** The first of each kind. */
  readonly partings: readonly Parting[];
  /** Those of the current step. */
  readonly here: readonly Parting[];
  readonly onGo: (step: number) => void;
}

/** One timeline for all machines: a lane each, a line through all where they first part. */
export function CompareTimeline({ script, sides, rows, step, partings, here, onGo }: Props) {
  const first = partings[0]?.step ?? null;
  const later = new Set(partings.slice(1).map((parting) => parting.step));
  return (
    <section className="compare-timeline" aria-label="Timeline">
      <Divergence {...{ script, sides, rows, partings, here, step, onGo }} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <section className="compare-lanes scrolls" tabIndex={0} aria-label="Steps on each machine">
        <table>
          <caption className="visually-hidden">What each step came to on each machine</caption>
          <thead>
            <tr>
              <td />
              {script.steps.map(({ title }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the steps of a script never move
                <th key={index} scope="col" data-parts={first === index + 1} data-now={step === index + 1}>
                  <button
                    type="button"
                    title={title}
                    aria-label={`Step ${index + 1}: ${title}`}
                    onClick={() => onGo(index + 1)}
                  >
                    {first === index + 1 ? '◆ ' : later.has(index + 1) && '◇ '}
                    {index + 1}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sides.map((side, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same machine may stand there twice
              <tr key={`${at} ${formatSide(side)}`}>
                <th scope="row">{sideName(side)}</th>
                {script.steps.map(({ who }, index) => (
                  <Lane
                    // biome-ignore lint/suspicious/noArrayIndexKey: the steps of a script never move
                    key={index}
                    record={rows[index]?.[at]}
                    hue={hueVar(ownerHue(who))}
                    parts={first === index + 1}
                    now={step === index + 1}
                    done={index < step}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

interface LaneProps {
  readonly record: SideStep | undefined;
  readonly hue: string;
  readonly parts: boolean;
  readonly now: boolean;
  readonly done: boolean;
}

function Lane({ record, hue, parts, now, done }: LaneProps) {
  const [sign, words] = signOf(record);
  return (
    <td data-parts={parts} data-now={now} data-done={done} data-sign={words} title={words}>
      <span style={{ background: hue }} aria-hidden="true">
        {sign && <i>{sign}</i>}
      </span>
      <span className="visually-hidden">{words}</span>
    </td>
  );
}

function signOf(record: SideStep | undefined): readonly [string, string] {
  if (!record) return ['…', 'not played yet'];
  if (record.state === 'absent') return ['–', 'not applicable'];
  if (record.state === 'stuck') return ['!', 'stuck'];
  if (record.deeds.some((deed) => deed.refused)) return ['✕', 'refused'];
  return ['', 'went through'];
}

/** Where they first part and why; and how they stand apart now. */
function Divergence({ script, sides, rows, partings, here, step, onGo }: Props) {
  const [first] = partings;
  const whole = rows.length === script.steps.length;
  if (!first)
    return (
      <p className="compare-divergence" role="status">
        {whole
          ? 'In all that is compared, these machines never part.'
          : 'Playing the script on every machine …'}
        <What />
      </p>
    );
  const check = first.check?.name;
  return (
    <div className="compare-divergence">
      <p>
        <b>
          ◆ They first part in step {first.step}, in {KIND_WORDS[first.kind]}.
        </b>{' '}
        {partingWords(first, sides)}
        {check && (
          <>
            {' '}
            <code>{check}</code>: {ATTACK_CHECKS[check].says}
          </>
        )}
      </p>
      <p className="visually-hidden" role="status">
        {here.length === 0
          ? 'After this step they do not differ.'
          : here.map((parting) => partingWords(parting, sides)).join(' ')}
      </p>
      <ul aria-label="Where they first part">
        {partings.map((parting) => (
          <li key={parting.kind}>
            <button
              type="button"
              className="button button-small"
              aria-pressed={step === parting.step}
              title={partingWords(parting, sides)}
              onClick={() => onGo(parting.step)}
            >
              Step {parting.step}: {KIND_WORDS[parting.kind]}
            </button>
          </li>
        ))}
      </ul>
      <What />
    </div>
  );
}

function What() {
  return (
    <details className="compare-what">
      <summary>What is compared</summary>
      <p>{COMPARED}</p>
    </details>
  );
}
