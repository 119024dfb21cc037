/** Makes every attempt of attempts.ts, then writes as JSON what left this network namespace meanwhile. */
import { readFileSync } from 'node:fs';
import { attempts, guestOf, refusal, v4 } from './attempts.js';

/** Segments of TCP and datagrams of UDP that were sent. */
function sent(): number {
  const lines = readFileSync('/proc/net/snmp', 'utf8').split('\n');
  const value = (protocol: string, field: string): number => {
    const [names, numbers] = lines
      .filter((line) => line.startsWith(`${protocol}:`))
      .map((line) => line.split(' '));
    return Number(numbers?.[names?.indexOf(field) ?? -1]);
  };
  const six = /^Udp6OutDatagrams\s+(\d+)/m.exec(readFileSync('/proc/net/snmp6', 'utf8'));
  return value('Tcp', 'OutSegs') + value('Udp', 'OutDatagrams') + Number(six?.[1] ?? 0);
}

const before = sent();
const refused: string[] = [];
for (const attempt of attempts) refused.push(await refusal(attempt));
const packets = sent() - before;
// That the count would have shown one.
const guest = guestOf({ udp: { send: ['203.0.113.1:9'] } });
guest.sendTo(v4('203.0.113.1', 9));
guest.host.close();
const control = sent() - before - packets;
process.stdout.write(JSON.stringify({ attempts: refused.length, packets, control }));
