/** What a machine may lack for the cases that need more than sockets. */
import { spawnSync } from 'node:child_process';

const known = new Map<string, boolean>();

/** Whether a command succeeds; asked once. */
function succeeds(...command: readonly string[]): boolean {
  const key = command.join(' ');
  const before = known.get(key);
  if (before !== undefined) return before;
  const [name = '', ...parameters] = command;
  const result = spawnSync(name, parameters, { stdio: 'ignore' }).status === 0;
  known.set(key, result);
  return result;
}

/** A command that shows what the machine can do by doing it. */
export const lacksCommand = (...command: readonly string[]): string | undefined =>
  succeeds(...command) ? undefined : `what \`${command.join(' ')}\` needs`;

const lacksTool = (name: string, version: string): string | undefined =>
  succeeds(name, version) ? undefined : `the program ${name}`;

/** Network namespaces: the privilege to make one, and iproute2 to set it up. */
export function lacksNamespaces(): string | undefined {
  if (lacksTool('ip', '-Version') !== undefined) return lacksTool('ip', '-Version');
  return succeeds('unshare', '--net', 'true')
    ? undefined
    : 'the privilege CAP_SYS_ADMIN, to make a network namespace';
}

/** ss, which shows what the system knows of a socket. */
export const lacksSs = (): string | undefined => lacksTool('ss', '--version');

/** Namespaces with a firewall. */
export const lacksNft = (): string | undefined =>
  lacksNamespaces() ?? lacksTool('nft', '--version');
