import {
  Binary,
  Cpu,
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

/** A view of the machine on the stage. Each is loaded when it is first opened. */
export interface StageTab {
  readonly id: string;
  readonly title: string;
  /** A word of the title, for where there is little room. */
  readonly short?: string;
  readonly icon: LucideIcon;
  readonly load: () => Promise<{ readonly default: ComponentType }>;
}

export const stageTabs: readonly StageTab[] = [
  { id: 'memory', title: 'Memory', icon: ScanEye, load: () => import('./memory/MemoryTab') },
  { id: 'machine', title: 'Machine', icon: Cpu, load: () => import('./machine/MachineTab') },
  { id: 'walk', title: 'Page walk', short: 'Walk', icon: Route, load: () => import('./walk/WalkTab') },
  {
    id: 'xen',
    title: 'Xen stack',
    short: 'Xen',
    icon: ListTree,
    load: () => import('./xenstack/XenStackTab'),
  },
  {
    id: 'states',
    title: 'State machines',
    short: 'State',
    icon: Workflow,
    load: () => import('./firmware/FirmwareTab'),
  },
  { id: 'keys', title: 'Keys', icon: KeyRound, load: () => import('./keys/KeysTab') },
  { id: 'registers', title: 'Registers', icon: Binary, load: () => import('./registers/RegistersTab') },
  { id: 'rmp', title: 'RMP', icon: TableProperties, load: () => import('./rmp/RmpTab') },
  { id: 'cache', title: 'Cache & TLB', short: 'Cache', icon: Layers, load: () => import('./cache/CacheTab') },
  {
    id: 'matrix',
    title: 'Who can read whom',
    short: 'Who',
    icon: Grid3x3,
    load: () => import('./matrix/MatrixTab'),
  },
  { id: 'asids', title: 'ASIDs & CPUID', short: 'ASIDs', icon: Hash, load: () => import('./asids/AsidsTab') },
];
