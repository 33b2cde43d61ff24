import { offers, vocabulary } from '../../engine/actions';
import type { Platform } from '../../engine/core/platform';
import { configFiles } from '../../engine/toolstack/files';
import { livingDomains } from '../../engine/xen/domains';
import type { Known } from './known';

/** What can be named in a line at this moment. */
export const knownOf = (p: Platform): Known => ({
  vocabulary: vocabulary(),
  offers: offers(p),
  guests: livingDomains(p).map(({ name, id }) => ({ name, id })),
  files: configFiles(p),
  cores: p.state.tlbs.length,
});
