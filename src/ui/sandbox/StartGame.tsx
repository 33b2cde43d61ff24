import { Swords } from 'lucide-react';
import { useState } from 'react';
import { startGame } from '../../store/game';
import { useStatus } from '../kit/stores';
import { useEngineQuery } from '../kit/useEngineQuery';
import './sandbox.css';

/** The way into a game against Alice. */
export function StartGame() {
  const technology = useStatus(({ config }) => config.technology);
  const levels =
    useEngineQuery(
      'levels',
      (api) => api.levels(),
      () => 0,
    ).value ?? [];
  const [open, setOpen] = useState(false);
  return (
    <section className="game-start" aria-label="Be the attacker">
      <button type="button" className="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Swords aria-hidden />
        Be the attacker
      </button>
      {open && (
        <>
          <p className="field-help">
            Alice keeps a PIN and a balance, and runs a program. You are the hypervisor, a device, or hold the
            probe. What protects her?
          </p>
          <ul className="game-levels">
            {levels.map(({ level, title, says }) => (
              <li key={level}>
                <button
                  type="button"
                  className="game-level"
                  data-here={level === technology || undefined}
                  onClick={() => void startGame(level)}
                >
                  <b>{title}</b>
                  <span>{says}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
