// How numbers are shown: as the command line shows them.

export const count = (value) => value.toLocaleString('en-US', { maximumFractionDigits: 0 })

/** Four significant digits: 0.09412, 3.142e-07, 0. */
export function error(value) {
  if (value === 0) {
    return '0'
  }
  const [mantissa, exponent] = value.toExponential(3).split('e')
  const power = Number(exponent)
  if (power < -4 || power > 3) {
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  }
  return value.toFixed(3 - power)
}

export const ratio = (value) => `${value.toFixed(2)}×`

/** With more digits close below and above all, where they decide. */
export const percent = (value) => `${(100 * value).toFixed(value < 0.0995 ? 1 : value !== 1 && Math.abs(value - 1) < 0.005 ? 2 : 0)} %`

/** What came in over what is stored, where storing nothing counts as storing one. */
export const ratioOf = (numbersIn, stored) => Math.max(numbersIn, 1) / Math.max(stored, 1)

/** 950, 12.3 k, 4.56 M: for axes. */
export function short(value) {
  for (const [size, unit] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) {
    if (Math.abs(value) >= size) {
      return `${Number((value / size).toPrecision(3))} ${unit}`
    }
  }
  return String(Number(value.toPrecision(3)))
}
