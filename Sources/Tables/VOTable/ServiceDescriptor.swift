package import TableModel
package import XML

/// Tells a client how to call a service about the rows of a table (DataLink 1.1 §4).
///
/// It is written as a RESOURCE beside the results, where pyvo and TOPCAT look for it.
package struct ServiceDescriptor: Hashable, Sendable {
    /// Whether it describes another service or the one that wrote the document (at most one per document).
    package enum Kind: String, Hashable, Sendable {
        case service = "adhoc:service"
        case this = "adhoc:this"
    }

    package var kind: Kind
    /// XML ID, unique in the document, an NCName. Links refer to it as service_def.
    package var id: String
    /// What a client lists; unique among the descriptors of a document.
    package var name: String
    package var description: String
    /// Only for services that a standard defines.
    package var standardID: String?
    /// Absolute; clients append parameters.
    package var accessURL: String
    /// Media type of the answer.
    package var contentType: String?
    package var inputs: [Input]

    package init(
        kind: Kind = .service, id: String, name: String, description: String, standardID: String? = nil, accessURL: String,
        contentType: String? = nil, inputs: [Input]
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.description = description
        self.standardID = standardID
        self.accessURL = accessURL
        self.contentType = contentType
        self.inputs = inputs
    }

    /// A parameter of the service.
    package struct Input: Hashable, Sendable {
        /// Where a client takes the parameter's value from.
        package enum Source: Hashable, Sendable {
            /// Always this value.
            case fixed(String)
            /// The cell of the column with this XML ID, for each row.
            case column(id: String)
            /// What the user enters; the bounds and options are hints for a form.
            case user(options: [String] = [], min: String? = nil, max: String? = nil)
        }

        package var name: String
        package var type: VOTableType
        package var unit: String?
        package var ucd: String?
        package var description: String?
        package var source: Source

        package init(
            _ name: String, _ source: Source, type: VOTableType = VOTableType(.char, arraysize: "*"), unit: String? = nil,
            ucd: String? = nil,
            description: String? = nil
        ) {
            self.name = name
            self.type = type
            self.unit = unit
            self.ucd = ucd
            self.description = description
            self.source = source
        }
    }
}

extension XMLWriter {
    package mutating func serviceDescriptor(_ service: ServiceDescriptor) {
        element("RESOURCE", ["type": "meta", "utype": service.kind.rawValue, "ID": service.id, "name": service.name]) { writer in
            writer.element("DESCRIPTION", text: service.description)
            if let standardID = service.standardID { writer.descriptorParam("standardID", standardID) }
            writer.descriptorParam("accessURL", service.accessURL)
            if let contentType = service.contentType { writer.descriptorParam("contentType", contentType) }
            writer.element("GROUP", ["name": "inputParams"]) { writer in
                for input in service.inputs { writer.inputParam(input) }
            }
        }
    }

    private mutating func descriptorParam(_ name: String, _ value: String) {
        element("PARAM", ["name": name, "datatype": "char", "arraysize": "*", "value": value])
    }

    private mutating func inputParam(_ input: ServiceDescriptor.Input) {
        let (value, ref): (String, String?) =
            switch input.source {
            case .fixed(let value): (value, nil)
            case .column(let id): ("", id)
            case .user: ("", nil)
            }
        let attributes: Attributes = [
            "name": input.name, "datatype": input.type.datatype.rawValue, "arraysize": input.type.arraysize, "xtype": input.type.xtype,
            "unit": input.unit, "ucd": input.ucd, "ref": ref, "value": value,
        ]
        element("PARAM", attributes) { writer in
            if let description = input.description { writer.element("DESCRIPTION", text: description) }
            guard case .user(let options, let min, let max) = input.source, !options.isEmpty || min != nil || max != nil else { return }
            writer.element("VALUES") { writer in
                if let min { writer.element("MIN", ["value": min]) }
                if let max { writer.element("MAX", ["value": max]) }
                for option in options { writer.element("OPTION", ["value": option]) }
            }
        }
    }
}
