/** Starts balancing-thread.ts in a Worker: `--import tsx` is for the main thread alone. */
import { register } from 'tsx/esm/api';

register();
await import('./balancing-thread.ts');
