/** `#rrggbb`: the map mixes colours and adds transparency to them. */
export type HexColour = `#${string}`;

/** Every colour, face and size the map draws with. `themes.ts` takes them from `tokens.css`. */
export interface MapTheme {
  readonly name: string;
  /** Behind and between the cells. */
  readonly background: HexColour;
  /** A page that nobody owns; a little off the background. */
  readonly free: HexColour;
  readonly guests: readonly HexColour[];
  readonly firmware: HexColour;
  readonly hypervisor: HexColour;
  readonly reserved: HexColour;
  readonly device: HexColour;
  readonly physical: HexColour;
  /** Key mode: bytes that reached DRAM under no key, and under the host's. */
  readonly noKey: HexColour;
  readonly hostKey: HexColour;
  readonly fault: HexColour;
  readonly hot: HexColour;
  readonly selection: HexColour;
  readonly cursor: HexColour;
  readonly ink: HexColour;
  readonly mutedInk: HexColour;
  /** Writing on a filled cell: whichever contrasts more. */
  readonly darkInk: HexColour;
  readonly lightInk: HexColour;
  /** From no entropy to full, at even distances. */
  readonly entropy: readonly HexColour[];
  readonly mono: string;
  readonly sans: string;
  /** Multiplies every size of type, mark and line. */
  readonly size: number;
}
