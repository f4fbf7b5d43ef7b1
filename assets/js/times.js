// Moments are written in the conference's zone; beside them goes the viewer's own time where that differs.
import {words} from './announce.js';

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

const wall = (moment, timeZone) => new Intl.DateTimeFormat('en-GB', {
  timeZone, dateStyle: 'short', timeStyle: 'short'}).format(moment);

export function showViewerTimes(root) {
  const zone = document.body.dataset.zone;
  if (!zone || zone === own) return;
  for (const element of root.querySelectorAll('time[datetime*="T"]:not([data-seen])')) {
    element.dataset.seen = '';
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    let there, here;
    try {
      there = wall(moment, zone);
      here = wall(moment, own);
    } catch {
      return;  // a zone that this browser does not know
    }
    if (there === here) continue;
    // The day only where it is another one; its weekday is enough within the next days.
    const isSoon = Math.abs(moment - Date.now()) < 3 * 24 * 3600 * 1000;
    let day = {weekday: 'short'};
    if (there.slice(0, 10) === here.slice(0, 10)) day = {};
    else if (!isSoon) day = {year: 'numeric', month: 'short', day: 'numeric'};
    const text = new Intl.DateTimeFormat(document.documentElement.lang, {
      timeZone: own, hour: 'numeric', minute: '2-digit', ...day}).format(moment);
    const note = document.createElement('span');
    note.className = 'viewer-time';
    note.textContent = ` (${words('local', {moment: text})})`;
    element.after(note);
  }
}
