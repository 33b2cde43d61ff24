import { useStore } from 'zustand';
import { gameStore } from '../../store/game';
import { useEngineQuery } from '../kit/useEngineQuery';
import { Waiting } from '../kit/Waiting';
import Play from '../play/Play';
import { OwnActions } from '../script/OwnActions';
import { Game } from './Game';
import { StartGame } from './StartGame';

/** What a person can do without a script: the open game, or everything that every actor could do. */
export default function FreePlay() {
  const role = useStore(gameStore, (state) => state.role);
  const { value: game, key } = useEngineQuery(`game ${role}`, (api) => api.game(role));
  if (key === null) return <Waiting what="Looking at the game" />;
  if (game) return <Game game={game} role={role} />;
  return (
    <>
      <StartGame />
      <OwnActions />
      <Play />
    </>
  );
}
