using System.Text.Json;
using Agora.JsonSchema.Evaluating;

namespace Agora.JsonSchema.Compiling;

/// <summary>One JSON document that has schemas in it, indexed by the pointers to them.</summary>
internal sealed class SchemaDocumentIndex(JsonElement root, string label)
{
    public JsonElement Root => root;

    public Dictionary<string, SchemaLocation> Locations { get; } = new(StringComparer.Ordinal);

    /// <summary>How a place in this document is named in errors: the pointer alone for the schema being compiled.</summary>
    public string Name(string pointer) => label.Length == 0 ? pointer : $"{label}#{pointer}";
}

/// <summary>A schema with a URI of its own: a document's root, or a subschema with `$id` (core specification, 8.2.1).</summary>
internal sealed class SchemaResource(string uri, Vocabularies vocabularies)
{
    public string Uri => uri;

    public Vocabularies Vocabularies => vocabularies;

    public SchemaLocation Root { get; set; } = null!;

    public Dictionary<string, SchemaLocation> Anchors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SchemaLocation> DynamicAnchors { get; } = new(StringComparer.Ordinal);

    /// <summary>The compiled dynamic anchors, which `$dynamicRef` looks for while evaluating.</summary>
    public Dictionary<string, SchemaNode> DynamicNodes { get; } = new(StringComparer.Ordinal);
}

/// <summary>A subschema where it stands.</summary>
/// <param name="Holder">The keyword that holds it.</param>
internal sealed record SchemaLocation(JsonElement Schema, SchemaDocumentIndex Document, string Pointer, SchemaResource Resource, string Holder)
{
    public string Name => Document.Name(Pointer);
}
