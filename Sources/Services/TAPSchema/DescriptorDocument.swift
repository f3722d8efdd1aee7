/// A descriptor as it stands in YAML, before anything is checked but the names of its keys.
struct DescriptorDocument: Decodable {
    var collection: String
    var description: String?
    var credit: String?
    var standard: Bool?
    var schema: Schema
    var files: Files?
    var tables: [Table]

    struct Schema: Decodable {
        var name: String
        var description: String?
        var utype: String?
    }

    struct Files: Decodable {
        var did_rse: String
        var did_scope: String
        var did_name: String?
        var format: String
    }

    struct Table: Decodable {
        var name: String
        var description: String?
        var utype: String?
        var objects: Objects?
        var relation: String?
        var join: Join?
        var key: String?
        var product_type: String?
        var links: [String]?
        var columns: [Column]
        var indexes: [Index]?
        var relations: [Relation]?
        var foreign_keys: [Key]?
    }

    struct Objects: Decodable {
        var layout: String
        var file_name: String
        var object_name: String?
        var group: String?
        var dataset: String?
        var attributes: [String: String]?
    }

    struct Join: Decodable {
        var from: String
        var left: String
        var columns: [String: String]
    }

    struct Column: Decodable {
        var name: String
        var type: String?
        var arraysize: String?
        var unit: String?
        var ucd: String?
        var utype: String?
        var description: String?
        var principal: Bool?
        var indexed: Bool?
        var published: Bool?
        var field: String?
        var file: String?
        var object: String?
        var derived: String?
        var made: String?
        var of: String?
    }

    struct Index: Decodable {
        var columns: [String]?
        var sky: [String]?
        var method: String?
    }

    struct Relation: Decodable {
        var name: String
        var table: String
        var columns: [String: String]
        var semantics: String
        var description: String
    }

    struct Key: Decodable {
        var target: String
        var columns: [String: String]
        var description: String?
        var utype: String?
    }
}

/// The keys that each part of a descriptor may have. A key that is none of them is most likely a typing error, so it is told.
enum DescriptorKeys {
    static let root: Set = ["collection", "description", "credit", "standard", "schema", "files", "tables"]
    static let schema: Set = ["name", "description", "utype"]
    static let files: Set = ["did_rse", "did_scope", "did_name", "format"]
    static let table: Set = [
        "name", "description", "utype", "objects", "relation", "join", "key", "product_type", "links",
        "columns", "indexes", "relations", "foreign_keys",
    ]
    static let objects: Set = ["layout", "file_name", "object_name", "group", "dataset", "attributes"]
    static let join: Set = ["from", "left", "columns"]
    static let column: Set = [
        "name", "type", "arraysize", "unit", "ucd", "utype", "description", "principal", "indexed", "published", "field", "file", "object",
        "derived", "made", "of",
    ]
    static let index: Set = ["columns", "sky", "method"]
    static let relation: Set = ["name", "table", "columns", "semantics", "description"]
    static let foreignKey: Set = ["target", "columns", "description", "utype"]
}
