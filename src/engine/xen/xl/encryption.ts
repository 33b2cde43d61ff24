import { SEV_TYPES } from './config';
import { keysOf } from './dialects';
import { assign, type Step } from './draft';

/**
 * The keys that the proposals add (xen.md E.2). A dialect that does not have a key does not look for it, so that
 * `coco=1` under today's xl is an ordinary guest.
 */
export const aboutEncryption: Step = (draft, reader, dialect) => {
  const keys = keysOf(dialect);
  if (keys.has('x2apic_mode')) {
    const mode = reader.isList('x2apic_mode') ? undefined : reader.string('x2apic_mode');
    if (mode !== undefined && mode !== 'default' && mode !== 'pre_enable') {
      return { error: `Unknown x2apic mode "${mode}" specified`, key: 'x2apic_mode' };
    }
    assign(draft, 'x2apicMode', mode);
  }
  if (keys.has('fixed_mem_layout')) assign(draft, 'fixedMemLayout', reader.bool('fixed_mem_layout'));
  if (keys.has('coco')) draft.encrypted = reader.bool('coco') ?? false;
  if (keys.has('sev')) draft.encrypted = reader.bool('sev') ?? false;
  if (keys.has('svsm')) assign(draft, 'svsm', reader.bool('svsm'));
  if (keys.has('sev_features')) assign(draft, 'sevFeatures', reader.bounded('sev_features', 0, 2 ** 32 - 1));
  if (keys.has('sev_policy')) assign(draft, 'sevPolicy', reader.bounded('sev_policy', 0, 2 ** 32 - 1));
  if (!keys.has('sev_type')) return null;
  const word = reader.string('sev_type');
  const kind = SEV_TYPES.find((name) => name === word);
  if (word !== undefined && kind === undefined) {
    return { error: `Unknown sev_type "${word}" specified`, key: 'sev_type' };
  }
  assign(draft, 'sevType', kind);
  return null;
};
