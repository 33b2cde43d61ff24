import { HOST_KEY, keyName } from '../../engine/core/key';
import type { Platform } from '../../engine/core/platform';
import { CPUID_SAMPLES } from '../../engine/cpu/cpuid';
import { isUp } from '../../engine/look';
import { isCoherent } from '../../engine/memory/cache';
import { MODES } from '../../engine/memory/modes';
import type { CacheLineView, ChipView, CoreView, SlotView, TlbEntryView } from '../protocol';

/** What the chip holds: cores, key slots (names, never bytes), cache lines, translations. */
export function chipView(p: Platform): ChipView {
  const { label, definition, rule } = MODES[p.config.encryption];
  const device = p.state.cell('device')?.domain ?? null;
  const { resets, serial } = p.state.cell('asp') ?? { resets: 0, serial: 0 };
  return {
    cores: isUp(p) ? p.state.tlbs.map((_, id) => coreView(p, id)) : [],
    slots: slots(p),
    caches: p.state.caches.flatMap((_, complex) => linesOf(p, complex)),
    tlbs: p.state.tlbs.flatMap((_, core) => entriesOf(p, core)),
    encryption: {
      mode: p.config.encryption,
      label,
      definition,
      rule,
      bits: CPUID_SAMPLES[p.config.generation].keyBits,
    },
    coherent: p.state.cell('cpuid') !== null && isCoherent(p),
    asp: { resets, keysMade: serial },
    device: { guest: device === null ? null : p.state.need('domain', device).name },
  };
}

function coreView(p: Platform, id: number): CoreView {
  const core = p.state.need('core', id);
  const guest = core.domain === null ? null : p.state.need('domain', core.domain).name;
  return { id, complex: core.complex, mode: guest === null ? 'host' : 'guest', guest, asid: core.asid };
}

function slots(p: Platform): SlotView[] {
  const out: SlotView[] = [];
  for (const [name, cell] of p.state.allCells()) {
    if (!name.startsWith('slot/')) continue;
    const selector = Number(name.slice(5));
    out.push({
      selector,
      name: selector === HOST_KEY ? 'host' : keyName(selector),
      keyId: (cell as { keyId: string }).keyId,
    });
  }
  return out.sort((a, b) => a.selector - b.selector);
}

function linesOf(p: Platform, complex: number): CacheLineView[] {
  return [...(p.state.caches[complex]?.values() ?? [])]
    .map(({ address, key, dirty, born, data }) => ({
      complex,
      address,
      key,
      keyName: keyName(key),
      dirty,
      born,
      data,
    }))
    .sort((a, b) => a.address - b.address || a.key - b.key);
}

function entriesOf(p: Platform, core: number): TlbEntryView[] {
  return [...(p.state.tlbs[core]?.values() ?? [])].map(
    ({ asid, page, size, target, c, nestedC, writable }) => ({
      core,
      asid,
      page,
      size,
      target,
      c,
      nestedC,
      writable,
    }),
  );
}
