import polylink = require('@polylink-dev/polylink');

export const url = async (): Promise<string> => (await polylink.start()).url;
