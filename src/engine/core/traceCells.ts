/** What a hypervisor keeps of how guests run; part of `cells.ts`. */

/** Pages of a domain whose uses the hypervisor follows. No cell: none. */
export interface WatchCell {
  /** Numbers of pages in guest physical memory, in ascending order; each is absent until the guest uses it. */
  readonly pages: readonly number[];
}

/** One #VMEXIT as the hypervisor sees it. */
export interface SeenExit {
  /** Reason, as in EXITCODE. */
  readonly code: number;
  /** Instructions of the guest since VMRUN. */
  readonly retired: number;
  /** Of a nested page fault: number of the page in guest physical memory, and what the guest wanted there. */
  readonly page?: number;
  readonly access?: 'read' | 'write' | 'fetch';
}

/** The exits of one run of a vCPU. */
export interface KeptTrace {
  readonly name: string;
  readonly domain: number;
  readonly exits: readonly SeenExit[];
}

/** No cell: nothing has been kept yet. */
export interface TracesCell {
  /** In the order in which they were begun; a name stands once. */
  readonly kept: readonly KeptTrace[];
  /** The vCPU that runs under the timer now, for the newest of them. Absent: none does. */
  readonly now?: { readonly domain: number; readonly vcpu: number; readonly retired: number };
}
