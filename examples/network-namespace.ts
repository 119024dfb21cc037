/**
 * Network namespaces, by unshare(1) and nsenter(1), for examples that need their own interfaces, addresses and
 * routes. A namespace ends with the process that made it, in whatever way that process ends.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Only root may make a network namespace. Other users need a user namespace around it. */
const isRoot = process.getuid?.() === 0;
type Command = readonly [string, ...string[]];
const UNSHARE: Command = ['unshare', '--net', ...(isRoot ? [] : ['--map-root-user'])];
const ENTER_USER = isRoot ? [] : ['--user', '--preserve-credentials'];

/** A network namespace that contains only its loopback interface, which is up. */
export class NetworkNamespace {
  /** Why this process cannot make namespaces; `undefined` if it can. */
  static obstacle(): string | undefined {
    try {
      const [file, ...args] = [...UNSHARE, 'ip', 'link', 'add', 'name', 'eth0', 'type', 'veth'];
      execFileSync(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      return undefined;
    } catch (error) {
      const { code, path, stderr } = error as { code?: string; path?: string; stderr?: Buffer };
      if (code === 'ENOENT') return `there is no ${path}`;
      return `no network namespace can be made: ${(stderr ?? '').toString().trim()}`;
    }
  }

  /**
   * Makes a namespace.
   * @param beside a namespace that you want to join it with later
   */
  static async make(beside?: NetworkNamespace): Promise<NetworkNamespace> {
    // Joining two namespaces needs privilege in both, so both must be in one user namespace.
    const unshare: Command =
      beside === undefined || isRoot
        ? UNSHARE
        : ['nsenter', '--target', beside.pid, ...ENTER_USER, 'unshare', '--net'];
    // cat keeps the namespace. It ends when this process closes the pipe, or ends itself.
    const [file, ...args] = [...unshare, 'sh', '-c', 'echo made; exec cat'];
    const keeper = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const made = await Promise.race([once(keeper.stdout, 'data'), once(keeper, 'close')]);
    if (!Buffer.isBuffer(made[0])) throw new Error(`unshare ended with status ${made[0]}`);
    const namespace = new NetworkNamespace(keeper);
    namespace.ip('link', 'set', 'lo', 'up');
    return namespace;
  }

  readonly #keeper: ChildProcess;

  private constructor(keeper: ChildProcess) {
    this.#keeper = keeper;
  }

  /** The namespace's name for `ip link ... netns`. */
  get pid(): string {
    return String(this.#keeper.pid);
  }

  /** The command line that runs `command` in the namespace. */
  command(...command: string[]): [string, ...string[]] {
    return ['nsenter', '--target', this.pid, '--net', ...ENTER_USER, ...command];
  }

  /** Runs a command in the namespace to its end, and returns what it prints. */
  run(...command: string[]): string {
    const [file, ...args] = this.command(...command);
    return execFileSync(file, args, { timeout: 20_000 }).toString();
  }

  /** ip(8) in the namespace. */
  ip(...args: string[]): void {
    this.run('ip', ...args);
  }

  /** Joins two namespaces by a pair of interfaces, each with an address such as `10.0.0.1/24`. */
  static join(
    [left, leftName, leftAddress]: readonly [NetworkNamespace, string, string],
    [right, rightName, rightAddress]: readonly [NetworkNamespace, string, string],
  ): void {
    const peer = ['peer', 'name', rightName, 'netns', right.pid];
    left.ip('link', 'add', 'name', leftName, 'type', 'veth', ...peer);
    left.ip('address', 'add', leftAddress, 'dev', leftName);
    right.ip('address', 'add', rightAddress, 'dev', rightName);
    left.ip('link', 'set', leftName, 'up');
    right.ip('link', 'set', rightName, 'up');
  }

  /** Ends the namespace and its interfaces, once no process is left inside. */
  close(): void {
    this.#keeper.stdin?.end();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
