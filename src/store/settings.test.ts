import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSettings, settingsOf } from './settings';
import { INITIAL_VIEW, SIZES } from './view';

describe('kept settings', () => {
  it('come back as they were', () => {
    const view = { ...INITIAL_VIEW, theme: 'projector', colouring: 'key', timelineHeight: 240 } as const;
    expect(readSettings(JSON.stringify(settingsOf(view)))).toEqual(settingsOf(view));
  });

  it('are taken field by field from whatever somebody wrote there', () => {
    expect(readSettings(null)).toEqual({});
    expect(readSettings('{')).toEqual({});
    expect(readSettings('[1]')).toEqual({});
    expect(
      readSettings('{"theme":"neon","lens":"text","scriptWidth":9e9,"timelineHeight":"tall","__proto__":{}}'),
    ).toEqual({
      lens: 'text',
    });
  });

  it('never make a size that no drag could', () => {
    fc.assert(
      fc.property(fc.json(), fc.integer(), (junk, width) => {
        readSettings(junk);
        const { scriptWidth } = readSettings(JSON.stringify({ scriptWidth: width }));
        const { least, most } = SIZES.scriptWidth;
        expect(scriptWidth === undefined || (scriptWidth >= least && scriptWidth <= most)).toBe(true);
      }),
    );
  });
});
