/// A value as it comes out of a file: a number or text, or a one-dimensional array of these.
///
/// Integers of every width come as 64 bits, booleans and other enumerations as their number; a float stays a float.
package enum HDF5Value: Hashable, Sendable {
    case int64(Int64)
    case uint64(UInt64)
    case float(Float)
    case double(Double)
    case string(String)
    case int64s([Int64])
    case uint64s([UInt64])
    case floats([Float])
    case doubles([Double])
    case strings([String])
}

extension HDF5Value {
    /// The integer, where the value is one that 64 signed bits hold.
    package var integer: Int64? {
        switch self {
        case .int64(let value): value
        case .uint64(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// The number as a double, from any scalar number.
    package var number: Double? {
        switch self {
        case .int64(let value): Double(value)
        case .uint64(let value): Double(value)
        case .float(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    package var text: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The elements of an array; nil for a scalar.
    package var count: Int? {
        switch self {
        case .int64s(let values): values.count
        case .uint64s(let values): values.count
        case .floats(let values): values.count
        case .doubles(let values): values.count
        case .strings(let values): values.count
        default: nil
        }
    }
}
