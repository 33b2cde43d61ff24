import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import vectors from '../../engine/xen/vectors/xl.json';
import { dispatch } from '../dispatch';

const folder = mkdtempSync(join(tmpdir(), 'sevscope-xl-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function xl(...args: string[]): { code: number; out: string; err: string } {
  const [out, err]: [string[], string[]] = [[], []];
  const code = dispatch(['xl', ...args], { line: (text) => out.push(text), error: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const guest = file('a.cfg', 'name = "a"\ntype = "pvh"\nkernel = "/k"\ncoco = 1\nvcpus = "two"\n');

describe('xl', () => {
  it.each(vectors.xlCfg.samples.map((sample) => [sample.id, sample] as const))('%s as JSON', (id, sample) => {
    const { code, out } = xl(file(`${id}.cfg`, sample.text), '--json', '--dialect', sample.dialect);
    expect(code).toBe(sample.expect.ok ? 0 : 1);
    expect(JSON.parse(out)).toMatchObject({ dialect: sample.dialect, ...sample.expect });
  });

  it('tells warnings and ignored keys beside the configuration', () => {
    const { code, out, err } = xl(guest);
    expect(code).toBe(0);
    expect(out).toContain('dialect: upstream (upstream)\n');
    expect(out).toContain('encrypted: false\n');
    expect(err).toContain("a.cfg:5:9: warning: parameter 'vcpus' is not a valid number: ignored");
    expect(err).toContain('a.cfg:4:8: ignored: xl in the dialect upstream does not know “coco”');
  });

  it('takes the arguments of xl create', () => {
    const { out } = xl(guest, 'vcpus=3', 'memory=64', '--dialect', 'project');
    expect(out).toContain('vcpus: 3\n');
    expect(out).toContain('targetMemKiB: 65536\n');
    expect(out).toContain('"flags":"0x103"');
  });

  it('says where it ends, and exits with 1', () => {
    const bad = file('bad.cfg', 'name = "a"\ncoco = true\n');
    expect(xl(bad)).toEqual({
      code: 1,
      out: '',
      err: `${bad}:2:8: config parsing error near \`true': syntax error, unexpected IDENT, expecting STRING or NUMBER or '['`,
    });
  });

  it.each([
    [['no-such.cfg'], 'there is no such file'],
    [[], 'No file was named'],
    [[guest, 'memory'], 'neither KEY=VALUE'],
    [[guest, '--dialect', 'klingon'], 'There is no dialect'],
  ])('is called wrongly with %j', (args, message) => {
    const { code, err } = xl(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
