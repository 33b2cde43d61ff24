import { describe, expect, it } from 'vitest';
import { THEMES } from './testing/tokens';

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

const SURFACES = ['surface-0', 'surface-1', 'surface-2', 'surface-3', 'surface-sunken', 'surface-float'];
const OWNERS = [
  ...Array.from({ length: 12 }, (_, n) => `guest-${n + 1}`),
  'firmware',
  'hypervisor',
  'device',
  'owner',
  'physical',
];
const TEXTS = [
  'text',
  'text-muted',
  'text-faint',
  'accent-text',
  'good',
  'warn',
  'fault-ink',
  ...OWNERS.map((owner) => `${owner}-ink`),
];
const PAIRS = [
  ['on-accent', 'accent'],
  ['on-changed', 'changed'],
  ['text', 'accent-soft'],
  ['text', 'fault-soft'],
  ['text', 'good-soft'],
  ['text', 'warn-soft'],
  ...OWNERS.map((owner) => [`${owner}-ink`, `${owner}-soft`]),
] as const;

describe.each(THEMES)('the $name theme', ({ of }) => {
  it('keeps every text readable on every surface (WCAG 2.2 AA, 4.5 : 1)', () => {
    const weak = TEXTS.flatMap((text) =>
      SURFACES.map((surface) => ({ text, surface, ratio: contrast(of(text), of(surface)) })),
    ).filter(({ ratio }) => ratio < 4.5);
    expect(weak).toEqual([]);
  });

  it('keeps text readable on the surfaces made for it', () => {
    const weak = PAIRS.map(([text, surface]) => ({
      text,
      surface,
      ratio: contrast(of(text!), of(surface!)),
    }));
    expect(weak.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  });

  it('keeps the borders of controls and the focus visible (3 : 1)', () => {
    const weak = ['line-strong', 'focus', 'accent'].flatMap((mark) =>
      SURFACES.map((surface) => ({ mark, surface, ratio: contrast(of(mark), of(surface)) })),
    );
    expect(weak.filter(({ ratio }) => ratio < 3)).toEqual([]);
  });
});
