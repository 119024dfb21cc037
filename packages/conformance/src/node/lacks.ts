/** What a machine may lack: programs and privileges that some cases need. */
import { spawnSync } from 'node:child_process';

const known = new Map<string, boolean>();

/** Whether a command succeeds. Each is run only once. */
function succeeds(...command: readonly string[]): boolean {
  const key = command.join(' ');
  const before = known.get(key);
  if (before !== undefined) return before;
  const [name = '', ...parameters] = command;
  const result = spawnSync(name, parameters, { stdio: 'ignore' }).status === 0;
  known.set(key, result);
  return result;
}

/** Runs a command that fails if the machine lacks what it needs. */
export const lacksCommand = (...command: readonly string[]): string | undefined =>
  succeeds(...command) ? undefined : `what \`${command.join(' ')}\` needs`;

const lacksTool = (name: string, version: string): string | undefined =>
  succeeds(name, version) ? undefined : `the program ${name}`;

/** The privilege to make a network namespace, and iproute2 to set it up. */
export function lacksNamespaces(): string | undefined {
  if (lacksTool('ip', '-Version') !== undefined) return lacksTool('ip', '-Version');
  return succeeds('unshare', '--net', 'true')
    ? undefined
    : 'the privilege CAP_SYS_ADMIN, to make a network namespace';
}

/** ss, which prints the kernel's state of a socket. */
export const lacksSs = (): string | undefined => lacksTool('ss', '--version');

/** Network namespaces, and nft to set up a firewall in them. */
export const lacksNft = (): string | undefined =>
  lacksNamespaces() ?? lacksTool('nft', '--version');
