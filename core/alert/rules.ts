import type { AlertChannel, AlertKind } from '../../protocol/alert.ts';
import type { VolumeRule } from './volume-rule.ts';

/** What a person wants to be told, where, and when not: the settings of the group `alerts`, which say what each means. */
export interface AlertRules {
  readonly spikeBytesPerSecond: number;
  readonly spikeSeconds: number;
  readonly unusual: 'off' | 'rare' | 'normal' | 'often';
  readonly volumes: readonly VolumeRule[];
  readonly firstSeen: boolean;
  readonly newDomainApps: readonly string[];
  readonly newCountryApps: readonly string[];
  readonly uploadTimes: number;
  readonly uploadLeastBytes: number;
  readonly watchList: readonly string[];
  readonly httpRequestsPerSecond: number;
  readonly httpSeconds: number;
  readonly planForecast: boolean;
  readonly trouble: boolean;
  readonly learningHours: number;
  readonly quietHours: string;
  readonly whileInFront: boolean;
  readonly whileNotDisturbed: boolean;
  readonly perHour: number;
  readonly coolDownMinutes: number;
  readonly spikeChannels: readonly AlertChannel[];
  readonly unusualChannels: readonly AlertChannel[];
  readonly volumeChannels: readonly AlertChannel[];
  readonly firstSeenChannels: readonly AlertChannel[];
  readonly uploadChannels: readonly AlertChannel[];
  readonly watchListChannels: readonly AlertChannel[];
  readonly httpHitsChannels: readonly AlertChannel[];
  readonly planChannels: readonly AlertChannel[];
  readonly troubleChannels: readonly AlertChannel[];
}

/** The channels that a kind is told on. */
export function channelsOf(rules: AlertRules, kind: AlertKind): readonly AlertChannel[] {
  switch (kind) {
    case 'spike':
      return rules.spikeChannels;
    case 'unusual':
      return rules.unusualChannels;
    case 'volume':
      return rules.volumeChannels;
    case 'first-seen':
      return rules.firstSeenChannels;
    case 'upload':
      return rules.uploadChannels;
    case 'watch-list':
      return rules.watchListChannels;
    case 'http-hits':
      return rules.httpHitsChannels;
    case 'plan':
      return rules.planChannels;
    case 'trouble':
      return rules.troubleChannels;
  }
}
