using System.Text.Json;
using Agora.JsonSchema.Evaluating;
using Agora.JsonSchema.Keywords;
using Agora.JsonSchema.Patterns;
using Agora.JsonSchema.Values;

namespace Agora.JsonSchema.Compiling;

/// <summary>
/// Turns a document into nodes: check it against the metaschema, index its subschemas, then compile each of them, and of
/// other documents those that are referred to. A queue, not recursion: a chain of 4,000 `$ref`s must not take the stack.
/// Used once.
/// </summary>
internal sealed class SchemaCompiler
{
    private readonly SchemaRegistry _registry;
    private readonly Dictionary<SchemaLocation, SchemaNode> _nodes = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<SchemaLocation> _pending = new();
    private readonly Dictionary<string, Pattern> _patterns = new(StringComparer.Ordinal);
    private readonly List<SchemaError> _errors = [];
    private int _patternLength;

    public SchemaCompiler(SchemaOptions options)
    {
        Options = options;
        _registry = new SchemaRegistry(options, Refuse);
    }

    public SchemaOptions Options { get; }

    /// <summary>Whether any `$dynamicRef` needs to know which resources were entered.</summary>
    public bool TracksScope { get; set; }

    public static SchemaError TooLarge(int bytes) =>
        new("", "", $"The schema has {bytes} bytes; at most {SchemaLimits.MaxSchemaBytes} are allowed.");

    public SchemaCompilation Compile(JsonElement schema)
    {
        if (DuplicateMembers.Find(schema) is { } repeated)
            Refuse(repeated, Metaschemas.KeywordAt(repeated), "This member stands twice in its object: keep one.");
        foreach (var violation in Metaschemas.Check(schema))
            Refuse(violation.Path, Metaschemas.KeywordAt(violation.Path), violation.Message);
        var compiled = _errors.Count == 0 ? CompileChecked(schema) : null;
        return new SchemaCompilation(_errors.Count == 0 ? compiled : null, _errors);
    }

    /// <summary>For the metaschema itself, which nothing can be checked against yet.</summary>
    public Schema CompileTrusted(JsonElement schema) =>
        CompileChecked(schema) is { } compiled && _errors.Count == 0 ? compiled : throw new InvalidOperationException("the built-in metaschema does not compile");

    public SchemaNode Node(SchemaLocation location)
    {
        if (_nodes.TryGetValue(location, out var node))
            return node;
        node = new SchemaNode(location.Resource);
        _nodes.Add(location, node);
        _pending.Enqueue(location);
        return node;
    }

    public SchemaLocation? Resolve(SchemaLocation from, string keyword, string reference)
    {
        var (uri, fragment) = SchemaUri.Split(SchemaUri.Resolve(from.Resource.Uri, reference));
        int errors = _errors.Count;
        if (_registry.Find(uri) is { } resource)
        {
            fragment = Uri.UnescapeDataString(fragment);
            var target = fragment.Length == 0 ? resource.Root
                : fragment[0] == '/' ? _registry.Follow(resource.Root, fragment)
                : resource.Anchors.GetValueOrDefault(fragment);
            if (target is not null)
                return target;
        }
        if (_errors.Count == errors)
            Refuse(JsonPointer.Append(from.Name, keyword), keyword, $"{Words.Quote(reference)} leads to no schema in this document. Nothing is fetched: put the schema under \"$defs\".");
        return null;
    }

    public Pattern? Pattern(string text, string place, string keyword)
    {
        if (_patterns.TryGetValue(text, out var known))
            return known;
        string? problem = "this schema has too many patterns, or too large ones";
        bool room = _patterns.Count < SchemaLimits.MaxPatterns && _patternLength <= SchemaLimits.MaxTranslatedPatternLength;
        if (!room || Patterns.Pattern.Create(text, out problem) is not { } pattern)
        {
            Refuse(place, keyword, $"The pattern cannot be used: {problem}.");
            return null;
        }
        _patterns.Add(text, pattern);
        _patternLength += pattern.TranslatedLength;
        return pattern;
    }

    private Schema? CompileChecked(JsonElement schema)
    {
        if (_registry.Add(schema, "") is not { } document)
            return null;
        foreach (var location in document.Locations.Values)
            Node(location);
        var compiled = new Dictionary<SchemaNode, SchemaLocation>();
        while (_pending.TryDequeue(out var location))
        {
            var node = Node(location);
            node.Complete(Keywords(location));
            compiled.Add(node, location);
            foreach (var (name, anchored) in location.Resource.DynamicAnchors)
                location.Resource.DynamicNodes.TryAdd(name, Node(anchored));
        }
        foreach (var loop in ReferenceLoops.Find(compiled.Keys))
            Refuse(compiled[loop].Name, "$ref", "From here \"$ref\" and \"allOf\" lead in a circle without looking into the value, so that nothing could ever be decided: break the circle.");
        return new Schema(Node(document.Locations[""]), TracksScope);
    }

    private Keyword[] Keywords(SchemaLocation location)
    {
        if (location.Schema.ValueKind == JsonValueKind.True)
            return [];
        if (location.Schema.ValueKind == JsonValueKind.False)
            return [new NothingAllowed(location.Holder is "$defs" or "definitions" or "" ? "false" : location.Holder)];
        var keywords = new List<Keyword>();
        foreach (var (names, vocabulary, compile) in KeywordTable.Rows)
        {
            string? present = Array.Find(names, name => JsonText.Member(location.Schema, name) is not null);
            if (present is not null && (vocabulary & location.Resource.Vocabularies) != 0
                && compile(new KeywordSource(this, location, present)) is { } keyword)
                keywords.Add(keyword);
        }
        return [.. keywords];
    }

    private void Refuse(string pointer, string keyword, string message)
    {
        if (_errors.Count < SchemaLimits.MaxErrors)
            _errors.Add(new SchemaError(pointer, keyword, message));
    }
}
