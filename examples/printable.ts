/** Text from another program, without control characters: a terminal would obey them. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}
