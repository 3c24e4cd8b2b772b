'use strict'

const fs = require('node:fs')
const path = require('node:path')

/** The package that has the binary for a platform. */
const packageFor = (platform = process.platform, arch = process.arch) => `@polylink-dev/polylink-${platform}-${arch}`

/**
 * Finds the binary: the one that is named, POLYLINK_BIN, or that of the
 * platform's package, in this order. Throws an error that says what to do.
 */
function find(named) {
  const given = named || process.env.POLYLINK_BIN
  if (given) {
    const from = named ? 'the option bin' : 'POLYLINK_BIN'
    const file = path.resolve(given)
    if (!fs.existsSync(file)) throw new Error(`polylink: ${from} is ${given}, and there is no such file; POLYLINK_BIN names the polylink binary`)
    if (!fs.statSync(file).isFile()) throw new Error(`polylink: ${from} is ${given}, which is no file; POLYLINK_BIN names the polylink binary`)
    return file
  }
  const name = packageFor()
  const file = `${name}/bin/polylink${process.platform === 'win32' ? '.exe' : ''}`
  try {
    return require.resolve(file)
  } catch {
    throw new Error(`polylink: there is no binary: install ${name}, or set POLYLINK_BIN to the path of polylink`)
  }
}

module.exports = { find, packageFor }
