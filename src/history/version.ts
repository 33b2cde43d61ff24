/** The version of links and files that this release writes. A change of their form is a new version. */
export const CURRENT_VERSION = 2;
