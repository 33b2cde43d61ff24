import type { JsonObject } from '../../../engine/core/json';
import { performAll } from '../../../store/session';
import type { VcpuChoice } from '../../../worker/protocol';

/** The same action for each of some vCPUs, one after the other; stops where one cannot even be tried. */
export const performEach = (
  targets: readonly VcpuChoice[],
  type: string,
  args: JsonObject = {},
): Promise<boolean> =>
  performAll(targets.map(({ guest, vcpu }) => ({ type, guest, ...(vcpu > 0 ? { vcpu } : {}), ...args })));
