using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agora.Api.Http;

/// <summary>
/// Something the caller can do next and that would now succeed. Server text, relative paths and ids only; a third party's schema, where one is
/// inlined, is listed in the reply's <c>untrusted_fields</c>.
/// </summary>
/// <param name="Endpoint">A template: <paramref name="Params"/> fills its placeholders, and the query with what is left.</param>
/// <param name="Body">Prefilled; what is missing is generated from <paramref name="BodySchema"/>.</param>
/// <param name="BodySchema">JSON Schema of the whole body, or null: no body.</param>
internal sealed record NextAction(string Action, string Method, string Endpoint, ImmutableSortedDictionary<string, string> Params, RawJson? Body, RawJson? BodySchema, string Description)
{
    /// <summary>The body's schema holds a sponsor's or a provider's own schema.</summary>
    [JsonIgnore]
    public bool InlinesSchema { get; init; }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("action", Action);
        writer.WriteString("method", Method);
        writer.WriteString("endpoint", Endpoint);
        writer.WriteStartObject("params");
        foreach (var (name, value) in Params)
        {
            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
        writer.Write("body", Body);
        writer.Write("body_schema", BodySchema);
        writer.WriteString("description", Description);
        writer.WriteEndObject();
    }
}
