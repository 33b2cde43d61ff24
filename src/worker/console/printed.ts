import type { Change } from '../../engine/core/change';
import type { ConsoleReply } from '../protocol';

type Printed = NonNullable<ConsoleReply['printed']>;

/** What appeared on Domain-0's terminal between two changes; what the simulator says beside the real xl is an aside. */
export function printedBetween(from: number, to: number, at: (index: number) => Change): Printed {
  const lines: Printed[number][] = [];
  for (let index = from; index < to; index++) {
    const change = at(index);
    if (change.store !== 'fact' || change.what !== 'note' || change.data.what !== 'terminal') continue;
    lines.push({ text: String(change.data.line ?? ''), aside: change.rule?.standing === 'modelled' });
  }
  return lines;
}
