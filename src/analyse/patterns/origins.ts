// What a host name says of where an address is: in a data centre, or behind a household's or a mobile line.
//
// Words count as whole words (`vps` in `vps-1a2b.vps.ovh.net`), digits part them too; domains count where all names
// of a known network read alike. A name of both kinds says nothing. Whoever owns an address chooses its name, so the
// items that use this weigh little.
import { isBelow } from '../../parse/host-name.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const RENTED_WORDS = words(
  `vps vserver rootserver server servers srv dedicated dedi kvm vds vm cloud compute instance instances droplet node
  hosting hosted webhosting colo colocation datacenter datacentre baremetal xen openvz proxmox exit torexit`,
);

const RENTED_DOMAINS: readonly string[] = [
  ...['amazonaws.com', 'bc.googleusercontent.com', 'cloudapp.net', 'cloudapp.azure.com', 'oraclecloud.com'],
  ...['linodeusercontent.com', 'vultrusercontent.com', 'vultr.com', 'choopa.net', 'contaboserver.net'],
  ...['your-server.de', 'ovh.net', 'ovh.ca', 'kimsufi.com', 'poneytelecom.eu', 'scw.cloud', 'hstgr.cloud'],
  ...['stratoserver.net', 'kundenserver.de', 'online-server.cloud', 'hostwindsdns.com', 'colocrossing.com'],
  ...[
    'leaseweb.net',
    'secureserver.net',
    'startdedicated.com',
    'hwclouds-dns.com',
    'netcup.net',
    'upcloud.host',
  ],
];

const LINE_WORDS = words(
  `dyn dynamic dynip dynamicip dhcp dsl adsl vdsl xdsl sdsl ppp pppoe pool pools dialup dial dialin dip cable cablelink
  catv docsis hsd cpe cgn cgnat ftth fttx fttb fiber fibre gpon fios broadband bband bb residential res mobile gprs
  umts lte wireless wlan wifi wimax wisp kabel ipconnect`,
);

/** `3g`, `4g` and `5g` as words: elsewhere digits part words. */
const GENERATION = /(?:^|[.-])[345]g(?:[.-]|$)/;

export type Origin = 'rented' | 'line' | null;

/** Which kind of place a host name (as `parseHostName` gives it) reads like; null when it reads like neither, or both. */
export function originOf(hostName: string): Origin {
  // The last label is a country's or a registry's: `ec`, `bb` and `cloud` are such.
  const parts = hostName.slice(0, hostName.lastIndexOf('.')).split(/[^a-z]+/);
  const rented =
    parts.some((word) => RENTED_WORDS.has(word)) ||
    RENTED_DOMAINS.some((domain) => isBelow(hostName, domain));
  const line = parts.some((word) => LINE_WORDS.has(word)) || GENERATION.test(hostName);
  return rented === line ? null : rented ? 'rented' : 'line';
}

/** What the words above are tested with: names in the shapes that networks use. */
export const ORIGIN_TESTS = {
  rented: [
    'ec2-203-0-113-7.eu-central-1.compute.amazonaws.com',
    '7.113.0.203.bc.googleusercontent.com',
    'static.7.113.0.203.clients.your-server.de',
    'vps-1a2b3c4d.vps.ovh.net',
    'ns3123456.ip-203-0-113.eu.ovh.net',
    'ip7.ip-203-0-113.ovh.ca',
    'vmi123456.contaboserver.net',
    'srv123456.hstgr.cloud',
    '203-0-113-7.ip.linodeusercontent.com',
    '203.0.113.7.vultrusercontent.com',
    'h2123456.stratoserver.net',
    's12345678.online-server.cloud',
    '203-0-113-7-host.colocrossing.com',
    'server7.example.net',
    'dedicated-7.example.org',
    'vm-7.kvm.example.net',
    'hosted-by.example.com',
    'node-7.example.net',
    'tor-exit.example.org',
    'cloud-7.example.com',
    'ip-203-0-113-7.ip.secureserver.net',
    '7-113-0-203.instances.scw.cloud',
  ],
  line: [
    'p5b3f2a1c.dip0.t-ipconnect.de',
    'adsl-dyn7.203-0-113.t-com.sk',
    '203-0-113-7.dynamic.orange.sk',
    'bband-dyn7.203-0-113.t-com.sk',
    'c-203-0-113-7.hsd1.ca.comcast.net',
    'cpe-203-0-113-7.nyc.res.rr.com',
    'pool-203-0-113-7.washdc.fios.verizon.net',
    'cable-203-0-113-7.example.net',
    'catv-203-0-113-7.catv.broadband.hu',
    'dsl-203-0-113-7.example.org',
    'dsl203.example.org',
    'ppp203-0-113-7.example.com',
    'host-203-0-113-7.mobile.example.com',
    'ip-203-0-113-7.wireless.example.net',
    'xdsl-203-0-113-7.example.net',
    '7-113-0-203.ftth.example.net',
    'user-203-0-113-7.5g.example.net',
    'dhcp-203-0-113-7.example.com',
    '203-0-113-7.pool.digikabel.hu',
    'cgnat-7.example.net',
    '203.0.113.7.pppoe.example.ru',
    'dsl-203-0-113-7.tor.example.ca',
    'cpe-203-0-113-7.example.cloud',
  ],
  neither: [
    'www.example.com',
    'mail.example.com',
    'mx1.example.org',
    'shop.example.com',
    'crawl-66-249-66-1.googlebot.com',
    'host-7.example.net',
    'static-203-0-113-7.example.net',
    'office.example.com',
    'firewall.example.com',
    'gw.example.org',
    'observer.example.com',
    'preserver-observer.example.com',
    'dynamite.example.com',
    'cablecar.example.com',
    'carpool.example.com',
    'cloudy.example.com',
    'vpser.example.com',
    'ns1.example.com',
    'ovh.net.example.com',
    '203-0-113-7.uio.satnet.net.ec',
    'gateway.example.bb',
    'www.example.cloud',
    'host-7.tor.example.ca',
    // Both at once.
    'vps-7.dynamic.example.net',
    'dsl-server.example.org',
  ],
} as const;
