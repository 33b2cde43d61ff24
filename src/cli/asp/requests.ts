import type { CommandName } from '../../engine/asp/layouts';
import type { Request } from './parameters';
import { GUEST_REQUESTS } from './requests/guest';
import { LEGACY_REQUESTS } from './requests/legacy';
import { PAGE_REQUESTS } from './requests/pages';
import { PLATFORM_REQUESTS } from './requests/platform';

/** What each command is sent. */
export const REQUESTS: { readonly [N in CommandName]: Request } = {
  ...LEGACY_REQUESTS,
  ...PLATFORM_REQUESTS,
  ...GUEST_REQUESTS,
  ...PAGE_REQUESTS,
};

/** Commands whose names traces write shorter. */
const WRITTEN: Readonly<Record<string, CommandName>> = {
  SNP_SWAP_OUT: 'SNP_PAGE_SWAP_OUT',
  SNP_SWAP_IN: 'SNP_PAGE_SWAP_IN',
  SNP_MD_INIT: 'SNP_PAGE_MD_INIT',
};

/** The command of a trace's step, or null: nobody knows it. */
export function requestedCommand(written: string): CommandName | null {
  const name = Object.hasOwn(WRITTEN, written) ? WRITTEN[written] : written;
  return name !== undefined && Object.hasOwn(REQUESTS, name) ? (name as CommandName) : null;
}
