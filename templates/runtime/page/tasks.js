/** Lets the browser paint, and answer the visitor, before there is more to do. @returns {Promise<void>} */
export const nextTask = () => new Promise((resolve) => setTimeout(resolve));
