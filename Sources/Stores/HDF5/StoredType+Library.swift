import CHDF5

extension StoredType {
    /// Deeper nesting is taken for damage.
    private static let deepest = 32

    /// Reads what `type` is; nil when libhdf5 can't tell.
    init?(_ type: hid_t, depth: Int = 0) {
        let bytes = H5Tget_size(type)
        guard bytes > 0, depth < Self.deepest else { return nil }
        switch H5Tget_class(type) {
        case H5T_INTEGER where H5Tget_precision(type) == 8 * bytes && bytes <= 8:
            let order = H5Tget_order(type)
            guard order == H5T_ORDER_LE || order == H5T_ORDER_BE else { return nil }
            self = .integer(bytes: bytes, signed: H5Tget_sign(type) != H5T_SGN_NONE, bigEndian: order == H5T_ORDER_BE && bytes > 1)
        case H5T_FLOAT where Self.isIEEE(type, bytes: bytes):
            self = .float(bytes: bytes, bigEndian: H5Tget_order(type) == H5T_ORDER_BE)
        case H5T_STRING:
            let padding: Padding =
                switch H5Tget_strpad(type) {
                case H5T_STR_NULLTERM: .terminated
                case H5T_STR_SPACEPAD: .spaces
                default: .zeros
                }
            self = .string(
                bytes: H5Tis_variable_str(type) > 0 ? nil : bytes, padding: padding, utf8: H5Tget_cset(type) == H5T_CSET_UTF8)
        case H5T_ENUM:
            guard let enumeration = Self.enumeration(type, depth: depth), enumeration.bytes == bytes else { return nil }
            self = enumeration
        case H5T_ARRAY:
            let rank = H5Tget_array_ndims(type)
            guard rank >= 0, let element = Self.inner(type, depth: depth) else { return nil }
            var shape = [hsize_t](repeating: 0, count: Int(rank))
            guard H5Tget_array_dims2(type, &shape) >= 0 else { return nil }
            self = .array(element, shape: shape.map { Int(clamping: $0) })
            guard Self.size(element, shape) == bytes else { return nil }
        case H5T_VLEN:
            guard let element = Self.inner(type, depth: depth) else { return nil }
            self = .list(element)
        case H5T_COMPOUND:
            guard let members = Self.members(type, depth: depth) else { return nil }
            guard members.allSatisfy({ $0.offset >= 0 && $0.offset <= bytes - $0.type.bytes }) else { return nil }
            self = .compound(members, bytes: bytes)
        case H5T_REFERENCE:
            self = .reference(bytes: bytes)
        case let found:
            self = .other(Self.name(of: found), encoding: Self.encoding(type), bytes: bytes)
        }
    }

    /// Bytes of an array; nil when a damaged file claims more than there can be.
    private static func size(_ element: StoredType, _ shape: [hsize_t]) -> Int? {
        var total = element.bytes
        for count in shape {
            let (product, overflow) = total.multipliedReportingOverflow(by: Int(clamping: count))
            guard !overflow else { return nil }
            total = product
        }
        return total
    }

    private static func isIEEE(_ type: hid_t, bytes: Int) -> Bool {
        var (sign, exponent, exponentBits, mantissa, mantissaBits) = (0, 0, 0, 0, 0)
        let order = H5Tget_order(type)
        guard order == H5T_ORDER_LE || order == H5T_ORDER_BE else { return false }
        guard H5Tget_fields(type, &sign, &exponent, &exponentBits, &mantissa, &mantissaBits) >= 0 else { return false }
        return (bytes, sign, exponentBits, mantissaBits) == (8, 63, 11, 52) || (bytes, sign, exponentBits, mantissaBits) == (4, 31, 8, 23)
    }

    private static func inner(_ type: hid_t, depth: Int) -> StoredType? {
        let base = H5Tget_super(type)
        guard base >= 0 else { return nil }
        defer { H5Tclose(base) }
        return StoredType(base, depth: depth + 1)
    }

    private static func members(_ type: hid_t, depth: Int) -> [Member]? {
        let count = H5Tget_nmembers(type)
        guard count > 0 else { return nil }
        var members: [Member] = []
        for index in 0..<UInt32(count) {
            guard let name = memberName(type, index) else { return nil }
            let inner = H5Tget_member_type(type, index)
            guard inner >= 0 else { return nil }
            defer { H5Tclose(inner) }
            guard let stored = StoredType(inner, depth: depth + 1) else { return nil }
            members.append(Member(name, at: H5Tget_member_offset(type, index), stored))
        }
        return members
    }

