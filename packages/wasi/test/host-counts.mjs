/** Runs in the worker of Node's host: how many streams, polls and sockets it has. */
export default ({ resourceCounts }) =>
  () =>
    resourceCounts();
