import type { CommandDefinition } from '../command';
import type { CommandName } from '../layouts';
import { ACTIVATE, ACTIVATE_EX } from './activate';
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
import { DEACTIVATE, DECOMMISSION, GUEST_STATUS } from './lifecycle';
import {
  DF_FLUSH,
  DOWNLOAD_FIRMWARE,
  GET_ID,
  NOP,
  PLATFORM_RESET,
  PLATFORM_STATUS,
  SHUTDOWN,
  SNP_DF_FLUSH,
} from './platform';
import { RECEIVE_FINISH, RECEIVE_UPDATE_DATA, RECEIVE_UPDATE_VMSA } from './receive';
import { RING_BUFFER } from './ringBuffer';
import { SEND_CANCEL, SEND_FINISH, SEND_START, SEND_UPDATE_DATA, SEND_UPDATE_VMSA } from './send';
import { SNP_ACTIVATE, SNP_ACTIVATE_EX } from './snp/activate';
import { SNP_DBG_DECRYPT, SNP_DBG_ENCRYPT } from './snp/debug';
import { SNP_LAUNCH_FINISH } from './snp/finish';
import {
  SNP_COMMIT,
  SNP_CONFIG,
  SNP_DLFW_CONTINUE,
  SNP_DOWNLOAD_FIRMWARE_EX,
  SNP_VLEK_LOAD,
} from './snp/firmware';
import { SNP_DECOMMISSION, SNP_GCTX_CREATE, SNP_GUEST_STATUS } from './snp/guest';
import { SNP_PAGE_SET_STATE } from './snp/hvFixed';
import { SNP_INIT, SNP_INIT_EX } from './snp/init';
import { SNP_PAGE_UNSMASH } from './snp/large';
import { SNP_PAGE_MD_INIT, SNP_PAGE_MOVE } from './snp/pages';
import { SNP_PAGE_RECLAIM } from './snp/reclaim';
import { SNP_GUEST_REQUEST } from './snp/request';
import { SNP_SHUTDOWN, SNP_SHUTDOWN_EX } from './snp/shutdown';
import { SNP_LAUNCH_START } from './snp/start';
import { SNP_FEATURE_INFO, SNP_PLATFORM_STATUS } from './snp/status';
import { SNP_PAGE_SWAP_IN } from './snp/swapIn';
import { SNP_PAGE_SWAP_OUT } from './snp/swapOut';
import { SNP_LAUNCH_UPDATE } from './snp/update';
import { LAUNCH_START, RECEIVE_START } from './start';
import { SWAP_IN, SWAP_OUT } from './swap';

/** Every command of the firmware by its name. */
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
  SNP_INIT,
  SNP_SHUTDOWN,
  SNP_PLATFORM_STATUS,
  SNP_DF_FLUSH,
  SNP_INIT_EX,
  SNP_SHUTDOWN_EX,
  SNP_CONFIG,
  SNP_DOWNLOAD_FIRMWARE_EX,
  SNP_COMMIT,
  SNP_DLFW_CONTINUE,
  SNP_VLEK_LOAD,
  SNP_FEATURE_INFO,
  SNP_DECOMMISSION,
  SNP_ACTIVATE,
  SNP_GUEST_STATUS,
  SNP_GCTX_CREATE,
  SNP_GUEST_REQUEST,
  SNP_ACTIVATE_EX,
  SNP_LAUNCH_START,
  SNP_LAUNCH_UPDATE,
  SNP_LAUNCH_FINISH,
  SNP_DBG_DECRYPT,
  SNP_DBG_ENCRYPT,
  SNP_PAGE_SWAP_OUT,
  SNP_PAGE_SWAP_IN,
  SNP_PAGE_MOVE,
  SNP_PAGE_MD_INIT,
  SNP_PAGE_SET_STATE,
  SNP_PAGE_RECLAIM,
  SNP_PAGE_UNSMASH,
} as const satisfies Record<CommandName, CommandDefinition>;

const byId = new Map<number, CommandDefinition>(Object.values(COMMANDS).map((each) => [each.id, each]));

export const commandById = (id: number): CommandDefinition | null => byId.get(id) ?? null;
