import { useId } from 'react';
import { playAs, startGame } from '../../store/game';
import type { GameView, Role, SandboxLevel } from '../../worker/protocol';
import { Segmented } from '../kit/Segmented';
import { useEngineQuery } from '../kit/useEngineQuery';
import { OwnActions } from '../script/OwnActions';
import { AliceMoves } from './AliceMoves';
import { GameBar } from './GameBar';
import { Goals } from './Goals';
import { LastMove } from './LastMove';
import { Places } from './Places';
import { RoleMoves } from './RoleMoves';
import './sandbox.css';

const ROLES = [
  { value: 'hypervisor', title: 'Hypervisor', hint: 'Xen, and the devices that it programs' },
  { value: 'device', title: 'Device', hint: 'DMA reads and writes' },
  { value: 'probe', title: 'Probe', hint: 'Reads and writes the stick' },
] as const;

interface Props {
  readonly game: GameView;
  readonly role: Role;
}

/** The open game against Alice: whose hands one has, what one wants, what can be done, and how it stands. */
export function Game({ game, role }: Props) {
  return (
    <div className="game">
      <h2 className="script-title">Be the attacker</h2>
      <Level level={game.level} />
      <Segmented label="Your hands" className="game-roles" value={role} options={ROLES} onChange={playAs} />
      <Standing game={game} />
      <Goals goals={game.goals} key={`${game.level} ${role}`} />
      <LastMove game={game} />
      <GameBar game={game} role={role} />
      <AliceMoves moves={game.alice} key={game.level} />
      <Places places={game.places} />
      <RoleMoves allowed={game.allowed} key={role} />
      <OwnActions />
    </div>
  );
}

function Level({ level }: { readonly level: SandboxLevel }) {
  const id = useId();
  const levels =
    useEngineQuery(
      'levels',
      (api) => api.levels(),
      () => 0,
    ).value ?? [];
  const here = levels.find((each) => each.level === level);
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        Alice is protected by
      </label>
      <select
        id={id}
        className="input"
        aria-describedby={`${id}-says`}
        value={level}
        onChange={({ target }) => void startGame(target.value as SandboxLevel)}
      >
        {levels.map((each) => (
          <option key={each.level} value={each.level}>
            {each.title}
          </option>
        ))}
      </select>
      <span className="field-help" id={`${id}-says`}>
        {here?.says}
      </span>
    </div>
  );
}

/** The counter, said aloud when it changes. */
function Standing({ game: { moves, length, goals, foul } }: { readonly game: GameView }) {
  const reached = goals.filter((goal) => goal.reached !== null);
  return (
    <div className="game-standing" role="status">
      <p>
        {moves === 0 ? 'Before the first move.' : `Move ${moves}${moves < length ? ` of ${length}` : ''}.`}{' '}
        {reached.length === 0
          ? 'No goal is reached.'
          : `Reached: ${reached.map(({ title }) => `“${title}”`).join(', ')}.`}
      </p>
      {foul && (
        <p className="game-foul">
          Move {foul.move} ({foul.title}) was neither yours nor Alice’s own. From there on nothing counts:
          undo it.
        </p>
      )}
    </div>
  );
}
