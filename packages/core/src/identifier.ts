let pattern: RegExp | undefined;

/**
 * A pattern that finds a name as JavaScript has them, from its `lastIndex` on. It is made when it is needed, since a literal
 * with Unicode classes costs everybody who imports the package.
 */
export function identifierPattern(): RegExp {
  return (pattern ??= new RegExp(String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`, 'uy'));
}

/** Whether a text is a name as JavaScript has them. */
export function isIdentifier(text: string): boolean {
  const identifier = identifierPattern();
  identifier.lastIndex = 0;
  return identifier.exec(text)?.[0] === text;
}

/** The way to a property as one would write it: `.name`, or `["a name"]`. */
export function accessTo(name: string): string {
  return isIdentifier(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
