import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../core/bytes';
import { type Measured, measuredBytes, measurement } from './measure';
import { digestEnd, digestMore, emptyDigest } from './runningDigest';
import vectors from './vectors/sev-measurement.json';

describe('a measurement', () => {
  const measuredOf = (c: (typeof vectors.launch_measure)[number]): Measured => ({
    apiMajor: c.api_major,
    apiMinor: c.api_minor,
    buildId: c.build_id,
    policy: Number(c.policy),
    digest: fromHex(c.launch_digest),
    mnonce: fromHex(c.mnonce),
  });

  it.each(vectors.launch_measure)('$id', (c) => {
    expect(toHex(measuredBytes(measuredOf(c)))).toBe(c.hmac_input);
    const measure = measurement({ ...measuredOf(c), tik: fromHex(c.tik) });
    expect(toHex(measure)).toBe(c.measure);
    const blob = Buffer.concat([measure, fromHex(c.mnonce)]).toString('base64');
    expect(blob).toBe(c.launch_measure_blob_base64);
  });

  it.each([
    ['API major', { apiMajor: 9 }],
    ['API minor', { apiMinor: 9 }],
    ['build', { buildId: 9 }],
    ['policy', { policy: 9 }],
    ['digest', { digest: new Uint8Array(32) }],
    ['nonce', { mnonce: new Uint8Array(16) }],
  ])('is another for another %s', (_, change) => {
    for (const c of vectors.launch_measure) {
      const measure = measurement({ ...measuredOf(c), ...change, tik: fromHex(c.tik) });
      expect(toHex(measure)).not.toBe(c.measure);
    }
  });
});

describe('a running digest', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 });

  it('is the SHA-256 of all pieces, kept as JSON between them', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const stored = (value: unknown) => JSON.parse(JSON.stringify(value));
        const end = parts.reduce((digest, part) => stored(digestMore(digest, part)), emptyDigest());
        const expected = createHash('sha256').update(Buffer.concat(parts)).digest('hex');
        expect(toHex(digestEnd(end))).toBe(expected);
        expect(end.length).toBe(parts.reduce((sum, part) => sum + part.length, 0));
      }),
    );
  });

  it('changes nothing that it was given: undoing goes back to the older value', () => {
    const before = digestMore(emptyDigest(), Uint8Array.of(1, 2, 3));
    const copy = structuredClone(before);
    digestMore(before, new Uint8Array(300));
    digestEnd(before);
    expect(before).toEqual(copy);
    expect(emptyDigest()).toEqual({
      state: '6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19',
      pending: '',
      length: 0,
    });
  });

  it('takes pages and does not care how they were cut', () => {
    const page = Uint8Array.from({ length: 4096 }, (_, i) => i % 251);
    const whole = digestMore(emptyDigest(), page);
    const halves = digestMore(digestMore(emptyDigest(), page.subarray(0, 1000)), page.subarray(1000));
    expect(halves).toEqual(whole);
    expect(toHex(digestEnd(whole))).toBe(createHash('sha256').update(page).digest('hex'));
  });
});
