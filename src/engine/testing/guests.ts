import type { Action } from '../actions';

/** `xl create` of a guest of any name with that many MiB; encrypted where the machine can, unless `sev` says otherwise. */
export const createGuest = (guest: string, memory = 1, sev?: boolean): Action => ({
  type: 'xl.create',
  config: 'alice.cfg',
  extra: `name="${guest}" memory=${memory}${sev === undefined ? '' : ` coco=${sev ? 1 : 0}`}`,
});
