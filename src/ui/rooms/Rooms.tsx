import { type ComponentType, lazy, useEffect } from 'react';
import { pictureDrawn } from '../../store/firstPicture';

interface RoomProps {
  /** What follows the room's name in the address. */
  readonly rest: string;
}

/** The rooms by the first part of their address; each is loaded when it is first entered. */
const ROOMS: Readonly<Record<string, ComponentType<RoomProps>>> = {
  attacks: lazy(() => import('../attacks/AttacksRoom')),
  compare: lazy(() => import('../compare/CompareRoom')),
};

/** The room that an address names. */
export default function Rooms({ path }: { readonly path: string }) {
  useEffect(pictureDrawn, []);
  const [name = '', ...rest] = path.split('/');
  const Found = Object.hasOwn(ROOMS, name) ? ROOMS[name] : undefined;
  return Found ? <Found rest={rest.join('/')} /> : null;
}
