/** Returns a computed CSS colour, such as `rgb(30, 90, 72)`, as [red, green, blue] from 0 to 255; undefined for others. */
export function channels(colour) {
  return /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour)?.slice(1).map(Number);
}

/** Returns the relative luminance of a colour, from 0 to 1, as WCAG 2.2 defines it. */
export function luminance(colour) {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Returns black or white, whichever reads better on the colour: one of them always has a contrast of 4.5. */
export function inkOn(colour) {
  // Here both contrasts are equal: (1.05 / (l + 0.05)) = ((l + 0.05) / 0.05).
  return luminance(colour) > 0.1791 ? "#000" : "#fff";
}
