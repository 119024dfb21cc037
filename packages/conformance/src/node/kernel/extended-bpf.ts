/** Extended BPF programs as filters. CPython loads them, as bpf(2) is not a socket call. */
import { spawnSync } from 'node:child_process';
import { Domain, type OwnedFd, type Socket, Type } from '@sock/core';
import { equal, fail } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { only, received } from '../../control.js';
import { sharing } from '../../sharing.js';

/** Milliseconds: longer than an interpreter takes to start. */
const START = 30_000;

/**
 * A program that loads `return RESULT` as a socket filter, and sends the filter's descriptor to the socket it inherits.
 * Linux include/uapi/linux/bpf.h: BPF_PROG_LOAD, BPF_PROG_TYPE_SOCKET_FILTER, BPF_MOV64_IMM, BPF_EXIT.
 */
const LOADER = `
import array, ctypes, platform, socket, struct, sys
numbers = {'x86_64': 321, 'aarch64': 280, 'riscv64': 280, 's390x': 351, 'ppc64le': 361}
program = struct.pack('=BBhiBBhi', 0xb7, 0, 0, int(sys.argv[1]), 0x95, 0, 0, 0)
code, license = ctypes.create_string_buffer(program), ctypes.create_string_buffer(b'GPL')
attributes = struct.pack('=IIQQ', 1, 2, ctypes.addressof(code), ctypes.addressof(license)).ljust(128, b'\\0')
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.syscall(numbers[platform.machine()], 5, ctypes.create_string_buffer(attributes), 128)
if fd < 0:
    sys.exit(f'bpf: errno {ctypes.get_errno()}')
socket.socket(fileno=0).sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd]))])
`;

const load = (result: number, channel: number | 'ignore') =>
  spawnSync('python3', ['-c', LOADER, String(result)], {
    stdio: [channel, 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: START,
  });

/** Runs the loader without a channel. If it fails before it sends, its message says what the machine lacks. */
function lacksLoader(): string | undefined {
  const { error, stderr } = load(0, 'ignore');
  if (error !== undefined) return 'the program python3';
  return stderr.includes('bpf: errno') || stderr.includes('KeyError')
    ? `the privilege CAP_BPF, or bpf(2): ${stderr.trim().split('\n').at(-1)}`
    : undefined;
}

/** The descriptor of a BPF program that returns a number. It is open until the case ends. */
function programOf(t: Context, result: number): number {
  const [channel, other] = t.Socket.pair(Domain.UNIX, Type.DGRAM).map((each) => t.track(each)) as [
    Socket,
    Socket,
  ];
  const { status, stderr } = load(result, other.asRawFd());
  if (status !== 0) return fail(stderr);
  const [program] = only(received(channel).control, 'rights').fds as [OwnedFd<Socket>];
  t.finally(() => program.close());
  return program.asRawFd();
}

export const extendedBpf: readonly Case[] = [
  {
    name: 'attachBpf filters by an extended BPF program: it returns how many bytes are delivered',
    methods: ['attachBpf', 'detachFilter', 'recv'],
    needs: ['attachBpf', 'detachFilter', 'pair', 'unix'],
    lacks: lacksLoader,
    timeout: 60_000,
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      const UDP_HEADER = 8;
      other.attachBpf(programOf(t, UDP_HEADER + 3));
      one.send(bytes('abcdef'));
      equal(text(received(other).data), 'abc');
      other.attachBpf(programOf(t, 0));
      one.send(bytes('abcdef'));
      equal(other.tryRecv(new Uint8Array(8)), undefined, 'what got past a program that returns 0');
      other.detachFilter();
      one.send(bytes('abcdef'));
      equal(text(received(other).data), 'abcdef');
    },
  },
  {
    name: 'attachReusePortBpf: an extended BPF program chooses the socket that gets a datagram',
    methods: ['attachReusePortBpf', 'setReusePort', 'recv'],
    needs: ['attachReusePortBpf', 'setReusePort', 'pair', 'unix'],
    lacks: lacksLoader,
    timeout: 60_000,
    run(t) {
      const group = sharing(t, 'udp4', 2) as [Socket, Socket];
      const sender = t.bound('udp4');
      for (const [index, chosen] of group.entries()) {
        group[0].attachReusePortBpf(programOf(t, index));
        for (let sent = 0; sent < 8; sent++) {
          sender.sendTo(Uint8Array.of(sent), group[0].localAddr());
          equal(received(chosen).data[0], sent);
        }
      }
    },
  },
];
