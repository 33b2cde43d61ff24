/** A rule of the engine as the sources list it. */
export interface RuleEntry {
  readonly id: string;
  readonly says: string;
  readonly source: string;
  readonly standing: 'published' | 'modelled';
  /** What a refusal answers: a status of the firmware, an error of Xen. */
  readonly status?: string;
  /** Where it stands in this simulator’s own source, and in which rooms of the engine. */
  readonly files: readonly string[];
  readonly rooms: readonly string[];
  /** Commands of the firmware that test it. */
  readonly commands: readonly string[];
}
