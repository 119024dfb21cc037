/**
 * How the addon finds the runtime's functions on Windows, where a library has to say whose they are. An
 * import library would bind it to the name `node.exe`; this looks in the program that runs, and then in
 * `libnode.dll` and `node.dll`, so one file loads in node.exe, bun.exe, deno.exe and in programs that embed Node.
 */

/** Instructions that jump to the address in slot `index` of the table, by CPU. */
const jumps = {
  x64: (index) => [`jmp *sock_runtime_table+${8 * index}(%rip)`],
  arm64: (index) => [
    `adrp x16, sock_runtime_table`,
    `add x16, x16, :lo12:sock_runtime_table`,
    `ldr x16, [x16, #${8 * index}]`,
    'br x16',
  ],
};

/** The C source that defines `names`, functions of Node-API, for a CPU. */
export function thunks(names, cpu) {
  const jump = jumps[cpu];
  if (jump === undefined) throw new Error(`no thunks for the CPU ${cpu}`);
  return `/* Made by thunks.mjs. */
#include <windows.h>

static const char *const names[] = {
${names.map((name) => `    "${name}",`).join('\n')}
};

#define COUNT (sizeof(names) / sizeof(names[0]))

/* Read by the assembly below. */
__attribute__((used)) FARPROC sock_runtime_table[COUNT] __asm__("sock_runtime_table");

/* For a function that the runtime lacks: its call is a fault of the runtime, and ends it here. */
static void missing(void) {
  static const char text[] = "@sock/native: this runtime lacks a function of Node-API\\n";
  DWORD written;
  WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, sizeof(text) - 1, &written, NULL);
  TerminateProcess(GetCurrentProcess(), 134);
}

__attribute__((constructor)) static void find(void) {
  const HMODULE modules[] = {GetModuleHandleW(NULL), GetModuleHandleW(L"libnode.dll"),
                             GetModuleHandleW(L"node.dll")};
  for (size_t i = 0; i < COUNT; i++) {
    sock_runtime_table[i] = (FARPROC)missing;
    for (size_t m = 0; m < sizeof(modules) / sizeof(modules[0]); m++) {
      const FARPROC found = modules[m] == NULL ? NULL : GetProcAddress(modules[m], names[i]);
      if (found == NULL) continue;
      sock_runtime_table[i] = found;
      break;
    }
  }
}

__asm__(".text\\n"
${names
  .map((name, index) =>
    [`.globl ${name}`, `${name}:`, ...jump(index)].map((line) => `        "${line}\\n"`).join('\n'),
  )
  .join('\n')}
);
`;
}
