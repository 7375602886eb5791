/**
 * How Azure shows its regions: `westus2` is given, `West US 2` is shown.
 * recorded(https://github.com/Azure/azure-sdk-for-net#LiveEventBasicTests),
 * documented(https://learn.microsoft.com/azure/reliability/regions-list)
 */
const displayNames = [
  'Australia East',
  'Brazil South',
  'Canada Central',
  'Central India',
  'Central US',
  'East Asia',
  'East US',
  'East US 2',
  'France Central',
  'Germany West Central',
  'Japan East',
  'Korea Central',
  'North Europe',
  'South India',
  'Southeast Asia',
  'Switzerland North',
  'UK South',
  'West Europe',
  'West US',
  'West US 2',
  'West US 3',
];

const bare = (region: string): string => region.toLowerCase().replaceAll(' ', '');

export const isSameRegion = (a: string, b: string): boolean => bare(a) === bare(b);

export const displayName = (region: string): string =>
  displayNames.find((name) => isSameRegion(name, region)) ?? region;
