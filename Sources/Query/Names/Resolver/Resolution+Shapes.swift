import ADQL
import TableModel

/// Geometry: constants that cannot be right, units that are not meant, shapes written as text.
extension Resolution {
    // MARK: Constants that cannot be right

    mutating func check(_ form: FunctionForm, meaning: String, _ arguments: [ResolvedExpression], _ span: TextSpan) {
        for index in form.literals.sorted() where !arguments[index].isLiteral || arguments[index].type == .null {
            report(.notALiteral(form.function, form.parameter(at: index).name, at: arguments[index].span))
        }
        switch meaning {
        case "ivo_histogram": checkHistogram(arguments)
        case "ivo_healpix_index", "ivo_healpix_center":
            if let order = arguments[0].constant, !(0...29).contains(order) { report(.healpixOrder(order, at: arguments[0].span)) }
        default: break
        }
        let wantsPoint = form.parameters.first?.type == .exactly(.point)
        switch (form.function, wantsPoint) {
        case ("POINT", false): checkLatitude(arguments[1])
        case ("CIRCLE", false):
            checkLatitude(arguments[1])
            checkRadius(arguments[2])
        case ("CIRCLE", true): checkRadius(arguments[1])
        case ("BOX", false):
            checkLatitude(arguments[1])
            checkSide(arguments[2])
            checkSide(arguments[3])
        case ("BOX", true):
            checkSide(arguments[1])
            checkSide(arguments[2])
        case ("DISTANCE", false):
            checkLatitude(arguments[1])
            checkLatitude(arguments[3])
        case ("POLYGON", false):
            if arguments.count % 2 == 1 { return report(.oddCoordinates(at: span)) }
            for index in stride(from: 1, to: arguments.count, by: 2) { checkLatitude(arguments[index]) }
        case ("MOC", _): checkCoverage(arguments)
        default: break
        }
        if Self.inDegrees.contains(form.function) {
            for (index, argument) in arguments.enumerated() where form.parameter(at: index).type == .exactly(.double) {
                warn(of: argument, as: "\(form.function) takes degrees")
            }
        }
    }

    private mutating func checkCoverage(_ arguments: [ResolvedExpression]) {
        if arguments.count == 1, case .string(let text) = arguments[0].node, let problem = CoverageLiteral.problem(text) {
            report(.unreadableCoverage(text, problem, at: arguments[0].span))
        }
        if arguments.count == 2, let order = arguments[0].constant, !(0...29).contains(order) {
            report(.coverageOrder(order, at: arguments[0].span))
        }
    }

    private mutating func checkLatitude(_ argument: ResolvedExpression) {
        if let value = argument.constant, !(abs(value) <= 90) { report(.latitude(value, at: argument.span)) }
    }

    private mutating func checkRadius(_ argument: ResolvedExpression) {
        if let value = argument.constant, !(0...90).contains(value) { report(.radius(value, at: argument.span)) }
    }

    private mutating func checkSide(_ argument: ResolvedExpression) {
        if let value = argument.constant, !(value > 0 && value < 180) { report(.boxSide(value, at: argument.span)) }
    }

    // MARK: Units

    private static let inDegrees: Set<String> = ["POINT", "CIRCLE", "BOX", "POLYGON", "DISTANCE"]

    /// A column in radians or hours where degrees are meant gives positions that nobody wanted, and no error.
    private mutating func warn(of argument: ResolvedExpression, as rule: String) {
        guard let unit = argument.metadata.unit else { return }
        let name = if case .column(let reference) = argument.node { Identifier.adql(reference.name) } else { "the value" }
        let way: String
        if ["h", "hr", "hour", "hourangle"].contains(unit) {
            way = "15 * \(name)"
        } else if let factor = (try? Unit(unit))?.factor(to: Self.degree), factor != 1 {
            way = "IN_UNIT(\(name), 'deg')"
        } else {
            return
        }
        let warning = "\(rule), and \(name) is in \(unit)" + (name == "the value" ? "" : ": write \(way)")
        if !warnings.contains(warning) { warnings.append(warning) }
    }

    private static let degree = (try? Unit("deg")) ?? .one

    /// The same for what a DISTANCE is compared with.
    mutating func warnOfLimits(_ left: ResolvedExpression, _ right: ResolvedExpression) {
        for (distance, limit) in [(left, right), (right, left)] {
            if case .function(let form, _) = distance.node, form.function == "DISTANCE" { warn(of: limit, as: "DISTANCE is in degrees") }
        }
    }

    // MARK: REGION

    /// REGION('circle 10 20 0.5') becomes the constructor that its text means.
    mutating func region(_ function: FunctionList.Function, _ arguments: [ResolvedExpression], _ span: TextSpan) -> ResolvedExpression {
        guard form(function, arguments, span) != nil, let text = text(arguments[0], "text", of: function) else { return unresolved(span) }
        let region: RegionLiteral
        do {
            region = try RegionLiteral(text)
        } catch .unsupported(let word) {
            report(.unsupportedRegion(word, at: arguments[0].span))
            return unresolved(span)
        } catch {
            report(.unreadableRegion(text, at: arguments[0].span))
            return unresolved(span)
        }
        let values: [ResolvedExpression] =
            switch region.content {
            case .numbers(let numbers): numbers.map { ResolvedExpression(.number($0), .double, span: arguments[0].span) }
            case .cells(let cells): [ResolvedExpression(.string(cells), .varchar(nil), span: arguments[0].span)]
            }
        guard let constructor = functions.function(named: region.shape), best(constructor, values) != nil else {
            report(.unreadableRegion(text, at: arguments[0].span))
            return unresolved(span)
        }
        let frame = region.frame.flatMap { self.frame((name: $0, span: arguments[0].span)) }
        return apply(constructor, values, frame: frame, span)
    }
}
