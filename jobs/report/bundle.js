// Bundles the page's script and style, and collects the licences of what is in them.
//   node bundle.js CLASSES   the folder of the compiled classes, which they become resources of
import { build } from 'esbuild'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const classes = process.argv[2]
const resources = join(classes, 'io/github/colonnade/jobs/report')
const licences = join(classes, 'META-INF/licenses')
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version

const notices = [
  `Apache ECharts ${version('echarts')}, Copyright The Apache Software Foundation, Apache-2.0`,
  `ZRender ${version('zrender')}, Copyright Baidu Inc., BSD-3-Clause`,
  `tslib ${version('tslib')}, Copyright Microsoft Corporation, 0BSD`
]

const result = await build({
  entryPoints: { report: 'src/report.js', 'report-style': 'src/report.css' },
  outdir: resources,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['chrome100', 'firefox100', 'safari15'],
  charset: 'ascii',
  legalComments: 'none',
  banner: { js: `/*! ${notices.join('; ')} */` },
  logLevel: 'warning'
})
if (result.warnings.length > 0) {
  process.exit(1)
}

mkdirSync(licences, { recursive: true })
for (const [name, file] of [
  ['echarts', 'LICENSE'],
  ['echarts', 'NOTICE'],
  ['zrender', 'LICENSE'],
  ['tslib', 'LICENSE.txt']
]) {
  copyFileSync(`node_modules/${name}/${file}`, join(licences, `${file.replace('.txt', '')}.${name}.txt`))
}
