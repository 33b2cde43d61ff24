import { MAX_HANDLE } from '../../engine/asp/guests';
import type { Step } from './format';
import type { Lab } from './lab';

/** A step's parameters, with the defaults of the format. */
export class Parameters {
  readonly lab: Lab;
  private readonly given: Readonly<Record<string, string | number>>;
  private readonly step: Step;
  private readonly guests: ReadonlyMap<string, number>;

  constructor(lab: Lab, step: Step, guests: ReadonlyMap<string, number>) {
    this.lab = lab;
    this.step = step;
    this.given = step.p ?? {};
    this.guests = guests;
  }

  has(name: string): boolean {
    return this.given[name] !== undefined;
  }

  number(name: string, usual: number): number {
    const value = this.given[name] ?? usual;
    return typeof value === 'number' ? value : this.lab.address(value);
  }

  text(name: string, usual: string): string {
    return String(this.given[name] ?? usual);
  }

  at(name: string, usual: string): number {
    const value = this.given[name] ?? usual;
    return typeof value === 'number' ? value : this.lab.address(value);
  }

  /** The handle of a guest by its label; a number stands for itself, and a label that nobody has for the recorded one. */
  handle(name = 'guest'): number {
    const guest = this.given[name] ?? 'g1';
    if (typeof guest === 'number') return guest;
    return this.guests.get(guest) ?? (name === 'guest' ? this.step.handle : undefined) ?? absent(guest);
  }
}

/** A handle in range that no guest of a trace has. */
const absent = (label: string): number => Math.min(MAX_HANDLE, 100 + Number(/\d+/.exec(label)?.[0] ?? 0));

export type Fields = Record<string, number | bigint>;
/** Makes the fields of a command's buffer, and puts into memory what has to lie there. */
export type Request = (of: Parameters) => Fields;
