import type { Layout } from '../shared/diagramLayout';

/** Where the states stand. What they are, and which commands lead where, comes from the firmware's own table. */
interface MachineLayouts {
  readonly wide: Layout;
  readonly narrow: Layout;
}

const box = (x: number, y: number, width: number, height = 2.25) => ({ at: [x, y] as const, width, height });

const GUEST: MachineLayouts = {
  wide: {
    height: 19.5,
    boxes: {
      UNINIT: box(9, 3.6, 5.5),
      LUPDATE: box(46, 3.6, 10, 5.75),
      LSECRET: box(88, 3.6, 8.25, 4),
      RUPDATE: box(14, 10.5, 10.25, 5.75),
      RUNNING: box(88, 16.25, 6),
      SUPDATE: box(46, 16.25, 10, 5.75),
      SENT: box(9, 16.25, 5),
    },
    arrows: [
      { from: 'UNINIT', to: 'LUPDATE', label: [24, 1.9] },
      { from: 'UNINIT', to: 'RUPDATE', label: [13, 6.2] },
      { from: 'LUPDATE', to: 'LSECRET', label: [69, 0.75] },
      { from: 'LSECRET', to: 'RUNNING', label: [89, 8] },
      { from: 'RUPDATE', to: 'RUNNING', via: [[80, 10.5]], label: [51, 10.5] },
      { from: 'RUNNING', to: 'SUPDATE', shift: -0.5, label: [71, 14.6] },
      { from: 'SUPDATE', to: 'RUNNING', shift: -0.5, label: [71, 17.9] },
      { from: 'SUPDATE', to: 'SENT', label: [24, 15] },
    ],
  },
  narrow: {
    height: 32,
    boxes: {
      UNINIT: box(25, 1.2, 5.5),
      LUPDATE: box(25, 8, 9.5, 5.75),
      RUPDATE: box(76, 8, 9.5, 5.75),
      LSECRET: box(25, 15.6, 8.5, 4),
      RUNNING: box(25, 21.6, 6),
      SUPDATE: box(25, 28.6, 9.5, 5.75),
      SENT: box(82, 28.6, 5),
    },
    arrows: [
      { from: 'UNINIT', to: 'LUPDATE', label: [25, 3.7] },
      { from: 'UNINIT', to: 'RUPDATE', label: [68, 2.6] },
      { from: 'LUPDATE', to: 'LSECRET', label: [25, 12.2] },
      { from: 'LSECRET', to: 'RUNNING', label: [25, 19] },
      { from: 'RUPDATE', to: 'RUNNING', via: [[76, 21.6]], label: [76, 15.6] },
      { from: 'RUNNING', to: 'SUPDATE', shift: 2, label: [52, 24.2] },
      { from: 'SUPDATE', to: 'RUNNING', shift: 2, label: [16, 24.2] },
      { from: 'SUPDATE', to: 'SENT', label: [80, 26.4] },
    ],
  },
};

const PLATFORM: MachineLayouts = {
  wide: {
    height: 10.25,
    boxes: {
      UNINIT: box(13.5, 4.25, 10, 7.5),
      INIT: box(47.5, 4.25, 4.5),
      WORKING: box(88, 4.25, 8.25, 5.75),
    },
    arrows: [
      { from: 'UNINIT', to: 'INIT', shift: 0.5, label: [34, 1.9] },
      { from: 'INIT', to: 'UNINIT', shift: 0.5, label: [34, 5.9] },
      { from: 'INIT', to: 'WORKING', shift: 0.5, label: [65.5, 1.9] },
      { from: 'WORKING', to: 'INIT', shift: 0.5, label: [65.5, 5.9] },
      {
        from: 'WORKING',
        to: 'UNINIT',
        via: [
          [88, 9.4],
          [13.5, 9.4],
        ],
        label: [51, 9.4],
      },
    ],
  },
  narrow: {
    height: 23,
    boxes: {
      UNINIT: box(42, 3.9, 10, 7.5),
      INIT: box(42, 12.2, 5),
      WORKING: box(42, 19.75, 8.75, 5.75),
    },
    arrows: [
      { from: 'UNINIT', to: 'INIT', shift: 1.25, label: [64, 9.4] },
      { from: 'INIT', to: 'UNINIT', shift: 1.25, label: [18, 9.4] },
      { from: 'INIT', to: 'WORKING', shift: 1.25, label: [66, 15.1] },
      { from: 'WORKING', to: 'INIT', shift: 1.25, label: [16, 15.1] },
      {
        from: 'WORKING',
        to: 'UNINIT',
        via: [
          [92, 19.75],
          [92, 3.9],
        ],
        label: [88, 12.2],
      },
    ],
  },
};

const ACTIVATION: MachineLayouts = {
  wide: {
    height: 10.5,
    boxes: {
      inactive: box(10, 3, 5.5),
      pending: box(49, 3, 5.5),
      active: box(90, 3, 5.5),
    },
    arrows: [
      { from: 'inactive', to: 'pending', shift: 0.5, label: [29, 1.1] },
      { from: 'pending', to: 'inactive', shift: 0.5, label: [29, 4.6] },
      { from: 'pending', to: 'active', label: [70, 1.3] },
      {
        from: 'active',
        to: 'inactive',
        via: [
          [90, 6],
          [12.5, 6],
        ],
        label: [51, 6],
      },
      {
        from: 'inactive',
        to: 'active',
        via: [
          [7, 8.75],
          [93, 8.75],
        ],
        label: [51, 8.75],
      },
    ],
  },
  narrow: {
    height: 16,
    boxes: {
      inactive: box(32, 1.2, 5.5),
      pending: box(32, 7.5, 5.5),
      active: box(32, 14, 5.5),
    },
    arrows: [
      { from: 'inactive', to: 'pending', shift: 1, label: [49, 4.4] },
      { from: 'pending', to: 'inactive', shift: 1, label: [14, 4.4] },
      { from: 'pending', to: 'active', label: [32, 10.8] },
      {
        from: 'active',
        to: 'inactive',
        via: [
          [64, 14],
          [64, 1.2],
        ],
        label: [64, 8.2],
      },
      {
        from: 'inactive',
        to: 'active',
        via: [
          [88, 0.6],
          [88, 14.6],
        ],
        label: [86, 5.6],
      },
    ],
  },
};

export const LAYOUTS = { guest: GUEST, platform: PLATFORM, activation: ACTIVATION } as const;
