/** Classic BPF: packet filters, and programs that choose among the sockets of a group. */
import { shareInstances } from '../instances.js';
import { checkInteger, invalidType } from '../errors.js';
import { ipBytes } from '../address/ip.js';

/** One instruction of classic BPF: `struct sock_filter`. */
export interface SockFilterInit {
  /** The operation, 16 bits: `BPF_LD | BPF_W | BPF_ABS`, ... */
  readonly code: number;
  /** `jt`: how many instructions to skip if the comparison is true, 8 bits; default 0. */
  readonly jt?: number;
  /** `jf`: how many instructions to skip if it is false, 8 bits; default 0. */
  readonly jf?: number;
  /** `k`: the operand, 32 bits; default 0. */
  readonly k?: number;
}

/** One instruction of classic BPF, with checked fields. */
export class SockFilter implements SockFilterInit {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;

  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` */
  constructor(code: number, jt = 0, jf = 0, k = 0) {
    this.code = checkInteger('code', code, 0, 0xffff);
    this.jt = checkInteger('jt', jt, 0, 0xff);
    this.jf = checkInteger('jf', jf, 0, 0xff);
    this.k = checkInteger('k', k, 0, 0xffffffff);
  }
}

/** The packets that {@link assembleFilter} lets through: those that match every given field. */
export interface FilterRule {
  /** The protocol in the IP header: 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6. */
  readonly protocol?: number | undefined;
  /** The sender's or the receiver's address, IPv4 or IPv6: packets of the other version are refused. */
  readonly host?: string | undefined;
  /** The sender's or the receiver's port; without `protocol`, of any protocol with ports. */
  readonly port?: number | undefined;
}

// linux/filter.h, linux/bpf_common.h
const LD_B_ABS = 0x30;
const LD_H_ABS = 0x28;
const LD_W_ABS = 0x20;
const LD_H_IND = 0x48;
const LDX_B_MSH = 0xb1;
const ALU_RSH = 0x74;
const JEQ = 0x15;
const JSET = 0x45;
const RET = 0x06;
/** SKF_NET_OFF: offsets count from the IP header, on every kind of socket. */
const NET = 0xfff00000;
const WHOLE_PACKET = 0xffffffff;

/** TCP, UDP, DCCP, SCTP, UDP-Lite. */
const WITH_PORTS = [6, 17, 33, 132, 136];

/** An instruction that jumps to labels; without a label it goes on to the next. */
interface Step {
  readonly code: number;
  readonly k: number;
  readonly yes?: string | undefined;
  readonly no?: string | undefined;
}
/** An instruction, or a label for the instruction after it. */
type Line = Step | string;

const load = (code: number, offset: number): Step => ({ code, k: NET + offset });

/** The offsets of the fields of an IP header. */
interface Header {
  readonly version: number;
  readonly protocol: number;
  readonly source: number;
  readonly destination: number;
  /** Instructions that find the ports, or refuse a packet that does not begin with them. */
  readonly transport: readonly Line[];
  /** Loads a half word that follows the header. */
  readonly loadPort: (offset: number) => Step;
}

const ipv4: Header = {
  version: 4,
  protocol: 9,
  source: 12,
  destination: 16,
  // Only the first fragment has ports; then the length of the header, to X.
  transport: [load(LD_H_ABS, 6), { code: JSET, k: 0x1fff, yes: 'refuse' }, load(LDX_B_MSH, 0)],
  loadPort: (offset) => load(LD_H_IND, offset),
};

const ipv6: Header = {
  version: 6,
  protocol: 6,
  source: 8,
  destination: 24,
  transport: [],
  loadPort: (offset) => load(LD_H_ABS, 40 + offset),
};

/** Jumps to `found` if the loaded value is one of these. */
const oneOf = (values: readonly number[], found: string): Step[] =>
  values.map((k, at) => ({
    code: JEQ,
    k,
    yes: found,
    no: at === values.length - 1 ? 'refuse' : undefined,
  }));

/** Jumps to `same` if the header has this address, otherwise to `differs`. */
function compare(offset: number, address: Uint8Array, same: string, differs: string): Step[] {
  const view = new DataView(address.buffer, address.byteOffset, address.length);
  const steps: Step[] = [];
  for (let at = 0; at < address.length; at += 4) {
    const yes = at + 4 === address.length ? same : undefined;
    steps.push(load(LD_W_ABS, offset + at), { code: JEQ, k: view.getUint32(at), yes, no: differs });
  }
  return steps;
}

/** The part of a program for packets of one version of IP. */
function linesFor(
  header: Header,
  protocols: readonly number[] | undefined,
  address: Uint8Array | undefined,
  port: number | undefined,
): Line[] {
  const label = (name: string): string => `${name} ${header.version}`;
  const lines: Line[] = [label('version')];
  if (protocols !== undefined) {
    const found = label('protocol');
    lines.push(load(LD_B_ABS, header.protocol), ...oneOf(protocols, found), found);
  }
  if (address !== undefined) {
    const [found, other] = [label('host'), label('destination')];
    lines.push(...compare(header.source, address, found, other), other);
    lines.push(...compare(header.destination, address, found, 'refuse'), found);
  }
  if (port !== undefined) {
    const equals: Step = { code: JEQ, k: port, yes: label('accept') };
    lines.push(...header.transport, header.loadPort(0), equals);
    lines.push(header.loadPort(2), { ...equals, no: 'refuse' }, label('accept'));
  }
  lines.push({ code: RET, k: WHOLE_PACKET });
  return lines;
}

function assemble(lines: readonly Line[]): SockFilter[] {
  const places = new Map<string, number>();
  const steps: Step[] = [];
  for (const line of lines) {
    if (typeof line === 'string') places.set(line, steps.length);
    else steps.push(line);
  }
  const jump = (label: string | undefined, at: number): number =>
    label === undefined ? 0 : (places.get(label) as number) - at - 1;
  return steps.map(
    ({ code, k, yes, no }, at) => new SockFilter(code, jump(yes, at), jump(no, at), k),
  );
}

/**
 * A program for the common cases, on IPv4 and IPv6 packets. Extension headers of IPv6 are not followed.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`
 * @see https://www.kernel.org/doc/Documentation/networking/filter.txt
 */
export function assembleFilter(rule: FilterRule): SockFilter[] {
  if (typeof rule !== 'object' || rule === null) throw invalidType('rule', 'of type object', rule);
  const { protocol, host, port } = rule;
  if (port !== undefined) checkInteger('rule.port', port, 0, 65535);
  const any = port === undefined ? undefined : WITH_PORTS;
  const protocols =
    protocol === undefined ? any : [checkInteger('rule.protocol', protocol, 0, 255)];
  const address = host === undefined ? undefined : ipBytes('rule.host', host);
  const headers = [ipv4, ipv6].filter(
    ({ version }) => address === undefined || address.length === (version === 4 ? 4 : 16),
  );
  return assemble([
    load(LD_B_ABS, 0),
    { code: ALU_RSH, k: 4 },
    ...headers.map(({ version }) => ({ code: JEQ, k: version, yes: `version ${version}` })),
    { code: RET, k: 0 },
    ...headers.flatMap((header) => linesFor(header, protocols, address, port)),
    'refuse',
    { code: RET, k: 0 },
  ]);
}

/** Encodes a program for the driver. */
export function encodeFilter(program: readonly SockFilterInit[]): Uint8Array {
  if (!Array.isArray(program)) throw invalidType('program', 'an array of instructions', program);
  checkInteger('program.length', program.length, 1, 4096);
  const words = new Uint32Array(program.length * 2);
  const halves = new Uint16Array(words.buffer);
  const bytes = new Uint8Array(words.buffer);
  for (const [index, instruction] of program.entries()) {
    if (typeof instruction !== 'object' || instruction === null) {
      throw invalidType(`program[${index}]`, 'of type object', instruction);
    }
    const { code, jt = 0, jf = 0, k = 0 } = instruction;
    halves[4 * index] = checkInteger(`program[${index}].code`, code, 0, 65535);
    bytes[8 * index + 2] = checkInteger(`program[${index}].jt`, jt, 0, 255);
    bytes[8 * index + 3] = checkInteger(`program[${index}].jf`, jf, 0, 255);
    words[2 * index + 1] = checkInteger(`program[${index}].k`, k, 0, 0xffffffff);
  }
  return bytes;
}

shareInstances(SockFilter, 'SockFilter');
