/** Inside a component. */
export * from '@sock/wasi/guest';

/** Which backend was taken. */
export const backendName = 'wasi';
/** Why. */
export const backendReason = 'the program is a component';
