// The section `mail` of --config.
import { z } from 'zod';
import { minutesOf } from './actions/mail-clock.ts';

/** As mail programs take it without quotes; a name without a domain is one of this server. */
const ADDRESS =
  /^(?=.{1,254}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}){0,10}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9][A-Za-z0-9-]{0,62})+$/;
const LOCAL = /^[a-z_][a-z0-9_-]{0,31}$/;

const address = z
  .string()
  .max(254)
  .refine(
    (text) => ADDRESS.test(text) || LOCAL.test(text),
    'must be one mail address such as admin@example.com, without a name',
  );
const dayTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 07:00');
const path = z
  .string()
  .max(4096)
  .regex(/^\/[^\0]*$/, 'must be an absolute path');
const word = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0\r\n]*$/);

const smtp = z.strictObject({
  host: z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'must be the name or address of a mail server'),
  port: z.number().int().min(1).max(65_535),
  secure: z.boolean(),
  user: word.optional(),
  passwordFile: path.optional(),
  verify: z.boolean().optional(),
});
const program = z
  .array(word)
  .min(1)
  .max(30)
  .refine(([first = '']) => first.startsWith('/'), 'must begin with an absolute path');

/** See MailConfig. */
export const mailSection = z
  .strictObject({
    to: z.array(address).min(1).max(20),
    from: address.optional(),
    policy: z.enum(['all', 'doubtful', 'networks', 'digest', 'off']).optional(),
    networks: z.number().int().min(2).max(1000).optional(),
    daily: z.boolean().optional(),
    digestAt: dayTime.optional(),
    quiet: z.strictObject({ from: dayTime, to: dayTime }).optional(),
    quietLets: z.enum(['nothing', 'false-positives']).optional(),
    perHour: z.number().int().min(1).max(500).optional(),
    via: z
      .union([z.literal('sendmail'), z.strictObject({ command: program }), smtp], {
        error:
          'must be "sendmail", {"command": ["/path/of/sendmail", …]} or {"host": …, "port": …, "secure": true or false}, with "user" and "passwordFile" where it asks for them',
      })
      .optional(),
    whm: z
      .string()
      .regex(
        /^https:\/\/[A-Za-z0-9.-]{1,253}(?::\d{1,5})?(?:\/[A-Za-z0-9._~-]{1,100}){0,5}\/?$/,
        'must be where WHM answers, such as https://server.example.com:2087',
      )
      .optional(),
  })
  .refine(({ quiet }) => quiet?.from !== quiet?.to || quiet === undefined, {
    path: ['quiet'],
    message: 'must begin and end at different times',
  })
  .refine(({ quiet, digestAt }) => quiet === undefined || !covers(quiet, digestAt ?? '07:00'), {
    path: ['digestAt'],
    message: 'lies in the quiet hours; 07:00 unless set',
  })
  .refine(
    ({ via }) =>
      typeof via !== 'object' ||
      !('host' in via) ||
      (via.user === undefined) === (via.passwordFile === undefined),
    { path: ['via'], message: 'needs both "user" and "passwordFile", or neither' },
  );

function covers({ from, to }: { from: string; to: string }, time: string): boolean {
  const [begin, end, at] = [minutesOf(from), minutesOf(to), minutesOf(time)];
  return begin < end ? at >= begin && at < end : at >= begin || at < end;
}
