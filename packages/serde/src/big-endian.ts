// A view of the bytes themselves would cost more than all numbers that are read by it.
const double = new DataView(new ArrayBuffer(8));

/** The IEEE double at `offset`. */
export function doubleAt(bytes: Uint8Array, offset: number): number {
  double.setInt32(0, int32At(bytes, offset));
  double.setInt32(4, int32At(bytes, offset + 4));
  return double.getFloat64(0);
}

/** The number of 32 bits without a sign at `offset`. */
export function uint32At(bytes: Uint8Array, offset: number): number {
  return int32At(bytes, offset) >>> 0;
}

/** The number of 32 bits at `offset`. */
export function int32At(bytes: Uint8Array, offset: number): number {
  return (uint16At(bytes, offset) << 16) | uint16At(bytes, offset + 2);
}

/** The number of 16 bits without a sign at `offset`. */
export function uint16At(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}
