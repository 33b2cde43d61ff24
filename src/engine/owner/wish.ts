import type { OwnerSession } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { memoryOf, policyOf } from '../toolstack/defaults';
import { readConfig, words } from '../toolstack/files';
import { hasEs } from '../xen/kind';
import { parseXl, withExtra } from '../xen/xl/parse';

/** What a guest’s owner asks a host to start: they have the configuration, too, and know what it loads. */
export type Wish = Pick<OwnerSession, 'guest' | 'policy' | 'cmdline' | 'registers'>;

const UNREADABLE: Rule = {
  id: 'owner.configuration',
  says: 'The owner knows which image and which command line the guest is to be started with.',
  source: 'this simulator',
  standing: 'modelled',
};

/**
 * The wish that stands in a configuration.
 * @param wanted the guest policy, in the place of the one that follows from it.
 */
export function wishOf(
  p: Platform,
  file: string,
  extra: string | undefined,
  wanted: number | undefined,
): Outcome<Wish> {
  const text = readConfig(p, file);
  const parsed = text === null ? null : parseXl(withExtra(text, words(extra)), p.config.xen);
  if (parsed?.ok) {
    const { name: guest, cmdline = '', vcpus } = parsed.config;
    const policy = wanted ?? policyOf(p, parsed.config);
    const registers = { vcpus, memory: memoryOf(parsed.config) };
    return ok({ guest, policy, cmdline, ...(hasEs(policy) ? { registers } : {}) });
  }
  const message = parsed ? `${file}: ${parsed.error.message}` : `The owner knows no configuration ${file}.`;
  return p.trace.refused(refuse(UNREADABLE, 'refused', message, { file }, 'alice.cfg, for example.'));
}
