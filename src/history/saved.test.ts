import { expect, it } from 'vitest';
import { actionSchema } from '../engine/actions';
import { completeConfig } from '../engine/config';
import type { OMITTED_CHECKS } from '../engine/core/omissions';
import { fromDocument, toDocument } from './saved';

it('keeps the check that a machine lacks only where it lacks one, and refuses unknown ones', () => {
  const saved = (without?: (typeof OMITTED_CHECKS)[number]) =>
    JSON.parse(
      JSON.stringify(
        toDocument({
          config: completeConfig({ without }),
          actions: [],
          cursor: { action: -1, offset: 0 },
          view: '',
          blobs: new Map(),
        }),
      ),
    );
  const read = (document: object) => fromDocument(2, document, actionSchema);
  expect(saved().config).not.toHaveProperty('without');
  expect(read(saved())).toMatchObject({ ok: true, value: { config: completeConfig({}) } });
  expect(read(saved('rmp.validated'))).toMatchObject({
    ok: true,
    value: { config: { without: 'rmp.validated' } },
  });
  const wrong = saved('rmp.validated');
  wrong.config.without = 'rmp.covered';
  expect(read(wrong)).toMatchObject({ ok: false });
});
