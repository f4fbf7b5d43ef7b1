// What the data admin does beyond links and forms. Every page works without it.
import {startDropping} from './dropping.js';
import {startEditing} from './editing.js';
import {startMarking} from './marking.js';
import {startProgress} from './progress.js';
import {showCurrent} from './side.js';

startDropping(document);
startMarking(document);
startEditing(document);
startProgress(document);
showCurrent(document.querySelector('.desk-side'));
