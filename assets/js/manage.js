// What the organisers' pages do beyond links and forms. Each page works without it.
import {rememberFolding} from './folding.js';
import {startProgress} from './progress.js';

rememberFolding(document);
startProgress(document);
