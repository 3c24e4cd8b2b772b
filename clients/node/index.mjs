import polylink from './index.js'

export const { start, connect, PolylinkError } = polylink
export default polylink
