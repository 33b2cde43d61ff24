import { u32 } from '../../core/bytes';
import { type Rule, refuse } from '../../core/fault';
import { STATUS } from '../status';
import type { Ask, GuestMessage, MessageCheck } from './message';

const ruleOf = ({ id, says, source }: MessageCheck): Rule => ({
  id,
  says: `Refused when ${says}.`,
  source,
  standing: 'published',
});

/** Bytes of the answer to a message. @param asked bytes of the question. */
export const answerSize = ({ answerBytes }: GuestMessage, asked: number): number =>
  answerBytes === 'as asked' ? asked : answerBytes;

/** The first check that holds, with its place in the order, from 1; null when none does. */
function refusalOf({ checks }: GuestMessage, ask: Ask): { check: MessageCheck; at: number } | null {
  for (const [i, check] of checks.entries()) {
    const holds = check.holds(ask);
    if (holds === false) continue;
    return { check: holds === true ? check : { ...check, status: holds }, at: i + 1 };
  }
  return null;
}

/**
 * Does what a guest asks. What is wrong with the message is told in the answer, so that only the guest learns of it; the
 * command goes on (AMD-ASPFW snp_mcmd_guest_request).
 * @param asked bytes of the question.
 */
export function answerMessage(message: GuestMessage, ask: Ask, asked: number): Uint8Array {
  const { trace } = ask.p;
  const out = new Uint8Array(answerSize(message, asked));
  trace.open('asp', 'asp', message.name, { vmpck: ask.vmpck });
  const refused = refusalOf(message, ask);
  message.prepare?.(ask, out);
  if (!refused) message.run(ask, out);
  const status = refused?.check.status ?? 'SUCCESS';
  const of = message.checks.length;
  if (refused) {
    const { check, at } = refused;
    trace.fact('check', { check: check.id, at, of, status }, ruleOf(check));
  } else trace.fact('check', { at: null, of, status });
  out.set(u32(STATUS[status].value));
  const { value } = STATUS[status];
  const why = refused && `${message.name}: ${refused.check.says}.`;
  trace.close(
    { status, value },
    refused && refuse(ruleOf(refused.check), status, why ?? '', {}, 'The guest sends another message.'),
  );
  return out;
}
