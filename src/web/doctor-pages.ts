// The self-test: everything that `doctor` looks at, and the trials that only a browser behind WHM can make.
import { setTimeout as sleep } from 'node:timers/promises';
import { BODY_BYTES, BODY_TRIAL, REDIRECT_TRIAL, SLOW_SECONDS, SLOW_TRIAL } from '../actions/doctor-whm.ts';
import { pageLink } from './links.ts';
import type { Page } from './page.ts';
import { WebProblem } from './problems.ts';
import { doctorPage } from './view-doctor.ts';

const BASE = { kind: 'view', status: 200, section: 'doctor', find: true, server: null } as const;
/** The smallest picture there is: one is asked for behind the program's name, to see whether PATH_INFO works. */
const DOT = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';

/** The self-test: `?p=/doctor`; `&came=slow`: that trial's answer came back; `&text=1`: as a text to be sent. */
export const doctor: Page = async ({ engine }, fields, { whm }) => {
  if (fields.get('text') === '1') {
    const body = await engine.doctor.text();
    return {
      kind: 'file',
      name: 'whyblocked-doctor.txt',
      type: 'text/plain; charset=utf-8',
      body,
      note: null,
    };
  }
  if (whm !== null) await engine.doctor.saw(whm);
  const came = fields.get('came');
  if (came === SLOW_TRIAL || came === REDIRECT_TRIAL) await engine.doctor.trial(came, 'ok');
  const report = await engine.doctor.report();
  return { ...BASE, view: 'doctor', page: doctorPage(report, whm !== null), server: report.server };
};

/** A page with a form of almost 1 MiB: `?p=/doctor/form`. */
export const bigForm: Page = () => {
  const page = { title: 'A form of 1 MiB', action: pageLink('/doctor/try'), pad: 'x'.repeat(BODY_BYTES) };
  return { ...BASE, view: 'doctor-form', page };
};

/** Asked for with something behind the program's name. */
export const dot: Page = async ({ engine }, _fields, { whm }) => {
  if (whm !== null) await engine.doctor.saw(whm);
  return { kind: 'file', name: 'dot.svg', type: 'image/svg+xml', body: DOT, note: null };
};

/** Makes one trial: `what` is body, slow or redirect. */
export const tryOut: Page = async ({ engine }, fields, { gone }) => {
  const what = fields.get('what') ?? '';
  if (what === BODY_TRIAL) {
    const arrived = (fields.get('pad') ?? '').length;
    await engine.doctor.trial(
      what,
      arrived === BODY_BYTES ? 'ok' : `${arrived} of ${BODY_BYTES} characters arrived`,
    );
    return { kind: 'redirect', to: pageLink('/doctor') };
  }
  if (what !== SLOW_TRIAL && what !== REDIRECT_TRIAL)
    throw new WebProblem(400, 'The form names no trial of the self-test.');
  await engine.doctor.trial(what, null);
  // Whoever goes away ends the wait; what then comes back to nobody is not counted.
  if (what === SLOW_TRIAL)
    await sleep(SLOW_SECONDS * 1000, undefined, { signal: gone }).catch(() => undefined);
  return { kind: 'redirect', to: pageLink('/doctor', { came: what }) };
};
