/** Whether this processor is little-endian. The system's structures are in the processor's byte order. */
export const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
