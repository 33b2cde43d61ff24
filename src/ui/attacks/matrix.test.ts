import { describe, expect, it } from 'vitest';
import { LAMP_NAMES } from '../../engine/core/lamps';
import { LEVELS } from '../../lab/levels';
import { plan } from '../../lab/matrix';
import { ATTACK_CARDS } from '../../scenario/attackCards';
import { loadScenario } from '../../scenario/library';
import { levelsOf, mitigationsOf, placeOf, spokenColumn } from './columns';
import { EVERYTHING, filtered, occurring } from './filter';
import { POWER_WORDS, PROPERTY_WORDS } from './words';

describe('the columns', () => {
  it('are those that are computed, in their order', async () => {
    for (const card of ATTACK_CARDS) {
      const scenario = await loadScenario(card.id);
      const planned = plan(card.id, scenario!);
      const shown = [...levelsOf(card).filter((column) => column !== null), ...mitigationsOf(card)];
      expect(shown.map(({ name }) => name)).toEqual(planned.map(({ column }) => column));
      expect(shown.map(({ technology, mitigation }) => ({ technology, mitigation }))).toEqual(
        planned.map(({ variant }) => variant),
      );
      expect(levelsOf(card)).toHaveLength(LEVELS.length);
    }
  });

  it('open the variant at the step that decides, or before the first', () => {
    const [card] = ATTACK_CARDS;
    const [level] = levelsOf(card!).filter((column) => column !== null);
    expect(placeOf(card!, level!, 3)).toEqual({
      kind: 'scenario',
      id: card!.id,
      step: 3,
      technology: level!.technology,
    });
    const fix = { name: 'fix', technology: 'sev-snp', mitigation: 'fix', says: 'A fix.' } as const;
    expect(placeOf(card!, fix, null)).toMatchObject({ step: 0, technology: 'sev-snp', mitigation: 'fix' });
    expect(spokenColumn(fix)).toBe('SEV-SNP with fix');
  });
});

describe('the filter', () => {
  it('shows all, or those that have what is asked for', () => {
    expect(filtered(ATTACK_CARDS, EVERYTHING)).toEqual(ATTACK_CARDS);
    const physical = filtered(ATTACK_CARDS, { ...EVERYTHING, power: 'physical' });
    expect(physical.map(({ id }) => id)).toContain('cold-boot-dram');
    expect(physical.every(({ powers }) => powers.includes('physical'))).toBe(true);
    const stale = filtered(ATTACK_CARDS, { ...EVERYTHING, violates: 'freshness', tier: 1 });
    expect(stale.map(({ id }) => id)).toContain('ciphertext-replay');
    expect(stale.map(({ id }) => id)).not.toContain('cold-boot-dram');
  });

  it('offers what some attack has, each once', () => {
    expect(occurring(PROPERTY_WORDS, [['integrity'], ['confidentiality', 'integrity']])).toEqual([
      'confidentiality',
      'integrity',
    ]);
    expect(Object.keys(PROPERTY_WORDS).sort()).toEqual([...LAMP_NAMES].sort());
    expect(occurring(POWER_WORDS, [])).toEqual([]);
  });
});
