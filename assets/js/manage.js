// What the organisers' pages do beyond links and forms. Each page works without it.
import {rememberFolding} from './folding.js';
import {startProgress} from './progress.js';
import {showCurrent} from './side.js';

rememberFolding(document);
startProgress(document);
showCurrent(document.querySelector('.manage-side'));
