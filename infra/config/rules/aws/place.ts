import type { Rule } from '../rule.ts';
import { onlyOnAws } from './rule.ts';

const statedRegion: Rule = ({ aws: { region } }) =>
  region !== undefined
    ? []
    : [
        {
          path: 'aws.region',
          what: 'is missing: no region is right for everybody',
          allowed: 'a region, e.g. eu-central-1 or us-east-1',
          fix: 'set aws.region, or target: rig',
          related: ['target'],
        },
      ];

/** Undefined where a zone has neither a name that EC2 knows nor one that the config gives it. */
const zoneOf = (region: string, zone: string, stated: string | undefined): string | undefined =>
  stated ?? (/^[a-f]$/.test(zone) ? `${region}${zone}` : undefined);

const namedZones: Rule = ({ network: { zones }, aws: { region, availabilityZones } }) =>
  zones
    .filter((zone) => zoneOf(region ?? '', zone, availabilityZones[zone]) === undefined)
    .map((zone) => ({
      path: `aws.availabilityZones.${zone}`,
      what: 'is missing: the name of the zone is no letter of one of the region',
      allowed: `an availability zone of ${region ?? 'the region'}, e.g. ${region ?? 'eu-central-1'}a`,
      fix: `set it, or rename the zone ${zone} to a letter, e.g. a`,
      related: ['network.zones', 'aws.region'],
    }));

const zonesOfRegion: Rule = ({ aws: { region, availabilityZones } }) =>
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

const knownZones: Rule = ({ network: { zones }, aws: { availabilityZones } }) =>
  Object.entries(availabilityZones)
    .filter(([zone]) => !zones.includes(zone))
    .map(([zone, stated]) => ({
      path: `aws.availabilityZones.${zone}`,
      what: 'is for a zone that network.zones does not have',
      value: stated,
      allowed: zones.join(', '),
      fix: `remove the line, or add ${zone} to network.zones`,
      related: ['network.zones'],
    }));

const distinctZones: Rule = ({ network: { zones }, aws: { region, availabilityZones } }) => {
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
