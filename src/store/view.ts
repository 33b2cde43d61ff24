import { createStore } from 'zustand/vanilla';

export const THEMES = ['system', 'dark', 'light', 'projector'] as const;
export type ThemeChoice = (typeof THEMES)[number];

export const LENS_MODES = ['hex', 'text', 'picture', 'structure'] as const;
export type LensMode = (typeof LENS_MODES)[number];

export const MAP_COLOURINGS = [
  'owner',
  'key',
  'writer',
  'entropy',
  'rmp',
  'rmp-owner',
  'rmp-vmpl',
  'rmp-validated',
] as const;
export type MapColouring = (typeof MAP_COLOURINGS)[number];

/** How the person looks at the machine; nothing here changes it. */
export interface ViewState {
  /** A full view in place of script, stage and inspector, by its path in the address; null: the machine. */
  readonly room: string | null;
  /** Id of the stage tab in front. */
  readonly tab: string;
  /** The selected page frame, if any, and the byte within it. */
  readonly page: number | null;
  readonly offset: number;
  /** How the lens shows bytes. */
  readonly lens: LensMode;
  /** Whose eye the lens takes as "the guest's"; null: the page's owner, or the first guest. */
  readonly guest: string | null;
  readonly colouring: MapColouring;
  readonly theme: ThemeChoice;
  /** Pixels. */
  readonly scriptWidth: number;
  readonly editorWidth: number;
  readonly inspectorWidth: number;
  readonly timelineHeight: number;
  readonly consoleHeight: number;
  readonly consoleOpen: boolean;
  /** The editor stands in the place of the script. */
  readonly editing: boolean;
  /** Only the stage and the timeline, for a hall. */
  readonly presenting: boolean;
  /** A black screen, until a key is pressed. */
  readonly blanked: boolean;
}

export const SIZES = {
  scriptWidth: { least: 220, most: 520, usual: 296 },
  editorWidth: { least: 320, most: 900, usual: 480 },
  inspectorWidth: { least: 240, most: 560, usual: 328 },
  timelineHeight: { least: 96, most: 420, usual: 176 },
  consoleHeight: { least: 120, most: 560, usual: 220 },
} as const;

export type SizeName = keyof typeof SIZES;

export const INITIAL_VIEW: ViewState = {
  room: null,
  tab: 'memory',
  page: null,
  offset: 0,
  lens: 'hex',
  guest: null,
  colouring: 'owner',
  theme: 'system',
  scriptWidth: SIZES.scriptWidth.usual,
  editorWidth: SIZES.editorWidth.usual,
  inspectorWidth: SIZES.inspectorWidth.usual,
  timelineHeight: SIZES.timelineHeight.usual,
  consoleHeight: SIZES.consoleHeight.usual,
  consoleOpen: false,
  editing: false,
  presenting: false,
  blanked: false,
};

export const viewStore = createStore<ViewState>(() => INITIAL_VIEW);

export const setView = (part: Partial<ViewState>): void => viewStore.setState(part);
export const selectPage = (page: number | null, offset = 0): void => viewStore.setState({ page, offset });
export const openRoom = (room: string | null): void => viewStore.setState({ room });
export const openTab = (tab: string): void => viewStore.setState({ tab });

export function resize(name: SizeName, pixels: number): void {
  const { least, most } = SIZES[name];
  viewStore.setState({ [name]: Math.round(Math.max(least, Math.min(most, pixels))) });
}
