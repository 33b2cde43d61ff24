import ts from 'typescript';

/** What an expression of constants comes to; undefined where only the running program knows. */
export type Value = string | readonly Value[] | undefined;

type Names = ReadonlyMap<string, Value>;

/** A file's constants, and its functions that make objects. */
export interface Scope {
  readonly constants: ReadonlyMap<string, ts.Expression>;
  readonly functions: ReadonlyMap<string, ts.ArrowFunction | ts.FunctionDeclaration>;
}

export function scopeOf(file: ts.SourceFile): Scope {
  const constants = new Map<string, ts.Expression>();
  const functions = new Map<string, ts.ArrowFunction | ts.FunctionDeclaration>();
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name) functions.set(statement.name.text, statement);
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (!ts.isIdentifier(name) || !initializer) continue;
      const plain = bare(initializer);
      if (ts.isArrowFunction(plain)) functions.set(name.text, plain);
      else constants.set(name.text, plain);
    }
  }
  return { constants, functions };
}

/** Without `as const`, `satisfies …` and parentheses. */
function bare(node: ts.Expression): ts.Expression {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node))
    return bare(node.expression);
  return node;
}

/** Texts joined, lower case, both ways of a choice: as much of the language as rules are written with. */
export function evaluate(node: ts.Expression, scope: Scope, names: Names = new Map()): Value {
  const inner = bare(node);
  const of = (expression: ts.Expression): Value => evaluate(expression, scope, names);
  if (ts.isStringLiteralLike(inner) || ts.isNumericLiteral(inner)) return inner.text;
  if (ts.isIdentifier(inner)) {
    if (names.has(inner.text)) return names.get(inner.text);
    const constant = scope.constants.get(inner.text);
    return constant && evaluate(constant, scope);
  }
  if (ts.isTemplateExpression(inner)) {
    const parts = inner.templateSpans.map(
      ({ expression, literal }) => [of(expression), literal.text] as const,
    );
    return (
      inner.head.text +
      parts.map(([value, text]) => (typeof value === 'string' ? value : '…') + text).join('')
    );
  }
  if (ts.isBinaryExpression(inner) && inner.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [of(inner.left), of(inner.right)];
    return typeof left === 'string' && typeof right === 'string' ? left + right : undefined;
  }
  if (ts.isArrayLiteralExpression(inner)) return inner.elements.map(of);
  if (ts.isCallExpression(inner) && ts.isPropertyAccessExpression(inner.expression)) {
    const target = of(inner.expression.expression);
    const method = inner.expression.name.text;
    if (method === 'toLowerCase' && typeof target === 'string') return target.toLowerCase();
    const [separator] = inner.arguments.map(of);
    if (method === 'join' && Array.isArray(target) && target.every((part) => typeof part === 'string'))
      return target.join(typeof separator === 'string' ? separator : ',');
  }
  return undefined;
}

/** The parameters of a function with the values that a call gives them. */
export function bound(
  { parameters }: ts.ArrowFunction | ts.FunctionDeclaration,
  args: readonly ts.Expression[],
  scope: Scope,
): Names {
  const names = new Map<string, Value>();
  for (const [i, { name, dotDotDotToken }] of parameters.entries()) {
    if (!ts.isIdentifier(name)) continue;
    const given = args[i];
    if (dotDotDotToken)
      names.set(
        name.text,
        args.slice(i).map((each) => evaluate(each, scope)),
      );
    else names.set(name.text, given && evaluate(given, scope));
  }
  return names;
}
