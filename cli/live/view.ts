import type { Key } from '../keyboard.ts';
import { connectionOrders } from '../now/connection-list.ts';

/** What of the live screen a person looks at: which tab, in which order, with which words. */

export const tabs = ['all', 'apps', 'domains', 'connections', 'http'] as const;
export type Tab = (typeof tabs)[number];

const usageOrders = ['busy', 'received', 'sent', 'total', 'name'] as const;
export type UsageOrder = (typeof usageOrders)[number];

const httpOrders = ['requests', 'now', 'host'] as const;
export type HttpOrder = (typeof httpOrders)[number];

/** In which orders each tab can stand; the first is the usual one. */
const orders = { all: ['busy'], apps: usageOrders, domains: usageOrders, connections: connectionOrders, http: httpOrders } as const satisfies Readonly<Record<Tab, readonly string[]>>;

/** The order of each tab, by its number in the tab's list. */
type Chosen = Readonly<Record<Tab, number>>;

export interface View {
  readonly tab: Tab;
  readonly chosen: Chosen;
  /** Only rows with these words, whatever the tab. */
  readonly filter: string;
  /** Whether what is typed goes into the filter. */
  readonly isTyping: boolean;
  /** Whether the picture stands still; what comes is counted all the same. */
  readonly isHeld: boolean;
  readonly hasHelp: boolean;
  /** Rows that were moved past. */
  readonly offset: number;
}

export const firstView: View = {
  tab: 'all', chosen: { all: 0, apps: 0, domains: 0, connections: 0, http: 0 }, filter: '', isTyping: false, isHeld: false, hasHelp: false, offset: 0,
};

/** A filter is a few words; more of them would not fit the screen. */
const longestFilter = 64;

function wrapping(index: number, length: number): number {
  return (index + length) % length;
}

function nextTab(view: View, step: number): View {
  return { ...view, tab: tabs[wrapping(tabs.indexOf(view.tab) + step, tabs.length)] ?? 'all', offset: 0 };
}

function nextOrder(view: View, step: number): View {
  const { tab, chosen } = view;
  return { ...view, chosen: { ...chosen, [tab]: wrapping(chosen[tab] + step, orders[tab].length) }, offset: 0 };
}

function typed(view: View, key: Key): View {
  switch (key.kind) {
    case 'character':
      return { ...view, filter: (view.filter + key.text).slice(0, longestFilter), offset: 0 };
    case 'backspace':
      return { ...view, filter: Array.from(view.filter).slice(0, -1).join(''), offset: 0 };
    case 'enter':
      return { ...view, isTyping: false };
    case 'escape':
      return { ...view, isTyping: false, filter: '', offset: 0 };
    default:
      return view;
  }
}

function characterPressed(view: View, text: string): View | 'quit' {
  switch (text) {
    case 'q':
    case 'Q':
      return 'quit';
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
      return { ...view, tab: tabs[Number(text)] ?? 'all', offset: 0, hasHelp: false };
    case 's':
      return nextOrder(view, 1);
    case 'S':
      return nextOrder(view, -1);
    case '/':
      // What is filtered can be seen only where rows are listed.
      return { ...(view.tab === 'all' ? nextTab(view, 1) : view), isTyping: true, hasHelp: false };
    case ' ':
      return { ...view, isHeld: !view.isHeld };
    case '?':
      return { ...view, hasHelp: !view.hasHelp };
    default:
      return view;
  }
}

/** The view after a key; `quit` where it means "enough". */
export function viewAfter(view: View, key: Key): View | 'quit' {
  if (key.kind === 'end') return 'quit';
  if (view.isTyping) return typed(view, key);
  switch (key.kind) {
    case 'character':
      return characterPressed(view, key.text);
    case 'tab':
      return nextTab(view, 1);
    case 'back-tab':
      return nextTab(view, -1);
    case 'right':
      return nextOrder(view, 1);
    case 'left':
      return nextOrder(view, -1);
    case 'down':
      return { ...view, offset: view.offset + 1 };
    case 'up':
      return { ...view, offset: Math.max(0, view.offset - 1) };
    case 'escape':
      return view.hasHelp ? { ...view, hasHelp: false } : { ...view, filter: '', offset: 0 };
    case 'enter':
    case 'backspace':
      return view;
  }
}

/** The words that a row must have. */
export function filterWords({ filter }: Pick<View, 'filter'>): readonly string[] {
  return filter.toLowerCase().split(' ').filter((word) => word !== '');
}

/** In which order the rows of each tab stand. */
export function orderOf<Name extends Tab>({ chosen }: Pick<View, 'chosen'>, tab: Name): (typeof orders)[Name][number] {
  const named: (typeof orders)[Name] = orders[tab];
  return named[chosen[tab]] ?? named[0];
}
