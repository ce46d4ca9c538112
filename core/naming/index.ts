/** Names of flows: the evidence, the rules that weigh it, and the registrable domain of a host. */
export { createNaming } from './naming.ts';
export type { FlowName, NameQuestion, Naming } from './naming.ts';
export { fileNamingLimits, namingLimits } from './limits.ts';
export type { NamingLimits } from './limits.ts';
export type { ForgottenNames } from './forgetting.ts';
export { Claim, ClaimSource } from './claim.ts';
export { registrableDomain } from './registrable-domain.ts';
