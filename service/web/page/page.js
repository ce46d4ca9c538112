/**
 * The page until the window takes its place: what flows now, by app and by domain. Names come from the network: they reach
 * the page as text (textContent) only.
 */

const mostRows = 50;
const firstRetryMs = 1000;
const longestRetryMs = 30_000;
const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

/**
 * Bytes per second with three digits: `12.3 MB/s`.
 * @param {number} bytes
 * @param {number} seconds
 */
function rateText(bytes, seconds) {
  let rate = seconds > 0 ? bytes / seconds : 0;
  let prefix = 0;
  while (rate >= 999.5 && prefix < prefixes.length - 1) {
    rate /= 1000;
    prefix += 1;
  }
  return `${prefix === 0 ? Math.round(rate) : rate.toPrecision(3)} ${prefixes[prefix]}B/s`;
}

/** @param {string} text */
function say(text) {
  const state = element('state');
  if (state.textContent !== text) state.textContent = text;
}

/**
 * Rows are used again, so that what a person has selected or a screen reader reads is not taken away every second.
 * @param {HTMLElement} body
 * @param {readonly (readonly [string, string, string])[]} rows
 */
function fill(body, rows) {
  while (body.children.length > rows.length) body.lastElementChild?.remove();
  rows.forEach((texts, index) => {
    const row = body.children[index] ?? body.appendChild(newRow());
    texts.forEach((text, column) => {
      const cell = row.children[column];
      if (cell !== undefined && cell.textContent !== text) cell.textContent = text;
    });
  });
}

function newRow() {
  const row = document.createElement('tr');
  const name = document.createElement('th');
  name.scope = 'row';
  row.append(name, document.createElement('td'), document.createElement('td'));
  return row;
}

/** @param {{ displayName: string | null, reason: string | null }} row */
function appName({ displayName, reason }) {
  if (displayName !== null) return displayName;
  return reason === 'private' ? 'private mode' : `unknown (${(reason ?? 'no reason').replaceAll('-', ' ')})`;
}

/** @param {{ domain: string | null, reason: string | null }} row */
function domainName({ domain, reason }) {
  if (domain !== null) return domain;
  return { private: 'private mode', folded: 'other names' }[reason ?? ''] ?? 'no name known';
}

/** The newest snapshot's seconds, for the words of a notice. */
let capturing = '';

/** @param {any} mode @param {any} snapshot */
function showState(mode, snapshot) {
  if (snapshot !== null) {
    const interfaces = snapshot.interfaces.filter((/** @type {any} */ each) => each.state === 'capturing');
    capturing = interfaces.map((/** @type {any} */ each) => each.name).join(', ');
    if (snapshot.state === 'not-measuring') return say('Not measuring');
  }
  if (mode.paused !== null) return say('Paused: nothing is measured');
  if (mode.private !== null) return say('Private mode: totals only');
  return say(`Measuring ${capturing}`);
}

/** @param {readonly any[]} troubles */
function showTroubles(troubles) {
  const list = element('troubles');
  element('troubles-section').hidden = troubles.length === 0;
  list.replaceChildren(
    ...troubles.map(({ message, remedy }) => {
      const item = document.createElement('li');
      item.textContent = remedy === '' ? message : `${message} → ${remedy}`;
      return item;
    }),
  );
}

/** @param {any} event */
function show(event) {
  const snapshot = event.kind === 'snapshot' ? event.snapshot : null;
  showState(event.mode, snapshot);
  showTroubles(snapshot === null ? event.troubles : snapshot.troubles);
  if (snapshot === null) return;
  const { totals, intervalSeconds: seconds } = snapshot;
  element('received').textContent = rateText(totals.rxBytes, seconds);
  element('sent').textContent = rateText(totals.txBytes, seconds);
  /** @param {any} row @param {string} name @returns {readonly [string, string, string]} */
  const texts = (row, name) => [name, rateText(row.rxBytes, seconds), rateText(row.txBytes, seconds)];
  fill(element('apps'), snapshot.apps.slice(0, mostRows).map((/** @type {any} */ row) => texts(row, appName(row))));
  fill(element('domains'), snapshot.domains.slice(0, mostRows).map((/** @type {any} */ row) => texts(row, domainName(row))));
}

/** The token stands behind `#` in the address that was printed. It is exchanged for a cookie and leaves the address. */
async function exchangeToken() {
  const token = location.hash.slice(1);
  if (token === '') return;
  history.replaceState(null, '', '/');
  await fetch('/session', { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
}

/** @type {WebSocket | null} */
let socket = null;
let retryMs = firstRetryMs;
let timer = 0;

function connect() {
  clearTimeout(timer);
  if (socket !== null || document.hidden) return;
  const opened = new WebSocket(`ws://${location.host}/api`);
  let wasOpen = false;
  socket = opened;
  opened.addEventListener('open', () => {
    wasOpen = true;
    retryMs = firstRetryMs;
    say('Connected; waiting for the next second');
    opened.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'live', params: {} }));
  });
  opened.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data);
    if (message.method === 'live') show(message.params.event);
  });
  opened.addEventListener('close', () => {
    socket = null;
    if (document.hidden) return;
    say(wasOpen ? 'The service has ended' : 'Not let in: open the address that `tidewatch serve --web` has printed');
    timer = setTimeout(connect, retryMs);
    retryMs = Math.min(2 * retryMs, longestRetryMs);
  });
}

/** A page that nobody sees does nothing. */
function onVisibility() {
  if (document.hidden) socket?.close();
  else connect();
}

await exchangeToken();
document.addEventListener('visibilitychange', onVisibility);
connect();
