using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>How next actions are written in replies: with the operation's method and path, and in the form that the caller asks for.</summary>
internal static class NextActionForm
{
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

    public static void Write(this NextAction action, Utf8JsonWriter writer, ReplyForm form)
    {
        var (full, template, operation) = (form.IsDetailed, form.IsDetailed || form.HasTemplates, form.Operations?.Named(action.Action));
        Invariant.Check(operation is not null || action.Action == NextAction.Start.Action, "next_action_is_an_operation");
        var (endpoint, schema) = (operation?.Route ?? StartEndpoint, action.Schema ?? (action.HasSchema ? operation?.Published : null));
        writer.WriteStartObject();
        writer.WriteString("action", action.Action);
        writer.WriteString("method", operation?.Method ?? StartMethod);
        writer.WriteString("endpoint", template ? endpoint : Filled(action, endpoint));
        WriteParams(writer, action, endpoint, template);
        var body = action.Body ?? action.Prefilled?.Invoke(form.Operations!);
        if (full || body is not null)
        {
            writer.Write("body", body);
        }

        if (full)
        {
            writer.Write("body_schema", action.Narrowed?.Invoke(form.Operations!) ?? schema?.Schema);
        }
        else
        {
            WriteReference(writer, schema);
        }

        if (action.IdempotencyKey is not null)
        {
            writer.WriteString("idempotency_key", action.IdempotencyKey);
        }

        if (action.NotBefore is { } time)
        {
            writer.WriteString("not_before", Rfc3339.Format(time));
        }

        writer.WriteString("description", form.Said(action.Description ?? operation?.Advice ?? ""));
        writer.WriteEndObject();
    }

    private static string Placeholder(string name) => $"{{{name}}}";

    private static string Filled(NextAction action, string endpoint)
    {
        var filled = endpoint;
        if (!action.Params.IsEmpty)
        {
            foreach (var (name, id) in action.Params)
            {
                filled = filled.Replace(Placeholder(name), id, StringComparison.Ordinal);
            }
        }

        return filled;
    }

    /// <summary>Those that the path does not show, if there are any; or all.</summary>
    private static void WriteParams(Utf8JsonWriter writer, NextAction action, string endpoint, bool all)
    {
        if (action.Params.IsEmpty && !all) return;

        var begun = all;
        if (begun)
        {
            writer.WriteStartObject("params");
        }

        foreach (var (name, value) in action.Params)
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
