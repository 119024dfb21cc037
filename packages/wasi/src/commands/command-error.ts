/** An error in the arguments of a command, or in what it needs. It is shown without a stack. */
export class CommandError extends Error {
  override name = 'CommandError';
}
