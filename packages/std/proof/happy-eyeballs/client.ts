/** Connects in its own network namespace as it is told: a scenario a line comes in, an outcome a line goes out. */
import http from 'node:http';
import net, { type LookupFunction } from 'node:net';
import { createInterface } from 'node:readline';
import { Lateness } from './lateness.js';
import { Socket } from '@sock/native';
import { connectHost, SockAgent, sockConnector } from '@sock/std';
import { connect } from '@sock/std/net';
import type { Outcome, Scenario, ScenarioAddress } from './scenario.js';

/** Who connects. */
export type Way = 'connectHost' | 'net' | 'http' | 'undici' | "node's net";

const PORT = 80;

/** Answers each family when the scenario says; a question for both when both are there. */
function lookupOf({ v6, v4 }: Scenario): LookupFunction {
  const look = (
    _: string,
    { family = 0 }: { family?: number },
    callback: (error: Error | null, list?: readonly { address: string; family: number }[]) => void,
  ): void => {
    const asked = [...(family === 4 ? [] : [v6]), ...(family === 6 ? [] : [v4])];
    const list: readonly ScenarioAddress[] = asked.flatMap(({ addresses }) => addresses);
    const after = Math.max(...asked.map((answer) => answer.after));
    setTimeout(() => {
      if (list.length > 0) callback(null, list);
      else callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
    }, after);
  };
  return look as LookupFunction;
}

/** Fulfils once the socket is connected; rejects when it fails or time is up. */
function connected(socket: net.Socket, timeout: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(Object.assign(new Error('time is up'), { code: 'ETIMEDOUT' }));
    }, timeout);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** Connects, and says when. */
async function connectBy(way: Way, scenario: Scenario): Promise<number> {
  const { attemptDelay, timeout } = scenario;
  const lookup = lookupOf(scenario);
  const happyEyeballs = { attemptDelay };
  const options = { host: 'any', port: PORT, lookup };
  const start = performance.now();
  const elapsed = (): number => performance.now() - start;
  switch (way) {
    case 'connectHost': {
      const settings = { attemptDelay, timeout, lookup: lookup as never };
      const socket = await connectHost(Socket, 'any', PORT, settings);
      const at = elapsed();
      socket.close();
      return at;
    }
    case 'net': {
      const socket = await connected(connect({ ...options, sock: { happyEyeballs } }), timeout);
      const at = elapsed();
      socket.destroy();
      return at;
    }
    case "node's net": {
      const autoSelect = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: attemptDelay };
      const socket = await connected(net.connect({ ...options, ...autoSelect }), timeout);
      const at = elapsed();
      socket.destroy();
      return at;
    }
    case 'http': {
      const agent = new SockAgent({ sock: { happyEyeballs } });
      const request = http.request({ ...options, agent }).on('error', () => undefined);
      const socket = await new Promise<net.Socket>((resolve) => request.once('socket', resolve));
      try {
        await connected(socket, timeout);
        return elapsed();
      } finally {
        request.destroy();
        agent.destroy();
      }
    }
    case 'undici': {
      const connector = sockConnector({ happyEyeballs }, { timeout, lookup });
      return new Promise((resolve, reject) => {
        const target = { hostname: 'any', protocol: 'http:', port: String(PORT) };
        connector(target, (error, socket) => {
          if (error !== null) {
            reject(error);
            return;
          }
          resolve(elapsed());
          socket.destroy();
        });
      });
    }
  }
}

async function outcomeOf(way: Way, scenario: Scenario): Promise<Outcome> {
  const start = performance.now();
  const lateness = new Lateness();
  try {
    const at = await connectBy(way, scenario);
    return { kind: 'connected', at, held: lateness.end() };
  } catch (error) {
    const { code } = error as { code?: string };
    const isTime = code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT';
    const at = performance.now() - start;
    return { kind: isTime ? 'timed out' : 'failed', at, held: lateness.end() };
  }
}

process.stdout.write('"ready"\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { way, scenario } = JSON.parse(line) as { way: Way; scenario: Scenario };
  process.stdout.write(`${JSON.stringify(await outcomeOf(way, scenario))}\n`);
}
