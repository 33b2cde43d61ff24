import { REACH_WORDS, REACHES } from './words';

/** What the fills and the mark mean. */
export function Legend() {
  return (
    <ul className="reg-legend" aria-label="Who can read a value now">
      {REACHES.map((reach) => (
        <li key={reach}>
          <span className="reg-value reg-sample" data-reach={reach} aria-hidden="true" />
          {REACH_WORDS[reach]}
        </li>
      ))}
      <li>
        <span className="reg-changed" aria-hidden="true">
          ◆
        </span>
        changed by the last action
      </li>
    </ul>
  );
}
