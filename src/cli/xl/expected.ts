import { hex } from '../../engine/core/address';
import type { Json, JsonObject } from '../../engine/core/json';
import { policyBitNames } from '../../engine/xen/path/policy';
import { type HostAbilities, refusedBy } from '../../engine/xen/xl/checks';
import type { XlConfig } from '../../engine/xen/xl/config';
import type { Dialect } from '../../engine/xen/xl/dialects';
import { createdomainFlags } from '../../engine/xen/xl/flags';
import type { ParsedXl } from '../../engine/xen/xl/parse';

/** A machine that refuses nothing by itself, so that only the configuration decides. */
const ABLE: HostAbilities = { hap: true, iommu: true, encryption: true, es: true };

/** What became of a configuration, in the form of `expect` in `xen.json` (xen.md E.4). */
export function expectedOf(parsed: ParsedXl, dialect: Dialect): JsonObject {
  if (!parsed.ok) {
    const { stage, error, message, line, column } = parsed.error;
    const failed = { ok: false, stage, error, message, line, column };
    return stage === 'xl' ? { ...failed, ignoredKeys: parsed.ignoredKeys.map(({ key }) => key) } : failed;
  }
  const { config, warnings, ignoredKeys } = parsed;
  return {
    ok: true,
    config: mainFields(config),
    createdomain: createdomainOf(config, dialect),
    ignoredKeys: ignoredKeys.map(({ key }) => key),
    warnings: warnings.map(({ message }) => message),
    hypervisor: hypervisorOf(config, dialect),
  };
}

function mainFields({ other: _, sevPolicy, ...fields }: XlConfig): JsonObject {
  const policy = sevPolicy === undefined ? {} : policyOf(sevPolicy);
  return { ...fields, ...policy };
}

const policyOf = (policy: number): JsonObject => ({
  sevPolicy: hex(policy),
  sevPolicyBits: policyBitNames(policy),
});

function createdomainOf(config: XlConfig, dialect: Dialect): JsonObject {
  const { flags, emulationFlags, miscFlags } = createdomainFlags(config, dialect);
  const sev: JsonObject = miscFlags === 0 ? {} : { miscFlagsBit1: 'XEN_X86_SEV_ENABLED' };
  return { flags: hex(flags), emulationFlags: hex(emulationFlags), ...sev };
}

function hypervisorOf(config: XlConfig, dialect: Dialect): Json {
  const check = refusedBy(config, dialect, ABLE);
  return check ? { result: check.error, at: check.at, why: check.why } : { result: 'ok' };
}
