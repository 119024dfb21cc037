import { checkInteger, invalidType } from './errors.js';
import { ipv4Bytes } from './ip.js';

/** One instruction of classic BPF: `struct sock_filter`. */
export interface SockFilter {
  readonly code: number;
  /** Instructions to skip when the comparison holds. */
  readonly jt?: number;
  /** Instructions to skip when it does not. */
  readonly jf?: number;
  readonly k?: number;
}

/** What {@link assembleFilter} lets through: all that is given must hold. */
export interface FilterRule {
  /** The IP protocol: 6 TCP, 17 UDP, 1 ICMP. */
  readonly protocol?: number;
  /** The sender's or the receiver's IPv4 address. */
  readonly host?: string;
  /** The sender's or the receiver's port. */
  readonly port?: number;
}

// linux/filter.h, linux/bpf_common.h
const LD_B_ABS = 0x30;
const LD_H_IND = 0x48;
const LD_W_ABS = 0x20;
const ALU_AND = 0x54;
const ALU_LSH = 0x64;
const ALU_RSH = 0x74;
const MISC_TAX = 0x07;
const JMP_JEQ = 0x15;
const RET = 0x06;
/** SKF_NET_OFF: from the IP header on, whatever kind of socket looks. */
const NET = 0xfff00000;

/** A jump of a program being made: to what comes next, over the next load, or to the end that refuses. */
type Target = 'next' | 'skip' | 'refuse';
interface Step {
  readonly code: number;
  readonly k: number;
  readonly yes?: Target;
  readonly no?: Target;
}

const equals = (k: number, yes: Target, no: Target): Step => ({ code: JMP_JEQ, k, yes, no });

/**
 * A program for the common cases, on IPv4 packets.
 * @throws `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`
 * @see https://www.kernel.org/doc/Documentation/networking/filter.txt
 */
export function assembleFilter({ protocol, host, port }: FilterRule): SockFilter[] {
  const steps: Step[] = [
    { code: LD_B_ABS, k: NET },
    { code: ALU_RSH, k: 4 },
    equals(4, 'next', 'refuse'),
  ];
  if (protocol !== undefined) {
    checkInteger('protocol', protocol, 0, 255);
    steps.push({ code: LD_B_ABS, k: NET + 9 }, equals(protocol, 'next', 'refuse'));
  }
  if (host !== undefined) {
    const address = new DataView(ipv4Bytes('host', host).slice().buffer).getUint32(0);
    steps.push(
      { code: LD_W_ABS, k: NET + 12 },
      equals(address, 'skip', 'next'),
      { code: LD_W_ABS, k: NET + 16 },
      equals(address, 'next', 'refuse'),
    );
  }
  if (port !== undefined) {
    checkInteger('port', port, 0, 65535);
    steps.push(
      // The length of the IP header, to X.
      { code: LD_B_ABS, k: NET },
      { code: ALU_AND, k: 15 },
      { code: ALU_LSH, k: 2 },
      { code: MISC_TAX, k: 0 },
      { code: LD_H_IND, k: NET },
      equals(port, 'skip', 'next'),
      { code: LD_H_IND, k: NET + 2 },
      equals(port, 'next', 'refuse'),
    );
  }
  const refuse = steps.length + 1;
  const jump = (target: Target, from: number): number =>
    target === 'next' ? 0 : target === 'skip' ? 2 : refuse - from - 1;
  const program: SockFilter[] = steps.map(({ code, k, yes, no }, at) =>
    yes === undefined || no === undefined
      ? { code, k }
      : { code, k, jt: jump(yes, at), jf: jump(no, at) },
  );
  program.push({ code: RET, k: 0xffffffff }, { code: RET, k: 0 });
  return program;
}

/** The program as it crosses. */
export function encodeFilter(program: readonly SockFilter[]): Uint8Array {
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
