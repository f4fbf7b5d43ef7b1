// What the data admin does beyond links and forms. Every page works without it.
import {startMarking} from './marking.js';

startMarking(document);
