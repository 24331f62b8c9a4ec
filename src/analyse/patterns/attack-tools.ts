// Names of attack tools in a User-Agent, with names they are tested with.
import { anyOf, type PatternEntry } from './pattern-entry.ts';

const MOZILLA = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

export const TOOL_ENTRIES: readonly PatternEntry[] = [
  { re: /sqlmap/i, fits: ['sqlmap/1.8.4#stable (https://sqlmap.org)'], fitsNot: ['SQL Map Viewer', MOZILLA] },
  { re: /nikto/i, fits: ['Mozilla/5.00 (Nikto/2.5.0) (Evasions:None)'], fitsNot: ['nikita/1.0'] },
  { re: /wpscan/i, fits: ['WPScan v3.8.25 (https://wpscan.com)'], fitsNot: ['wp-scanner-free'] },
  {
    re: /nuclei/i,
    fits: ['Nuclei - Open-source project (github.com/projectdiscovery/nuclei)'],
    fitsNot: ['NuclearBrowser'],
  },
  { re: /nmap/i, fits: ['Mozilla/5.0 (compatible; Nmap Scripting Engine)'], fitsNot: ['NMEA map 1.0'] },
  {
    re: /masscan/i,
    fits: ['masscan/1.3 (https://github.com/robertdavidgraham/masscan)'],
    fitsNot: ['mass scanner'],
  },
  { re: /zgrab/i, fits: ['Mozilla/5.0 zgrab/0.x'], fitsNot: ['zgrid/1'] },
  { re: /zmap/i, fits: ['zmap 4.0'], fitsNot: ['z-map'] },
  { re: /dirbuster/i, fits: ['DirBuster-1.0-RC1'], fitsNot: ['dustbuster'] },
  { re: /dirb\b/i, fits: ['dirb/2.22'], fitsNot: ['dirbot/1.0'] },
  { re: /gobuster/i, fits: ['gobuster/3.6'], fitsNot: ['go-buster'] },
  { re: /ffuf/i, fits: ['ffuf/2.1'], fitsNot: ['fluff/1.0'] },
  { re: /fuzz faster/i, fits: ['Fuzz Faster U Fool v2.1.0-dev'], fitsNot: ['fuzzy faster'] },
  { re: /feroxbuster/i, fits: ['feroxbuster/2.10.1'], fitsNot: ['ferox'] },
  { re: /wfuzz/i, fits: ['Wfuzz/3.1.0'], fitsNot: ['w fuzz'] },
  { re: /wapiti/i, fits: ['Wapiti/3.1.7'], fitsNot: ['Waterfox'] },
  { re: /acunetix/i, fits: ['acunetix-product'], fitsNot: ['Acuity'] },
  { re: /netsparker|invicti/i, fits: ['Netsparker', 'Invicti Scanner'], fitsNot: ['NetSpark', 'invictus'] },
  {
    re: /nessus|openvas|qualys/i,
    fits: ['Nessus SOAP', 'OpenVAS', 'Qualys WAS'],
    fitsNot: ['Qualcomm', 'openvals'],
  },
  {
    re: /w3af|arachni|skipfish/i,
    fits: ['w3af.org', 'Arachni/v1.6', 'Mozilla/5.0 SF/2.10b skipfish'],
    fitsNot: ['w3m/0.5'],
  },
  { re: /vega\//i, fits: ['Vega/1.0'], fitsNot: ['Vegas Browser', 'Vega 64'] },
  { re: /hydra/i, fits: ['Mozilla/4.0 (Hydra)'], fitsNot: ['Hybrid'] },
  {
    re: /jaeles|jorgee|zmeu|morfeus/i,
    fits: ['Jaeles', 'Mozilla/5.0 Jorgee', 'ZmEu', 'Morfeus Strikes Again'],
    fitsNot: ['Zeus', 'morpheus'],
  },
  { re: /whatweb/i, fits: ['WhatWeb/0.5.5'], fitsNot: ['WhatsApp/2.24'] },
  { re: /havij|commix|xsstrike/i, fits: ['Havij', 'commix/v3.9', 'XSStrike'], fitsNot: ['comics', 'commit'] },
  {
    re: /joomscan|droopescan|cmsmap/i,
    fits: ['joomscan 0.0.7', 'droopescan', 'CMSmap'],
    fitsNot: ['Joomla/4', 'cms-map'],
  },
  {
    re: /burp(?:suite|collaborator)?/i,
    fits: ['Burp Suite Professional', 'BurpCollaborator'],
    fitsNot: ['Bur pea'],
  },
  {
    re: /interactsh|\boast\.(?:pro|live|fun|me|site|online)\b/i,
    fits: ['interactsh-client', 'http://c23b2la0kl1.oast.live'],
    fitsNot: ['https://toast.lively.example', 'https://coast.me.example'],
  },
  {
    re: /CensysInspect|DatabayCensys/i,
    fits: ['Mozilla/5.0 (compatible; CensysInspect/1.1)', 'DatabayCensys'],
    fitsNot: ['census'],
  },
  {
    re: /expanse/i,
    fits: ['Expanse, a Palo Alto Networks company, searches across the global IPv4 space'],
    fitsNot: ['expense tracker'],
  },
  {
    re: /l9explore|l9tcpid|leakix/i,
    fits: ['l9explore/1.2.2', 'l9tcpid/v1.1', 'LeakIX'],
    fitsNot: ['leak-proof'],
  },
  {
    re: /internet-measurement/i,
    fits: ['Mozilla/5.0 (compatible; InternetMeasurement/1.0; +https://internet-measurement.com/)'],
    fitsNot: ['Internet Explorer'],
  },
  {
    re: /project-?discovery/i,
    fits: ['projectdiscovery', 'Project-Discovery'],
    fitsNot: ['Discovery Channel'],
  },
  { re: /mozlila/i, fits: ['Mozlila/5.0 (Linux; Android 7.0)'], fitsNot: [MOZILLA] },
];

/** Attack tools in a User-Agent. */
export const ATTACK_TOOLS: RegExp = anyOf(TOOL_ENTRIES);
