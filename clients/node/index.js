'use strict'

const { start } = require('./lib/processes.js')
const { connect } = require('./lib/servers.js')
const { PolylinkError } = require('./lib/calls.js')

module.exports = { start, connect, PolylinkError }
