import { describe, expect, it } from 'vitest';
import { wishOf } from './wish';

describe('what a step wants to be seen', () => {
  it.each([
    ['ghcb', { face: 'ghcb', vcpus: [] }],
    ['exits erin', { face: 'exits', vcpus: [{ guest: 'erin', vcpu: 0 }] }],
    [
      ' registers  bob.1 alice.1',
      {
        face: 'registers',
        vcpus: [
          { guest: 'bob', vcpu: 1 },
          { guest: 'alice', vcpu: 1 },
        ],
      },
    ],
    ['carol', { face: null, vcpus: [{ guest: 'carol', vcpu: 0 }] }],
    [
      'program alice bob carol',
      {
        face: 'program',
        vcpus: [
          { guest: 'alice', vcpu: 0 },
          { guest: 'bob', vcpu: 0 },
        ],
      },
    ],
    ['exits Alice', { face: 'exits', vcpus: [] }],
  ])('%s', (eye, wish) => expect(wishOf(eye)).toEqual(wish));
});
