import type { Component } from 'svelte';
import type { IconName } from '../look/icons.ts';
import type { PageName } from '../state/spot.ts';
import NowPage from './now/NowPage.svelte';

/**
 * The pages that there are. The first one comes with the window; each other is fetched when it is first gone to. A new page is a
 * row here, its word in `state/spot.ts` and its name in the catalogues.
 */
const loaders: { readonly [Name in PageName]?: () => Promise<{ readonly default: Component }> } = {
  now: () => Promise.resolve({ default: NowPage }),
  usage: () => import('./usage/UsagePage.svelte'),
  connections: () => import('./connections/ConnectionsPage.svelte'),
  alerts: () => import('./alerts/AlertsPage.svelte'),
  settings: () => import('./settings/SettingsPage.svelte'),
  app: () => import('./subject/SubjectPage.svelte'),
  domain: () => import('./subject/SubjectPage.svelte'),
  mini: () => import('./mini/MiniPage.svelte'),
};

/** The page that is there at once. */
export const firstPage: Component = NowPage;

/** A page's component; the first page where there is none of that name yet. */
export async function pageNamed(name: PageName): Promise<Component> {
  const loaded = await loaders[name]?.();
  return loaded?.default ?? firstPage;
}

const inNavigation: readonly { readonly page: PageName; readonly icon: IconName }[] = [
  { page: 'now', icon: 'now' },
  { page: 'usage', icon: 'usage' },
  { page: 'connections', icon: 'connections' },
  { page: 'alerts', icon: 'alerts' },
  { page: 'settings', icon: 'settings' },
];

/** What the navigation shows, in its order. */
export const navigation = inNavigation.filter(({ page }) => loaders[page] !== undefined);
