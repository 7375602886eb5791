import { readStacksOfAgentsPlainly } from './plain-stacks.ts';

readStacksOfAgentsPlainly();
