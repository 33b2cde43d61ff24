import type { Platform } from '../../engine/core/platform';
import { kindOf } from '../../engine/toolstack/defaults';
import { configFiles, readConfig } from '../../engine/toolstack/files';
import type { Located } from '../../engine/xen/xl/located';
import { parseXl } from '../../engine/xen/xl/parse';
import type { AtPlace, ConfigFile, XlReading } from '../protocol';

const place = ({ line, column, message }: Located): AtPlace => ({ line, column, message });

/** A configuration as the xl of this machine's Xen reads it. */
export function xlReading(p: Platform, text: string): XlReading {
  const dialect = p.config.xen;
  const parsed = parseXl(text, dialect);
  const said = {
    dialect,
    warnings: parsed.warnings.map(place),
    ignored: parsed.ignoredKeys.map(place),
  };
  if (!parsed.ok) return { ...said, error: place(parsed.error), guest: null };
  const { name, type, vcpus, targetMemKiB, encrypted } = parsed.config;
  const memory = targetMemKiB === undefined ? null : targetMemKiB * 1024;
  const kind = encrypted ? kindOf(p, parsed.config) : null;
  const kinds = { es: kind === 'sev-es', snp: kind === 'sev-snp' };
  return { ...said, error: null, guest: { name, type, vcpus, memory, encrypted, ...kinds } };
}

export const configFilesOf = (p: Platform): ConfigFile[] =>
  configFiles(p).map((name) => ({ name, text: readConfig(p, name) ?? '' }));
