import { useEffect } from 'react';
import { pages } from '../../../store/engine';
import { useEngineQuery } from '../../kit/useEngineQuery';

/** Measures how random the written pages look while the map shows it, and again whenever bytes have moved. */
export function useEntropy(wanted: boolean): void {
  const { value } = useEngineQuery(wanted ? 'entropy' : null, (api) => api.entropy());
  useEffect(() => {
    if (!value) return;
    const pairs = Array.from({ length: value.length / 2 }, (_, i) => 2 * i);
    pages.setEntropy(
      pairs.map((at) => value[at] ?? 0),
      pairs.map((at) => value[at + 1] ?? 0),
    );
  }, [value]);
}
