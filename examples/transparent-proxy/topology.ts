import { execFileSync } from 'node:child_process';

const ip = (...args: string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

/** Three network namespaces in a row: client - proxy - server. */
export interface Topology {
  readonly client: string;
  readonly proxy: string;
  readonly server: string;
  readonly clientAddress: string;
  readonly serverAddress: string;
  remove(): void;
}

/** Why namespaces can't be made here, or `undefined` when they can. */
export function obstacle(): string | undefined {
  const name = `sock-probe-${process.pid}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    return code === 'ENOENT' ? 'there is no `ip` (iproute2)' : `${stderr ?? error}`.trim();
  }
}

/** Makes the namespaces, joined by veth pairs, with the proxy's routing in the middle. */
export function makeTopology(port: number): Topology {
  const names = ['client', 'proxy', 'server'].map((role) => `sock-${role}-${process.pid}`);
  const [client, proxy, server] = names as [string, string, string];
  const remove = (): void => {
    for (const name of names) {
      try {
        ip('netns', 'del', name);
      } catch {
        // Gone already, or never made.
      }
    }
  };
  try {
    for (const name of names) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    const join = (a: string, b: string, net: string): void => {
      ip('link', 'add', 'to-b', 'netns', a, 'type', 'veth', 'peer', 'name', 'to-a', 'netns', b);
      ip('-n', a, 'address', 'add', `${net}.1/24`, 'dev', 'to-b');
      ip('-n', b, 'address', 'add', `${net}.2/24`, 'dev', 'to-a');
      ip('-n', a, 'link', 'set', 'to-b', 'up');
      ip('-n', b, 'link', 'set', 'to-a', 'up');
    };
    join(client, proxy, '10.77.1');
    join(proxy, server, '10.77.2');
    ip('-n', client, 'route', 'add', 'default', 'via', '10.77.1.2');
    ip('-n', server, 'route', 'add', 'default', 'via', '10.77.2.1');
    // What the client sends to the port, and what the server answers from it, is for the proxy itself.
    ip(
      '-n',
      proxy,
      'rule',
      'add',
      'ipproto',
      'tcp',
      'iif',
      'to-a',
      'dport',
      `${port}`,
      'lookup',
      '100',
    );
    ip(
      '-n',
      proxy,
      'rule',
      'add',
      'ipproto',
      'tcp',
      'iif',
      'to-b',
      'sport',
      `${port}`,
      'lookup',
      '100',
    );
    ip('-n', proxy, 'route', 'add', 'local', 'default', 'dev', 'lo', 'table', '100');
  } catch (error) {
    remove();
    throw error;
  }
  return { client, proxy, server, clientAddress: '10.77.1.1', serverAddress: '10.77.2.2', remove };
}
