import type { Rule } from '../../core/fault';
import type { NaeRequest } from './event';
import { naeEvent, outputsOf } from './events';
import { GHCB_FIELDS, type GhcbField, isValid, readGhcb } from './layout';
import { decodeResult, isRaisable } from './result';

/** What a guest demands of an answer before it takes a value over. */
export const ANSWER_RULES = {
  result: {
    id: 'ghcb.answer.result',
    says: 'SW_EXITINFO1 of an answer is 0, 1 or 2.',
    source: 'Linux arch/x86/coco/sev/vc-shared.c (verify_exception_info)',
    standing: 'published',
  },
  refused: {
    id: 'ghcb.answer.refused',
    says: 'A guest whose request the hypervisor calls malformed does not go on.',
    source: 'Linux arch/x86/coco/sev/vc-shared.c (verify_exception_info)',
    standing: 'published',
  },
  exception: {
    id: 'ghcb.answer.exception',
    says: 'A hypervisor may have a guest raise #GP or #UD, and nothing else.',
    source: 'Linux arch/x86/coco/sev/vc-shared.c (verify_exception_info); EDK2 CcExitLib.c',
    standing: 'published',
  },
  output: {
    id: 'ghcb.answer.output',
    says: 'What an event returns must be marked valid in the answer.',
    source: 'Linux arch/x86/coco/sev/vc-shared.c; EDK2 CcExitVcHandler.c, which alone looks at RDMSR',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** Why a guest does not take an answer. */
export interface AnswerProblem {
  readonly rule: Rule;
  readonly message: string;
  readonly field?: GhcbField;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/**
 * A guest’s check of the form of an answer; empty when it may read the outputs, or raise the exception that the answer
 * asks for.
 * @param page a copy of the GHCB after VMGEXIT.
 * @param asked the request as the guest itself remembers it, never as the page says now.
 */
export function checkAnswer(
  page: Uint8Array,
  asked: NaeRequest & { readonly code: number },
): readonly AnswerProblem[] {
  const result = decodeResult(readGhcb(page, 'swExitInfo1'), readGhcb(page, 'swExitInfo2'));
  switch (result.kind) {
    case 'unknown':
      return [
        {
          rule: ANSWER_RULES.result,
          message: `SW_EXITINFO1 is ${hex(result.info1)}.`,
          field: 'swExitInfo1',
        },
      ];
    case 'refused':
      return [
        {
          rule: ANSWER_RULES.refused,
          message: `The hypervisor says: ${result.reason ?? 'no reason that has a name'} (${result.code}).`,
          field: 'swExitInfo2',
        },
      ];
    case 'exception':
      return isRaisable(result.event)
        ? []
        : [
            {
              rule: ANSWER_RULES.exception,
              message: `SW_EXITINFO2 asks for vector ${result.event.vector}, type ${result.event.type}, ${result.event.valid ? 'valid' : 'not valid'}.`,
              field: 'swExitInfo2',
            },
          ];
    case 'done':
      return missingOutputs(page, asked);
  }
}

function missingOutputs(
  page: Uint8Array,
  asked: NaeRequest & { readonly code: number },
): readonly AnswerProblem[] {
  const event = naeEvent(asked.code);
  if (!event) return [];
  return outputsOf(event, asked)
    .filter((field) => !isValid(page, field))
    .map((field) => ({
      rule: ANSWER_RULES.output,
      message: `${event.name} returns ${GHCB_FIELDS[field].label}; bit ${GHCB_FIELDS[field].validBit} of VALID_BITMAP is clear.`,
      field,
    }));
}
