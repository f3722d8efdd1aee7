import Formats
package import NIOCore
package import Names
import XML

/// What the service can do, as TAPRegExt 1.0 and VOSI 1.1 §3 say it.
package enum Capabilities {
    /// The document at `/tap/capabilities`. What the standard knows for jobs alone, times of keeping and of execution, are the jobs'.
    package static func document(baseURL: String, limits: ServiceLimits, functions: FunctionList) -> ByteBuffer {
        var writer = XMLWriter()
        writer.prolog()
        let namespaces: XMLWriter.Attributes = [
            "xmlns:vosi": "http://www.ivoa.net/xml/VOSICapabilities/v1.0", "xmlns:vs": "http://www.ivoa.net/xml/VODataService/v1.1",
            "xmlns:vr": "http://www.ivoa.net/xml/VOResource/v1.0", "xmlns:tr": "http://www.ivoa.net/xml/TAPRegExt/v1.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        ]
        let base = "\(baseURL)/tap"
        writer.element("vosi:capabilities", namespaces) { writer in
            writer.element("capability", ["standardID": "ivo://ivoa.net/std/TAP", "xsi:type": "tr:TableAccess"]) { writer in
                writer.interface(version: "1.1", use: "base", url: base)
                writer.language(functions)
                for format in ResultFormat.offered {
                    writer.element("outputFormat", ["ivo-id": format.ivoid]) { writer in
                        writer.element("mime", text: format.mediaType)
                        for alias in format.aliases { writer.element("alias", text: alias) }
                    }
                }
                for method in ["inline", "http", "https"] {
                    writer.element("uploadMethod", ["ivo-id": "ivo://ivoa.net/std/TAPRegExt#upload-\(method)"])
                }
                if let retention = limits.async?.retentionPeriod { writer.limit("retentionPeriod", retention) }
                writer.limit("executionDuration", (limits.async ?? limits.sync).executionDuration)
                writer.element("outputLimit") { writer in
                    writer.element("default", ["unit": "row"], text: String(limits.sync.outputLimit.default))
                    writer.element("hard", ["unit": "row"], text: String(limits.sync.outputLimit.hard))
                }
                writer.element("uploadLimit") { writer in
                    writer.element("default", ["unit": "row"], text: String(limits.upload.rows))
                    writer.element("hard", ["unit": "row"], text: String(limits.upload.rows))
                }
            }
            for (standard, version, path) in [
                ("VOSI#capabilities", "1.0", "/capabilities"), ("VOSI#availability", "1.0", "/availability"),
                ("VOSI#tables-1.1", "1.1", "/tables"),
            ] {
                writer.element("capability", ["standardID": "ivo://ivoa.net/std/\(standard)"]) {
                    $0.interface(version: version, use: "full", url: base + path)
                }
            }
            writer.element("capability", ["standardID": "ivo://ivoa.net/std/DALI#examples"]) { writer in
                writer.element("interface", ["xsi:type": "vr:WebBrowser"]) {
                    $0.element("accessURL", ["use": "full"], text: "\(base)/examples")
                }
            }
            writer.element("capability", ["standardID": "ivo://ivoa.net/std/DataLink#links-1.1"]) { writer in
                writer.interface(version: "1.1", use: "base", url: "\(baseURL)/datalink")
            }
        }
        return writer.buffer
    }
}

extension XMLWriter {
    fileprivate mutating func interface(version: String, use: String, url: String) {
        element("interface", ["xsi:type": "vs:ParamHTTP", "role": "std", "version": version]) {
            $0.element("accessURL", ["use": use], text: url)
        }
    }

    /// In seconds.
    fileprivate mutating func limit(_ name: String, _ bounds: ServiceLimits.Bounds) {
        element(name) { writer in
            writer.element("default", text: String(bounds.default))
            writer.element("hard", text: String(bounds.hard))
        }
    }

    fileprivate mutating func language(_ functions: FunctionList) {
        element("language") { writer in
            writer.element("name", text: "ADQL")
            for version in ["2.0", "2.1"] {
                writer.element("version", ["ivo-id": "ivo://ivoa.net/std/ADQL#v\(version)"], text: version)
            }
            writer.element("description", text: "ADQL 2.1; queries written for 2.0 run too")
            for (type, feature) in Self.featureTypes {
                let announced = functions.announcements.filter { $0.feature == feature }.map { ($0.form, $0.description) }
                // ILIKE belongs to the grammar and so to no list of functions.
                writer.features(type, announced + (feature == .string ? [("ILIKE", nil)] : []))
            }
            writer.features("ivo://ivoa.net/std/TAPRegExt#features-adql-sets", ["UNION", "EXCEPT", "INTERSECT"].map { ($0, nil) })
            writer.features("ivo://ivoa.net/std/TAPRegExt#features-adql-common-table", [("WITH", nil)])
            writer.features("ivo://ivoa.net/std/TAPRegExt#features-adql-type", [("CAST", nil)])
            writer.features("ivo://ivoa.net/std/TAPRegExt#features-adql-offset", [("OFFSET", nil)])
        }
    }

    private mutating func features(_ type: String, _ forms: [(form: String, description: String?)]) {
        guard !forms.isEmpty else { return }
        element("languageFeatures", ["type": type]) { writer in
            for (form, description) in forms {
                writer.element("feature") { writer in
                    writer.element("form", text: form)
                    if let description { writer.element("description", text: description) }
                }
            }
        }
    }

    /// The spelling that clients compare with; adql-conditional is known to them in lower case only.
    private static let featureTypes: [(String, FunctionList.Feature)] = [
        ("ivo://ivoa.net/std/TAPRegExt#features-adqlgeo", .geometry), ("ivo://ivoa.net/std/TAPRegExt#features-udf", .udf),
        ("ivo://ivoa.net/std/TAPRegExt#features-adql-string", .string),
        ("ivo://ivoa.net/std/tapregext#features-adql-conditional", .conditional),
        ("ivo://ivoa.net/std/TAPRegExt#features-adql-unit", .unit),
    ]
}
