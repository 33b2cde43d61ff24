import { Download, GitFork, LogOut, RotateCcw, Share2, Undo2 } from 'lucide-react';
import { startGame } from '../../store/game';
import { notify } from '../../store/notices';
import { openOverlay } from '../../store/overlay';
import { engine, fork, move, openPlace } from '../../store/session';
import type { GameView, Role } from '../../worker/protocol';
import { useStatus } from '../kit/stores';
import { offerFile } from '../share/download';

interface Props {
  readonly game: GameView;
  readonly role: Role;
}

/** The way back, and what becomes of a game. */
export function GameBar({ game: { level, moves, before }, role }: Props) {
  const forked = useStatus((status) => status.forked) ?? false;
  const nothing = moves === 0;
  return (
    <fieldset className="game-bar" aria-label="The game">
      <button
        type="button"
        className="button button-small"
        disabled={nothing}
        onClick={() => void move({ to: 'action', action: before + moves - 1, edge: 'end' })}
      >
        <Undo2 aria-hidden />
        Undo
      </button>
      <button
        type="button"
        className="button button-small"
        disabled={nothing || forked}
        title="Go on from here on a branch of its own; Return leads back"
        onClick={() => void fork()}
      >
        <GitFork aria-hidden />
        What if
      </button>
      <button type="button" className="button button-small" onClick={() => void startGame(level)}>
        <RotateCcw aria-hidden />
        Start again
      </button>
      <button
        type="button"
        className="button button-small"
        disabled={nothing}
        onClick={() => void saveSolution(role)}
      >
        <Download aria-hidden />
        Save as a scenario
      </button>
      <button type="button" className="button button-small" onClick={() => openOverlay('share')}>
        <Share2 aria-hidden />
        Share the game
      </button>
      <button type="button" className="button button-small" onClick={() => void openPlace({ kind: 'usual' })}>
        <LogOut aria-hidden />
        Leave
      </button>
    </fieldset>
  );
}

async function saveSolution(role: Role): Promise<void> {
  const text = await engine.solution(role).catch(() => null);
  if (text === null) return;
  offerFile(new Blob([text], { type: 'application/yaml' }), 'my-attack.scenario.yaml');
  notify({
    tone: 'done',
    title: 'The game was saved as a scenario',
    message: 'Drop the file onto SEVscope to follow it step by step.',
  });
}
