// The sentences about a found exclusion: what it switches off and where, and why it cannot be taken over.
import type { ReachNote } from '../analyse/exclusion-reach.ts';
import { switchedOffWords } from '../analyse/found-words.ts';
import { count } from '../analyse/sentences.ts';
import { MOST_SCOPES } from '../analyse/take-over.ts';
import { decodeBytes } from '../parse/text.ts';
import type { FoundGroup } from './found-groups.ts';
import type { FoundOwner } from './found-owner.ts';

/** Why nothing of a find can be taken over; null when something can. */
export function cannotTake(group: FoundGroup, owner: FoundOwner, scopes: number): string | null {
  const [file] = group.files;
  const name = file === undefined ? 'its file' : decodeBytes(file.path);
  switch (owner.width) {
    case 'server':
      return group.maker === 'whm'
        ? 'It holds for the whole server; an exclusion of ours holds for one vhost. WHM switches it on again (ModSecurity Tools).'
        : `It holds for the whole server; an exclusion of ours holds for one vhost. Exclude the rules where they are in the way, then take the lines out of ${name}.`;
    case 'shared':
      return `It holds for the vhosts of many accounts; an exclusion of ours holds for one vhost. Exclude the rules where they are in the way, then take the lines out of ${name}.`;
    case 'none':
      return `No vhost of this server gets ${name}: there is nothing to take over.`;
    default:
  }
  if (scopes * owner.vhosts.length > MOST_SCOPES)
    return `It would become ${scopes * owner.vhosts.length} exclusions (${count(owner.vhosts.length, 'vhost')}); at most ${MOST_SCOPES} are taken over at once.`;
  if (scopes > 0) return null;
  const reasons = new Set(group.lines.flatMap(({ taken }) => (taken.kind === 'stays' ? [taken.why] : [])));
  return reasons.size === 0
    ? 'It has no effect: there is nothing to take over.'
    : [...reasons].slice(0, 2).join(' ');
}

/** What to know about the folder that the lines lie in. */
export function ownerNotes(owner: FoundOwner): ReachNote[] {
  if (owner.width === 'none')
    return [
      {
        code: 'no-vhost',
        text: `No vhost of ${decodeBytes(owner.account ?? 'this server')} has this name: Apache does not take these lines.`,
      },
    ];
  if (owner.width === 'account')
    return [
      {
        code: 'account-wide',
        text: `It holds for all vhosts of the account (${owner.vhosts.length} now) and for those added later; exclusions of ours hold for those of now.`,
      },
    ];
  if (owner.alias === null) return [];
  return [
    {
      code: 'alias-folder',
      text: `The folder is named after ${decodeBytes(owner.alias)}, another name of ${owner.vhost ?? ''}: it holds for all names of that vhost.`,
    },
  ];
}

/** What a group switches off and where, as a sentence. */
export function foundWords({ lines, files }: FoundGroup, owner: FoundOwner): string {
  const working = lines.filter(({ reach }) => reach.from !== null).map(({ line }) => line);
  if (working.length === 0 || owner.width === 'none')
    return `Nothing is switched off: the lines have no effect.`;
  return `Off ${whereWords(owner, files[0]?.owner ?? null)}: ${switchedOffWords(working)}.`;
}

function whereWords({ width, vhost, account }: FoundOwner, reseller: string | null): string {
  if (width === 'server') return 'on the whole server';
  if (width === 'shared')
    return reseller === null ? 'on all vhosts' : `on all vhosts of reseller ${decodeBytes(reseller)}`;
  return width === 'account' ? `on all vhosts of ${account ?? ''}` : `on ${vhost ?? ''}`;
}
