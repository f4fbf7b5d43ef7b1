import './empty.js';
