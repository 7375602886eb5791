import ts from 'typescript';

/** The function that a call begins with: `it` of `it.concurrent.each(cases)`. */
export function rootOf(expression: ts.Expression): { name: string; modifiers: string[] } {
  if (ts.isIdentifier(expression)) return { name: expression.text, modifiers: [] };
  if (ts.isPropertyAccessExpression(expression)) {
    const { name, modifiers } = rootOf(expression.expression);
    return { name, modifiers: [...modifiers, expression.name.text] };
  }
  return ts.isCallExpression(expression) ? rootOf(expression.expression) : { name: '', modifiers: [] };
}

/** Calls `seen` for every node of a source. */
export function eachNode(source: string, seen: (node: ts.Node) => void): void {
  const visit = (node: ts.Node): void => {
    seen(node);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest, true));
}
