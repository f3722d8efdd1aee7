import ADQL
import TableModel

/// Function calls: which form is meant, and whether its arguments fit.
extension Resolution {
    mutating func function(_ call: FunctionCall, _ context: Context) -> ResolvedExpression {
        guard let function = functions.function(named: call.name.text) else {
            for argument in call.arguments { _ = value(argument, context) }
            report(.unknownFunction(call.name, nearest: NearestNames.nearest(to: call.name.text, among: functions.functions.map(\.name))))
            return unresolved(call.span)
        }
        let isAggregate = function.forms.contains(where: \.aggregate)
        if isAggregate { checkPlace(of: function.name, at: call.span, context) }
        var frame: String?
        var written = call.arguments[...]
        if let named = frameArgument(function.name, call) {
            written = written.dropFirst()
            frame = self.frame(named)
        }
        let arguments = written.map { value($0, isAggregate ? context.nested : context) }
        if isAggregate { checkLevel(of: function.name, arguments, at: call.span, context) }
        if arguments.contains(where: { $0.node == .unresolved }) { return unresolved(call.span) }
        switch function.meaning {
        case "IN_UNIT": return inUnit(function, arguments, call.span)
        case "REGION": return region(function, arguments, call.span)
        case "ivo_geom_transform": return transform(function, arguments, call.span)
        case "gavo_specconv": return spectral(function, arguments, call.span)
        default: return apply(function, arguments, frame: frame, call.span)
        }
    }

    /// Picks the form whose arguments fit best.
    func best(_ function: FunctionList.Function, _ arguments: [ResolvedExpression]) -> FunctionForm? {
        var best: (form: FunctionForm, distance: Int)?
        for form in function.forms where form.takes(arguments.count) {
            var total = 0
            for (index, argument) in arguments.enumerated() {
                guard let distance = form.parameter(at: index).type.distance(from: argument) else {
                    total = -1
                    break
                }
                total += distance
            }
            if total >= 0, total < best?.distance ?? .max { best = (form, total) }
        }
        return best?.form
    }

    mutating func apply(
        _ function: FunctionList.Function, _ arguments: [ResolvedExpression], frame: String?, _ span: TextSpan
    ) -> ResolvedExpression {
        guard let form = best(function, arguments) else {
            reportMismatch(function, arguments, span)
            return unresolved(span)
        }
        var arguments = arguments
        for index in arguments.indices where form.parameter(at: index).type == .exactly(.timestamp) {
            if case .string = arguments[index].node { arguments[index].type = .timestamp }
        }
        let type: ValueType
        switch form.result {
        case .type(let fixed): type = fixed
        case .argument(let index):
            let isGeometry = form.parameter(at: index).type == .geometry
            type = arguments[index].type == .null ? (isGeometry ? .point : .double) : arguments[index].type
        case .common:
            guard let common = commonType(of: arguments, function: function.name) else { return unresolved(span) }
            let wantsNumber = form.parameters.contains { $0.type == .integral || $0.type == .numeric }
            type = common == .null && wantsNumber ? .integer : common
        }
        check(form, meaning: function.meaning, arguments, span)
        var metadata = ResolvedExpression.Metadata.function(form, meaning: function.meaning, arguments)
        metadata.frame = commonFrame(arguments, frame, span)
        metadata.isConverted = arguments.contains(where: \.metadata.isConverted)
        if function.name == "COORDSYS", let frame = metadata.frame {
            return ResolvedExpression(.string(frame), .varchar(nil), span: span)
        }
        return ResolvedExpression(.function(form, arguments), type, metadata, span: span)
    }

    mutating func reportMismatch(_ function: FunctionList.Function, _ arguments: [ResolvedExpression], _ span: TextSpan) {
        let signatures = function.forms.prefix(4).map(\.signature)
        let forms = function.forms.filter { $0.takes(arguments.count) }
        let isShort = function.forms.contains { form in
            form.repeats && !form.takes(arguments.count)
                && arguments.enumerated().allSatisfy { form.parameter(at: $0.offset).type.distance(from: $0.element) != nil }
        }
        guard let form = forms.first, !isShort else {
            return report(.argumentCount(function.name, found: arguments.count, forms: signatures, at: span))
        }
        if function.name == "CONTAINS", arguments.count == 2, arguments[1].type == .point {
            return report(.swappedContains(at: span))
        }
        // Where all forms ask for the same, the argument that no form takes can be named.
        for (index, argument) in arguments.enumerated() {
            let distances = forms.map { $0.parameter(at: index).type.distance(from: argument) }
            guard distances.allSatisfy({ $0 == nil }) else { continue }
            let expected = Set(forms.map { $0.parameter(at: index).type.phrase })
            return report(
                .argumentType(
                    function.name, position: index + 1,
                    expected: expected.count == 1 ? form.parameter(at: index).type.phrase : expected.sorted().orList,
                    found: argument.type, forms: signatures, at: argument.span))
        }
        report(.noForm(function.name, found: arguments.map(\.type), forms: signatures, at: span))
    }
}
