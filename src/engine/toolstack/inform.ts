import { hex } from '../core/address';
import type { DomainCell } from '../core/cells';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { CPUID_SAMPLES, featuresOf } from '../cpu/cpuid';
import { leakedAsids } from '../xen/asid';
import { consoleLines } from '../xen/console';
import { livingDomains } from '../xen/domains';
import { hasEsPlatform, hasSnpPlatform } from '../xen/driver/probe';
import { presentRmp } from '../xen/driver/rmpMemory';
import { countFrames } from '../xen/frames';
import { hasEs } from '../xen/kind';
import { say } from './say';

const MIB = 1024 * 1024;

/** Prints lines on Domain-0’s terminal and answers with them. */
function print(p: Platform, lines: readonly string[]): Json {
  for (const line of lines) say(p, line);
  return { lines: [...lines] };
}

const row = (cells: readonly (string | number)[]): string =>
  `${String(cells[0]).padEnd(24)}${cells
    .slice(1)
    .map((cell) => String(cell).padStart(8))
    .join('')}`;

/** `xl list`: r running on a core now, b blocked, p paused. */
export function list(p: Platform): Json {
  const onCore = new Set(p.state.tlbs.map((_, core) => p.state.need('core', core).domain));
  const guests = livingDomains(p).map(({ name, id, memory, vmcbs, paused }) =>
    row([
      name,
      id,
      memory / MIB,
      vmcbs.length,
      `${onCore.has(id) ? 'r' : '-'}${!onCore.has(id) && !paused ? 'b' : '-'}${paused ? 'p' : '-'}---`,
    ]),
  );
  return print(p, [
    row(['Name', 'ID', 'Mem', 'VCPUs', 'State']),
    row(['Domain-0', 0, '-', p.state.tlbs.length, 'r-----']),
    ...guests,
  ]);
}

/** `xl info`, the lines that mean something here. */
export function info(p: Platform): Json {
  const { topology, generation, memory, xen, technology } = p.config;
  const features = featuresOf(p.state);
  const driver = p.state.cell('driver');
  return print(p, [
    `nr_cpus                : ${p.state.tlbs.length}`,
    `cores_per_socket       : ${topology.complexes * topology.cores}`,
    `threads_per_core       : ${topology.threads}`,
    `total_memory           : ${memory / MIB}`,
    `free_memory            : ${Math.floor((countFrames(p.state.need('xen').free) * 4096) / MIB)}`,
    `hw                     : ${CPUID_SAMPLES[generation].part}`,
    `xen_tree               : ${xen}`,
    `memory_encryption      : ${technology}`,
    `sev_asids              : ${features.minPlainAsid} - ${features.maxAsid}`,
    ...(hasEsPlatform(p) ? [`sev_es_asids           : 1 - ${features.minPlainAsid - 1}`] : []),
    ...snpLines(p),
    `asp_driver             : ${driver ? `${driver.state}, API ${driver.api}` : 'none'}`,
  ]);
}

/** Where the RMP lies. */
function snpLines(p: Platform): string[] {
  const rmp = hasSnpPlatform(p) ? presentRmp(p) : null;
  return rmp ? [`sev_snp_rmp            : ${hex(rmp.base)} - ${hex(rmp.base + rmp.bytes - 1)}`] : [];
}

export const dmesg = (p: Platform): Json => print(p, consoleLines(p));

const encryptionOf = ({ sev, snp, context, policy, handle }: DomainCell): string => {
  if (!sev) return '';
  return snp
    ? `, SEV-SNP, context ${hex(context ?? 0)}`
    : `, ${hasEs(policy) ? 'SEV-ES' : 'SEV'}, handle ${handle}`;
};

/** Who holds which ASID, as a debug key could print it. */
export const debugAsids = (p: Platform): Json =>
  print(p, [
    '(XEN) ASID dump',
    ...livingDomains(p).map(
      (domain) => `(XEN)   d${domain.id} ${domain.name}: ASID ${domain.asid}${encryptionOf(domain)}`,
    ),
    ...leakedAsids(p).map((asid) => `(XEN)   ASID ${asid}: leaked`),
  ]);
