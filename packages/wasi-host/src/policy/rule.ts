/** Rules as text: `ADDRESS[/BITS][:PORTS]`, `NAME[:PORTS]`, `WORD[:PORTS]` or `*[:PORTS]`. */
import { contains, parseRange, type Range, words } from './ranges.js';

/** A rule that was read. */
export interface Rule {
  readonly text: string;
  /** The ranges of an address or a word; `undefined` for `*` and for names. */
  readonly ranges: readonly Range[] | undefined;
  /** The name of a host, in lower case. It may begin with `*.`. */
  readonly name: string | undefined;
  readonly ports: readonly (readonly [low: number, high: number])[];
}

const ANY_PORT = [[0, 65535]] as const;
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

function wrong(text: string, why: string): TypeError {
  return new TypeError(`the rule '${text}' ${why}`);
}

/** Whether a text is the name of a host: RFC 1123, in lower case. */
export function isName(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  // A last label of digits would be an address to some readers.
  if (name.length > 253 || /(^|\.)(\d+|0x[0-9a-f]*)$/.test(name)) return false;
  return name.split('.').every((label) => LABEL.test(label));
}

function parsePorts(text: string, rule: string): Rule['ports'] {
  if (text === '*') return ANY_PORT;
  return text.split(',').map((part) => {
    const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    const low = Number(found?.[1]);
    const high = Number(found?.[2] ?? found?.[1]);
    if (found === null || high > 65535 || low > high) {
      throw wrong(rule, `has no port, range of ports or * after its last colon`);
    }
    return [low, high] as const;
  });
}

/** Splits the ports off. An IPv6 address with a port is in brackets. */
function split(text: string): [where: string, ports: string] {
  const bracket = /^\[([^\]]*)\](\/\d+)?(?::(.+))?$/.exec(text);
  if (bracket !== null) return [`${bracket[1]}${bracket[2] ?? ''}`, bracket[3] ?? '*'];
  const at = text.lastIndexOf(':');
  if (at < 0 || text.indexOf(':') !== at) return [text, '*'];
  return [text.slice(0, at), text.slice(at + 1)];
}

/** @throws {TypeError} for what is no rule */
export function parseRule(text: string): Rule {
  if (typeof text !== 'string') throw new TypeError(`a rule must be a string, not ${typeof text}`);
  const [where, ports] = split(text.trim());
  const rule = { text, ports: parsePorts(ports, text), ranges: undefined, name: undefined };
  if (where === '*') return rule;
  const word = Object.hasOwn(words, where) ? words[where] : undefined;
  if (word !== undefined) return { ...rule, ranges: word };
  if (where.includes('%')) throw wrong(text, 'has a zone: rules are for every zone');
  const range = parseRange(where);
  if (range !== undefined) return { ...rule, ranges: [range] };
  const name = where.toLowerCase().replace(/\.$/, '');
  if (!isName(name.replace(/^\*\./, ''))) {
    throw wrong(text, 'names no address, range of addresses, host, or word');
  }
  return { ...rule, name };
}

/** Whether the rule has this port. */
export const hasPort = ({ ports }: Rule, port: number): boolean =>
  ports.some(([low, high]) => port >= low && port <= high);

/**
 * Whether a rule that is not by name has this address and port. The wildcard address stands for every address of the
 * machine, so a range has it only when the range is that address, or everything.
 */
export function matches(rule: Rule, address: Uint8Array, port: number): boolean {
  if (rule.name !== undefined || !hasPort(rule, port)) return false;
  if (rule.ranges === undefined) return true;
  const isWildcard = address.every((byte) => byte === 0);
  return rule.ranges.some(
    (range) =>
      contains(range, address) &&
      (!isWildcard || range.bits === 0 || range.bits === 8 * address.length),
  );
}

/** Whether a rule by name has this name, in lower case. */
export function matchesName({ name: pattern, ranges }: Rule, name: string): boolean {
  if (pattern === undefined) return ranges === undefined;
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}
