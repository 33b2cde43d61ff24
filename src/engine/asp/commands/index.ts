import type { CommandDefinition } from '../command';
import type { CommandName } from '../layouts';
import { PDH_CERT_EXPORT, PDH_GEN, PEK_CERT_IMPORT, PEK_CSR, PEK_GEN } from './certificates';
import { COPY, DBG_DECRYPT, DBG_ENCRYPT } from './copies';
import { INIT, INIT_EX } from './init';
import {
  ATTESTATION,
  LAUNCH_FINISH,
  LAUNCH_MEASURE,
  LAUNCH_SECRET,
  LAUNCH_UPDATE_DATA,
  LAUNCH_UPDATE_VMSA,
} from './launch';
import { ACTIVATE, ACTIVATE_EX, DEACTIVATE, DECOMMISSION, GUEST_STATUS } from './lifecycle';
import {
  DF_FLUSH,
  DOWNLOAD_FIRMWARE,
  GET_ID,
  NOP,
  PLATFORM_RESET,
  PLATFORM_STATUS,
  SHUTDOWN,
} from './platform';
import { RECEIVE_FINISH, RECEIVE_UPDATE_DATA, RECEIVE_UPDATE_VMSA } from './receive';
import { RING_BUFFER } from './ringBuffer';
import { SEND_CANCEL, SEND_FINISH, SEND_START, SEND_UPDATE_DATA, SEND_UPDATE_VMSA } from './send';
import { LAUNCH_START, RECEIVE_START } from './start';
import { SWAP_IN, SWAP_OUT } from './swap';

/** Every command of the firmware by its name. SEV-SNP commands will stand here too. */
export const COMMANDS = {
  INIT,
  SHUTDOWN,
  PLATFORM_RESET,
  PLATFORM_STATUS,
  PEK_GEN,
  PEK_CSR,
  PEK_CERT_IMPORT,
  PDH_CERT_EXPORT,
  PDH_GEN,
  DF_FLUSH,
  DOWNLOAD_FIRMWARE,
  GET_ID,
  INIT_EX,
  NOP,
  RING_BUFFER,
  DECOMMISSION,
  ACTIVATE,
  DEACTIVATE,
  GUEST_STATUS,
  COPY,
  ACTIVATE_EX,
  LAUNCH_START,
  LAUNCH_UPDATE_DATA,
  LAUNCH_UPDATE_VMSA,
  LAUNCH_MEASURE,
  LAUNCH_SECRET,
  LAUNCH_FINISH,
  ATTESTATION,
  SEND_START,
  SEND_UPDATE_DATA,
  SEND_UPDATE_VMSA,
  SEND_FINISH,
  SEND_CANCEL,
  RECEIVE_START,
  RECEIVE_UPDATE_DATA,
  RECEIVE_UPDATE_VMSA,
  RECEIVE_FINISH,
  DBG_DECRYPT,
  DBG_ENCRYPT,
  SWAP_OUT,
  SWAP_IN,
} as const satisfies Record<CommandName, CommandDefinition>;

const byId = new Map<number, CommandDefinition>(Object.values(COMMANDS).map((each) => [each.id, each]));

export const commandById = (id: number): CommandDefinition | null => byId.get(id) ?? null;
