// Crawlers that say how to prove them: the reverse DNS name of each of their addresses ends in a domain they publish.
//
// Left out: crawlers that publish only lists of addresses or no proof at all (DuckDuckBot, facebookexternalhit,
// Twitterbot, GPTBot …), and Google's fetchers on a user's request (FeedFetcher-Google, Google-Read-Aloud …), which
// also come from addresses that Google rents to others. For those a name proves nothing, neither way.
import { isBelow } from '../../parse/host-name.ts';

/** One crawler. */
export interface Crawler {
  readonly name: string;
  /** What its User-Agents hold. */
  readonly agent: RegExp;
  /** Domains of its host names, as its own documentation gives them. */
  readonly domains: readonly string[];
}

export const CRAWLERS: readonly Crawler[] = [
  {
    name: 'Googlebot',
    agent:
      /\b(?:Googlebot|AdsBot-Google|Mediapartners-Google|Storebot-Google|Google-InspectionTool|GoogleOther|APIs-Google)\b/i,
    domains: ['googlebot.com', 'google.com'],
  },
  { name: 'bingbot', agent: /\b(?:bingbot|adidxbot|msnbot|BingPreview)\b/i, domains: ['search.msn.com'] },
  {
    name: 'YandexBot',
    agent:
      /\bYandex(?:Bot|MobileBot|Images|Video|Media|Blogs|News|Webmaster|Pagechecker|ImageResizer|RenderResourcesBot)\b/i,
    domains: ['yandex.ru', 'yandex.net', 'yandex.com'],
  },
  { name: 'Baiduspider', agent: /\bBaiduspider\b/i, domains: ['baidu.com', 'baidu.jp'] },
  { name: 'Applebot', agent: /\bApplebot\b/i, domains: ['applebot.apple.com'] },
  { name: 'SeznamBot', agent: /\bSeznamBot\b/i, domains: ['seznam.cz'] },
  { name: 'Yahoo! Slurp', agent: /\bYahoo! ?Slurp\b/i, domains: ['crawl.yahoo.net'] },
  { name: 'PetalBot', agent: /\bPetalBot\b/i, domains: ['petalsearch.com'] },
  { name: 'Pinterestbot', agent: /\bPinterestbot\b/i, domains: ['pinterest.com', 'pinterestcrawler.com'] },
  { name: 'Amazonbot', agent: /\bAmazonbot\b/i, domains: ['crawl.amazonbot.amazon'] },
  { name: 'CCBot', agent: /\bCCBot\b/i, domains: ['crawl.commoncrawl.org'] },
  { name: 'AhrefsBot', agent: /\bAhrefs(?:Bot|SiteAudit)\b/i, domains: ['ahrefs.com', 'ahrefs.net'] },
  { name: 'SemrushBot', agent: /\bSemrushBot\b/i, domains: ['bot.semrush.com'] },
];

/** The crawler that a User-Agent claims to be; null for none of the list. */
export function claimedCrawler(agent: string): Crawler | null {
  const text = agent.slice(0, 1000);
  return CRAWLERS.find((crawler) => crawler.agent.test(text)) ?? null;
}

/** Whether a host name is one of a crawler's. */
export function isNameOf(crawler: Crawler, hostName: string): boolean {
  return crawler.domains.some((domain) => isBelow(hostName, domain));
}

/** What the list above is tested with. */
export const CRAWLER_TESTS = {
  agents: [
    ['Googlebot', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'],
    ['Googlebot', 'Googlebot-Image/1.0'],
    ['Googlebot', 'AdsBot-Google (+http://www.google.com/adsbot.html)'],
    ['Googlebot', 'Mozilla/5.0 (compatible; Google-InspectionTool/1.0;)'],
    ['bingbot', 'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)'],
    ['YandexBot', 'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)'],
    ['YandexBot', 'Mozilla/5.0 (compatible; YandexImages/3.0; +http://yandex.com/bots)'],
    ['Baiduspider', 'Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)'],
    [
      'Applebot',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_1) AppleWebKit/600.2.5 (KHTML, like Gecko) Version/8.0.2 Safari/600.2.5 (Applebot/0.1)',
    ],
    ['SeznamBot', 'Mozilla/5.0 (compatible; SeznamBot/4.0; +http://napoveda.seznam.cz/seznambot-intro/)'],
    ['Yahoo! Slurp', 'Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)'],
    ['PetalBot', 'Mozilla/5.0 (compatible;PetalBot;+https://webmaster.petalsearch.com/site/petalbot)'],
    ['Pinterestbot', 'Mozilla/5.0 (compatible; Pinterestbot/1.0; +https://www.pinterest.com/bot.html)'],
    ['Amazonbot', 'Mozilla/5.0 (compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot)'],
    ['CCBot', 'CCBot/2.0 (https://commoncrawl.org/faq/)'],
    ['AhrefsBot', 'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)'],
    ['SemrushBot', 'Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)'],
  ],
  /** Browsers, other programs, and crawlers that nothing published proves. */
  others: [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 YaBrowser/25.8 Yowser/2.5 Safari/537.36',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 GSA/380.0 Mobile/15E148',
    'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
    'DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)',
    'FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)',
    'Pinterest/0.2 (+https://www.pinterest.com/bot.html)',
    'NotGooglebotic/1.0',
    'Xbingbotx/1.0',
    '',
    '-',
  ],
  names: [
    ['Googlebot', 'crawl-66-249-66-1.googlebot.com'],
    ['Googlebot', 'rate-limited-proxy-66-249-90-77.google.com'],
    ['bingbot', 'msnbot-157-55-39-1.search.msn.com'],
    ['YandexBot', 'spider-5-255-253-1.yandex.com'],
    ['Baiduspider', 'baiduspider-180-76-15-1.crawl.baidu.com'],
    ['Applebot', '17-58-101-1.applebot.apple.com'],
    ['SeznamBot', 'fulltextrobot-77-75-77-101.seznam.cz'],
    ['CCBot', '18-97-9-168.crawl.commoncrawl.org'],
  ],
  /** Names that only look like theirs. */
  otherNames: [
    ['Googlebot', 'crawl-66-249-66-1.googlebot.com.example.com'],
    ['Googlebot', 'notgooglebot.com'],
    ['Googlebot', 'crawl.googlebot.com-example.net'],
    ['Googlebot', '1.2.3.4.bc.googleusercontent.com'],
    ['Googlebot', '4.3.2.1.gae.googleusercontent.com'],
    ['bingbot', 'msnbot-157-55-39-1.msn.com'],
    ['bingbot', 'search.msn.com.example.org'],
    ['Applebot', 'host.apple.com'],
    ['SeznamBot', 'email-seznam.cz.example.com'],
    ['CCBot', 'commoncrawl.org'],
  ],
} as const;
