/** The little of Node's `process` that is used where it exists. */
interface WarningProcess {
  emitWarning?(message: string, type: string): void;
}

/** Says something to whoever runs the program: a process warning in Node, a warning on the console elsewhere. */
export function warn(message: string): void {
  const { process, console } = globalThis as { process?: WarningProcess; console?: { warn(text: string): void } };
  if (typeof process?.emitWarning === 'function') process.emitWarning(message, 'MemoWarning');
  else console?.warn(`MemoWarning: ${message}`);
}
