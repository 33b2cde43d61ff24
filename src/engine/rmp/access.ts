/** Whose access it is. `guest`: one without SNP, with whatever else; `device`: behind an IOMMU on which SNP is enabled. */
export type RmpActor = 'host' | 'guest' | 'snp-guest' | 'device' | 'firmware';

/** What hardware knows of an access whose address it has translated, and asks the table about. */
export interface RmpAccess {
  readonly actor: RmpActor;
  /** `walk`: an entry of a page table is read; `update`: its accessed or dirty bit is set. */
  readonly kind: 'read' | 'write' | 'fetch' | 'walk' | 'update';
  /** Effective C-bit; only the data of an SNP guest can have 0. */
  readonly c: boolean;
  /** ASID and VMPL in force; 0 outside guests. */
  readonly asid: number;
  readonly vmpl: number;
  /** CPL 3: the other permission to execute. */
  readonly user: boolean;
  /** Translated GPA; not looked at outside SNP guests. */
  readonly gpa: number;
  /**
   * The translation is of 2 MiB, or of 1 GiB, which counts as 2 MiB: the nested one, or that of the host. For a guest’s table
   * the nested one that holds it; for a host’s table, which is reached without translation, false.
   */
  readonly large: boolean;
  /** Another processor is just changing the entry: possible on hardware, never on this machine, which does one thing at a time. */
  readonly busy?: boolean;
}
