/** The wasm-tools program: on PATH, or a wheel's. */
export function wasmTools(): string;
