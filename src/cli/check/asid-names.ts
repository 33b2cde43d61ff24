/** Gives names of a trace (`p1`, `dA`) the numbers by which the engine knows things, in the order of appearance. */
class Numbering {
  private readonly numbers = new Map<string, number>();

  of(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.numbers.size);
    return this.numbers.size - 1;
  }

  nameOf(number: number): string {
    return [...this.numbers].find(([, candidate]) => candidate === number)?.[0] ?? `?${number}`;
  }
}

/** Names of one trace's CPUs and domains; a vCPU is called after its domain: `dBv1`. */
export class Names {
  readonly cpus = new Numbering();
  readonly domains = new Numbering();

  /** @throws when it is no vCPU's name. */
  vcpu(name: string): { domain: number; vcpu: number } {
    const match = /^(.+)v(\d+)$/.exec(name);
    if (!match) throw new Error(`vcpu: "${name}" is not like d1v0`);
    return { domain: this.domains.of(match[1]!), vcpu: Number(match[2]) };
  }

  /** `d3v1`, as the engine's records have it, by the trace's own name. */
  vcpuName(key: string): string {
    const [, domain, vcpu] = /^d(\d+)v(\d+)$/.exec(key) ?? [];
    return `${this.domains.nameOf(Number(domain))}v${vcpu}`;
  }
}
