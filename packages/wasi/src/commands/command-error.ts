/** What is wrong with what a command was given, or with what it needs: told without a stack. */
export class CommandError extends Error {
  override name = 'CommandError';
}
