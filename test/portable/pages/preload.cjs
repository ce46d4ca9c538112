'use strict';

// What electron/preload.cjs does, with something of every kind that may cross.
const { contextBridge, ipcRenderer } = require('electron');

const listeners = new Set();
ipcRenderer.on('event', (_event, value) => {
  for (const listener of listeners) listener(value);
});

contextBridge.exposeInMainWorld('bridge', {
  tell: (...values) => ipcRenderer.send('tell', ...values),
  emit: (channel, ...values) => ipcRenderer.send(channel, ...values),
  ask: (...values) => ipcRenderer.invoke('ask', ...values),
  refuse: () => ipcRenderer.invoke('refuse'),
  follow(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  deep: { list: [1, { name: '__proto__', text: 'a' }], nothing: undefined },
  fail() {
    throw new Error('on the other side');
  },
});
