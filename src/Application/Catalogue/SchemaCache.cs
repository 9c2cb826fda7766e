using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Agora.Core.Kernel;
using Agora.JsonSchema;

namespace Agora.Application.Catalogue;

/// <summary>
/// Compiled schemas by their text, which is known by its instance: an entry of the catalogue has the same one as long as it stands, and
/// to hash 64 KiB for each request would cost more than most validations. Two generations, the older dropped whole when the younger is full: at most 2 × <see cref="Generation"/>
/// are kept, however many services there are, and what is used stays.
/// </summary>
internal sealed class SchemaCache
{
    public const int Generation = 2_048;

    private ConcurrentDictionary<string, Schema> _young = New();
    private ConcurrentDictionary<string, Schema> _old = New();

    public int Count => _young.Count + _old.Count;

    /// <summary>Violations of an instance, with their places below <paramref name="at"/>.</summary>
    /// <param name="schema">Was compiled when it was put: one that does not compile now is a defect.</param>
    public IReadOnlyList<Detail> Violations(string schema, JsonElement instance, string at)
    {
        var violations = Get(schema).Validate(instance);
        return violations.Count == 0 ? [] : Details(violations, at);
    }

    /// <summary>The same of a schema that is asked for once: it is compiled, and not kept.</summary>
    public static IReadOnlyList<Detail> ViolationsOnce(string schema, JsonElement instance, string at) => Details(Compile(schema).Validate(instance), at);

    /// <summary>What is wrong with a schema that an operator puts, with places below <paramref name="at"/>; nothing when it compiles.</summary>
    public static IEnumerable<Detail> Check(JsonElement schema, string at) =>
        Schema.Compile(schema).Errors.Select(e => new Detail(at + e.Pointer, e.Keyword.Length == 0 ? "schema" : e.Keyword, e.Message));

    private static IReadOnlyList<Detail> Details(IReadOnlyList<Violation> violations, string at) =>
        [.. violations.Select(v => new Detail(at + v.Path, v.Keyword, v.Message))];

    private Schema Get(string text)
    {
        if (_young.TryGetValue(text, out var schema)) return schema;

        schema = _old.TryGetValue(text, out var kept) ? kept : Compile(text);
        if (_young.Count >= Generation)
        {
            // Two threads may both turn the generation: then more than one is dropped, which costs time only.
            (_old, _young) = (_young, New());
        }

        return _young.GetOrAdd(text, schema);
    }

    private static ConcurrentDictionary<string, Schema> New() => new(ReferenceEqualityComparer.Instance);

    private static Schema Compile(string text)
    {
        var compilation = Schema.Compile(Encoding.UTF8.GetBytes(text));
        return compilation.Succeeded ? compilation.Schema : throw new InvalidDataException("A stored schema does not compile.");
    }
}
