using System.Collections.Immutable;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Api.Http;

/// <summary>
/// Something the caller can do next and that would now succeed. Server text, relative paths and ids only; a third party's schema, where one is
/// inlined, is listed in the reply's <c>untrusted_fields</c>. What says nothing is left out, ids stand in the path, and schemas are referred to, unless the caller
/// asks for all of it (<see cref="Detailed"/>) or for templates (<see cref="Form"/>).
/// </summary>
/// <param name="Action">The name of the operation; <see cref="Start"/> is none, and leads to <c>GET /</c>.</param>
/// <param name="Params">Fills the placeholders of the operation's path, and its query with the rest.</param>
internal sealed record NextAction(string Action, ImmutableSortedDictionary<string, string> Params)
{
    public static readonly ImmutableSortedDictionary<string, string> NoParams = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public static readonly NextAction Start = new("start", NoParams) { Description = "See what this is and how to begin." };

    /// <summary>Open a session within the user's grant. What the body does not ask for is all of the grant.</summary>
    public static readonly NextAction Authenticate = new(OperationNames.Authenticate, NoParams) { HasSchema = true };

    private const string StartMethod = "GET", StartEndpoint = "/";

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

    /// <summary>What it does. Null if the operation's own advice says it.</summary>
    public string? Description { get; init; }

    /// <summary>Prefilled; what is missing is generated from the schema.</summary>
    public RawJson? Body { get; init; }

    /// <summary>The same, where it follows from the operation. Null if it does not.</summary>
    public Func<OperationTable, RawJson>? Prefilled { get; init; }

    /// <summary>The reply refers to the operation's own schema of the body.</summary>
    public bool HasSchema { get; init; }

    /// <summary>A schema in place of the operation's own. Null if there is none.</summary>
    public PublishedSchema? Schema { get; init; }

    /// <summary>The same, narrowed to what would now succeed; written in its place where the caller asks for all of it.</summary>
    public Func<OperationTable, RawJson>? Narrowed { get; init; }

    /// <summary>With it the action happens once, however often it is sent.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Null: now.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The body is what the caller had sent, whoever had written that.</summary>
    public bool EchoesCaller { get; init; }

    public bool InlinesForeign => Schema is { HoldsForeign: true };

    public void Write(Utf8JsonWriter writer, ReplyForm form)
    {
        var (full, template, operation) = (form.IsDetailed, form.IsDetailed || form.HasTemplates, form.Operations?.Named(Action));
        Invariant.Check(operation is not null || Action == Start.Action, "next_action_is_an_operation");
        var (endpoint, schema) = (operation?.Route ?? StartEndpoint, Schema ?? (HasSchema ? operation?.Published : null));
        writer.WriteStartObject();
        writer.WriteString("action", Action);
        writer.WriteString("method", operation?.Method ?? StartMethod);
        writer.WriteString("endpoint", template ? endpoint : Filled(endpoint));
        WriteParams(writer, endpoint, template);
        var body = Body ?? Prefilled?.Invoke(form.Operations!);
        if (full || body is not null)
        {
            writer.Write("body", body);
        }

        if (full)
        {
            writer.Write("body_schema", Narrowed?.Invoke(form.Operations!) ?? schema?.Schema);
        }
        else
        {
            WriteReference(writer, schema);
        }

        if (IdempotencyKey is not null)
        {
            writer.WriteString("idempotency_key", IdempotencyKey);
        }

        if (NotBefore is { } time)
        {
            writer.WriteString("not_before", Rfc3339.Format(time));
        }

        writer.WriteString("description", form.Said(Description ?? operation?.Advice ?? ""));
        writer.WriteEndObject();
    }

    /// <summary>An operation with all that its body may have.</summary>
    /// <param name="ids">The values of the path's placeholders, in order.</param>
    public static NextAction Of(Operation operation, IEnumerable<string> ids) =>
        new(operation.Name, operation.Sheet.Ids.Zip(ids).ToImmutableSortedDictionary(static one => one.First, static one => one.Second, StringComparer.Ordinal)) { HasSchema = true };

    public NextAction With(string description, string? key) => this with { Description = description, IdempotencyKey = key };

    private static string Placeholder(string name) => $"{{{name}}}";

    private string Filled(string endpoint)
    {
        var filled = endpoint;
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
    private void WriteParams(Utf8JsonWriter writer, string endpoint, bool all)
    {
        if (Params.IsEmpty && !all) return;

        var begun = all;
        if (begun)
        {
            writer.WriteStartObject("params");
        }

        foreach (var (name, value) in Params)
        {
            if (!all && endpoint.Contains(Placeholder(name), StringComparison.Ordinal)) continue;
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

    private static void WriteReference(Utf8JsonWriter writer, PublishedSchema? schema)
    {
        if (schema is null) return;

        writer.WriteStartObject("schema_ref");
        writer.WriteString("url", schema.Url);
        writer.WriteString("sha256", schema.Sha256);
        writer.WriteEndObject();
    }
}
