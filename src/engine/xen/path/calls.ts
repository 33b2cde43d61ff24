import { BOOT_CALLS } from './calls/boot';
import { BUILD_CALLS } from './calls/build';
import type { Call } from './calls/call';
import { CREATE_CALLS } from './calls/create';
import { DESTROY_CALLS } from './calls/destroy';
import { EXIT_CALLS } from './calls/exits';
import { MORE_CALLS } from './calls/more';
import { PV_CALLS } from './calls/pv';
import { RUN_CALLS } from './calls/run';
import { SNP_CALLS } from './calls/snp';
import { UNPAUSE_CALLS } from './calls/unpause';
import { VCPUS_CALLS } from './calls/vcpus';

/** The phases of a domain's life, and the calls of each in their order. */
export const CALL_PATH = {
  boot: BOOT_CALLS,
  create: CREATE_CALLS,
  vcpus: VCPUS_CALLS,
  build: BUILD_CALLS,
  unpause: UNPAUSE_CALLS,
  run: RUN_CALLS,
  destroy: DESTROY_CALLS,
} as const;

const ALL = {
  ...BOOT_CALLS,
  ...CREATE_CALLS,
  ...VCPUS_CALLS,
  ...BUILD_CALLS,
  ...UNPAUSE_CALLS,
  ...RUN_CALLS,
  ...DESTROY_CALLS,
  ...MORE_CALLS,
  ...PV_CALLS,
  ...EXIT_CALLS,
  ...SNP_CALLS,
} as const;

export type CallName = keyof typeof ALL;

/** Every call by its function's name: where it stands, and whether it does so upstream. */
export const CALLS: Readonly<Record<CallName, Call>> = ALL;
