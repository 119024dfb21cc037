/** Where there is no Node: the WASI component. */
export * from '@sock/wasi';

/** Which backend was taken. */
export const backendName = 'wasi';
/** Why. */
export const backendReason = 'there is no addon outside Node';
