// Everything the public pages do beyond links and forms. Each page works without it.
import htmx from 'htmx.org/dist/htmx.esm.js';
import {announceMessages} from './announce.js';
import {startCartChanges} from './cart.js';
import {focusFaults} from './faults.js';
import {startLock} from './lock.js';
import {startOpening} from './opening.js';
import {startQuestions} from './questions.js';
import {keepSeats} from './seats.js';
import {startSending} from './send.js';
import {showViewerTimes} from './times.js';
import {startTimer} from './timer.js';
import {startSuggestions} from './suggest.js';

Object.assign(htmx.config, {
  allowEval: false,               // the pages' policy forbids it
  includeIndicatorStyles: false,  // and styles written into the page
  selfRequestsOnly: true,
  historyEnabled: false,          // pages of a person are kept nowhere
  defaultSettleDelay: 0,
  attributesToSettle: [],         // it would write style attributes, which the policy forbids too
  timeout: 30_000,
  // What was refused has a page that says why. 429 and 5xx leave the page as it is: cart.js says so.
  responseHandling: [
    {code: '204', swap: false}, {code: '429', swap: false, error: true}, {code: '5..', swap: false, error: true},
    {code: '...', swap: true},
  ],
});

// What has to be done for a page, and for each part that is put into it later.
function start(root) {
  showViewerTimes(root);
  startTimer(root);
  startOpening(root);
  startSuggestions(root);
  startQuestions(root);
  keepSeats(root);
}

startSending(root => {
  htmx.process(root);
  start(root);
});
startLock();
startCartChanges(start);
start(document);
focusFaults(document);
announceMessages(document);
