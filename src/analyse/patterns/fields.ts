// Which field names (and targets) hold what kind of value, with names they are tested with.
import { anyOf, type PatternEntry } from './pattern-entry.ts';
import { TRACKING } from './tracking.ts';

/** Texts that people write. */
export const FREE: readonly PatternEntry[] = [
  {
    re: /^(?:comment|comments|comment_content|order_comments)$/i,
    fits: ['comment', 'Comments', 'order_comments', 'comment_content'],
    fitsNot: ['comment_post_ID', 'commenter', 'comment_parent'],
  },
  {
    re: /^(?:message|messages|msg|_message|your-message|et_pb_contact_message(?:_\d+)?)$/i,
    fits: ['message', 'msg', '_message', 'your-message', 'et_pb_contact_message_0', 'et_pb_contact_message'],
    fitsNot: ['message_id', 'messenger', 'et_pb_contact_message_x'],
  },
  {
    re: /^(?:text|body|note|notes|description|content|post_content|detail|details|quote|signature|bio|about)$/i,
    fits: ['text', 'body', 'notes', 'description', 'content', 'post_content', 'signature', 'bio'],
    fitsNot: ['context', 'textarea', 'nobody', 'content_type', 'bios', 'quotes'],
  },
  {
    re: /^(?:reply|question|review|feedback|inquiry|enquiry|reason|remark|remarks|query)$/i,
    fits: ['reply', 'question', 'review', 'feedback', 'inquiry', 'reason', 'remarks', 'query'],
    fitsNot: ['replytocom', 'question_id', 'sql_query', 'preview'],
  },
  {
    re: /^(?:subject|title|_subject|your-subject)$/i,
    fits: ['subject', 'title', '_subject', 'your-subject'],
    fitsNot: ['subtitle', 'title_id', 'subjects'],
  },
  {
    re: /^(?:komentar|sprava|poznamka|dotaz|zprava|nachricht|mensaje|soobshchenie)$/i,
    fits: ['komentar', 'sprava', 'poznamka', 'dotaz', 'nachricht'],
    fitsNot: ['spravca', 'komentare_id', 'zpravodaj'],
  },
  // forms that are put together by their owner
  {
    re: /^(?:wpforms|form_fields|item_meta|input_\d+)$/i,
    fits: ['wpforms', 'form_fields', 'item_meta', 'input_5'],
    fitsNot: ['input_x', 'form_id', 'input'],
  },
];

export const SEARCH: readonly PatternEntry[] = [
  {
    re: /^(?:q|s|query|search|searchword|search_query|keyword|keywords|term|terms|find|text|controller_search)$/i,
    fits: ['q', 's', 'query', 'search', 'searchword', 'keywords', 'term', 'find', 'search_query'],
    fitsNot: ['qty', 'sort', 'research', 'terms_of_use', 'queryid', 'ss'],
  },
  {
    re: /^(?:hladaj|hledat|suche)$/i,
    fits: ['hladaj', 'hledat', 'suche'],
    fitsNot: ['hladajuci', 'suchen'],
  },
];

export const PASSWORD: readonly PatternEntry[] = [
  {
    re: /^(?:pwd|pass|passwd|password|password1|password2|pass1|pass2|user_pass|login_password|_pass|passwort|heslo)$/i,
    fits: ['pwd', 'pass', 'password', 'pass1', 'password2', 'user_pass', '_pass', 'heslo', 'Passwort'],
    fitsNot: ['passenger', 'passport', 'password_hint', 'compass', 'passwords'],
  },
];

/** Addresses to go on to. */
export const URL_FIELDS: readonly PatternEntry[] = [
  {
    re: /^(?:url|uri|link|image_url|website|scope|dest|destination|goto)$/i,
    fits: ['url', 'uri', 'website', 'destination', 'goto', 'scope'],
    fitsNot: ['curl', 'linked', 'urls', 'destiny'],
  },
  {
    re: /^(?:redirect|redirect_to|redirect_uri|redirect_url|return|returnto|return_to|return_url|returnurl|next|continue|callback|back|success_url|cancel_url)$/i,
    fits: ['redirect_to', 'redirect_uri', 'return', 'returnUrl', 'next', 'back', 'cancel_url'],
    fitsNot: ['returned', 'nextpage', 'backup', 'returns'],
  },
  {
    re: /^(?:ref|referer|referrer|_wp_http_referer)$/i,
    fits: ['ref', 'referrer', '_wp_http_referer'],
    fitsNot: ['reference', 'refund', 'href'],
  },
];

/** Kinds of fields by the name of the argument; `tracking` takes a whole target, e.g. `ARGS:fbclid`. */
export const FIELDS = {
  free: anyOf(FREE),
  search: anyOf(SEARCH),
  password: anyOf(PASSWORD),
  url: anyOf(URL_FIELDS),
  tracking: anyOf(TRACKING),
} as const;
