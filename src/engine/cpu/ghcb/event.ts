import type { GhcbField } from './layout';

/** What of a request decides which of its fields count. */
export interface NaeRequest {
  readonly info1: bigint;
  readonly info2: bigint;
  readonly rax: bigint;
}

/** A case of an event, in a word or two. */
export interface Case {
  readonly says: string;
  readonly holds: (request: NaeRequest) => boolean;
}

/** A field that the other side must find marked valid; with `only`, in that case. */
export interface Needed {
  readonly field: GhcbField;
  readonly only?: Case;
}

/** What a value means. */
export interface Detail {
  readonly says: string;
  readonly only?: Case;
  readonly values?: Readonly<Record<number, string>>;
  /** Parts of it, from bit `hi` down to bit `lo`. */
  readonly bits?: readonly { readonly hi: number; readonly lo: number; readonly says: string }[];
}

/** A non-automatic event, or a call that software defines, which a guest forwards through the GHCB. */
export interface NaeEvent {
  /** SW_EXITCODE. */
  readonly code: number;
  readonly name: string;
  /** Only for guests with SEV-SNP. */
  readonly snp?: true;
  /** Beside SW_EXITCODE, SW_EXITINFO1 and SW_EXITINFO2, which every request must mark valid. */
  readonly inputs: readonly Needed[];
  readonly outputs: readonly Needed[];
  readonly info1?: Detail;
  readonly info2?: Detail;
  /** SW_EXITINFO2 of the answer. */
  readonly answer?: Detail;
  /** Bytes that SW_SCRATCH must point to; null: none in this case. */
  readonly buffer?: (request: NaeRequest) => bigint | null;
  /** The answer fills the buffer. */
  readonly fills?: true;
}

/** Fields that count in every case. */
export const always = (...fields: GhcbField[]): Needed[] => fields.map((field) => ({ field }));

/** Fields that count in one case. */
export const when = (only: Case, ...fields: GhcbField[]): Needed[] =>
  fields.map((field) => ({ field, only }));

/** The case that SW_EXITINFO1 has this value. */
export const info1Is = (value: bigint, says: string): Case => ({
  says,
  holds: ({ info1 }) => info1 === value,
});
