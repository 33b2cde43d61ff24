import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { policyOf } from '../toolstack/create';
import { readConfig, words } from '../toolstack/files';
import { parseXl, withExtra } from '../xen/xl/parse';

/** What a guest's owner asks a host to start: they have the configuration, too, and know what it loads. */
export interface Wish {
  readonly guest: string;
  readonly policy: number;
  readonly cmdline: string;
}

const UNREADABLE: Rule = {
  id: 'owner.configuration',
  says: 'The owner knows which image and which command line the guest is to be started with.',
  source: 'this simulator',
  standing: 'modelled',
};

/** The wish that stands in a configuration. */
export function wishOf(p: Platform, file: string, extra: string | undefined): Outcome<Wish> {
  const text = readConfig(p, file);
  const parsed = text === null ? null : parseXl(withExtra(text, words(extra)), p.config.xen);
  if (parsed?.ok) {
    const { name, cmdline = '' } = parsed.config;
    return ok({ guest: name, policy: policyOf(p, parsed.config), cmdline });
  }
  const message = parsed ? `${file}: ${parsed.error.message}` : `The owner knows no configuration ${file}.`;
  return p.trace.refused(refuse(UNREADABLE, 'refused', message, { file }, 'alice.cfg, for example.'));
}
