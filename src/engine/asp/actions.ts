import { type ActionDefinition, defineAction } from '../core/action';
import { hex, PAGE_SIZE } from '../core/address';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import type { FrameRun } from '../core/frameRun';
import type { Json } from '../core/json';
import { HOST_KEY, NO_KEY } from '../core/key';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { z } from '../core/zod';
import { hostStructureKey, memEncryption } from '../cpu/mode';
import { cachedWrite } from '../memory/fill';
import { reach } from '../memory/regions';
import { COMMANDS } from './commands';
import { refusalOf, shownValues } from './dispatch';
import { readFields } from './fields';
import { bufferSize, type CommandName, packCommand } from './layouts';
import { bellOf, hang, MAILBOX_REGISTERS, mailboxOf, ringMailbox, wake, writeMailbox } from './mailbox';
import { withC } from './memory';
import { takeKeys } from './oldFirmware';

/** What a host can do with the secure processor past its driver, and how the processor can be made to fail. */
const NO_ANSWER: Rule = {
  id: 'asp.no-answer',
  says: 'A command is finished when bit 31 of CmdResp is set; until then nobody knows what became of it.',
  source: 'Linux drivers/crypto/ccp/sev-dev.c (__sev_do_cmd_locked)',
  standing: 'published',
};

const NAMES = Object.keys(COMMANDS) as [CommandName, ...CommandName[]];

/** The driver's page for command buffers, or without a driver the last page of free memory. */
function usualBuffer(p: Platform): number {
  const driver = p.state.cell('driver');
  if (driver) return driver.buffer;
  const last: FrameRun | undefined = p.state.need('xen').free.at(-1);
  return last ? (last[0] + last[1] - 1) * PAGE_SIZE : 0;
}

/** The hypervisor puts the structure into memory, as far as it can, and rings the bell. */
function send(
  p: Platform,
  name: CommandName,
  bytes: Uint8Array,
  at: number,
  encrypted: boolean,
): Outcome<Json> {
  if (bytes.length > 0 && reach(p, at, bytes.length).ok)
    cachedWrite(p, 0, at, bytes, encrypted ? HOST_KEY : NO_KEY, OWNER_HYPERVISOR);
  const answer = ringMailbox(p, bellOf(COMMANDS[name].id, bytes.length > 0 ? withC(p, at, encrypted) : 0n));
  if (!answer)
    return refuse(
      NO_ANSWER,
      'refused',
      `The secure processor did not answer ${name}.`,
      { command: name },
      'A secure processor that answers.',
    );
  const refusal = refusalOf(name, answer);
  if (refusal) return refusal;
  return ok({ status: answer.status, value: answer.value, fields: shownValues(answer.values) });
}

const command = defineAction({
  type: 'asp.command',
  actor: 'hypervisor',
  title: 'Send a command to the secure processor',
  help: 'Writes a command buffer into memory and rings the mailbox, past Xen’s driver. Fields by name: HANDLE=1 ASID=2 PADDR=0x10000; those left out are 0.',
  schema: z.strictObject({
    type: z.literal('asp.command'),
    command: field.choice('which command', NAMES),
    fields: z.optional(field.text('its fields: NAME=number, with spaces between', 1000)),
    buffer: z.optional(field.address('system physical address of the command buffer')),
    c: z.optional(field.flag('the buffer’s address with the C-bit')),
  }),
  who: () => 'xen',
  describe: ({ command: name }) => `Xen sends ${name} to the secure processor`,
  suggest: () => ({ command: 'PLATFORM_STATUS' }),
  run: (p, { command: name, fields, buffer, c }) => {
    const values = readFields(name, fields ?? '');
    if (!values.ok) return p.trace.refused(values);
    const encrypted = c === undefined ? hostStructureKey(p) === HOST_KEY : c && memEncryption(p);
    const bytes = bufferSize(name) > 0 ? packCommand(name, values.value) : new Uint8Array(0);
    return send(p, name, bytes, buffer ?? usualBuffer(p), encrypted);
  },
});

const mailbox = defineAction({
  type: 'asp.mailbox',
  actor: 'hypervisor',
  title: 'Write a mailbox register',
  help: 'Writes 32 bits to a register of the secure processor. CmdResp with bit 31 clear starts the command in bits 26:16.',
  schema: z.strictObject({
    type: z.literal('asp.mailbox'),
    register: field.choice('which register', MAILBOX_REGISTERS),
    value: field.count('its new value, 32 bits', 0, 0xffffffff),
  }),
  who: () => 'xen',
  describe: ({ register, value }) => `Xen writes ${hex(value)} to ${register}`,
  suggest: () => ({ register: 'CmdResp', value: COMMANDS.NOP.id << 16 }),
  run: (p, { register, value }) => {
    const answer = writeMailbox(p, register, value);
    const { cmdResp, bufferLow, bufferHigh } = mailboxOf(p);
    return ok({
      status: answer?.status ?? null,
      CmdResp: hex(cmdResp),
      CmdBufAddr_Lo: hex(bufferLow),
      CmdBufAddr_Hi: hex(bufferHigh),
    });
  },
});

const hangAction = defineAction({
  type: 'asp.hang',
  actor: 'firmware',
  title: 'Let the secure processor hang',
  help: 'It answers no command any more: drivers run into their time-out.',
  schema: z.strictObject({ type: z.literal('asp.hang') }),
  who: () => 'asp',
  describe: () => 'The secure processor hangs',
  run: (p) => {
    hang(p);
    return ok(null);
  },
});

const wakeAction = defineAction({
  type: 'asp.wake',
  actor: 'firmware',
  title: 'Let the secure processor go on',
  help: 'It answers again, and first the command that waits in its mailbox.',
  schema: z.strictObject({ type: z.literal('asp.wake') }),
  who: () => 'asp',
  describe: () => 'The secure processor answers again',
  run: (p) => ok({ status: wake(p)?.status ?? null }),
});

const oldFirmware = defineAction({
  type: 'asp.old-firmware',
  actor: 'hypervisor',
  title: 'Take keys with old firmware',
  help: 'Loads old firmware with a flaw, lets it derive the chip’s endorsement keys for an attacker, and loads the newer firmware again. Only a machine with the switch firmware-rollback lets that happen.',
  schema: z.strictObject({ type: z.literal('asp.old-firmware') }),
  who: () => 'xen',
  describe: () => 'Old firmware gives the chip’s endorsement keys away',
  run: takeKeys,
});

export const ASP_ACTIONS: readonly ActionDefinition[] = [
  command,
  mailbox,
  hangAction,
  wakeAction,
  oldFirmware,
] as unknown as readonly ActionDefinition[];
