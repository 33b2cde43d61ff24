import { aboutBoot } from './boot';
import type { XlConfig } from './config';
import { aboutCreation } from './creation';
import { aboutDevices } from './devices';
import type { Dialect } from './dialects';
import type { Draft, Refusal, Step } from './draft';
import { aboutEncryption } from './encryption';
import { aboutFirmware } from './firmware';
import { aboutIdentity } from './identity';
import type { Reader } from './reader';

/** In the order of `parse_config_data`: of two mistakes xl tells the first. */
const STEPS: readonly Step[] = [
  aboutCreation,
  aboutBoot,
  aboutDevices,
  aboutEncryption,
  aboutIdentity,
  aboutFirmware,
];

const START: Omit<XlConfig, 'other'> = {
  name: '',
  type: 'pv',
  vcpus: 1,
  maxVcpus: 1,
  hap: false,
  nestedHvm: false,
  encrypted: false,
};

/** Reads everything that this dialect's xl and the simulator know (tools/xl/xl_parse.c: parse_config_data). */
export function configOf(reader: Reader, dialect: Dialect): XlConfig | Refusal {
  const draft: Draft = {
    ...START,
    other: { onPoweroff: 'destroy', onReboot: 'restart', onCrash: 'destroy' },
  };
  for (const step of STEPS) {
    const refusal = step(draft, reader, dialect);
    if (refusal) return refusal;
  }
  return draft;
}
