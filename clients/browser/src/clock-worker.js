/** Rings back after the wanted delay; see clock.js for why timers live in a worker. */
self.onmessage = ({ data }) => {
  setTimeout(() => self.postMessage(data.handle), data.delayMilliseconds);
};
