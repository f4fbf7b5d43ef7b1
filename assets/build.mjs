// Makes what browsers load: scss/site.scss -> css/site.css, js/site.js (htmx and our modules in one file) -> js/site.js,
// js/pay.js for the page to pay alone,
// and the data admin's css/admin.css and js/admin.js and the organisers' css/manage.css and js/manage.js, which come on top
// of those; each also packed by gzip and brotli.
// `node build.mjs FOLDER` writes them below FOLDER; `--watch` keeps on writing the plain files while the sources change.
// Needs no network.
import {mkdirSync, renameSync, rmSync, watch, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {brotliCompressSync, constants, gzipSync} from 'node:zlib';
import * as esbuild from 'esbuild';
import * as sass from 'sass';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (!out) {
  console.error('build.mjs needs the folder to write to: node build.mjs FOLDER [--watch]');
  process.exit(2);
}

function stylesheet(name) {
  // Bootstrap 5.3 still writes @import; what Sass says about that is nothing we could mend.
  const {css} = sass.compile(join(here, `scss/${name}.scss`), {
    style: 'expanded',
    loadPaths: [join(here, 'node_modules')],
    quietDeps: true,
    silenceDeprecations: ['import', 'global-builtin', 'color-functions'],
  });
  // esbuild drops the comments, shortens values and joins rules; the browsers are those of the last years.
  return esbuild.transformSync(css, {loader: 'css', minify: true, target: browsers, legalComments: 'none'}).code;
}

const browsers = ['chrome100', 'firefox100', 'safari15.4'];

function script(name) {
  return esbuild.buildSync({
    entryPoints: [join(here, `js/${name}.js`)],
    bundle: true, write: false, minify: true, format: 'iife', target: browsers, legalComments: 'none',
  }).outputFiles[0].text;
}

// Never half written, whoever reads at this moment.
function put(name, bytes) {
  const path = join(out, name);
  mkdirSync(dirname(path), {recursive: true});
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}

function build({packed}) {
  for (const [name, text] of [
    ['css/site.css', stylesheet('site')], ['js/site.js', script('site')], ['js/pay.js', script('pay')],
    ['css/admin.css', stylesheet('admin')], ['css/manage.css', stylesheet('manage')], ['js/admin.js', script('admin')],
    ['js/manage.js', script('manage')],
  ]) {
    const bytes = Buffer.from(text);
    put(name, bytes);
    if (!packed) {
      for (const ending of ['gz', 'br']) rmSync(join(out, `${name}.${ending}`), {force: true});
      continue;
    }
    put(`${name}.gz`, gzipSync(bytes, {level: 9}));
    const brotli = brotliCompressSync(bytes, {params: {
      [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length}});
    put(`${name}.br`, brotli);
    console.log(`${name}: ${bytes.length} bytes, ${brotli.length} packed`);
  }
}

if (!process.argv.includes('--watch')) {
  build({packed: true});
} else {
  let waiting;
  const again = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      try {
        build({packed: false});
        console.log('built');
      } catch (error) {
        console.error(error.message);
      }
    }, 50);
  };
  for (const folder of ['scss', 'js']) watch(join(here, folder), again);
  again();
}
