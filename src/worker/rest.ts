import { hands } from '../engine/hands';
import { Player } from '../history/player';
import { createActing, type Surroundings } from './acting';
import { type Commands, createCommands } from './commands';
import type { Desk } from './desk';
import { createEditor } from './editor/api';
import type { EditorApi } from './editorProtocol';
import { createLaunchGuest, type LaunchGuestApi } from './launch/guest';
import { createLaunchRoom, type LaunchApi } from './launch/room';
import { type Opened, open } from './opener';
import { playLink } from './playLink';
import type { Place } from './protocol';
import { type Queries, queries } from './queries';
import { createSandbox } from './sandbox/api';
import type { SandboxApi } from './sandboxProtocol';
import type { Opening } from './shown';

/** The worker without what powers the machine on and shows it. */
export interface Rest {
  readonly api: Commands & Queries & LaunchApi & LaunchGuestApi & EditorApi & SandboxApi;
  readonly openPlace: (place: Exclude<Place, { kind: 'usual' }>) => Promise<Opening>;
}

/** Everything that the first picture does not wait for: what actors can do, all questions, all other ways to open a session. */
export function createRest(desk: Desk, surroundings: Surroundings): Rest {
  desk.late = { hands, playLink };

  /** The open session with its player; one that was opened before this code had arrived gets its player now. */
  const current = (): Opened => {
    const { player, ...rest } = desk.shown;
    if (player instanceof Player) return { player, ...rest };
    if (!player.session.machine.complete) player.session.extendPowerOn((machine) => machine.give(hands));
    const opened = { player: new Player(player.session, player.scenario), ...rest };
    desk.follow(opened);
    return opened;
  };

  if (desk.opened) {
    current();
    void desk.push();
  }

  const acting = createActing(desk, current, surroundings);
  const { standing, ...launch } = createLaunchRoom(surroundings);

  return {
    api: {
      ...createCommands(desk, current, acting),
      ...queries(current, () => desk.viewed),
      ...launch,
      ...createLaunchGuest(desk, current, acting, standing),
      ...createEditor(desk, current, surroundings),
      ...createSandbox(current),
    },
    openPlace: (place) => open(place, desk.opened && current()),
  };
}
