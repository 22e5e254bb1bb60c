import { suggest } from '../../../suggest.ts';
import { type AwsRule, onlyOnAws } from './rule.ts';

/** Regions of AWS for everybody, November 2025: for suggestions only, a newer one is taken as well. */
const regions = [
  'af-south-1',
  'ap-east-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ca-central-1',
  'ca-west-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];

const statedRegion: AwsRule = ({ aws: { region } }) =>
  region !== undefined
    ? []
    : [
        {
          path: 'aws.region',
          what: 'is missing: no region is right for everybody',
          allowed: `a region, e.g. ${regions.slice(12, 16).join(', ')}`,
          fix: 'set aws.region, or target: rig',
          related: ['target'],
        },
      ];

/** Undefined where a zone has neither a name that EC2 knows nor one that the config gives it. */
const zoneOf = (region: string, zone: string, stated: string | undefined): string | undefined =>
  stated ?? (/^[a-f]$/.test(zone) ? `${region}${zone}` : undefined);

const namedZones: AwsRule = ({ network: { zones }, aws: { region, availabilityZones } }) =>
  zones
    .filter((zone) => zoneOf(region ?? '', zone, availabilityZones[zone]) === undefined)
    .map((zone) => ({
      path: `aws.availabilityZones.${zone}`,
      what: 'is missing: the name of the zone is no letter of one of the region',
      allowed: `an availability zone of ${region ?? 'the region'}, e.g. ${region ?? 'eu-central-1'}a`,
      fix: `set it, or rename the zone ${zone} to a letter, e.g. a`,
      related: ['network.zones', 'aws.region'],
    }));

const zonesOfRegion: AwsRule = ({ aws: { region, availabilityZones } }) =>
  Object.entries(availabilityZones)
    .filter(([, stated]) => region !== undefined && stated.slice(0, -1) !== region)
    .map(([zone, stated]) => ({
      path: `aws.availabilityZones.${zone}`,
      what: `is not in region ${region ?? ''}: an environment is in one region`,
      value: stated,
      allowed: `${region ?? ''} and a letter`,
      fix: `write ${region ?? ''}${stated.at(-1) ?? 'a'}, or change aws.region`,
      related: ['aws.region'],
    }));

const knownZones: AwsRule = ({ network: { zones }, aws: { availabilityZones } }) =>
  Object.entries(availabilityZones)
    .filter(([zone]) => !zones.includes(zone))
    .map(([zone, stated]) => {
      const near = suggest(zone, zones);
      return {
        path: `aws.availabilityZones.${zone}`,
        what: 'is for a zone that network.zones does not have',
        value: stated,
        allowed: zones.join(', '),
        fix: near === undefined ? 'remove the line' : `did you mean ${near}? Else remove the line`,
        related: ['network.zones'],
      };
    });

const distinctZones: AwsRule = ({ network: { zones }, aws: { region, availabilityZones } }) => {
  const places = zones.map((zone) => zoneOf(region ?? '', zone, availabilityZones[zone]));
  return zones.flatMap((zone, index) => {
    const place = places[index];
    const other = zones[places.indexOf(place)];
    if (place === undefined || other === undefined || other === zone) return [];
    return [
      {
        path: `aws.availabilityZones.${zone}`,
        what: `is the zone of ${other} too: one failure would take both`,
        value: place,
        allowed: 'another availability zone for each zone',
        fix: 'change one of the two',
        related: ['network.zones', 'aws.region', `aws.availabilityZones.${other}`],
      },
    ];
  });
};

export const placeRules = [statedRegion, namedZones, zonesOfRegion, knownZones, distinctZones].map(
  onlyOnAws,
);
