using System.Collections.Immutable;
using System.Text.Json;

namespace Agora.Api.Http;

/// <summary>
/// Something the caller can do next and that would now succeed. Server text, relative paths and ids only; a third party's schema, where one is
/// inlined, is listed in the reply's <c>untrusted_fields</c>. What says nothing is left out, ids stand in the path, and schemas are referred to, unless the caller
/// asks for all of it (<see cref="Detailed"/>) or for templates (<see cref="Form"/>).
/// </summary>
/// <param name="Endpoint">A template: <paramref name="Params"/> fills its placeholders, and the query with what is left.</param>
internal sealed record NextAction(string Action, string Method, string Endpoint, ImmutableSortedDictionary<string, string> Params, string Description)
{
    /// <summary>Query parameter of every agents' route.</summary>
    public const string Detailed = "schemas";

    /// <summary>The one value that <see cref="Detailed"/> has.</summary>
    public const string Full = "full";

    public static readonly IReadOnlyList<string> Values = [Full];

    public const string Wish = "How schemas of next actions' bodies are told: full is whole and in place; absent, by reference.";

    /// <summary>A query parameter of every route of agents, as <see cref="Detailed"/> is.</summary>
    public const string Form = "next_actions";

    /// <summary>The only value of <see cref="Form"/>.</summary>
    public const string Template = "template";

    public static readonly IReadOnlyList<string> Forms = [Template];

    public const string FormWish = "How next actions name their route: template is an endpoint with placeholders, and params that fill them; absent, the path as it is called.";

    /// <summary>Prefilled; what is missing is generated from the schema.</summary>
    public RawJson? Body { get; init; }

    /// <summary>Of the whole body; null: there is no body.</summary>
    public PublishedSchema? Schema { get; init; }

    /// <summary>The same, narrowed to what would now succeed; written in its place where the caller asks for all of it.</summary>
    public Func<RawJson>? Narrowed { get; init; }

    /// <summary>With it the action happens once, however often it is sent.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Null: now.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The body is what the caller had sent, whoever had written that.</summary>
    public bool EchoesCaller { get; init; }

    public bool InlinesForeign => Schema is { HoldsForeign: true };

    public void Write(Utf8JsonWriter writer, ReplyForm form)
    {
        var (full, template) = (form.IsDetailed, form.IsDetailed || form.HasTemplates);
        writer.WriteStartObject();
        writer.WriteString("action", Action);
        writer.WriteString("method", Method);
        writer.WriteString("endpoint", template ? Endpoint : Filled());
        WriteParams(writer, template);
        if (full || Body is not null)
        {
            writer.Write("body", Body);
        }

        if (full)
        {
            writer.Write("body_schema", Narrowed?.Invoke() ?? Schema?.Schema);
        }
        else
        {
            WriteReference(writer);
        }

        if (IdempotencyKey is not null)
        {
            writer.WriteString("idempotency_key", IdempotencyKey);
        }

        if (NotBefore is { } time)
        {
            writer.WriteString("not_before", Rfc3339.Format(time));
        }

        writer.WriteString("description", form.Said(Description));
        writer.WriteEndObject();
    }

    public NextAction With(string description, string? key) => this with { Description = description, IdempotencyKey = key };

    private static string Placeholder(string name) => $"{{{name}}}";

    private string Filled()
    {
        var filled = Endpoint;
        if (!Params.IsEmpty)
        {
            foreach (var (name, id) in Params)
            {
                filled = filled.Replace(Placeholder(name), id, StringComparison.Ordinal);
            }
        }

        return filled;
    }

    /// <summary>Those that the path does not show, if there are any; or all.</summary>
    private void WriteParams(Utf8JsonWriter writer, bool all)
    {
        if (Params.IsEmpty && !all) return;

        var begun = all;
        if (begun)
        {
            writer.WriteStartObject("params");
        }

        foreach (var (name, value) in Params)
        {
            if (!all && Endpoint.Contains(Placeholder(name), StringComparison.Ordinal)) continue;
            if (!begun)
            {
                begun = true;
                writer.WriteStartObject("params");
            }

            writer.WriteString(name, value);
        }

        if (begun)
        {
            writer.WriteEndObject();
        }
    }

    private void WriteReference(Utf8JsonWriter writer)
    {
        if (Schema is null) return;

        writer.WriteStartObject("schema_ref");
        writer.WriteString("url", Schema.Url);
        writer.WriteString("sha256", Schema.Sha256);
        writer.WriteEndObject();
    }
}
