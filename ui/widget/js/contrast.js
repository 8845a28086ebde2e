import { luminance } from "./colour.js";

/** Returns the contrast of two colours, each [red, green, blue], from 1 to 21, as WCAG 2.2 defines it. */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
