// Names that clients give themselves, and host name labels of a cPanel server's own services.

/** Attack tools in a User-Agent. */
export const ATTACK_TOOLS =
  /sqlmap|nikto|wpscan|nuclei|nmap|masscan|zgrab|zmap|dirbuster|dirb\b|gobuster|ffuf|fuzz faster|feroxbuster|wfuzz|wapiti|acunetix|netsparker|invicti|nessus|openvas|qualys|w3af|arachni|skipfish|vega\/|hydra|jaeles|jorgee|zmeu|morfeus|whatweb|havij|commix|xsstrike|joomscan|droopescan|cmsmap|burp(?:suite|collaborator)?|interactsh|oast\.(?:pro|live|fun|me|site|online)|CensysInspect|expanse|l9explore|l9tcpid|leakix|internet-measurement|project-?discovery|DatabayCensys|mozlila/i;

/** Libraries and command-line programs. */
export const SCRIPT_LIBRARIES =
  /^(?:python|curl|wget|go-http|java|libwww|lwp|perl|ruby|okhttp|axios|node|aiohttp|httpx|undici|custom-asynchttp|guzzle|php|apache-httpclient|postman|insomnia|restsharp|winhttp|scrapy|got\b)/i;

/** First labels that belong to the domain behind them, e.g. `webmail.example.com`. */
export const SERVICE_LABELS: ReadonlySet<string> = new Set([
  'www',
  'mail',
  'webmail',
  'cpanel',
  'whm',
  'webdisk',
  'cpcontacts',
  'cpcalendars',
  'autodiscover',
  'autoconfig',
  'ftp',
]);
