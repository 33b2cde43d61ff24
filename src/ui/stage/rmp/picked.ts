import type { PageEdge } from '../../../engine/asp/snp/pageMachine';
import type { PageState } from '../../../engine/rmp/types';

/** What of the state machine of pages is looked at. */
export type Picked =
  | { readonly kind: 'state'; readonly state: PageState }
  | { readonly kind: 'edge'; readonly from: PageState; readonly to: PageState };

/** Does an edge lead from or to the state that is looked at, or is it the one? */
export const isPicked = (picked: Picked, { from, to }: Pick<PageEdge, 'from' | 'to'>): boolean =>
  picked.kind === 'state'
    ? picked.state === from || picked.state === to
    : picked.from === from && picked.to === to;
