import { expect, it } from 'vitest';
import { smallImage } from '../../engine/asp/image/smallImage';
import { launchKindOf } from './launchFile';

const kernel = new Uint8Array(0x1000);
kernel.set(new TextEncoder().encode('HdrS'), 0x202);
const text = (length: number) => new Uint8Array(length).fill(0x41);

it.each<[string, string, Uint8Array, string | null, string]>([
  ['firmware by its table', 'x.bin', smallImage(), 'image', 'image'],
  ['firmware by its name', 'OVMF_CODE.FD', text(3), 'image', 'image'],
  ['a kernel', 'vmlinuz', kernel, null, 'kernel'],
  ['a packed RAM disk', 'initrd', Uint8Array.of(0x1f, 0x8b, 8), null, 'initrd'],
  ['a RAM disk', 'initrd', new TextEncoder().encode('070701'), null, 'initrd'],
  ['an ID block', 'block.bin', new Uint8Array(96), null, 'id-block'],
  ['an ID block in base64', 'block.txt', text(128), null, 'id-block'],
  ['an ID block in hexadecimal', 'block.txt', text(193), null, 'id-block'],
  ['its page', 'auth.bin', new Uint8Array(4096), null, 'id-auth'],
  ['its page in base64', 'auth.txt', text(5464), null, 'id-auth'],
  ['what is not known', 'data', new Uint8Array(5000), null, 'image'],
])('%s is recognised', (_, name, bytes, anywhere, inFront) => {
  expect(launchKindOf(name, bytes, false)).toBe(anywhere);
  expect(launchKindOf(name, bytes, true)).toBe(inFront);
});
