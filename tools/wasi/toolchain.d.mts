/** The wasm-tools program: on PATH, or a wheel's. */
export function wasmTools(): string;
/** The wasmtime program: on PATH, or a wheel's. */
export function wasmtime(): string;
