// A value against a schema of an OpenAPI document, as far as ours uses JSON Schema: types, enums, items, properties,
// required, and no members that are not described.

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

function kindOf(value) {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

function faultOfObject(doc, schema, value, at) {
  for (const k of schema.required ?? []) if (!(k in value)) return `${at}.${k} is missing`
  for (const [k, v] of Object.entries(value)) {
    const of = schema.properties?.[k]
    if (!of && schema.additionalProperties === false) return `${at}.${k} is not described`
    const found = of ? fault(doc, of, v, `${at}.${k}`) : null
    if (found) return found
  }
  return null
}

/** The first fault as a sentence, or null. */
export function fault(doc, schema, value, at = '$') {
  if (schema.$ref) return fault(doc, schema.$ref.slice(2).split('/').reduce((d, k) => d[k], doc), value, at)
  if (schema.oneOf) {
    const faults = schema.oneOf.map((one) => fault(doc, one, value, at))
    return faults.includes(null) ? null : faults[0]
  }
  if (schema.enum) return schema.enum.includes(value) ? null : `${at}: ${JSON.stringify(value)} is none of ${schema.enum}`
  const kind = kindOf(value), types = [schema.type].flat()
  if (schema.type && !types.includes(kind) && !(kind === 'integer' && types.includes('number'))) return `${at}: ${kind} instead of ${types}`
  if (kind === 'array' && schema.items) {
    for (const [i, one] of value.entries()) {
      const found = fault(doc, schema.items, one, `${at}[${i}]`)
      if (found) return found
    }
  }
  if (kind === 'object') return faultOfObject(doc, schema, value, at)
  if (schema.format === 'date-time' && kind === 'string' && !instant.test(value)) return `${at}: ${value} is no instant`
  return null
}