    private static func enumeration(_ type: hid_t, depth: Int) -> StoredType? {
        guard case .integer(let bytes, let signed, let bigEndian)? = inner(type, depth: depth) else { return nil }
        let base = StoredType.integer(bytes: bytes, signed: signed, bigEndian: bigEndian)
        var names: [Name] = []
        for index in 0..<UInt32(max(0, H5Tget_nmembers(type))) {
            var raw: UInt64 = 0
            guard let name = memberName(type, index), H5Tget_member_value(type, index, &raw) >= 0 else { return nil }
            names.append(Name(name: name, value: withUnsafeBytes(of: raw) { base.integer(at: $0) }))
        }
        return .enumeration(base, names: names)
    }

    private static func memberName(_ type: hid_t, _ index: UInt32) -> String? {
        guard let name = H5Tget_member_name(type, index) else { return nil }
        defer { H5free_memory(name) }
        return String(cString: name)
    }

    private static func encoding(_ type: hid_t) -> [UInt8] {
        var size = 0
        guard H5Tencode(type, nil, &size) >= 0, size > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: size)
        return H5Tencode(type, &bytes, &size) >= 0 ? bytes : []
    }

    private static func name(of found: H5T_class_t) -> String {
        switch found {
        case H5T_INTEGER: "integer of odd width"
        case H5T_FLOAT: "float of odd form"
        case H5T_BITFIELD: "bit field"
        case H5T_OPAQUE: "opaque"
        case H5T_TIME: "time"
        default: "unknown"
        }
    }
}

// MARK: - Making types

extension StoredType {
    /// The same type for libhdf5.
    func made() throws(HDF5Error) -> Handle {
        func failure(_ detail: String?) -> HDF5Error { .unfitValue("\(self)", type: self) }
        switch self {
        case .integer(let bytes, let signed, let bigEndian):
            let type = try Handle(H5Tcopy(Self.standardInteger(bytes: bytes, signed: signed)), orThrow: failure)
            if bigEndian { try Library.check(H5Tset_order(type.id, H5T_ORDER_BE), orThrow: failure) }
            return type
        case .float(let bytes, let bigEndian):
            let type = try Handle(H5Tcopy(bytes == 4 ? almagest_h5t_f32() : almagest_h5t_f64()), orThrow: failure)
            if bigEndian { try Library.check(H5Tset_order(type.id, H5T_ORDER_BE), orThrow: failure) }
            return type
        case .string(let bytes, let padding, let utf8):
            let type = try Handle(almagest_h5t_string(bytes ?? 0), orThrow: failure)
            let pad =
                switch padding {
                case .terminated: H5T_STR_NULLTERM
                case .zeros: H5T_STR_NULLPAD
                case .spaces: H5T_STR_SPACEPAD
                }
            try Library.check(H5Tset_strpad(type.id, pad), orThrow: failure)
            if !utf8 { try Library.check(H5Tset_cset(type.id, H5T_CSET_ASCII), orThrow: failure) }
            return type
        case .array(let element, let shape):
            let inner = try element.made()
            return try Handle(H5Tarray_create2(inner.id, UInt32(shape.count), shape.map { hsize_t($0) }), orThrow: failure)
        case .list(let element):
            let inner = try element.made()
            return try Handle(H5Tvlen_create(inner.id), orThrow: failure)
        case .compound(let members, let bytes):
            let type = try Handle(H5Tcreate(H5T_COMPOUND, bytes), orThrow: failure)
            for member in members {
                let inner = try member.type.made()
                try Library.check(H5Tinsert(type.id, member.name, member.offset, inner.id), orThrow: failure)
            }
            return type
        case .enumeration(let base, let names):
            let inner = try base.made()
            let type = try Handle(H5Tenum_create(inner.id), orThrow: failure)
            for name in names {
                var raw = Self.bytes(of: name.value, as: base)
                try Library.check(H5Tenum_insert(type.id, name.name, &raw), orThrow: failure)
            }
            return type
        case .reference, .other:
            throw failure(nil)
        }
    }

    private static func standardInteger(bytes: Int, signed: Bool) -> hid_t {
        switch (bytes, signed) {
        case (1, true): almagest_h5t_i8()
        case (1, false): almagest_h5t_u8()
        case (2, true): almagest_h5t_i16()
        case (2, false): almagest_h5t_u16()
        case (4, true): almagest_h5t_i32()
        case (4, false): almagest_h5t_u32()
        case (8, true): almagest_h5t_i64()
        case (8, false): almagest_h5t_u64()
        default: -1
        }
    }

    private static func bytes(of value: Int64, as type: StoredType) -> [UInt8] {
        guard case .integer(let bytes, _, let bigEndian) = type else { return [] }
        let little = withUnsafeBytes(of: value.littleEndian) { Array($0.prefix(bytes)) }
        return bigEndian ? little.reversed() : little
    }
}
