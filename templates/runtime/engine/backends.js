/** The backends of this file, by name: whatever was bundled with it puts them here first. @type {Record<string, any>} */
export const backends = {};
