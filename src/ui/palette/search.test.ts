import { describe, expect, it } from 'vitest';
import { search } from './search';

const items = ['Next step', 'Into the next call', 'Console', 'Share this moment'];
const find = (query: string) => search(items, query, (item) => item);

describe('search', () => {
  it('shows everything while nothing is typed', () => expect(find(' ')).toEqual(items));
  it('puts beginnings before middles', () => expect(find('next')[0]).toBe('Next step'));
  it('wants every word, in any order', () => {
    expect(find('call next')).toEqual(['Into the next call']);
    expect(find('next share')).toEqual([]);
  });
  it('takes signs as they are', () => expect(find('(.*')).toEqual([]));
});
