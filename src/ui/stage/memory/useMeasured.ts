import { useEffect } from 'react';
import { pages } from '../../../store/engine';
import type { EngineApi } from '../../../worker/protocol';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { RMP_FROM } from '../../map/rmpStates';
import type { MapMode } from '../../map/types';

/** What each colouring asks the machine for, and from which number on its values count. */
const ASKED: { readonly [mode in MapMode]?: readonly [(api: EngineApi) => Promise<Uint32Array>, number] } = {
  entropy: [(api) => api.entropy(), 0],
  rmp: [(api) => api.rmpPages('state'), RMP_FROM.rmp],
  'rmp-owner': [(api) => api.rmpPages('owner'), RMP_FROM['rmp-owner']],
  'rmp-vmpl': [(api) => api.rmpPages('vmpl'), RMP_FROM['rmp-vmpl']],
  'rmp-validated': [(api) => api.rmpPages('validated'), RMP_FROM['rmp-validated']],
};

/** Measures what the colours of the map tell while it shows them, and again whenever the machine has moved. */
export function useMeasured(mode: MapMode): void {
  const [ask, from] = ASKED[mode] ?? [null, 0];
  const { value, key } = useEngineQuery(ask && mode, (api) => ask?.(api) ?? Promise.resolve(null));
  useEffect(() => {
    if (!value || key !== mode) return;
    const pairs = Array.from({ length: value.length / 2 }, (_, i) => 2 * i);
    pages.setMeasured(
      pairs.map((at) => value[at] ?? 0),
      pairs.map((at) => from + (value[at + 1] ?? 0)),
    );
  }, [value, key, mode, from]);
}
