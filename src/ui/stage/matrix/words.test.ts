import { expect, it } from 'vitest';
import { ownerIn } from './words';

it('finds whose row or column it is', () => {
  expect(['alice', 'xen, C = 0', 'alice: secret.txt (private)', 'device', 'DRAM probe'].map(ownerIn)).toEqual(
    ['alice', 'xen', 'alice', 'device', 'probe'],
  );
});
