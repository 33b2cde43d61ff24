import type { LoggedSpan } from '../../history/spanLog';
import type { SpanView } from '../protocol';

/** A call as the window is told of it. */
export const spanView = ({
  id,
  parent,
  depth,
  layer,
  actor,
  name,
  args,
  start,
  end,
  result,
  fault,
}: LoggedSpan): SpanView => ({ id, parent, depth, layer, actor, name, args, start, end, result, fault });
