import type { EngineState } from '../../store/engine';
import { useEngine } from '../kit/stores';

/** 1204 as `1 204`, with a space that does not break. */
const grouped = (value: number): string => String(value).replaceAll(/\B(?=(\d{3})+$)/g, '\u00a0');

/** Where the cursor stands, in words: `change 1 204 of 1 690 · “Xen remaps GPA 0x4000”`. */
function describeMoment({ status, actions }: EngineState): string {
  if (!status) return '';
  const place = `change ${grouped(status.cursor)} of ${grouped(status.length)}`;
  const title = status.cursor <= status.bootEnd ? 'power-on' : actions[status.action]?.title;
  return title ? `${place} · ${title}` : place;
}

export const useMoment = (): string => useEngine(describeMoment);
