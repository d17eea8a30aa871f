/**
 * What the server's JavaScript does for the binary forms of `$convert`, where the server has no such form.
 *
 * Each takes `throws`: whether a value that cannot be converted is an error. Otherwise an empty array comes back, which the `$convert` around
 * it converts to nothing either. A wrong argument is an error in any case, as on a server that has the form.
 *
 * The old subtype 2 holds the length of its data a second time, in front of it, and JavaScript sees that.
 */
const shared = `
  const fail = function (reason) {
    if (throws) throw new Error("$convert: " + reason);
    return [];
  };
  const isLittle = function (byteOrder) {
    if (byteOrder === null || byteOrder === "little") return true;
    if (byteOrder === "big") return false;
    throw new Error("$convert: byteOrder must be little or big");
  };
  const hexOf = function (binary) {
    return binary.type === 2 ? binary.hex().slice(8) : binary.hex();
  };
  const needFormat = function (format) {
    if (["auto", "base64", "base64url", "hex", "uuid", "utf8"].indexOf(format) >= 0) return;
    throw new Error("$convert: a text needs a format out of base64, base64url, hex, uuid, utf8");
  };`;

/** `(value, to, byteOrder, throws)`: binData to "int", "long" or "double". */
export const toNumberScript = `function (value, to, byteOrder, throws) {${shared}
  const hex = hexOf(value);
  const size = hex.length / 2;
  const little = isLittle(byteOrder);
  const sizes = { int: [1, 2, 4], long: [1, 2, 4, 8], double: [4, 8] }[to];
  if (sizes.indexOf(size) < 0) return fail(size + " bytes are no " + to + ": it has " + sizes.join(", ").replace(/, (?=.$)/, " or "));
  const view = new DataView(new ArrayBuffer(8));
  for (let at = 0; at < size; at++) view.setUint8(at, parseInt(hex.substr(2 * at, 2), 16));
  if (to === "double") return size === 4 ? view.getFloat32(0, little) : view.getFloat64(0, little);
  if (size === 8) return NumberLong(String(view.getBigInt64(0, little)));
  return size === 4 ? view.getInt32(0, little) : size === 2 ? view.getInt16(0, little) : view.getInt8(0);
}`;

/** `(value, format, throws)`: binData to text. */
export const toTextScript = `function (value, format, throws) {${shared}
  needFormat(format);
  const hex = hexOf(value);
  const isUuid = value.type === 4 && hex.length === 32;
  const base64 = HexData(0, hex).base64();
  switch (format) {
    case "hex": return hex.toUpperCase();
    case "base64": return base64;
    case "base64url": return base64.replace(/=/g, "").replace(/[+]/g, "-").replace(/[/]/g, "_");
    case "utf8":
      try { return decodeURIComponent(hex.replace(/../g, "%$&")); } catch (error) { return fail("the data is not UTF-8"); }
    default:
      if (isUuid) return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
      return format === "auto" ? base64 : fail("the data is no UUID: it is " + hex.length / 2 + " bytes of subtype " + value.type);
  }
}`;

/** `(value, type, subtype, format, byteOrder, throws)`: a number, a text or binData to binData, where `type` is the BSON type of `value`. */
export const toBinaryScript = `function (value, type, subtype, format, byteOrder, throws) {${shared}
  if (subtype instanceof NumberLong || subtype instanceof NumberDecimal) subtype = Number(/[-0-9.]+/.exec(String(subtype))[0]);
  if (typeof subtype !== "number" || Math.floor(subtype) !== subtype || subtype < 0 || subtype > 255 || (subtype > 9 && subtype < 128)) {
    throw new Error("$convert: the subtype must be a whole number, 0 to 9 or 128 to 255");
  }
  // A double of BSON stays one, and HexData takes only integers.
  subtype |= 0;
  const binary = function (hex) {
    const length = ("0000000" + (hex.length / 2).toString(16)).slice(-8).replace(/(..)(..)(..)(..)/, "$4$3$2$1");
    return HexData(subtype, subtype === 2 ? length + hex : hex);
  };
  if (type === "binData") return value.type === subtype ? value : fail("the subtype is " + value.type + ", and not " + subtype);
  if (type !== "string") {
    const little = isLittle(byteOrder);
    const view = new DataView(new ArrayBuffer(type === "int" ? 4 : 8));
    if (type === "int") view.setInt32(0, value, little);
    else if (type === "double") view.setFloat64(0, value, little);
    else view.setBigInt64(0, BigInt(/-?\\d+/.exec(String(value))[0]), little);
    let hex = "";
    for (let at = 0; at < view.byteLength; at++) hex += (view.getUint8(at) + 256).toString(16).slice(1);
    return binary(hex);
  }
  needFormat(format);
  if ((format === "uuid") !== (subtype === 4)) return fail("the format uuid and the subtype 4 are for each other alone");
  const base64 = function (text) {
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return fail("the text is not " + format);
    return binary(BinData(0, text).hex());
  };
  switch (format) {
    case "hex":
      return /^(?:[0-9a-fA-F]{2})*$/.test(value) ? binary(value) : fail("the text is not hexadecimal");
    case "uuid":
      if (!/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(value)) return fail("the text is no UUID");
      return binary(value.replace(/-/g, ""));
    case "utf8":
      return binary(encodeURIComponent(value).replace(/%(..)|[^]/g, function (letter, code) {
        return code || letter.charCodeAt(0).toString(16);
      }));
    case "base64":
      return base64(value);
    case "base64url": {
      const text = value.replace(/-/g, "+").replace(/_/g, "/");
      if (/[+/]/.test(value)) return fail("the text is not base64url");
      return base64(/=/.test(text) ? text : text + ["", "", "==", "="][text.length % 4]);
    }
    default:
      return fail("no text is made binary data with the format auto");
  }
}`;
