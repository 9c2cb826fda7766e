using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>Members that say how the answer is to be: reasoning, its form, and what comes with it.</summary>
internal static class ResponsesOptions
{
    /// <returns>Whether the client keeps the context itself, and wants what that takes.</returns>
    public static bool ReadInclude(JsonProperty member)
    {
        var wantsSeal = false;
        foreach (var entry in ResponsesJson.Array(member, ModelLimits.StopSequences).EnumerateArray())
        {
            wantsSeal |= entry.ValueKind == JsonValueKind.String && entry.ValueEquals("reasoning.encrypted_content")
                ? true
                : throw DialectException.Invalid("include", "Only reasoning.encrypted_content can be included.");
        }

        return wantsSeal;
    }

    public static ReasoningOptions ReadReasoning(JsonProperty outer)
    {
        var read = new ReasoningOptions();
        return Inside(outer, member => read = member.Name switch
        {
            "effort" => WithEffort(read, ResponsesJson.OneOf(member, "none", "minimal", "low", "medium", "high", "xhigh", "max")),
            "summary" => read with { Summary = ResponsesJson.OneOf(member, "auto", "concise", "detailed") },
            "context" => read with { Context = ResponsesJson.OneOf(member, "auto", "current_turn", "all_turns") },
            _ => throw ResponsesJson.Unknown(member.Name),
        }) ?? read;
    }

    public static (OutputFormat Format, string? Verbosity) ReadText(JsonProperty outer)
    {
        var format = OutputFormat.Text;
        string? verbosity = null;
        Inside(outer, member =>
        {
            switch (member.Name)
            {
                case "format":
                    format = ReadFormat(member);
                    break;
                case "verbosity":
                    verbosity = ResponsesJson.OneOf(member, "low", "medium", "high");
                    break;
                default:
                    throw ResponsesJson.Unknown(member.Name);
            }

            return format;
        });
        return (format, verbosity);
    }

    public static void CheckStream(JsonProperty outer) => Inside(outer, member => member.Name switch
    {
        "include_obfuscation" when !ResponsesJson.Flag(member) => outer.Name,
        "include_obfuscation" => throw DialectException.Invalid(member.Name, "Events are not padded here: 'include_obfuscation' must be false."),
        _ => throw ResponsesJson.Unknown(member.Name),
    });

    /// <summary>Accepts implicit caching, which is the default. Explicit caching would keep a provider from writing to its cache, and from billing that, without a mark.</summary>
    public static void CheckCaching(JsonProperty outer) => Inside(outer, member => member.Name switch
    {
        "mode" when ResponsesJson.OneOf(member, "implicit", "explicit") == "explicit" => throw DialectException.Invalid(member.Name, "The provider caches as it does by itself: 'mode' must be implicit."),
        "mode" => outer.Name,
        "ttl" => ResponsesJson.Text(member),
        _ => throw ResponsesJson.Unknown(member.Name),
    });

    private static ReasoningOptions WithEffort(ReasoningOptions read, string effort) => read with { Effort = effort, IsOff = effort == "none" };

    private static OutputFormat ReadFormat(JsonProperty outer)
    {
        string? type = null, name = null, schema = null, description = null;
        bool? strict = null;
        Inside(outer, member =>
        {
            switch (member.Name)
            {
                case "type":
                    type = ResponsesJson.OneOf(member, "text", "json_object", "json_schema");
                    break;
                case "name":
                    name = ResponsesJson.Name(member);
                    break;
                case "schema":
                    // On one line, for replies repeat it in events.
                    schema = ResponsesJson.Compact(ResponsesJson.Object(member));
                    break;
                case "description":
                    description = ResponsesJson.Text(member);
                    break;
                case "strict":
                    strict = ResponsesJson.Flag(member);
                    break;
                default:
                    throw ResponsesJson.Unknown(member.Name);
            }

            return outer.Name;
        });
        if (type != "json_schema" && (name ?? schema ?? description) is not null)
        {
            throw DialectException.Invalid("format", "Only a format by JSON Schema has a name, a schema and a description.");
        }

        return type switch
        {
            null => throw DialectException.Invalid("format.type", "'type' is missing."),
            "text" => OutputFormat.Text,
            "json_object" => OutputFormat.Json,
            _ => new OutputFormat.ByJsonSchema(ResponsesJson.Wanted(name, "format.name"), ResponsesJson.Wanted(schema, "format.schema"), strict, description),
        };
    }

    /// <summary>Each member that is not null; refusals are named from the outer member.</summary>
    private static T? Inside<T>(JsonProperty outer, Func<JsonProperty, T> read)
        where T : class
    {
        var last = default(T);
        var members = ResponsesJson.Object(outer);
        try
        {
            foreach (var member in members.EnumerateObject())
            {
                if (!ResponsesJson.IsNull(member))
                {
                    last = read(member);
                }
            }
        }
        catch (DialectException e)
        {
            throw ResponsesJson.Within(outer.Name, e);
        }

        return last;
    }
}
