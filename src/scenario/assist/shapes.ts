import type { Level } from './cursor';

/** A JSON Schema, as far as the one of scenario files uses it. */
export interface Shape {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly description?: string;
  /** Of an action's field: what it is, and how it is entered. */
  readonly help?: string;
  readonly kind?: string;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** One of the forms that a value may have; `named`: the definition that it comes from. */
export interface Form {
  readonly shape: Shape;
  readonly named: string | null;
  /** What is said about the value in all its forms. */
  readonly says: string | null;
}

const DEEPEST = 8;

/** All forms of a value, with references and unions resolved. */
export function formsOf(root: Shape, shape: Shape, outer: Partial<Form> = {}, depth = 0): Form[] {
  if (depth > DEEPEST) return [];
  const says = shape.description ?? shape.help ?? outer.says ?? null;
  const named = outer.named ?? null;
  const name = shape.$ref?.replace('#/$defs/', '');
  if (name !== undefined) {
    const target = root.$defs?.[name];
    return target ? formsOf(root, target, { says, named: name }, depth + 1) : [];
  }
  const union = shape.anyOf ?? shape.oneOf;
  if (union) return union.flatMap((each) => formsOf(root, each, { says, named }, depth + 1));
  return [{ shape, named, says }];
}

/** Where a cursor stands in the form of a file: the maps that a key may belong to, or the forms of a value. */
export function formsAt(root: Shape, levels: readonly Level[]): Form[] {
  let forms = formsOf(root, root);
  for (const { part, beside } of levels) {
    forms =
      beside === null
        ? forms.flatMap(({ shape }) => (shape.items ? formsOf(root, shape.items) : []))
        : fitting(forms, beside, String(part)).flatMap(({ shape }) => {
            const next = Object.hasOwn(shape.properties ?? {}, part) ? shape.properties?.[part] : undefined;
            return next ? formsOf(root, next) : [];
          });
  }
  return forms;
}

/**
 * The maps among some forms that what stands beside a key leaves possible; all of them when nothing fits. `key`: the one that is
 * being written, which says nothing yet.
 */
export function fitting(
  forms: readonly Form[],
  beside: ReadonlyMap<string, unknown>,
  key: string | null = null,
): Form[] {
  const maps = forms.filter(({ shape }) => shape.properties);
  const fits = maps.filter(({ shape: { properties = {} } }) =>
    [...beside].every(([name, value]) => {
      if (!Object.hasOwn(properties, name)) return false;
      const only = properties[name]?.const;
      return name === key || only === undefined || value === undefined || value === null || value === only;
    }),
  );
  return fits.length > 0 ? fits : maps;
}
