/** Whether this processor is little-endian: the system's structures are in its byte order. */
export const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
