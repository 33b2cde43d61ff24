import type { JsonObject } from '../../../engine/core/json';
import { perform } from '../../../store/session';
import type { VcpuChoice } from '../../../worker/protocol';

/** The same action for each of some vCPUs, one after the other; stops where one cannot even be tried. */
export async function performEach(
  targets: readonly VcpuChoice[],
  type: string,
  args: JsonObject = {},
): Promise<void> {
  for (const { guest, vcpu } of targets) {
    const done = await perform({ type, guest, ...(vcpu > 0 ? { vcpu } : {}), ...args });
    if (!done) return;
  }
}
