/** Runs in the worker of Node's host and counts its streams, polls and sockets. */
export default ({ resourceCounts }) =>
  () =>
    resourceCounts();
