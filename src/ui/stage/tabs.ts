import {
  Binary,
  Cpu,
  Film,
  Grid3x3,
  Hash,
  KeyRound,
  Layers,
  ListTree,
  type LucideIcon,
  Route,
  ScanEye,
  TableProperties,
  Workflow,
} from 'lucide-react';
import type { ComponentType } from 'react';
import type { VIEWS } from './views';

/** A view of the machine on the stage. Each is loaded when it is first opened. */
export interface StageTab {
  readonly id: string;
  readonly title: string;
  /** A word of the title, for where there is little room. */
  readonly short?: string;
  readonly icon: LucideIcon;
  readonly load: () => Promise<{ readonly default: ComponentType }>;
}

/** A view of the list that is fetched when a first view is asked for. */
const late = (id: keyof typeof VIEWS) => ({
  id,
  load: () => import('./views').then(({ VIEWS: views }) => views[id]()),
});

export const stageTabs: readonly StageTab[] = [
  { id: 'memory', title: 'Memory', icon: ScanEye, load: () => import('./memory/MemoryTab') },
  { ...late('machine'), title: 'Machine', icon: Cpu },
  { ...late('walk'), title: 'Page walk', short: 'Walk', icon: Route },
  { ...late('xen'), title: 'Xen stack', short: 'Xen', icon: ListTree },
  { ...late('states'), title: 'State machines', short: 'State', icon: Workflow },
  { ...late('keys'), title: 'Keys', icon: KeyRound },
  { ...late('registers'), title: 'Registers', icon: Binary },
  { ...late('rmp'), title: 'RMP', icon: TableProperties },
  { ...late('launch'), title: 'Launch', icon: Film },
  { ...late('cache'), title: 'Cache & TLB', short: 'Cache', icon: Layers },
  { ...late('matrix'), title: 'Who can read whom', short: 'Who', icon: Grid3x3 },
  { ...late('asids'), title: 'ASIDs & CPUID', short: 'ASIDs', icon: Hash },
];
