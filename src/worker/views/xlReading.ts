import type { Platform } from '../../engine/core/platform';
import { policyOf } from '../../engine/toolstack/defaults';
import { configFiles, readConfig } from '../../engine/toolstack/files';
import { hasEs } from '../../engine/xen/kind';
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
  const es = encrypted && hasEs(policyOf(p, parsed.config));
  return { ...said, error: null, guest: { name, type, vcpus, memory, encrypted, es } };
}

export const configFilesOf = (p: Platform): ConfigFile[] =>
  configFiles(p).map((name) => ({ name, text: readConfig(p, name) ?? '' }));
