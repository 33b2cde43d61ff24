import type { Json } from '../../engine/core/json';

/** Names whose numbers are addresses, which are written in hexadecimal. */
const ADDRESSES = new Set([
  'address',
  'virtual',
  'spa',
  'gpa',
  'at',
  'page',
  'target',
  'base',
  'missing',
  'from',
  'to',
]);
const LONGEST = 80;

/** A value of the engine as a person reads it; the name says whether a number is an address. */
export function valueText(name: string, value: Json): string {
  if (typeof value === 'number') {
    const isAddress = ADDRESSES.has(name) || /(address|cr3|root|vmcb)$/i.test(name);
    return isAddress && value >= 0 ? `0x${value.toString(16)}` : value.toLocaleString('en');
  }
  if (typeof value === 'string') return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return JSON.stringify(value);
}
