import ADQL
import TableModel

/// Functions whose meaning depends on literals: they are worked out when the query is read.
extension Resolution {
    /// The text of an argument that must be a string literal; nil after a report.
    mutating func text(_ argument: ResolvedExpression, _ name: String, of function: FunctionList.Function) -> String? {
        guard case .string(let text) = argument.node else {
            report(.notALiteral(function.name, name, at: argument.span))
            return nil
        }
        return text
    }

    /// The form for the arguments; nil after a report.
    mutating func form(_ function: FunctionList.Function, _ arguments: [ResolvedExpression], _ span: TextSpan) -> FunctionForm? {
        let form = best(function, arguments)
        if form == nil { reportMismatch(function, arguments, span) }
        return form
    }

    // MARK: Units

    /// IN_UNIT(x, 'km/s') (ADQL 2.1 §4.7): x times a factor.
    mutating func inUnit(_ function: FunctionList.Function, _ arguments: [ResolvedExpression], _ span: TextSpan) -> ResolvedExpression {
        guard form(function, arguments, span) != nil, let text = text(arguments[1], "unit", of: function),
            let target = unit(text, at: arguments[1].span), let unit = unit(of: arguments[0])
        else { return unresolved(span) }
        guard let factor = unit.factor(to: target) else {
            report(.incommensurable(arguments[0].metadata.unit ?? "", unit, text, target, at: span))
            return unresolved(span)
        }
        var metadata = arguments[0].metadata
        metadata.unit = text
        return ResolvedExpression(.scaled(arguments[0], factor), .double, metadata, span: span)
    }

    /// gavo_specconv(x, 'keV') and gavo_specconv(x, 'nm', 'keV').
    mutating func spectral(_ function: FunctionList.Function, _ arguments: [ResolvedExpression], _ span: TextSpan) -> ResolvedExpression {
        guard form(function, arguments, span) != nil, let target = arguments.last, let text = text(target, "dest_unit", of: function),
            let wanted = unit(text, at: target.span)
        else { return unresolved(span) }
        var given: (unit: Unit, text: String)?
        if arguments.count == 3 {
            if let text = self.text(arguments[1], "expr_unit", of: function) {
                given = unit(text, at: arguments[1].span).map { ($0, text) }
            }
        } else {
            given = unit(of: arguments[0]).map { ($0, arguments[0].metadata.unit ?? "") }
        }
        guard let given else { return unresolved(span) }
        guard let conversion = SpectralQuantity.conversion(from: given.unit, to: wanted), conversion.factor.isNormal else {
            let isGiven = SpectralQuantity(given.unit) == nil
            report(.notSpectral(isGiven ? given.text : text, at: isGiven ? arguments[arguments.count - 2].span : target.span))
            return unresolved(span)
        }
        let metadata = ResolvedExpression.Metadata(unit: text)
        guard conversion.divides else { return ResolvedExpression(.scaled(arguments[0], conversion.factor), .double, metadata, span: span) }
        // A whole number would be divided as one.
        let divisor = ResolvedExpression(.scaled(arguments[0], 1), .double, span: arguments[0].span)
        return ResolvedExpression(
            .arithmetic(
                ResolvedExpression(.number(conversion.factor), .double, span: span),
                [.init(operator: .dividedBy, operand: divisor, type: .double)]), .double, metadata, span: span)
    }

    private mutating func unit(_ text: String, at span: TextSpan) -> Unit? {
        do {
            return try Unit(text)
        } catch {
            report(.unknownUnit(text, error, at: span))
            return nil
        }
    }

    private mutating func unit(of value: ResolvedExpression) -> Unit? {
        if value.constant != nil { return .one }
        guard let text = value.metadata.unit else {
            report(.noUnit(at: value.span))
            return nil
        }
        do {
            return try Unit(text)
        } catch {
            report(.unreadableUnit(text, error, at: value.span))
            return nil
        }
    }

    // MARK: Geometry

    /// The frames of the IVOA's vocabulary `refframe` between which ivo_geom_transform turns; FK5 is taken for ICRS.
    private static let rotated = ["ICRS", "FK5", "FK4", "GALACTIC", "ECLIPTIC"]

    /// ivo_geom_transform('ICRS', 'GALACTIC', shape)
    mutating func transform(_ function: FunctionList.Function, _ arguments: [ResolvedExpression], _ span: TextSpan) -> ResolvedExpression {
        guard let form = form(function, arguments, span) else { return unresolved(span) }
        var frames: [String] = []
        for index in 0..<2 {
            guard let frame = text(arguments[index], form.parameter(at: index).name, of: function) else { continue }
            if Self.rotated.contains(frame) {
                frames.append(frame)
            } else {
                report(.unknownFrame(frame, known: Self.rotated, at: arguments[index].span))
            }
        }
        guard frames.count == 2 else { return unresolved(span) }
        let shape = arguments[2]
        let plain = frames.map { $0 == "ICRS" ? nil : $0 }
        if let named = shape.metadata.frame, named != plain[0] {
            report(.differentFrames(frames[0], named, at: span))
        }
        var metadata = ResolvedExpression.Metadata(unit: "deg")
        metadata.frame = plain[1]
        metadata.isConverted = true
        let type = shape.type == .null ? ValueType.point : shape.type
        let isTurned = Set(frames.map { $0 == "FK5" ? "ICRS" : $0 }).count > 1
        return ResolvedExpression(isTurned ? .function(form, arguments) : shape.node, type, metadata, span: span)
    }

    // MARK: Histograms

    /// PostgreSQL copies the counts for every row, so that time grows with the bins: 1000 of them cost some microseconds a row.
    private static let binLimit = 1000

    /// ivo_histogram(x, lower, upper, nbins)
    mutating func checkHistogram(_ arguments: [ResolvedExpression]) {
        guard let lower = arguments[1].constant, let upper = arguments[2].constant, let bins = arguments[3].constant else { return }
        if !(lower < upper) { report(.edges(lower, upper, at: arguments[1].span)) }
        if !(bins >= 1 && bins <= Double(Self.binLimit)) { report(.bins(bins, limit: Self.binLimit, at: arguments[3].span)) }
    }
}
